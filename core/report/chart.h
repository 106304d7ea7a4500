// Charts as data: series, points, axes, labels, units and where the figures come from. Made here from stored runs;
// the window, image and CSV export, reports and the command line all draw from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/economics/economics.h"
#include "core/metrics/figures.h"
#include "core/metrics/frontier.h"
#include "core/store/store.h"

namespace tokenmark {

enum class AxisFigure : std::uint8_t {
  interactivity, ttft, e2e,                                  // x
  total_tok_s_gpu, output_tok_s_gpu, input_tok_s_gpu, output_tok_s,  // y
  dollars_per_mtok, tokens_per_dollar, tok_s_per_mw,         // y, with a price set
  concurrency,
};
struct AxisMeaning {
  AxisFigure figure;
  std::string_view key;    // "total_tok_s_gpu": command line and CSV
  std::string_view label;  // "Throughput per GPU"
  std::string_view unit;   // "tok/s/gpu"
  Better better;
};
const std::vector<AxisMeaning>& axis_meanings();
const AxisMeaning& meaning(AxisFigure figure);
Result<AxisFigure> axis_from_key(std::string_view key);

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<Interval> y_range, x_range;   // of the repeats
  std::vector<RunId> runs;                    // the repeats behind it
  std::int32_t concurrency = 0;
  std::string label;                          // "TP 8, concurrency 16"
  bool optimal = false;                       // on the frontier
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;             // ordered by x
  std::vector<XY> curve;                      // the frontier's curve, sampled
  bool sample = false;                        // published sample data, not measured here
};

struct Chart {
  std::string title, subtitle;
  AxisFigure x = AxisFigure::interactivity, y = AxisFigure::total_tok_s_gpu;
  bool log_x = false, log_y = false;
  std::vector<ChartSeries> series;
  std::string price_set, tier;                // of cost and power axes
  std::vector<std::string> notes;             // what was left out, and why
  std::vector<std::string> sources;           // attribution
};

struct FrontierQuery {
  AxisFigure x = AxisFigure::interactivity, y = AxisFigure::total_tok_s_gpu;
  std::string price_set, tier;                // empty: the newest set, its first tier
  bool log_x = false, log_y = false;
};

// Points of equal configuration and series are one point: the median of its repeats, with their range.
Result<Chart> frontier_chart(const std::vector<RunRow>& runs, const FrontierQuery& query);

// A series' value at x, from its throughput's curve (cost and power are derived from that value, not interpolated).
std::optional<double> value_at(const Chart& chart, const ChartSeries& series, double x);

std::string chart_csv(const Chart& chart);

}  // namespace tokenmark
