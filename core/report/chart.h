// Charts as data: series, points, axes, labels, units and where the figures come from. Made here from stored runs;
// the window, image and CSV export, reports and the command line all draw from it. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/economics/economics.h"
#include "core/metrics/figures.h"
#include "core/metrics/frontier.h"
#include "core/store/run_rows.h"

namespace tokenmark {

enum class AxisFigure : std::uint8_t {
  interactivity, ttft, e2e,                                  // x
  total_tok_s_gpu, output_tok_s_gpu, input_tok_s_gpu, output_tok_s,  // y
  dollars_per_mtok, tokens_per_dollar, tok_s_per_mw,         // y, with a price set; of total tokens
  concurrency,                                               // x
  quality, perplexity, kl_divergence,                        // x or y: of the runs' targets (FrontierQuery::task)
  request_rate, request_s,                                   // x: what was offered, what was answered
  goodput_req_s, ttft_p99, tpot, tpot_p99,                   // y under load; request_s too
  joules_per_total_token, joules_per_output_token,           // y, metered
  provisioned_joules_per_token,                              // y, with a price set: from its power
};
struct AxisMeaning {
  AxisFigure figure;
  std::string_view key;         // "total_tok_s_gpu": command line and CSV
  std::string_view label;       // "Throughput per GPU"
  std::string_view unit;        // "tok/s/gpu"
  Better better;
  std::string_view definition;  // one sentence: how the figure is made
  bool neutral = false;         // neither better nor worse (concurrency): then the best point of every x is marked
  bool priced = false;          // needs a price set: made from total_tok_s_gpu and a rate
};
const std::vector<AxisMeaning>& axis_meanings();
const AxisMeaning& meaning(AxisFigure figure);
Result<AxisFigure> axis_from_key(std::string_view key);
bool is_quality(AxisFigure figure);
bool is_metered_energy(AxisFigure figure);   // power ÷ throughput: both are interpolated, not their quotient
bool needs_tier(AxisFigure figure);          // priced in $, not by power alone
// The figure of one run; priced ones and those not measured are absent. `task`: whose quality figure; empty: the first.
std::optional<double> figure_of(const RunRow& run, AxisFigure figure, std::string_view task = {});
// A priced figure from the throughput and the rate ($/h; kW for tok_s_per_mw and provisioned_joules_per_token), metered
// energy from the throughput and the power in W; any other figure: `throughput`.
double derived_figure(AxisFigure figure, double throughput, double rate);

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<Interval> y_range, x_range;   // of the repeats
  std::vector<RunId> runs;                    // the repeats behind it; negative ids: sample data, not in a store
  std::int32_t concurrency = 0;
  std::string label;                          // "8 GPUs, concurrency 16"
  bool optimal = false;                       // on the frontier
};

struct BandPoint {
  double x = 0, low = 0, high = 0;
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;             // ordered by x
  std::vector<XY> curve;                      // the frontier's curve, sampled; empty below two optimal points
  std::vector<BandPoint> band;                // its spread over repeats, where every optimal point has two or more
  bool sample = false;                        // published sample data, not measured here
  // What is interpolated: the optimal points' x and y; on priced axes their throughput instead of y.
  std::vector<XY> knots;
  std::vector<std::vector<XY>> repeat_knots;  // the same of the first, second … repeat alone
  std::optional<double> rate;                 // priced axes: $/h or kW of one accelerator
  // Metered energy: power of one accelerator in W at the knots; the knots are then power ÷ energy of a token.
  std::vector<XY> power_knots;
  std::vector<std::vector<XY>> repeat_power_knots;
};

struct Chart {
  std::string title, subtitle;
  AxisFigure x = AxisFigure::interactivity, y = AxisFigure::total_tok_s_gpu;
  bool log_x = false, log_y = false;
  std::vector<ChartSeries> series;            // samples first, then as measured: a new one changes no other's colour
  std::string price_set, price_date, tier;    // of cost and power axes
  std::vector<std::string> unpriced;          // hardware that was left out because the price set does not have it
  std::vector<std::string> notes;             // what was left out, and why
  std::vector<std::string> sources;           // attribution
  std::optional<double> limit_x, limit_y;     // what the service may need at most (or give at least), drawn as lines
};

struct FrontierQuery {
  AxisFigure x = AxisFigure::interactivity, y = AxisFigure::total_tok_s_gpu;
  std::string price_set, tier;                // empty: the user's default, else the newest set and its first tier
  bool log_x = false, log_y = false;
  std::string task;                           // of quality axes; empty: each run's first
  std::size_t most_series = 0;                // of more, those with the newest runs, and a note; 0: all
  Limits limits;                              // drawn where an axis shows what they limit
  bool operator==(const FrontierQuery&) const = default;
};

// On a quality axis a series is the hardware and framework alone: models and precisions are what is traded.
// Points of equal configuration and series are one point: the median of its repeats, with their range.
// Runs with different token lengths never share a series. Runs still running are ignored.
Result<Chart> frontier_chart(const RowView& runs, const FrontierQuery& query);

// A series' value at x, inside the measured range only. It is read from the curve of throughput; cost and power are
// derived from that value, not interpolated.
std::optional<double> value_at(const Chart& chart, const ChartSeries& series, double x);
// The spread of that value over the repeats' own frontiers; absent where one of them does not reach x.
std::optional<Interval> range_at(const Chart& chart, const ChartSeries& series, double x);

// The curves of one series, made once for many readings. Refers to nothing.
class SeriesReading {
 public:
  SeriesReading(const Chart& chart, const ChartSeries& series);
  std::optional<double> value(double x) const;        // as value_at
  std::optional<Interval> range(double x) const;      // as range_at
  std::vector<double> repeats(double x) const;        // each repeat's value there; empty where one does not reach x

 private:
  struct Curve {
    MonotoneCurve base, power;
  };
  std::optional<double> read(const Curve& curve, double x) const;
  AxisFigure figure_;
  double rate_;
  Curve curve_;
  std::vector<Curve> repeats_;
};

// "InferenceX 2026-07, hyperscaler": whose prices these are, for small print; empty where no axis is priced.
std::string prices_text(const Chart& chart);

// One row a point; lines of '#' first: axes with their definitions, price set, sources, notes.
std::string chart_csv(const Chart& chart);

}  // namespace tokenmark
