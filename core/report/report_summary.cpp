// What a report comes to, in sentences for a colleague who was not there.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/report/report_words.h"

namespace tokenmark {
namespace {

using namespace report_words;

constexpr std::size_t kMostNames = 4, kMostRatios = 6;

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

std::string verdict(const ComparedValue& value) {
  if (!value.ratio_range) return "without an interval: that needs repeats on both sides whose frontiers reach there";
  const std::string range = fmt::format("{} over the repeats", interval_text(*value.ratio_range));
  const bool overlaps = value.ratio_range->low <= 1 && value.ratio_range->high >= 1;
  return overlaps ? range + "; the repeats overlap, so this shows no difference" : range;
}

// "At an interactivity of 30 tok/s/user, B has 1.34 times the throughput per GPU of A (1.30 … 1.38 over the repeats)."
void add_ratios(const ReportComparison& comparison, std::vector<std::string>& sentences) {
  const std::string at = fmt::format("At {} {} of {}", comparison.by == CompareBy::interactivity || comparison.by == CompareBy::e2e ? "an" : "a",
                                     meaning(comparison.by).label, with_unit(comparison.at, meaning(comparison.by).unit));
  const std::string& base = comparison.series[comparison.baseline].name;
  std::size_t told = 0, ratios = 0;
  for (std::size_t s = 0; s < comparison.series.size(); ++s) {
    for (std::size_t f = 0; f < comparison.figures.size(); ++f) {
      const ComparedValue& value = comparison.series[s].values[f];
      if (!value.ratio) continue;
      ++ratios;
      if (told == kMostRatios) continue;
      ++told;
      std::string label(meaning(comparison.figures[f]).label);
      label[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(label[0])));
      sentences.push_back(fmt::format("{}, {} has {} times the {} of {} ({}).", at, comparison.series[s].name, number_text(*value.ratio), label, base, verdict(value)));
    }
    if (s != comparison.baseline && comparison.series[s].values.front().why_absent == "outside its measured range")
      sentences.push_back(fmt::format("{}, {} has no value: that is outside its measured range.", at, comparison.series[s].name));
  }
  if (ratios > told) sentences.push_back(fmt::format("{} more ratios stand in the table of the comparison.", ratios - told));
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
  if (report.comparison) add_ratios(*report.comparison, sentences);
  add_cautions(report, sentences);
  return json::array({{{"list", {{"items", sentences}}}}});
}

json comparison_blocks(const ReportComparison& comparison) {
  const CompareMeaning& by = meaning(comparison.by);
  std::vector<Column> columns = {{"series"}};
  for (const AxisFigure figure : comparison.figures) {
    columns.push_back({fmt::format("{} ({})", meaning(figure).label, meaning(figure).unit), true});
    columns.push_back({"ratio", true});
  }
  Table table(columns);
  for (std::size_t s = 0; s < comparison.series.size(); ++s) {
    std::vector<json> cells = {cell(comparison.series[s].name)};
    if (s == comparison.baseline) cells[0]["small"] = "baseline";
    for (const ComparedValue& value : comparison.series[s].values) {
      cells.push_back(value_cell(value.value, value.range, value.why_absent));
      cells.push_back(s == comparison.baseline && value.value ? cell("1") : value_cell(value.ratio, value.ratio_range, value.why_absent));
    }
    table.row(std::move(cells), s == comparison.baseline);
  }
  json blocks = {paragraph(fmt::format("All series at an equal {}: {}.", by.label, with_unit(comparison.at, by.unit))), table.block()};
  std::string how = "Read from the curve of throughput through each frontier's points, inside its measured range only; small figures are the range over the repeats.";
  if (!comparison.price_set.empty()) how += fmt::format(" Cost and power by the price set {}, tier {}.", comparison.price_set, comparison.tier);
  blocks.push_back(note(how));
  return blocks;
}

}  // namespace tokenmark
