#include "core/report/svg.h"

#include <algorithm>

#include "core/report/svg_canvas.h"

namespace tokenmark {
namespace {

constexpr double kLeft = 84, kRight = 24, kTop = 62, kBottom = 62;

std::string axis_title(AxisFigure figure) {
  const AxisMeaning& axis = meaning(figure);
  const char* arrow = axis.neutral ? "" : axis.better == Better::higher ? ", higher is better" : ", lower is better";
  return axis.unit.empty() ? fmt::format("{}{}", axis.label, arrow) : fmt::format("{} ({}{})", axis.label, axis.unit, arrow);
}

std::string subtitle(const Chart& chart) {
  std::string below = chart.subtitle;
  if (chart.price_set.empty()) return below;
  if (!below.empty()) below += " · ";
  return below + "prices " + prices_text(chart);
}

// A scale of exactly this range, with the ticks that fall into it.
AxisScale scale_between(double low, double high, bool log) {
  AxisScale scale = axis_scale({low, high}, log);
  scale.low = low;
  scale.high = high;
  std::erase_if(scale.ticks, [&](double tick) { return tick < low || tick > high; });
  return scale;
}

SvgPanel panel_of(const Chart& chart, const SvgStyle& style) {
  std::vector<double> xs, ys;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      xs.push_back(point.x);
      for (const double y : {point.y, point.y_range ? point.y_range->low : point.y, point.y_range ? point.y_range->high : point.y})
        ys.push_back(y);
    }
  const auto& view = style.view;
  return {kLeft, style.width - kRight, kTop, style.height - kBottom,
          view ? scale_between(view->x_low, view->x_high, chart.log_x) : axis_scale(xs, chart.log_x),
          view ? scale_between(view->y_low, view->y_high, chart.log_y) : axis_scale(ys, chart.log_y)};
}

void draw_limits(SvgCanvas& canvas, const SvgPanel& panel, const Chart& chart) {
  const auto within = [](const AxisScale& scale, const std::optional<double>& value) { return value && scale.share(*value) >= 0 && scale.share(*value) <= 1; };
  if (within(panel.x, chart.limit_x)) canvas.line(panel.px(*chart.limit_x), panel.top, panel.px(*chart.limit_x), panel.bottom, "limit");
  if (within(panel.y, chart.limit_y)) canvas.line(panel.left, panel.py(*chart.limit_y), panel.right, panel.py(*chart.limit_y), "limit");
}

void draw_curve(SvgCanvas& canvas, const SvgPanel& panel, const ChartSeries& series, std::size_t index) {
  std::vector<std::pair<double, double>> band, curve;
  for (const BandPoint& p : series.band) band.emplace_back(panel.px(p.x), panel.py(p.high));
  for (auto p = series.band.rbegin(); p != series.band.rend(); ++p) band.emplace_back(panel.px(p->x), panel.py(p->low));
  if (series.band.size() > 1) canvas.path(band, "band " + series_class('f', index), true);
  for (const XY& p : series.curve) curve.emplace_back(panel.px(p.x), panel.py(p.y));
  canvas.path(curve, "curve " + series_class('s', index), false, series.sample);
}

void draw_points(SvgCanvas& canvas, const SvgPanel& panel, const Chart& chart, std::size_t index) {
  const ChartSeries& series = chart.series[index];
  const AxisMeaning &x = meaning(chart.x), &y = meaning(chart.y);
  // Points that are not optimal first: those on the frontier lie above them.
  for (const bool optimal : {false, true})
    for (const ChartPoint& p : series.points) {
      if (p.optimal != optimal || panel.x.share(p.x) < 0 || panel.x.share(p.x) > 1) continue;
      if (p.y_range && p.y_range->low < p.y_range->high)
        canvas.line(panel.px(p.x), panel.py(p.y_range->low), panel.px(p.x), panel.py(p.y_range->high), "bar " + series_class('s', index));
      canvas.mark(index, panel.px(p.x), panel.py(p.y), optimal,
                  fmt::format("{}\n{}\n{} {}\n{} {}{}", series.name, p.label, number_text(p.x), x.unit, number_text(p.y), y.unit,
                              optimal ? "\non the frontier" : ""));
    }
}

}  // namespace

std::string chart_svg(const Chart& chart, const SvgStyle& style) {
  SvgCanvas canvas(style.width, chart.title, subtitle(chart));
  const SvgPanel panel = panel_of(chart, style);
  canvas.panel(panel, axis_title(chart.x), axis_title(chart.y));
  canvas.begin_inside(panel);
  draw_limits(canvas, panel, chart);
  for (std::size_t i = 0; i < chart.series.size(); ++i) draw_curve(canvas, panel, chart.series[i], i);
  for (std::size_t i = 0; i < chart.series.size(); ++i) draw_points(canvas, panel, chart, i);
  canvas.end_inside();
  if (chart.series.empty()) canvas.text((panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2, "middle", "dim", "No points to show");
  double y = style.height + 4;
  std::vector<SvgLegendEntry> entries;
  for (const ChartSeries& series : chart.series) entries.push_back({series.name + (series.sample ? " (published sample)" : ""), series.sample});
  canvas.legend(panel.left, panel.right, y, entries);
  for (const std::string& source : chart.sources) canvas.small_print(panel.left, panel.right, y, "Source: " + source);
  return canvas.finish(y + 8, style.dark_too);
}

}  // namespace tokenmark
