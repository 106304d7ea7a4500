// A report's document (core/report/report_document.h) as pages of a PDF: charts as vectors, page numbers, no heading at the
// foot of a page, tables that go on over pages with their head. The document may come from a file: what is not as it should
// be is left out or named. The window's thread (charts are drawn), some seconds for many charts.
#pragma once

#include <QString>
#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace tokenmark {

// The number of pages written. A4, all of the file or nothing.
Result<int> write_report_pdf(const nlohmann::json& document, const QString& path);

}  // namespace tokenmark
