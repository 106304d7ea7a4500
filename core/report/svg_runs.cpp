// The charts of single runs and of history as SVG: distributions, timelines, trends.
#include <algorithm>
#include <cmath>

#include "core/report/svg.h"
#include "core/report/svg_canvas.h"
#include "core/report/time_unit.h"

namespace tokenmark {
namespace {

using Points = std::vector<std::pair<double, double>>;
constexpr double kLeft = 84, kRight = 24, kTop = 62;

void nothing_to_show(SvgCanvas& canvas, const SvgPanel& p) {
  canvas.text((p.left + p.right) / 2, (p.top + p.bottom) / 2, "middle", "dim", "No points to show");
}

// ---- distributions ----

std::string time_text(double seconds) {
  const TimeUnit unit = time_unit(seconds);
  return fmt::format("{} {}", number_text(seconds * unit.per_second), unit.name);
}

void draw_cumulative(SvgCanvas& canvas, const SvgPanel& p, const DistributionSeries& series, std::size_t index) {
  Points steps;
  double before = 0;
  for (const XY& step : series.cumulative) {
    if (p.x.log && step.x <= 0) continue;
    steps.emplace_back(p.px(step.x), p.py(before));
    steps.emplace_back(p.px(step.x), p.py(step.y));
    before = step.y;
  }
  canvas.path(steps, "curve " + series_class('s', index));
  for (const DistributionMarker& m : series.markers) {
    if (!std::isfinite(m.value)) continue;
    if (m.interval && std::isfinite(m.interval->high))
      canvas.line(p.px(m.interval->low), p.py(m.p), p.px(m.interval->high), p.py(m.p), "bar " + series_class('s', index));
    canvas.mark(index, p.px(m.value), p.py(m.p), true, fmt::format("{}\np{:g}: {}", series.name, m.p * 100, time_text(m.value)));
  }
}

// ---- timelines ----

// Requests, one row a slot; the picture holds thousands of bars at most (more is a grid).
void draw_requests(SvgCanvas& canvas, const SvgPanel& p, const Timeline& timeline) {
  const double height = (p.bottom - p.top) / std::max(1, timeline.slot_count);
  const auto top = [&](std::int32_t slot) { return p.top + height * slot; };
  for (const TimelineBar& bar : timeline.bars) {
    const double first = bar.first_token_s.value_or(bar.end_s), y = top(bar.slot), inner = std::max(height * 0.8, 0.5);
    canvas.rect(p.px(bar.sent_s), y, p.px(first) - p.px(bar.sent_s), inner, bar.error == RequestError::none ? "waiting" : "failed");
    if (bar.first_token_s) canvas.rect(p.px(first), y, p.px(bar.end_s) - p.px(first), inner, bar.error == RequestError::none ? "f0" : "failed", bar.warmup ? 0.4 : 1);
  }
  if (!timeline.grid) return;
  const TimelineGrid& g = *timeline.grid;
  const double step = (g.time.to_s - g.time.from_s) / std::max(1, g.columns);
  for (std::int32_t row = 0; row < g.rows; ++row)
    for (std::int32_t column = 0; column < g.columns; ++column) {
      const TimelineCell& cell = g.cells[static_cast<std::size_t>(row * g.columns + column)];
      const double from = g.time.from_s + step * column, busy = static_cast<double>(cell.waiting + cell.streaming + cell.failed + cell.late);
      if (busy < 0.02) continue;
      const char* kind = cell.failed > 0.5F * static_cast<float>(busy) ? "failed" : cell.streaming >= cell.waiting ? "f0" : "waiting";
      canvas.rect(p.px(from), top(g.first_slot + row * g.slots_per_row), p.px(from + step) - p.px(from), height * g.slots_per_row, kind, std::min(1.0, busy));
    }
}

Points over_time(const SvgPanel& p, const std::vector<TimelineBin>& bins, double TimelineBin::* value) {
  Points points;
  for (const TimelineBin& bin : bins) points.emplace_back(p.px((bin.time.from_s + bin.time.to_s) / 2), p.py(bin.*value));
  return points;
}

AxisScale from_zero(std::vector<double> values) {
  values.push_back(0);
  AxisScale scale = axis_scale(values, false);
  while (scale.ticks.size() > 4) {   // panels are low
    std::vector<double> fewer;
    for (std::size_t i = 0; i < scale.ticks.size(); i += 2) fewer.push_back(scale.ticks[i]);
    scale.ticks = std::move(fewer);
  }
  return scale;
}

// ---- trends ----

double state_x(const SvgPanel& p, std::size_t state, std::size_t states) {
  return p.left + (static_cast<double>(state) + 0.5) / static_cast<double>(std::max<std::size_t>(1, states)) * (p.right - p.left);
}

void draw_trend_series(SvgCanvas& canvas, const SvgPanel& p, const Trend& trend, std::size_t index) {
  const TrendSeries& series = trend.series[index];
  const auto x = [&](std::size_t state) { return state_x(p, state, trend.states.size()); };
  Points steps;
  for (const TrendLevel& level : series.levels) {
    steps.emplace_back(x(level.from), p.py(level.value));
    steps.emplace_back(x(level.to), p.py(level.value));
  }
  canvas.path(steps, "curve " + series_class('s', index));
  for (const TrendPoint& point : series.points) {
    if (!point.value) continue;
    if (point.range && point.range->low < point.range->high)
      canvas.line(x(point.state), p.py(point.range->low), x(point.state), p.py(point.range->high), "bar " + series_class('s', index));
    canvas.mark(index, x(point.state), p.py(*point.value), true, fmt::format("{}\n{}\n{} {}", series.name, trend.states[point.state].name, number_text(*point.value), meaning(trend.figure).unit));
  }
  for (const TrendChange& change : series.changes)
    canvas.text((x(change.before) + x(change.after)) / 2, p.top + 16, "middle", change.better ? "" : "dim", fmt::format("{:+.1f} %", change.change * 100));
}

}  // namespace

std::string chart_svg(const DistributionChart& chart, const SvgStyle& style) {
  SvgCanvas canvas(style.width, chart.title, chart.subtitle);
  std::vector<double> xs;
  if (!chart.log_x) xs.push_back(0);
  for (const DistributionSeries& series : chart.series)
    for (const XY& step : series.cumulative) xs.push_back(step.x);
  for (const LimitLine& limit : chart.limits) xs.push_back(limit.value);
  SvgPanel p{kLeft, style.width - kRight, kTop, style.height - 62.0, axis_scale(xs, chart.log_x), axis_scale({0, 1}, false)};
  p.y.low = 0, p.y.high = 1;
  std::erase_if(p.y.ticks, [](double tick) { return tick > 1; });
  const TimeUnit unit = time_unit(p.x.high);
  p.x.per = unit.per_second;
  canvas.panel(p, fmt::format("{} ({})", meaning(chart.figure).label, unit.name), fmt::format("Share of {}s", meaning(chart.figure).sample));
  for (const LimitLine& limit : chart.limits) {
    canvas.path({{p.px(limit.value), p.top}, {p.px(limit.value), p.bottom}}, "limit thin", false, true);
    canvas.text(p.px(limit.value) - 5, p.top + 14, "end", "dim small", limit.label);
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i) draw_cumulative(canvas, p, chart.series[i], i);
  if (chart.series.empty()) nothing_to_show(canvas, p);
  std::vector<SvgLegendEntry> entries;
  for (const DistributionSeries& series : chart.series) entries.push_back({series.name});
  double y = style.height + 4;
  canvas.legend(p.left, p.right, y, entries);
  return canvas.finish(y + 8, style.dark_too);
}

std::string chart_svg(const Timeline& timeline, const SvgStyle& style) {
  SvgCanvas canvas(style.width, timeline.title, timeline.subtitle);
  std::vector<double> in_flight, rates, watts;
  for (const TimelineBin& bin : timeline.bins) {
    in_flight.push_back(bin.in_flight);
    rates.push_back(bin.tok_s);
  }
  for (const XY& reading : timeline.power_w) watts.push_back(reading.y);
  AxisScale time = axis_scale({timeline.shown.from_s, timeline.shown.to_s}, false);
  time.low = timeline.shown.from_s, time.high = timeline.shown.to_s;
  std::erase_if(time.ticks, [&](double tick) { return tick < time.low || tick > time.high; });
  const double right = style.width - kRight;
  double y = kTop;
  const auto next = [&](double height, AxisScale scale) {
    const SvgPanel p{kLeft, right, y, y + height, time, std::move(scale)};
    y += height + 16;
    return p;
  };
  AxisScale slots;
  slots.high = std::max(1, timeline.slot_count);
  const SvgPanel requests = next(160, slots);
  canvas.panel(requests, "", fmt::format("{} requests", timeline.requests), false);
  draw_requests(canvas, requests, timeline);
  std::vector<std::pair<SvgPanel, const char*>> panels = {{next(80, from_zero(in_flight)), "In flight"}, {next(80, from_zero(rates)), "tok/s"}};
  if (!watts.empty()) panels.emplace_back(next(80, from_zero(watts)), "Power (W)");
  for (std::size_t i = 0; i < panels.size(); ++i)
    canvas.panel(panels[i].first, i + 1 == panels.size() ? "Time since the run's start (s)" : "", panels[i].second, i + 1 == panels.size());
  canvas.path(over_time(panels[0].first, timeline.bins, &TimelineBin::in_flight), "thin s1");
  canvas.path(over_time(panels[1].first, timeline.bins, &TimelineBin::tok_s), "thin s2");
  Points power;
  if (panels.size() > 2)
    for (const XY& reading : timeline.power_w) power.emplace_back(panels[2].first.px(std::clamp(reading.x, time.low, time.high)), panels[2].first.py(reading.y));
  canvas.path(power, "thin s3");
  if (timeline.steady)
    canvas.rect(requests.px(std::max(timeline.steady->from_s, time.low)), kTop, requests.px(std::min(timeline.steady->to_s, time.high)) - requests.px(std::max(timeline.steady->from_s, time.low)), y - 16 - kTop, "steady");
  canvas.text(kLeft, y + 52, "start", "dim small", "Requests: grey until the first token, blue while tokens come, red where they failed; shaded: the steady state.");
  return canvas.finish(y + 64, style.dark_too);
}

std::string chart_svg(const Trend& trend, const SvgStyle& style) {
  SvgCanvas canvas(style.width, trend_title(trend), trend.subtitle);
  std::vector<double> ys;
  for (const TrendSeries& series : trend.series)
    for (const TrendPoint& point : series.points)
      if (point.value) ys.insert(ys.end(), {*point.value, point.range ? point.range->low : *point.value, point.range ? point.range->high : *point.value});
  SvgPanel p{kLeft, style.width - kRight, kTop, style.height - 100.0, {}, axis_scale(ys, false)};
  const AxisMeaning& figure = meaning(trend.figure);
  canvas.panel(p, "", fmt::format("{} ({})", figure.label, figure.unit), false);
  const std::size_t every = (trend.states.size() + 23) / 24;   // names that find their place
  for (std::size_t i = 0; i < trend.states.size(); i += every) {
    const double x = state_x(p, i, trend.states.size());
    canvas.text(x, p.bottom + 16, "end", "small", trend.states[i].name, fmt::format(" transform=\"rotate(-30 {:.1f} {:.1f})\"", x, p.bottom + 16));
  }
  for (std::size_t i = 0; i < trend.series.size(); ++i) draw_trend_series(canvas, p, trend, i);
  if (ys.empty()) nothing_to_show(canvas, p);
  std::vector<SvgLegendEntry> entries;
  for (const TrendSeries& series : trend.series) entries.push_back({series.name});
  double y = style.height + 4;
  canvas.legend(p.left, p.right, y, entries);
  return canvas.finish(y + 8, style.dark_too);
}

}  // namespace tokenmark
