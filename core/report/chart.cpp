#include "core/report/chart.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace tokenmark {
namespace {

// One run with its coordinates; `y` is the figure that is interpolated (throughput on priced axes).
struct Sample {
  const RunRow* run;
  double x, y;
};
using Repeats = std::vector<Sample>;

struct SeriesKey {
  std::string name;
  std::int32_t input, output;
  bool sample;
  auto tied() const { return std::tie(name, input, output, sample); }
  bool operator<(const SeriesKey& other) const { return tied() < other.tied(); }
};

struct Group {
  SeriesKey key;
  std::map<std::string, Repeats> points;  // by configuration
};

bool is_sample(const RunRow& run) { return run.source.starts_with("sample:"); }

std::string source_text(const RunRow& run) {
  constexpr std::string_view kPrefix = "sample: ";
  return run.source.starts_with(kPrefix) ? run.source.substr(kPrefix.size()) : run.source;
}

// Reasons why runs are missing, with how many: one note each.
class LeftOut {
 public:
  void add(const std::string& reason, std::size_t runs = 1) { counts_[reason] += runs; }
  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const auto& [reason, count] : counts_)
      notes.push_back(fmt::format("{} run{} left out: {}", count, count == 1 ? "" : "s", reason));
    return notes;
  }

 private:
  std::map<std::string, std::size_t> counts_;
};

Status check(const FrontierQuery& query) {
  const AxisMeaning &x = meaning(query.x), &y = meaning(query.y);
  if (x.priced)
    return fail(ErrorKind::invalid_input, "'{}' can only be a y axis; x can be interactivity, ttft, e2e or concurrency", x.key);
  if (y.neutral) return fail(ErrorKind::invalid_input, "'{}' can only be an x axis", y.key);
  if (query.x == query.y) return fail(ErrorKind::invalid_input, "both axes are '{}': choose two figures", x.key);
  return {};
}

std::string why_absent(const RunRow& run, const AxisMeaning& axis) {
  const bool per_gpu = axis.key.ends_with("_gpu");
  if (per_gpu && run.gpus == 0) return fmt::format("no {} (number of accelerators unknown)", axis.key);
  return fmt::format("no {} measured", axis.key);
}

// What stays the same while models and precisions are traded for speed.
std::string traded_series(const RunRow& run) {
  const std::string& hardware = run.hardware.empty() ? run.device : run.hardware;
  return run.framework.empty() ? hardware : hardware + " · " + run.framework;
}

