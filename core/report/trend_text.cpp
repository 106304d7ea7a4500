// A trend in words and as CSV.
#include <fmt/ranges.h>

#include <cmath>

#include "core/report/csv_cells.h"
#include "core/report/ticks.h"
#include "core/report/trend.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostInSentence = 6;

std::string percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

std::string lower_first(std::string_view label) {
  std::string text(label);
  const bool abbreviation = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
  if (!text.empty() && !abbreviation && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string number(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : std::string(); }

struct CsvRow {
  std::string kind, series, state, first;
  std::string value, low, high, p, runs, key, before, after;
  std::string text() const {
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", kind, csv_cell(series), csv_cell(state), csv_cell(first), value, low, high, p, runs,
                       csv_cell(key), csv_cell(before), csv_cell(after));
  }
};

}  // namespace

std::string trend_title(const Trend& trend) {
  const AxisMeaning& x = meaning(trend.x);
  return fmt::format("{} at {} {}{}{}", meaning(trend.figure).label, lower_first(x.label), number_text(trend.at), x.unit.empty() ? "" : " ", x.unit);
}

std::string differs_text(const std::vector<FactChange>& differs, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < differs.size() && i < most; ++i)
    text += fmt::format("{}{}: {} → {}", i == 0 ? "" : "; ", differs[i].key, differs[i].before, differs[i].after);
  if (differs.size() > most) text += fmt::format(" … and {} more", differs.size() - most);
  return text;
}

std::string change_sentence(const Trend& trend, const TrendChange& change) {
  std::string text = fmt::format("From {} on (before: {}) the {} is {:.1f} % {}, which is {} (95 %: {} to {}; p = {:.2g}).",
                                 trend.states[change.after].name, trend.states[change.before].name, lower_first(meaning(trend.figure).label),
                                 100 * std::abs(change.change), change.change < 0 ? "lower" : "higher", change.better ? "better" : "worse",
                                 percent(change.interval.low), percent(change.interval.high), change.p);
  return text + (change.differs.empty() ? " Nothing that is stored of the environment differs."
                                        : " Differs: " + differs_text(change.differs, kMostInSentence) + ".");
}

std::string trend_csv(const Trend& trend) {
  const AxisMeaning &figure = meaning(trend.figure), &x = meaning(trend.x);
  std::string csv = fmt::format("# {}{}{}\n# definitions: {}\n", csv_line(trend.title), trend.subtitle.empty() ? "" : " · ", csv_line(trend.subtitle),
                                kDefinitions);
  csv += fmt::format("# value: {} [{}] = {}\n", figure.key, figure.unit, figure.definition);
  csv += fmt::format("# read from each state's frontier at {} [{}] = {}: {}\n", x.key, x.unit, trend.at, x.definition);
  csv += fmt::format("# state: {}\n", trend_axis(trend.by).definition);
  csv += "# kind point: low and high are the range of its repeats; level: from this state on; change: new level over old level - 1 with its\n"
         "# 95 % interval, from this state on; difference: between that state and the one measured before it\n";
  if (!trend.price_set.empty()) csv += fmt::format("# price set: {}, of {}, tier: {}\n", csv_line(trend.price_set), csv_line(trend.price_date), trend.tier);
  for (const std::string& note : trend.notes) csv += "# note: " + csv_line(note) + "\n";
  csv += "kind,series,state,first_measured,value,low,high,p,run_ids,key,before,after\n";
  for (const TrendSeries& series : trend.series) {
    const auto row = [&](const char* kind, std::size_t state) {
      return CsvRow{kind, series.name, trend.states[state].name, trend.states[state].first};
    };
    for (const TrendPoint& point : series.points) {
      CsvRow at = row("point", point.state);
      at.value = number(point.value);
      if (point.range) at.low = number(point.range->low), at.high = number(point.range->high);
      at.runs = fmt::format("{}", fmt::join(point.runs, " "));
      csv += at.text();
    }
    for (const TrendLevel& level : series.levels) {
      CsvRow at = row("level", level.from);
      at.value = number(level.value);
      csv += at.text();
    }
    for (const TrendChange& change : series.changes) {
      CsvRow at = row("change", change.after);
      at.value = number(change.change);
      at.low = number(change.interval.low);
      at.high = number(change.interval.high);
      at.p = number(change.p);
      csv += at.text();
      for (const FactChange& fact : change.differs) {
        CsvRow difference = row("difference", change.after);
        difference.key = fact.key;
        difference.before = fact.before;
        difference.after = fact.after;
        csv += difference.text();
      }
    }
  }
  return csv;
}

}  // namespace tokenmark
