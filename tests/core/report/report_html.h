// A report with the default template, as the command line and the window write it.
#pragma once

#include "core/report/report_document.h"
#include "core/report/report_template.h"

namespace tokenmark {

inline std::string report_html(const Report& report) {
  return render_report(report_document(report), default_report_template(), "report.html").value_or(std::string());
}

}  // namespace tokenmark
