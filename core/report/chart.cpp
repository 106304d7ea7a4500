#include "core/report/chart.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/report/chart_series.h"
#include "core/report/newest.h"
#include "core/report/ticks.h"

namespace tokenmark {
namespace {

std::string source_text(std::string_view source) {
  constexpr std::string_view kPrefix = "sample: ";
  return std::string(source.starts_with(kPrefix) ? source.substr(kPrefix.size()) : source);
}

Status check(const FrontierQuery& query) {
  const AxisMeaning &x = meaning(query.x), &y = meaning(query.y);
  if (x.priced)
    return fail(ErrorKind::invalid_input, "'{}' can only be a y axis; x can be what was measured: interactivity, ttft, e2e, concurrency, request_rate …", x.key);
  if (y.neutral) return fail(ErrorKind::invalid_input, "'{}' can only be an x axis", y.key);
  if (query.x == query.y) return fail(ErrorKind::invalid_input, "both axes are '{}': choose two figures", x.key);
  return {};
}

const std::string& hardware_of(const ChartGroup& group) { return group.samples.front().run->hardware.str(); }

// The price or power of one accelerator of this group, or why there is none.
Result<double> rate_of(const ChartGroup& group, AxisFigure figure, const PriceSet& prices, const std::string& tier) {
  const std::set<std::string_view>& hardware = group.hardware.all();
  if (hardware.size() != 1)
    return fail(ErrorKind::invalid_input, "'{}' mixes hardware ({}), so it has no one price", group.name, fmt::join(hardware, ", "));
  const std::string key(*hardware.begin());
  const bool of_power = !needs_tier(figure);
  const auto rate = of_power ? prices.kw(key) : prices.dollars_per_hour(key, tier);
  if (!rate)
    return fail(ErrorKind::not_found, "price set '{}' has no {} for {}", prices.name, of_power ? "power" : "price",
                key.empty() ? "unknown hardware" : fmt::format("'{}'", key));
  return *rate;
}

std::string workload_text(const ChartGroup& group) {
  return group.input > 0 ? fmt::format("{} in, {} out", group.input, group.output) : std::string("lengths unknown");
}

// One workload and model of all series go into the subtitle; where workloads differ, into the series' names.
void add_names(Chart& chart, const std::vector<ChartGroup>& groups) {
  std::set<std::string> workloads;
  std::set<std::string_view> models;
  for (const ChartGroup& group : groups) {
    workloads.insert(workload_text(group));
    models.insert(group.models.all().begin(), group.models.all().end());
  }
  if (models.size() == 1) chart.subtitle = *models.begin();
  if (workloads.size() == 1)
    chart.subtitle += (chart.subtitle.empty() ? "" : " · ") + fmt::format("{} tokens", *workloads.begin());
  else
    for (std::size_t i = 0; i < groups.size(); ++i) chart.series[i].name += fmt::format(" ({})", workload_text(groups[i]));
}

void add_sources(Chart& chart, const std::vector<ChartGroup>& groups) {
  std::set<std::string> sources;
  bool random_weights = false;
  for (const ChartGroup& group : groups) {
    random_weights = random_weights || group.random_weights;
    for (const std::string_view source : group.sources.all())
      if (!source.empty() && source != "measured") sources.insert(source_text(source));
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
  const std::size_t too_many = keep_newest(groups, query.most_series, [](const ChartGroup& group) { return group.last_run; });
  std::vector<ChartGroup> drawn;
  PointLabels labels;
  for (ChartGroup& group : groups) {
    std::optional<double> rate;
    if (meaning(query.y).priced) {
      const auto found = rate_of(group, query.y, prices, chart.tier);
      if (!found) {
        left_out.add(found.error().message, group.samples.size());
        if (found.error().kind == ErrorKind::not_found && prices.row(hardware_of(group)) == nullptr) chart.unpriced.push_back(hardware_of(group));
        continue;
      }
      rate = *found;
    }
    chart.series.push_back(make_series(chart, group, rate, labels));
    drawn.push_back(std::move(group));
  }
  add_names(chart, drawn);
  chart.notes = left_out.notes(meaning(query.x), meaning(meaning(query.y).priced ? AxisFigure::total_tok_s_gpu : query.y));
  if (too_many > 0) chart.notes.push_back(left_out_text(too_many, query.most_series));
  add_own_devices(chart, drawn, prices);
  add_sources(chart, drawn);
  add_capacities(chart);
  if (!chart.price_set.empty()) chart.sources.push_back(fmt::format("{} prices and power: {}", prices.name, prices.source));
  return chart;
}

}  // namespace tokenmark