std::vector<Group> collect(const std::vector<RunRow>& runs, const FrontierQuery& query, LeftOut& left_out) {
  const AxisMeaning& x_axis = meaning(query.x);
  const AxisMeaning& y_axis = meaning(meaning(query.y).priced ? AxisFigure::total_tok_s_gpu : query.y);
  const bool traded = is_quality(query.x) || is_quality(query.y);
  std::map<SeriesKey, Group> groups;
  for (const RunRow& run : runs) {
    if (run.state == RunState::running) continue;
    if (run.state != RunState::done) {
      left_out.add("failed, cancelled or interrupted");
      continue;
    }
    const auto x = figure_of(run, x_axis.figure, query.task), y = figure_of(run, y_axis.figure, query.task);
    if (!x || !y) {
      left_out.add(why_absent(run, x ? y_axis : x_axis));
    } else if (!std::isfinite(*x) || !std::isfinite(*y)) {
      left_out.add(fmt::format("{} is not finite (too many failed requests)", std::isfinite(*x) ? y_axis.key : x_axis.key));
    } else if ((query.log_x && *x <= 0) || ((query.log_y || meaning(query.y).priced) && *y <= 0)) {
      left_out.add("a value that is not above 0 has no place on this axis");
    } else {
      const SeriesKey key{traded ? traded_series(run) : run.series, run.input, run.output, is_sample(run)};
      Group& group = groups.try_emplace(key, Group{key, {}}).first->second;
      const std::string configuration = run.configuration_key.empty() ? fmt::format("run {}", run.id) : run.configuration_key;
      group.points[configuration].push_back({&run, *x, *y});
    }
  }
  std::vector<Group> ordered;
  for (auto& [key, group] : groups) ordered.push_back(std::move(group));
  return ordered;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::optional<Interval> range(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Interval{*low, *high};
}

std::string point_label(const RunRow& run) {
  if (run.gpus > 1) return fmt::format("{} GPUs, concurrency {}", run.gpus, run.concurrency);
  return run.gpus == 1 && run.device != "cpu"
             ? fmt::format("1 GPU, concurrency {}", run.concurrency)
             : fmt::format("concurrency {}", run.concurrency);
}

std::string hardware_of(const Group& group) { return group.points.begin()->second.front().run->hardware; }

// The price or power of one accelerator of this group, or why there is none.
Result<double> rate_of(const Group& group, AxisFigure figure, const PriceSet& prices, const std::string& tier) {
  std::set<std::string> hardware;
  for (const auto& [configuration, repeats] : group.points)
    for (const Sample& sample : repeats) hardware.insert(sample.run->hardware);
  if (hardware.size() != 1)
    return fail(ErrorKind::invalid_input, "'{}' mixes hardware ({}), so it has no one price", group.key.name,
                fmt::join(hardware, ", "));
  const std::string& key = *hardware.begin();
  const auto rate = figure == AxisFigure::tok_s_per_mw ? prices.kw(key) : prices.dollars_per_hour(key, tier);
  if (!rate)
    return fail(ErrorKind::not_found, "price set '{}' has no {} for {}", prices.name,
                figure == AxisFigure::tok_s_per_mw ? "power" : "price",
                key.empty() ? "unknown hardware" : fmt::format("'{}'", key));
  return *rate;
}

// Repeats as one point: medians, ranges, the runs in the order of their repeats.
struct Median {
  ChartPoint point;
  XY knot;
  std::vector<XY> repeats;
};

Median median_of(Repeats repeats, AxisFigure figure, double rate) {
  std::sort(repeats.begin(), repeats.end(), [](const Sample& a, const Sample& b) {
    return std::tie(a.run->repeat, a.run->id) < std::tie(b.run->repeat, b.run->id);
  });
  Median result;
  std::vector<double> xs, base, ys;
  for (const Sample& sample : repeats) {
    xs.push_back(sample.x);
    base.push_back(sample.y);
    ys.push_back(derived_figure(figure, sample.y, rate));
    result.repeats.push_back({sample.x, sample.y});
    result.point.runs.push_back(sample.run->id);
  }
  result.knot = {median(xs), median(base)};
  result.point.x = result.knot.x;
  result.point.y = derived_figure(figure, result.knot.y, rate);
  result.point.x_range = range(xs);
  result.point.y_range = range(ys);
  result.point.concurrency = repeats.front().run->concurrency;
  result.point.label = point_label(*repeats.front().run);
  return result;
}

// Indices of the optimal points, by x. A neutral x (concurrency) has no better side: the best y of every x counts.
std::vector<std::size_t> optimal_points(const std::vector<XY>& points, const AxisMeaning& x, const AxisMeaning& base) {
  if (!x.neutral) return pareto_frontier(points, x.better, base.better);
  std::map<double, std::size_t> best;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [entry, added] = best.try_emplace(points[i].x, i);
    const double y = points[i].y, held = points[entry->second].y;
    if (!added && (base.better == Better::higher ? y > held : y < held)) entry->second = i;
  }
  std::vector<std::size_t> indices;
  for (const auto& [at, index] : best) indices.push_back(index);
  return indices;
}

std::vector<XY> at_indices(const std::vector<XY>& points, const std::vector<std::size_t>& indices) {
  std::vector<XY> chosen;
  for (const std::size_t i : indices) chosen.push_back(points[i]);
  return chosen;
}

