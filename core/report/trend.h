// History of software, as data: a figure at a chosen interactivity (or TTFT, concurrency …) over versions, commits, drivers,
// images or days, with the places where its level changes and what differs in the environment there. Window, pictures, CSV and
// command line draw from it. Pure functions, any thread.
//
// A series is a configuration whose software alone differs: a run's series without the version of its framework, its lengths
// and hardware. The runs of a series in one state of the software are a frontier of their own, read at `at` as everywhere
// (chart.h): inside its measured range only. Changes of level: core/statistics/change_points.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/chart.h"
#include "core/store/store.h"

namespace tokenmark {

// What one step of the axis is. Runs that do not say stand at the day on which they were measured.
enum class TrendBy : std::uint8_t { version, commit, driver, image, date };
struct TrendAxis {
  TrendBy by;
  std::string_view key, label, definition;   // "commit"; "Commit"; where it is read
};
const std::vector<TrendAxis>& trend_axes();
const TrendAxis& trend_axis(TrendBy by);
Result<TrendBy> trend_by_from_key(std::string_view key);

struct TrendState {
  std::string name;                  // "0.9.2", "vllm 0.8.3", "2026-11-27"
  std::string first, last;           // when it was measured: ISO 8601, UTC; empty: not known
};

struct FactChange {
  std::string key;                   // "tokenmark.commit": a path into the environment; "framework", "node", "device"
  std::string before, after;         // "–": not there; several values: the first three
};

struct TrendPoint {
  std::size_t state = 0;             // index into Trend::states: its x
  std::optional<double> value;       // absent: x is outside what was measured in this state
  std::optional<Interval> range;     // over the repeats' own frontiers
  std::vector<RunId> runs;
  std::vector<FactChange> differs;   // from the series' point before this one
};

struct TrendLevel {
  std::size_t from = 0, to = 0;      // states, both with a value
  double value = 0;
};

struct TrendChange {
  std::size_t before = 0, after = 0; // states between which it lies: the last of the old level, the first of the new one
  double change = 0;                 // new ÷ old − 1, of the drawn figure
  Interval interval;                 // at 95 %
  double p = 1;
  bool better = false;
  std::vector<FactChange> differs;
};

struct TrendSeries {
  std::string name;
  std::vector<TrendPoint> points;    // by state
  std::vector<TrendLevel> levels;
  std::vector<TrendChange> changes;
};

struct Trend {
  std::string title, subtitle;
  AxisFigure figure = AxisFigure::total_tok_s_gpu, x = AxisFigure::interactivity;
  double at = 0;
  TrendBy by = TrendBy::version;
  std::string price_set, price_date, tier;  // of cost and power figures
  std::vector<std::string> unpriced; // as in Chart
  std::vector<TrendState> states;    // by the first time each was measured
  std::vector<TrendSeries> series;
  std::vector<std::string> notes;    // what was left out, and why
};

struct TrendQuery {
  AxisFigure figure = AxisFigure::total_tok_s_gpu, x = AxisFigure::interactivity;
  std::optional<double> at;          // absent: the middle of what most states have measured
  TrendBy by = TrendBy::version;
  std::string price_set, tier, task; // as in FrontierQuery
  std::size_t most_series = 0;       // of more, those with the newest runs, and a note; 0: all
  bool operator==(const TrendQuery&) const = default;
};

// `environments`: of the runs that have one, by id (Store::environments); damaged ones are noted and count as none.
Result<Trend> trend(const RowView& runs, const Environments& environments, const TrendQuery& query);

// "At 0.9.2 (before: 0.9.1) it is 9.8 % lower, which is worse (95 %: 8.1 to 11.5 % lower, p = 0.001). Differs: …"
std::string change_sentence(const Trend& trend, const TrendChange& change);
std::string differs_text(const std::vector<FactChange>& differs, std::size_t most);  // "a: 1 → 2; b: 3 → 4 … and 5 more"
// "Throughput per GPU at an interactivity of 30 tok/s/user"
std::string trend_title(const Trend& trend);

// One row a point, level, change and difference; lines of '#' first.
std::string trend_csv(const Trend& trend);

}  // namespace tokenmark
