#include "app/charts/scene.h"

#include <algorithm>
#include <cmath>

#include "app/charts/curve_graph.h"
#include "app/charts/export.h"
#include "app/charts/legend.h"
#include "app/charts/marks.h"
#include "app/charts/plot_style.h"
#include "app/charts/text.h"
#include "app/charts/ticker.h"

namespace tokenmark {
namespace {

constexpr double kMark = 9, kSmallMark = 6.5;

QCPScatterStyle::ScatterShape shape(int index) {
  static constexpr QCPScatterStyle::ScatterShape kShapes[] = {
      QCPScatterStyle::ssCircle, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
      QCPScatterStyle::ssDiamond, QCPScatterStyle::ssTriangleInverted};
  return kShapes[index % 5];
}

struct SeriesLook {
  QColor color;
  QPen line;
  QCPScatterStyle mark, small_mark;
};

// Corners take area away: shapes of equal weight need unequal sizes.
double evened(double size, int index) { return size * (shape(index) == QCPScatterStyle::ssCircle ? 1.0 : 1.15); }

SeriesLook series_look(const ChartSeries& series, const Theme& theme, int index) {
  SeriesLook look;
  look.color = theme.series[index % theme.series.size()];
  const QColor pale = with_alpha(look.color, series.sample ? 0.75 : 1.0);
  look.line = QPen(pale, 2.2);
  if (series.sample) look.line.setDashPattern({5, 3});
  const QBrush fill(series.sample ? theme.base : look.color);
  const QPen rim(pale, series.sample ? 1.8 : 1.2);
  look.mark = QCPScatterStyle(shape(index), rim, fill, evened(kMark, index));
  look.small_mark = QCPScatterStyle(shape(index), QPen(with_alpha(look.color, 0.55), 1.2),
                                    series.sample ? fill : QBrush(with_alpha(look.color, 0.3)), evened(kSmallMark, index));
  return look;
}

bool placeable(double value, bool log) { return std::isfinite(value) && (!log || value > 0); }

bool placed(const Chart& chart, double x, double y) { return placeable(x, chart.log_x) && placeable(y, chart.log_y); }

void add_band(QCustomPlot& plot, const Chart& chart, const ChartSeries& series, const SeriesLook& look) {
  QVector<double> keys, lows, highs;
  for (const BandPoint& at : series.band) {
    if (!placed(chart, at.x, at.low) || !placed(chart, at.x, at.high)) continue;
    keys.push_back(at.x);
    lows.push_back(at.low);
    highs.push_back(at.high);
  }
  if (keys.size() < 2) return;
  QCPGraph* bottom = add_graph(plot, "bands");
  QCPGraph* top = add_graph(plot, "bands");
  for (QCPGraph* graph : {bottom, top}) graph->setPen(Qt::NoPen);
  bottom->setData(keys, lows, true);
  top->setData(keys, highs, true);
  top->setBrush(with_alpha(look.color, 0.14));
  top->setChannelFillGraph(bottom);
}

void add_curve(QCustomPlot& plot, const Chart& chart, const ChartSeries& series, const SeriesLook& look) {
  QVector<double> keys, values;
  for (const XY& knot : series.curve) {
    if (!placed(chart, knot.x, knot.y)) continue;
    keys.push_back(knot.x);
    values.push_back(knot.y);
  }
  if (keys.size() < 2) return;
  auto* graph = new CurveGraph(plot.xAxis, plot.yAxis);
  graph->removeFromLegend();
  graph->setLayer(QStringLiteral("curves"));
  graph->setSelectable(QCP::stNone);
  graph->setPen(look.line);
  graph->setData(keys, values);
}

// What the service may need at most: a dashed line across.
void add_limit(QCustomPlot& plot, double at, bool of_y, const SceneLook& look) {
  auto* line = new QCPItemStraightLine(&plot);
  line->setLayer(QStringLiteral("curves"));
  line->setSelectable(false);
  line->setPen(QPen(look.theme.error, 1.4, Qt::DashLine));
  for (QCPItemPosition* point : {line->point1, line->point2}) {
    point->setTypeX(of_y ? QCPItemPosition::ptAxisRectRatio : QCPItemPosition::ptPlotCoords);
    point->setTypeY(of_y ? QCPItemPosition::ptPlotCoords : QCPItemPosition::ptAxisRectRatio);
    const double end = point == line->point1 ? 0 : 1;
    point->setCoords(of_y ? QPointF(end, at) : QPointF(at, end));
  }
}

void add_error_bars(QCustomPlot& plot, const std::vector<const ChartPoint*>& points, bool of_y, const SeriesLook& look) {
  QVector<double> keys, values, minus, plus;
  bool any = false;
  for (const ChartPoint* point : points) {
    const std::optional<Interval>& range = of_y ? point->y_range : point->x_range;
    if (!range) continue;
    const double at = of_y ? point->y : point->x;
    keys.push_back(point->x);
    values.push_back(point->y);
    minus.push_back(std::isfinite(range->low) ? std::max(0.0, at - range->low) : 0);
    plus.push_back(std::isfinite(range->high) ? std::max(0.0, range->high - at) : 0);
    any = any || minus.back() > 0 || plus.back() > 0;
  }
  if (!any) return;
  QCPGraph* middles = add_graph(plot, "bands");   // not seen: where the bars are
  middles->setLineStyle(QCPGraph::lsNone);
  middles->setData(keys, values, true);
  auto* bars = new QCPErrorBars(plot.xAxis, plot.yAxis);
  bars->removeFromLegend();
  bars->setLayer(QStringLiteral("bands"));
  bars->setSelectable(QCP::stNone);
  bars->setErrorType(of_y ? QCPErrorBars::etValueError : QCPErrorBars::etKeyError);
  bars->setDataPlottable(middles);
  bars->setPen(QPen(with_alpha(look.color, 0.7), 1.2));
  bars->setWhiskerWidth(6);
  bars->setSymbolGap(0);
  bars->setData(minus, plus);
}

void add_points(QCustomPlot& plot, Marks& marks, const Chart& chart, const ChartSeries& series, const SceneLook& look,
                const SeriesLook& style, bool optimal) {
  std::vector<const ChartPoint*> points;
  for (const ChartPoint& point : series.points)
    if (point.optimal == optimal && drawn(chart, point, look)) points.push_back(&point);
  if (points.empty()) return;
  if (!std::is_sorted(points.begin(), points.end(), [](const auto* a, const auto* b) { return a->x < b->x; }))
    std::stable_sort(points.begin(), points.end(), [](const auto* a, const auto* b) { return a->x < b->x; });
  std::vector<QPointF> places;
  places.reserve(points.size());
  for (const ChartPoint* point : points) places.emplace_back(point->x, point->y);
  marks.add(optimal ? style.mark : style.small_mark, std::move(places));
  add_error_bars(plot, points, true, style);
  add_error_bars(plot, points, false, style);
}

void style_figure_axis(QCPAxis& axis, const Chart& chart, AxisFigure figure, bool log, const SceneLook& look) {
  if (log)
    axis.setTicker(QSharedPointer<QCPAxisTicker>(new LogTicker));
  else
    axis.setTicker(QSharedPointer<QCPAxisTicker>(new LinearTicker));
  style_axis(axis, axis_title(chart, figure), log, look);
}

}  // namespace

void draw_scene(QCustomPlot& plot, const Chart& chart, SceneLook& look) {
  clear_scene(plot);
  plot.setBackground(QBrush(look.theme.base));
  style_figure_axis(*plot.xAxis, chart, chart.x, chart.log_x, look);
  style_figure_axis(*plot.yAxis, chart, chart.y, chart.log_y, look);
  QStringList names;
  for (const ChartSeries& series : chart.series) names << QString::fromStdString(series.name);
  look.styles.keepOnly(names);
  auto* marks = new Marks(plot);
  for (const ChartSeries& series : chart.series) {
    const QString name = QString::fromStdString(series.name);
    const SeriesLook style = series_look(series, look.theme, look.styles.indexOf(name));
    const bool hidden = look.visibility.hidden(name);
    if (!hidden) {
      add_band(plot, chart, series, style);
      add_curve(plot, chart, series, style);
      if (!look.only_optimal) add_points(plot, *marks, chart, series, look, style, false);
      add_points(plot, *marks, chart, series, look, style, true);
    }
    add_legend_item(plot, name, style.line, style.mark, look);
  }
  if (chart.limit_x && placeable(*chart.limit_x, chart.log_x)) add_limit(plot, *chart.limit_x, false, look);
  if (chart.limit_y && placeable(*chart.limit_y, chart.log_y)) add_limit(plot, *chart.limit_y, true, look);
  plot.legend->setVisible(!chart.series.empty());
  wrap_legend(*plot.legend, plot.viewport().width() - 70);
}

bool drawn(const Chart& chart, const ChartPoint& point, const SceneLook& look) {
  return placed(chart, point.x, point.y) && (point.optimal || !look.only_optimal);
}

QString dropped_note(const Chart& chart) {
  int dropped = 0;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) dropped += placed(chart, point.x, point.y) ? 0 : 1;
  if (dropped == 0) return {};
  return QCoreApplication::translate("Charts", "Not drawn, having no place on these axes: %1 of the points.").arg(dropped);
}

