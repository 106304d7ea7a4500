// What a report of some runs would contain, without making it: for a preview. Pure function, any thread.
#pragma once

#include <string>
#include <vector>

#include "core/report/report.h"

namespace tokenmark {

struct ReportPart {
  ReportChart chart;
  bool there = false;
  std::string words;              // "2 series, 14 points", or what is missing
};

struct ReportOutline {
  std::size_t runs = 0, failed = 0, samples = 0;
  std::vector<ReportPart> parts;  // all of report_charts(), in their order
  std::vector<std::pair<RunId, std::string>> series;   // that can be the baseline: a run of each, its name
  std::string comparison;         // "3 series at 31.2 tok/s/user", or why there is none
};

ReportOutline report_outline(const std::vector<RunRow>& rows, const ReportOptions& options);

}  // namespace tokenmark
