#include "core/report/chart.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "core/report/chart_groups.h"
#include "core/report/ticks.h"

namespace tokenmark {
namespace {

std::string source_text(const RunRow& run) {
  constexpr std::string_view kPrefix = "sample: ";
  return run.source.starts_with(kPrefix) ? run.source.substr(kPrefix.size()) : run.source;
}

Status check(const FrontierQuery& query) {
  const AxisMeaning &x = meaning(query.x), &y = meaning(query.y);
  if (x.priced)
    return fail(ErrorKind::invalid_input, "'{}' can only be a y axis; x can be what was measured: interactivity, ttft, e2e, concurrency, request_rate …", x.key);
  if (y.neutral) return fail(ErrorKind::invalid_input, "'{}' can only be an x axis", y.key);
  if (query.x == query.y) return fail(ErrorKind::invalid_input, "both axes are '{}': choose two figures", x.key);
  return {};
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

const std::string& hardware_of(const ChartGroup& group) { return group.points.front().front().run->hardware.str(); }

// The price or power of one accelerator of this group, or why there is none.
Result<double> rate_of(const ChartGroup& group, AxisFigure figure, const PriceSet& prices, const std::string& tier) {
  std::set<std::string> hardware;
  const std::string* last = nullptr;
  for (const auto& repeats : group.points)
    for (const ChartSample& sample : repeats) {
      if (last == &sample.run->hardware.str() || (last && *last == sample.run->hardware.str())) continue;
      last = &sample.run->hardware.str();
      hardware.insert(*last);
    }
  if (hardware.size() != 1)
    return fail(ErrorKind::invalid_input, "'{}' mixes hardware ({}), so it has no one price", group.name, fmt::join(hardware, ", "));
  const std::string& key = *hardware.begin();
  const bool of_power = !needs_tier(figure);
  const auto rate = of_power ? prices.kw(key) : prices.dollars_per_hour(key, tier);
  if (!rate)
    return fail(ErrorKind::not_found, "price set '{}' has no {} for {}", prices.name, of_power ? "power" : "price",
                key.empty() ? "unknown hardware" : fmt::format("'{}'", key));
  return *rate;
}

// Repeats as one point: medians, ranges, the runs in the order of their repeats.
struct Median {
  ChartPoint point;
  XY knot;
  double power = 0;
  std::vector<ChartSample> repeats;
};

Median median_of(std::vector<ChartSample> repeats, AxisFigure figure, double rate) {
  if (repeats.size() > 1)
    std::sort(repeats.begin(), repeats.end(), [](const ChartSample& a, const ChartSample& b) {
      return std::tie(a.run->repeat, a.run->id) < std::tie(b.run->repeat, b.run->id);
    });
  const bool metered = is_metered_energy(figure);
  std::vector<double> xs, bases, powers, ys;
  Median result;
  for (const ChartSample& sample : repeats) {
    xs.push_back(sample.x);
    bases.push_back(sample.base);
    powers.push_back(sample.power);
    ys.push_back(derived_figure(figure, sample.base, metered ? sample.power : rate));
    result.point.runs.push_back(sample.run->id);
  }
  result.point.x_range = range(xs);
  result.point.y_range = range(ys);
  result.power = median(std::move(powers));
  result.knot = {median(std::move(xs)), metered ? result.power / median(std::move(ys)) : median(std::move(bases))};
  result.point.x = result.knot.x;
  result.point.y = derived_figure(figure, result.knot.y, metered ? result.power : rate);
  result.point.concurrency = repeats.front().run->concurrency;
  result.point.label = point_label(*repeats.front().run);
  result.repeats = std::move(repeats);
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

// What makes a point optimal: the throughput on priced axes (the price is the same for all), else the figure itself.
std::vector<std::size_t> optimal_of(const Chart& chart, const std::vector<XY>& knots, const std::vector<double>& powers) {
  const AxisMeaning& y = meaning(chart.y);
  std::vector<XY> judged = knots;
  if (is_metered_energy(chart.y))
    for (std::size_t i = 0; i < judged.size(); ++i) judged[i].y = derived_figure(chart.y, knots[i].y, powers[i]);
  return optimal_points(judged, meaning(chart.x), y.priced ? meaning(AxisFigure::total_tok_s_gpu) : y);
}

void add_knots(const Chart& chart, const std::vector<XY>& knots, const std::vector<double>& powers,
               const std::vector<std::size_t>& optimal, std::vector<XY>& to, std::vector<XY>& power_to) {
  for (const std::size_t i : optimal) {
    to.push_back(knots[i]);
    if (is_metered_energy(chart.y)) power_to.push_back({knots[i].x, powers[i]});
  }
}

// The frontier of each repeat alone, of the points that are optimal in the median.
void add_repeat_knots(const Chart& chart, ChartSeries& series, const std::vector<const Median*>& optimal) {
  std::size_t repeats = optimal.empty() ? 0 : optimal.front()->repeats.size();
  for (const Median* point : optimal) repeats = std::min(repeats, point->repeats.size());
  if (repeats < 2) return;
  for (std::size_t r = 0; r < repeats; ++r) {
    std::vector<XY> knots;
    std::vector<double> powers;
    for (const Median* point : optimal) {
      knots.push_back({point->repeats[r].x, point->repeats[r].base});
      powers.push_back(point->repeats[r].power);
    }
    std::vector<XY> power_knots;
    add_knots(chart, knots, powers, optimal_of(chart, knots, powers), series.repeat_knots.emplace_back(), power_knots);
    if (!power_knots.empty()) series.repeat_power_knots.push_back(std::move(power_knots));
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
  const SeriesReading reading(chart, series);
  for (const double x : sampled_positions(series.knots, chart.log_x)) {
    if (const auto value = reading.value(x)) series.curve.push_back({x, *value});
    if (const auto spread = reading.range(x)) series.band.push_back({x, spread->low, spread->high});
  }
}

ChartSeries make_series(const Chart& chart, ChartGroup& group, std::optional<double> rate) {
  ChartSeries series{.name = group.name, .sample = group.sample, .rate = rate};
  std::vector<Median> medians;
  medians.reserve(group.points.size());
  for (auto& repeats : group.points) medians.push_back(median_of(repeats, chart.y, rate.value_or(1)));
  std::vector<const Median*> order;
  for (const Median& point : medians) order.push_back(&point);
  std::sort(order.begin(), order.end(), [](const Median* a, const Median* b) {
    return std::tie(a->knot.x, a->knot.y, a->point.runs) < std::tie(b->knot.x, b->knot.y, b->point.runs);
  });
  std::vector<XY> knots;
  std::vector<double> powers;
  series.points.reserve(order.size());
  for (const Median* point : order) {
    knots.push_back(point->knot);
    powers.push_back(point->power);
    series.points.push_back(point->point);
  }
  const std::vector<std::size_t> indices = optimal_of(chart, knots, powers);
  std::vector<const Median*> optimal;
  for (const std::size_t i : indices) {
    series.points[i].optimal = true;
    optimal.push_back(order[i]);
  }
  add_knots(chart, knots, powers, indices, series.knots, series.power_knots);
  add_repeat_knots(chart, series, optimal);
  add_curve(chart, series);
  return series;
}

std::string workload_text(const ChartGroup& group) {
  return group.input > 0 ? fmt::format("{} in, {} out", group.input, group.output) : std::string("lengths unknown");
}

// One workload and model of all series go into the subtitle; where workloads differ, into the series' names.
void add_names(Chart& chart, const std::vector<ChartGroup>& groups) {
  std::set<std::string> workloads;
  const std::string* model = nullptr;
  bool one_model = true;
  for (const ChartGroup& group : groups) {
    workloads.insert(workload_text(group));
    for (const auto& repeats : group.points) {
      if (!model) model = &repeats.front().run->model.str();
      one_model = one_model && repeats.front().run->model == *model;
    }
  }
  if (model && one_model) chart.subtitle = *model;
  if (workloads.size() == 1)
    chart.subtitle += (chart.subtitle.empty() ? "" : " · ") + fmt::format("{} tokens", *workloads.begin());
  else
    for (std::size_t i = 0; i < groups.size(); ++i) chart.series[i].name += fmt::format(" ({})", workload_text(groups[i]));
}

void add_sources(Chart& chart, const std::vector<ChartGroup>& groups) {
  std::set<std::string> sources;
  std::string_view last = "measured";
  bool random_weights = false;
  for (const ChartGroup& group : groups)
    for (const auto& repeats : group.points)
      for (const ChartSample& sample : repeats) {
        random_weights = random_weights || sample.run->random_weights;
        if (sample.run->source == last) continue;
        last = sample.run->source.str();
        if (!last.empty() && last != "measured") sources.insert(source_text(*sample.run));
      }
  chart.sources.assign(sources.begin(), sources.end());
  if (random_weights) chart.notes.push_back("Some runs use random weights: their speed is real, their text is not");
}

void add_own_devices(Chart& chart, const std::vector<ChartGroup>& groups, const PriceSet& prices) {
  std::set<std::string> own;
  for (const ChartGroup& group : groups)
    if (const PriceRow* row = prices.row(hardware_of(group)); row != nullptr && row->own_device) own.insert(row->accelerator);
  if (!own.empty())
    chart.notes.push_back(fmt::format("Price and power of {} are your own: price set '{}' has none", fmt::join(own, ", "), prices.name));
}

// The value of an axis that the limits allow; interactivity must not be lower, times must not be higher.
std::optional<double> limit_of(const Limits& limits, AxisFigure figure) {
  switch (figure) {
    case AxisFigure::ttft:
    case AxisFigure::ttft_p99: return limits.ttft_s;
    case AxisFigure::tpot:
    case AxisFigure::tpot_p99: return limits.tpot_s;
    case AxisFigure::e2e: return limits.e2e_s;
    case AxisFigure::interactivity: return limits.tpot_s && *limits.tpot_s > 0 ? std::optional(1 / *limits.tpot_s) : std::nullopt;
    default: return std::nullopt;
  }
}

// How much load each series carries within the limit: where its curve first crosses it.
void add_capacities(Chart& chart) {
  if (!chart.limit_y || !meaning(chart.x).neutral) return;
  const AxisMeaning& x = meaning(chart.x);
  for (const ChartSeries& series : chart.series) {
    if (series.curve.size() < 2) continue;
    const auto over = std::find_if(series.curve.begin(), series.curve.end(), [&](const XY& p) { return p.y > *chart.limit_y; });
    const std::string limit = fmt::format("{} {}", number_text(*chart.limit_y), meaning(chart.y).unit);
    if (over == series.curve.begin())
      chart.notes.push_back(fmt::format("{}: over {} at every measured load", series.name, limit));
    else if (over == series.curve.end())
      chart.notes.push_back(fmt::format("{}: within {} at every measured load, up to {} {}", series.name, limit,
                                        number_text(series.curve.back().x), x.unit));
    else
      chart.notes.push_back(fmt::format("{}: within {} up to {} {}", series.name, limit,
          number_text(std::lerp((over - 1)->x, over->x, (*chart.limit_y - (over - 1)->y) / (over->y - (over - 1)->y))), x.unit));
  }
}

// Leaves those with the newest runs, in their order; how many were taken away.
std::size_t keep_newest(std::vector<ChartGroup>& groups, std::size_t most) {
  if (most == 0 || groups.size() <= most) return 0;
  std::vector<RunId> newest;
  for (const ChartGroup& group : groups) newest.push_back(group.last_run);
  std::nth_element(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(most - 1), newest.end(), std::greater<>());
  const RunId oldest_kept = newest[most - 1];
  return std::erase_if(groups, [&](const ChartGroup& group) { return group.last_run < oldest_kept; });
}

}  // namespace

std::string prices_text(const Chart& chart) {
  if (chart.price_set.empty()) return {};
  const std::string set = dated_name(chart.price_set, chart.price_date);
  return chart.tier.empty() || !needs_tier(chart.y) ? set : set + ", " + chart.tier;
}

Result<Chart> frontier_chart(const RowView& runs, const FrontierQuery& query) {
  TOKENMARK_CHECK(check(query));
  Chart chart;
  chart.x = query.x;
  chart.y = query.y;
  chart.log_x = query.log_x;
  chart.log_y = query.log_y;
  chart.limit_x = limit_of(query.limits, query.x);
  chart.limit_y = limit_of(query.limits, query.y);
  chart.title = fmt::format("{} against {}", meaning(query.y).label, meaning(query.x).label);
  PriceSet prices;
  if (meaning(query.y).priced) {
    TOKENMARK_TRY(prices, find_price_set(query.price_set));
    TOKENMARK_TRY(chart.tier, find_price_tier(query.tier));
    chart.price_set = prices.name;
    chart.price_date = prices.date;
  }
  LeftOutRuns left_out;
  std::vector<ChartGroup> groups = chart_groups(runs, query, left_out);
  const std::size_t too_many = keep_newest(groups, query.most_series);
  std::vector<ChartGroup> drawn;
  for (ChartGroup& group : groups) {
    std::optional<double> rate;
    if (meaning(query.y).priced) {
      const auto found = rate_of(group, query.y, prices, chart.tier);
      if (!found) {
        std::size_t count = 0;
        for (const auto& repeats : group.points) count += repeats.size();
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
  chart.notes = left_out.notes(meaning(query.x), meaning(meaning(query.y).priced ? AxisFigure::total_tok_s_gpu : query.y));
  if (too_many > 0)
    chart.notes.push_back(fmt::format("{} series left out: these are the {} with the newest runs; search for others, or choose their runs",
                                      too_many, query.most_series));
  add_own_devices(chart, drawn, prices);
  add_sources(chart, drawn);
  add_capacities(chart);
  if (!chart.price_set.empty()) chart.sources.push_back(fmt::format("{} prices and power: {}", prices.name, prices.source));
  return chart;
}

}  // namespace tokenmark
