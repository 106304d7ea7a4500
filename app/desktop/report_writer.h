// Makes a report and writes it, in whatever thread: HTML here, a PDF by the program that draws (`tokenmark --render`), since
// charts are widgets and belong to a window's thread, which must not wait.
#pragma once

#include <QString>
#include <filesystem>
#include <stop_token>

#include "core/report/report.h"
#include "core/store/run_rows.h"

namespace tokenmark {

struct ReportOrder {
  std::filesystem::path store;
  RunRows rows;
  bool all_of_store = false;          // all its runs instead of `rows`
  ReportOptions options;
  QString template_file;              // of HTML; empty: the default one
  QString output;                     // .html or .pdf
  QString renderer;                   // path of the program `tokenmark`
};

Status write_report(const ReportOrder& order, const ReportProgress& progress, std::stop_token stop);

}  // namespace tokenmark