// The frontier of each repeat alone, of the points that are optimal in the median.
void add_repeat_knots(ChartSeries& series, const std::vector<Median>& optimal, const AxisMeaning& x, const AxisMeaning& base) {
  std::size_t repeats = optimal.empty() ? 0 : optimal.front().repeats.size();
  for (const Median& point : optimal) repeats = std::min(repeats, point.repeats.size());
  if (repeats < 2) return;
  for (std::size_t r = 0; r < repeats; ++r) {
    std::vector<XY> points;
    for (const Median& point : optimal) points.push_back(point.repeats[r]);
    series.repeat_knots.push_back(at_indices(points, optimal_points(points, x, base)));
  }
}

// Positions at which a curve is drawn: the knots and steps between them, even on the axis as it is shown.
std::vector<double> sampled_positions(const std::vector<XY>& knots, bool log_x) {
  std::vector<double> positions;
  const std::size_t steps = std::clamp<std::size_t>(400 / knots.size(), 2, 24);
  for (std::size_t i = 0; i + 1 < knots.size(); ++i)
    for (std::size_t k = 0; k < steps; ++k) {
      const double t = static_cast<double>(k) / static_cast<double>(steps), a = knots[i].x, b = knots[i + 1].x;
      const double x = log_x && k > 0 ? a * std::pow(b / a, t) : std::lerp(a, b, t);
      positions.push_back(std::clamp(x, a, b));
    }
  positions.push_back(knots.back().x);
  return positions;
}

void add_curve(const Chart& chart, ChartSeries& series) {
  if (series.knots.size() < 2) return;
  const MonotoneCurve curve(series.knots);
  for (const double x : sampled_positions(series.knots, chart.log_x)) {
    if (const auto base = curve.at(x)) series.curve.push_back({x, derived_figure(chart.y, *base, series.rate.value_or(1))});
    if (const auto spread = range_at(chart, series, x)) series.band.push_back({x, spread->low, spread->high});
  }
}

ChartSeries make_series(const Chart& chart, const Group& group, std::optional<double> rate) {
  const AxisMeaning& x = meaning(chart.x);
  const AxisMeaning& base = meaning(meaning(chart.y).priced ? AxisFigure::total_tok_s_gpu : chart.y);
  ChartSeries series;
  series.name = group.key.name;
  series.sample = group.key.sample;
  series.rate = rate;
  std::vector<Median> medians;
  for (const auto& [configuration, repeats] : group.points) medians.push_back(median_of(repeats, chart.y, rate.value_or(1)));
  std::sort(medians.begin(), medians.end(), [](const Median& a, const Median& b) {
    return std::tie(a.knot.x, a.knot.y, a.point.runs) < std::tie(b.knot.x, b.knot.y, b.point.runs);
  });
  std::vector<XY> knots;
  for (const Median& point : medians) knots.push_back(point.knot);
  std::vector<Median> optimal;
  for (const std::size_t i : optimal_points(knots, x, base)) {
    medians[i].point.optimal = true;
    optimal.push_back(medians[i]);
    series.knots.push_back(knots[i]);
  }
  for (Median& point : medians) series.points.push_back(std::move(point.point));
  add_repeat_knots(series, optimal, x, base);
  add_curve(chart, series);
  return series;
}

std::string workload_text(const SeriesKey& key) {
  return key.input > 0 ? fmt::format("{} in, {} out", key.input, key.output) : std::string("lengths unknown");
}

// One workload and model of all series go into the subtitle; where workloads differ, into the series' names.
void add_names(Chart& chart, const std::vector<Group>& groups) {
  std::set<std::string> workloads, models;
  for (const Group& group : groups) {
    workloads.insert(workload_text(group.key));
    for (const auto& [configuration, repeats] : group.points) models.insert(repeats.front().run->model);
  }
  if (models.size() == 1) chart.subtitle = *models.begin();
  if (workloads.size() == 1)
    chart.subtitle += (chart.subtitle.empty() ? "" : " · ") + fmt::format("{} tokens", *workloads.begin());
  else
    for (std::size_t i = 0; i < groups.size(); ++i)
      chart.series[i].name += fmt::format(" ({})", workload_text(groups[i].key));
}

