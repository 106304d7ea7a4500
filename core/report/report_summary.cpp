// What a report comes to, in sentences for a colleague who was not there.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/report/report_words.h"

namespace tokenmark {
namespace {

using namespace report_words;

constexpr std::size_t kMostNames = 4, kMostChanges = 6;

std::string listed(const std::set<std::string>& names, const char* several) {
  if (names.size() > kMostNames) return fmt::format("{} {}", names.size(), several);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string day(const std::string& iso) { return iso.substr(0, 10); }

// "12 runs of llama-3.2-1b on h200, measured from 2026-11-20 to 2026-11-28."
std::string what_it_is(const Report& report) {
  std::set<std::string> models, hardware, days;
  std::size_t samples = 0, imported = 0, unfinished = 0;
  for (const ReportRun& run : report.runs) {
    models.insert(run.row.model);
    hardware.insert(run.row.hardware.empty() ? run.row.device : run.row.hardware);
    if (!run.row.started.empty()) days.insert(day(run.row.started));
    samples += run.row.id < 0;
    imported += run.row.source.starts_with("import:");
    unfinished += run.row.state != RunState::done;
  }
  models.erase("");
  hardware.erase("");
  std::string text = count_text(report.runs.size(), "run", "runs");
  if (!models.empty()) text += " of " + listed(models, "models");
  if (!hardware.empty()) text += " on " + listed(hardware, "kinds of hardware");
  if (days.size() == 1) text += ", of " + *days.begin();
  if (days.size() > 1) text += fmt::format(", from {} to {}", *days.begin(), *days.rbegin());
  text += '.';
  if (samples > 0) text += fmt::format(" {} published, not measured here.", samples == 1 ? "1 of them is" : fmt::format("{} of them are", samples));
  if (imported > 0) text += fmt::format(" {} imported: another tool measured.", imported == 1 ? "1 is" : fmt::format("{} are", imported));
  if (unfinished > 0) text += fmt::format(" {} without a result (see Failures).", unfinished == 1 ? "1 ended" : fmt::format("{} ended", unfinished));
  return text;
}

// The two ends of what was reached, over all series.
void add_extremes(const Chart& chart, std::vector<std::string>& sentences) {
  const AxisMeaning &x = meaning(chart.x), &y = meaning(chart.y);
  const ChartSeries *top_series = nullptr, *fast_series = nullptr;
  const ChartPoint *top = nullptr, *fast = nullptr;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      if (top == nullptr || point.y > top->y) top = &point, top_series = &series;
      if (fast == nullptr || point.x > fast->x) fast = &point, fast_series = &series;
    }
  if (top == nullptr) return;
  sentences.push_back(fmt::format("The highest throughput per GPU is {}, of {} at {}, with an interactivity of {}.", with_unit(top->y, y.unit), top_series->name,
                                  top->label, with_unit(top->x, x.unit)));
  if (fast != top)
    sentences.push_back(fmt::format("The highest interactivity is {}, of {} at {}, with {}.", with_unit(fast->x, x.unit), fast_series->name, fast->label,
                                    with_unit(fast->y, y.unit)));
}

std::string lower_case(std::string_view label) {
  std::string words(label);
  words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

// "At an interactivity of 30 tok/s/user"
std::string place_words(const ComparisonTable& table) {
  const AxisMeaning& axis = meaning(meaning(table.equal).figure);
  const std::string label = lower_case(axis.label);
  return fmt::format("At {} {} of {}", label[0] == 'i' || label[0] == 'e' ? "an" : "a", label,
                     with_unit(table.at, axis.unit));
}

std::string worth(const ComparisonRow& row, const std::string& interval) {
  if (row.verdict == ChangeVerdict::unknown) return row.why;
  return fmt::format("95 %: {}{}", interval, row.verdict == ChangeVerdict::noise ? "; this shows no difference" : "");
}

// "At an interactivity of 30 tok/s/user, the throughput per GPU of B is 4000 tok/s/gpu, +100.0 % against A (95 %: +96.2 % to
// +103.9 %)."
void add_changes(const ComparisonTable& table, std::vector<std::string>& sentences) {
  const std::string at = place_words(table);
  std::size_t told = 0, changes = 0;
  std::set<std::string> outside;
  for (const ComparisonRow& row : table.rows) {
    if (!row.value && row.baseline && outside.insert(row.series).second)
      sentences.push_back(fmt::format("{}, {} has no value: that is outside its measured range.", at, row.series));
    if (!row.change) continue;
    ++changes;
    if (told == kMostChanges) continue;
    ++told;
    const std::vector<std::string> cells = comparison_cells(row);
    sentences.push_back(fmt::format("{}, the {} of {} is {}, {} against {} ({}).", at, lower_case(row.figure.label),
                                    row.series, with_unit(*row.value, row.figure.unit), cells[4], table.baseline,
                                    worth(row, cells[5])));
  }
  if (changes > told)
    sentences.push_back(fmt::format("{} more changes stand in the table of the comparison.", changes - told));
}

void add_cautions(const Report& report, std::vector<std::string>& sentences) {
  std::vector<RunId> limited, unsettled, unjudged, random;
  std::int64_t failed = 0, requests = 0;
  std::size_t judged = 0;
  for (const ReportRun& run : report.runs) {
    if (run.row.random_weights) random.push_back(run.row.id);
    if (!run.figures) continue;
    const Figures& f = *run.figures;
    failed += f.failed;
    requests += f.completed + f.failed;
    if (f.client_limited) limited.push_back(run.row.id);
    if (run.row.source == "measured") ++judged;
    if (run.row.source == "measured" && !f.steady.settled) unsettled.push_back(run.row.id);
  }
  if (!limited.empty()) sentences.push_back(fmt::format("The load generator, not the server, was the limit in {}: those figures are lower bounds.", runs_text(limited)));
  else if (judged > 0) sentences.push_back("In no run measured here was the load generator the limit.");
  if (failed > 0) sentences.push_back(fmt::format("{} of {} requests failed.", failed, requests));
  if (!unsettled.empty()) sentences.push_back(fmt::format("There is no steady state in {}; the reasons stand under Steady state.", runs_text(unsettled)));
  if (!random.empty()) sentences.push_back(fmt::format("The weights are random in {}: the speed is real, the text is not.", runs_text(random)));
}

}  // namespace

json summary_blocks(const Report& report) {
  std::vector<std::string> sentences = {what_it_is(report)};
  for (const Chart* chart : frontiers(report))
    if (chart->x == AxisFigure::interactivity && chart->y == AxisFigure::total_tok_s_gpu) {
      add_extremes(*chart, sentences);
      break;
    }
  if (report.comparison) add_changes(*report.comparison, sentences);
  add_cautions(report, sentences);
  return json::array({{{"list", {{"items", sentences}}}}});
}

json comparison_blocks(const ComparisonTable& comparison) {
  std::vector<Column> columns;
  for (const std::string& name : comparison_header(comparison))
    columns.push_back({name, name == "value" || name == "baseline" || name == "change"});
  Table table(columns);
  for (const ComparisonRow& row : comparison.rows) {
    std::vector<json> cells;
    for (const std::string& text : comparison_cells(row))
      cells.push_back(row.verdict == ChangeVerdict::noise || !row.change ? dim(cell(text)) : cell(text));
    table.row(std::move(cells));
  }
  const AxisMeaning& axis = meaning(meaning(comparison.equal).figure);
  json blocks = {paragraph(fmt::format("All series at an equal {}, {}: the largest effect first.", lower_case(axis.label),
                                       comparison_heading(comparison))),
                 table.block()};
  std::string how =
      "Read from the curve of throughput through each frontier's points, inside its measured range only. A change is value "
      "÷ baseline − 1, " +
      comparison.method + "; one whose interval holds 0 is noise, and grey.";
  if (!comparison.price_set.empty()) how += fmt::format(" Cost and power by the price set {}, tier {}.", comparison.price_set, comparison.tier);
  blocks.push_back(note(how));
  for (const std::string& left_out : comparison.notes) blocks.push_back(note(left_out));
  return blocks;
}

}  // namespace tokenmark