ViewRange full_view(const Chart& chart, const SceneLook& look) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  const auto take = [&](int axis, double value, bool log) {
    if (!placeable(value, log)) return;
    low[axis] = std::min(low[axis], value);
    high[axis] = std::max(high[axis], value);
  };
  for (const ChartSeries& series : chart.series) {
    if (look.visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points) {
      if (!drawn(chart, point, look)) continue;
      take(0, point.x, chart.log_x);
      take(1, point.y, chart.log_y);
      if (point.x_range) take(0, point.x_range->low, chart.log_x), take(0, point.x_range->high, chart.log_x);
      if (point.y_range) take(1, point.y_range->low, chart.log_y), take(1, point.y_range->high, chart.log_y);
    }
  }
  // A limit is in view where what is measured comes near it.
  if (chart.limit_x && low[0] <= high[0] && *chart.limit_x <= 1.5 * high[0]) take(0, *chart.limit_x, chart.log_x);
  if (chart.limit_y && low[1] <= high[1] && *chart.limit_y <= 1.5 * high[1]) take(1, *chart.limit_y, chart.log_y);
  ViewRange view;
  const auto widen = [](double low, double high, bool log, double& from, double& to) {
    if (low > high) {
      from = log ? 0.1 : 0;
      to = 1;
    } else if (log) {
      const double room = std::max(1.12, std::pow(high / low, 0.06));
      from = low / room;
      to = high * room;
    } else {
      const double room = high > low ? (high - low) * 0.06 : std::max(std::abs(high) * 0.5, 1e-9);
      from = low >= 0 && low < 0.6 * high ? 0 : low - room;
      to = high + room;
    }
  };
  widen(low[0], high[0], chart.log_x, view.x_low, view.x_high);
  widen(low[1], high[1], chart.log_y, view.y_low, view.y_high);
  return view;
}

Chart visible_part(const Chart& chart, const SceneLook& look) {
  Chart visible = chart;
  std::erase_if(visible.series, [&](const ChartSeries& series) {
    return look.visibility.hidden(QString::fromStdString(series.name));
  });
  for (ChartSeries& series : visible.series)
    std::erase_if(series.points, [&](const ChartPoint& point) { return !drawn(chart, point, look); });
  return visible;
}

Drawing drawing_of(const Chart& chart, const PictureOptions& options) {
  QStringList words = small_print(chart);
  if (const QString dropped = dropped_note(chart); !dropped.isEmpty()) words << dropped;
  return series_drawing(chart, std::move(words), options, chart_csv);
}

}  // namespace tokenmark
