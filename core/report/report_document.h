// A report as one JSON document of sections and blocks, in words and numbers ready for people: what templates
// (report_template.h) and the pages of a PDF (app/charts) are filled with. docs/reports.md describes it. Pure functions, any
// thread.
//
// {"kind": "report", "title", "author", "remarks": […], "created", "program", "cards": [{"value", "name"}],
//  "sections": [{"id": "summary", "title", "blocks": [BLOCK …]}]}
// A block holds one of: "paragraph", "note" (small print), "heading", "list" ({"items": […]}), "terms" ({"items": [{"name",
// "text"}]}), "code", "chart" ({"title", "svg", "data", "notes", "view"}; "data" as run_chart_json.h has it, "view" where it
// is not all of it), or "table" ({"columns": [{"name", "number"}], "rows": [{"cells": [{"text", "number", "small", "bad",
// "dim", "why"}], "marked"}]}).
#pragma once

#include <nlohmann/json.hpp>

#include "core/report/report.h"

namespace tokenmark {

inline constexpr const char* kReportKind = "report";

nlohmann::json report_document(const Report& report);

}  // namespace tokenmark