void add_sources(Chart& chart, const std::vector<Group>& groups) {
  std::set<std::string> sources;
  bool random_weights = false;
  for (const Group& group : groups)
    for (const auto& [configuration, repeats] : group.points)
      for (const Sample& sample : repeats) {
        if (!sample.run->source.empty() && sample.run->source != "measured") sources.insert(source_text(*sample.run));
        random_weights = random_weights || sample.run->random_weights;
      }
  chart.sources.assign(sources.begin(), sources.end());
  if (random_weights) chart.notes.push_back("Some runs use random weights: their speed is real, their text is not");
}

void add_own_devices(Chart& chart, const std::vector<Group>& groups, const PriceSet& prices) {
  std::set<std::string> own;
  for (const Group& group : groups)
    if (const PriceRow* row = prices.row(hardware_of(group)); row != nullptr && row->own_device) own.insert(row->accelerator);
  if (!own.empty())
    chart.notes.push_back(fmt::format("Price and power of {} are your own: price set '{}' has none", fmt::join(own, ", "), prices.name));
}

// Oldest run first, samples (negative ids) before all.
RunId first_run(const Group& group) {
  RunId first = std::numeric_limits<RunId>::max();
  for (const auto& [configuration, repeats] : group.points)
    for (const Sample& sample : repeats) first = std::min(first, sample.run->id);
  return first;
}

}  // namespace

std::string prices_text(const Chart& chart) {
  if (chart.price_set.empty()) return {};
  const std::string set = dated_name(chart.price_set, chart.price_date);
  return chart.tier.empty() || chart.y == AxisFigure::tok_s_per_mw ? set : set + ", " + chart.tier;
}

Result<Chart> frontier_chart(const std::vector<RunRow>& runs, const FrontierQuery& query) {
  TOKENMARK_CHECK(check(query));
  Chart chart;
  chart.x = query.x;
  chart.y = query.y;
  chart.log_x = query.log_x;
  chart.log_y = query.log_y;
  chart.title = fmt::format("{} against {}", meaning(query.y).label, meaning(query.x).label);
  PriceSet prices;
  if (meaning(query.y).priced) {
    TOKENMARK_TRY(prices, find_price_set(query.price_set));
    TOKENMARK_TRY(chart.tier, find_price_tier(query.tier));
    chart.price_set = prices.name;
    chart.price_date = prices.date;
  }
  LeftOut left_out;
  std::vector<Group> groups = collect(runs, query, left_out);
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return first_run(a) < first_run(b); });
  std::vector<Group> drawn;
  for (Group& group : groups) {
    std::optional<double> rate;
    if (meaning(query.y).priced) {
      const auto found = rate_of(group, query.y, prices, chart.tier);
      if (!found) {
        std::size_t count = 0;
        for (const auto& [configuration, repeats] : group.points) count += repeats.size();
        left_out.add(found.error().message, count);
        if (found.error().kind == ErrorKind::not_found && prices.row(hardware_of(group)) == nullptr) chart.unpriced.push_back(hardware_of(group));
        continue;
      }
      rate = *found;
    }
    chart.series.push_back(make_series(chart, group, rate));
    drawn.push_back(std::move(group));
  }
  add_names(chart, drawn);
  chart.notes = left_out.notes();
  add_own_devices(chart, drawn, prices);
  add_sources(chart, drawn);
  if (!chart.price_set.empty()) chart.sources.push_back(fmt::format("{} prices and power: {}", prices.name, prices.source));
  return chart;
}

}  // namespace tokenmark
