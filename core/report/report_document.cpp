#include "core/report/report_document.h"

#include <algorithm>
#include <set>

#include "base/version.h"
#include "core/report/chart_json.h"
#include "core/report/report_words.h"
#include "core/report/svg.h"

namespace tokenmark {
namespace {

using namespace report_words;

// Any text of the store may hold bytes that are no UTF-8; a document of JSON may not.
std::string utf8(const json& document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

json chart_data(const Chart& chart) { return chart_to_json(chart); }
json chart_data(const Trend& chart) { return trend_to_json(chart); }
template <class AChart>
json chart_data(const AChart& chart) { return json::parse(chart_json_text(chart)); }

json chart_block(const ReportPicture& picture) {
  return std::visit([&](const auto& chart) -> json {
    json made = {{"svg", chart_svg(chart, {.view = picture.view})}, {"data", chart_data(chart)}};
    if (picture.view) made["view"] = {picture.view->x_low, picture.view->x_high, picture.view->y_low, picture.view->y_high};
    if constexpr (requires { chart.figure; chart.states; }) made["title"] = trend_title(chart);
    else made["title"] = chart.title;
    std::vector<std::string> notes = chart.notes;
    if constexpr (std::is_same_v<std::decay_t<decltype(chart)>, DistributionChart>) {
      // Which percentiles have too few samples is said of every run: here once for all.
      if (std::erase_if(notes, [](const std::string& note) { return note.find(": withheld: ") != std::string::npos; }) > 0)
        notes.push_back("Percentiles that need more samples than a run has are not marked.");
    }
    if (!notes.empty()) made["notes"] = notes;
    return {{"chart", std::move(made)}};
  }, picture.chart);
}

json charts_blocks(const Report& report) {
  json blocks = json::array();
  std::optional<std::string> last;
  for (const ReportPicture& picture : report.charts) {
    std::string title(report_charts()[static_cast<std::size_t>(picture.kind)].label);
    if (picture.as_seen) title += ", as it was seen";
    if (last != title) blocks.push_back(heading(title));
    last = title;
    blocks.push_back(chart_block(picture));
  }
  return blocks;
}

json cards(const Report& report) {
  std::set<std::string> models, hardware;
  std::size_t done = 0;
  for (const ReportRun& run : report.runs) {
    done += run.row.state == RunState::done;
    models.insert(run.row.model);
    hardware.insert(run.row.hardware.empty() ? run.row.device : run.row.hardware);
  }
  json made = json::array();
  const auto add = [&](const std::string& value, const char* name) { made.push_back({{"value", value}, {"name", name}}); };
  const auto one_or_count = [](const std::set<std::string>& names) {
    return names.size() == 1 && !names.begin()->empty() ? *names.begin() : std::to_string(names.size());
  };
  add(one_or_count(models), models.size() == 1 ? "model" : "models");
  add(one_or_count(hardware), "hardware");
  add(std::to_string(report.runs.size()), report.runs.size() == 1 ? "run" : "runs");
  if (done < report.runs.size()) add(std::to_string(report.runs.size() - done), "without a result");
  return made;
}

std::vector<std::string> paragraphs(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", begin), text.size());
    if (text.find_first_not_of(" \t\n\r", begin) < end) found.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return found;
}

}  // namespace

json report_document(const Report& report) {
  json sections = json::array();
  const auto add = [&](const char* id, const char* title, json blocks) {
    if (!blocks.empty()) sections.push_back(section(id, title, std::move(blocks)));
  };
  add("summary", "Summary", summary_blocks(report));
  add("charts", "Charts", charts_blocks(report));
  if (report.comparison) add("comparison", "Comparison", comparison_blocks(*report.comparison));
  add("points", "Points", points_blocks(report));
  add("environment", "Environment", facts_blocks(report, &ReportRun::environment));
  add("configuration", "Configuration", facts_blocks(report, &ReportRun::configuration));
  add("method", "Method", method_blocks(report));
  add("definitions", "Definitions", definitions_blocks(report));
  add("prices", "Prices and power", prices_blocks(report));
  add("failures", "Failures", failures_blocks(report));
  add("runs", "Runs", runs_blocks(report));
  add("steady", "Steady state", steady_blocks(report));
  add("checks", "Self-checks", checks_blocks(report));
  add("reproduce", "How to reproduce", reproduce_blocks(report));
  add("sources", "Sources", sources_blocks(report));
  const json document = {{"kind", kReportKind}, {"title", report.title}, {"author", report.author}, {"remarks", paragraphs(report.remarks)},
                         {"created", report.created}, {"program", fmt::format("Tokenmark {} ({})", version(), commit())},
                         {"cards", cards(report)}, {"sections", sections}};
  return json::parse(utf8(document));
}

}  // namespace tokenmark
