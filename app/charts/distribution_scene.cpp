#include "app/charts/distribution_scene.h"

#include <algorithm>
#include <cmath>

#include "app/charts/export.h"
#include "app/charts/legend.h"
#include "app/charts/plot_style.h"
#include "app/charts/text.h"
#include "app/charts/ticker.h"

namespace tokenmark {
namespace {

constexpr double kBeyond = 100;   // farther right than one would look

QString tr(const char* text) { return QCoreApplication::translate("Charts", text); }
QString plain(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
QString name_of(const DistributionSeries& series) { return QString::fromStdString(series.name); }

bool placeable(double x, const DistributionChart& chart) { return std::isfinite(x) && (!chart.log_x || x > 0); }

struct SeriesLook {
  QColor color;
  QPen line;
  QCPScatterStyle mark;
};

// Runs differ by colour and mark, a run's traffic classes by the dashes of their lines too.
SeriesLook series_look(const DistributionSeries& series, const SceneLook& look, int index) {
  static constexpr QCPScatterStyle::ScatterShape kShapes[] = {
      QCPScatterStyle::ssCircle, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
      QCPScatterStyle::ssDiamond, QCPScatterStyle::ssTriangleInverted};
  const QVector<QColor>& colors = look.theme.series;
  SeriesLook made;
  made.color = colors[index % colors.size()];
  made.line = QPen(made.color, 2);
  if (!series.traffic_class.empty() || index >= colors.size()) made.line.setDashPattern({5, 2.5});
  made.mark = QCPScatterStyle(kShapes[index % 5], QPen(look.theme.base, 1), QBrush(made.color), 8);
  return made;
}

double largest_x(const DistributionChart& chart) {
  double largest = 0;
  for (const DistributionSeries& series : chart.series)
    if (!series.cumulative.empty()) largest = std::max(largest, series.cumulative.back().x);
  return largest;
}

void draw_cumulative(QCustomPlot& plot, const DistributionChart& chart, const DistributionSeries& series, const SeriesLook& style) {
  QVector<double> keys, values;
  double below = 0;   // the share that has no place on the axis
  for (const XY& step : series.cumulative) {
    if (!placeable(step.x, chart)) {
      below = step.y;
      continue;
    }
    if (keys.isEmpty()) {   // the first step rises from what lies below it
      keys.push_back(step.x);
      values.push_back(below);
    }
    keys.push_back(step.x);
    values.push_back(step.y);
  }
  if (keys.isEmpty()) return;
  keys.push_back(largest_x(chart) * kBeyond);   // beyond the longest it stays: below 100 % where requests failed
  values.push_back(values.last());
  QCPGraph* graph = add_graph(plot, "curves");
  graph->setLineStyle(QCPGraph::lsStepLeft);
  graph->setPen(style.line);
  graph->setData(keys, values, true);
}

void draw_histogram(QCustomPlot& plot, const DistributionChart& chart, const DistributionSeries& series, const SeriesLook& style, bool alone) {
  if (series.bin_shares.empty()) return;
  QVector<double> keys{chart.bin_edges.front()}, values{0};
  for (std::size_t i = 0; i < series.bin_shares.size(); ++i) {
    keys.push_back(chart.bin_edges[i]);
    values.push_back(series.bin_shares[i]);
  }
  keys.push_back(chart.bin_edges.back());
  values.push_back(0);
  QCPGraph* graph = add_graph(plot, "curves");
  graph->setLineStyle(QCPGraph::lsStepLeft);
  graph->setAdaptiveSampling(false);
  graph->setPen(style.line);
  graph->setBrush(with_alpha(style.color, alone ? 0.3 : 0.14));
  graph->setData(keys, values, true);
}

// On the curve of a cumulative distribution, on the axis below a histogram; its interval as a bar.
void draw_markers(QCustomPlot& plot, const DistributionChart& chart, const DistributionSeries& series, const SeriesLook& style) {
  QVector<double> keys, values, minus, plus;
  for (const DistributionMarker& marker : series.markers) {
    if (!placeable(marker.value, chart)) continue;
    keys.push_back(marker.value);
    values.push_back(chart.histogram ? 0 : marker.p);
    const bool low = marker.interval && placeable(marker.interval->low, chart);
    minus.push_back(low ? std::max(0.0, marker.value - marker.interval->low) : 0);
    const bool high = marker.interval && std::isfinite(marker.interval->high);
    plus.push_back(high ? std::max(0.0, marker.interval->high - marker.value) : 0);
  }
  if (keys.isEmpty()) return;
  QCPGraph* graph = add_graph(plot, "marks");
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setScatterStyle(style.mark);
  graph->setAdaptiveSampling(false);
  graph->setData(keys, values);
  auto* bars = new QCPErrorBars(plot.xAxis, plot.yAxis);
  bars->removeFromLegend();
  bars->setLayer(QStringLiteral("marks"));
  bars->setSelectable(QCP::stNone);
  bars->setErrorType(QCPErrorBars::etKeyError);
  bars->setDataPlottable(graph);
  bars->setPen(QPen(style.color, 1.4));
  bars->setWhiskerWidth(7);
  bars->setSymbolGap(0);
  bars->setData(minus, plus);
}

QCPItemText* add_label(QCustomPlot& plot, const QString& text, const QColor& color, const SceneLook& look) {
  auto* label = new QCPItemText(&plot);
  label->setLayer(QStringLiteral("marks"));
  label->setSelectable(false);
  label->setText(text);
  label->setFont(look.font);
  label->setColor(color);
  label->setBrush(with_alpha(look.theme.base, 0.8));
  label->setPadding(QMargins(3, 0, 3, 0));
  label->setClipToAxisRect(true);
  label->setClipAxisRect(plot.axisRect());
  return label;
}

// Lines from the axis up, with their percentile's name, where there is room for names: with one or two series.
void draw_percentile_lines(QCustomPlot& plot, const DistributionChart& chart, const DistributionSeries& series,
                           const SeriesLook& style, const SceneLook& look, int& row) {
  for (const DistributionMarker& marker : series.markers) {
    if (!placeable(marker.value, chart)) continue;
    auto* line = new QCPItemStraightLine(&plot);
    line->setLayer(QStringLiteral("bands"));
    line->setSelectable(false);
    line->setPen(QPen(with_alpha(style.color, 0.7), 1, Qt::DotLine));
    line->point1->setCoords(marker.value, 0);
    line->point2->setCoords(marker.value, 1);
    QCPItemText* label = add_label(plot, QStringLiteral("p%1").arg(number_text(marker.p * 100)), style.color, look);
    label->setPositionAlignment(Qt::AlignTop | Qt::AlignLeft);   // the leftmost is not cut off
    label->position->setTypeX(QCPItemPosition::ptPlotCoords);
    label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    label->position->setAxisRect(plot.axisRect());
    label->position->setCoords(marker.value, 0.005 + 0.042 * row++);   // a row each: neighbours may be close
  }
}

void draw_limit(QCustomPlot& plot, const LimitLine& limit, const SceneLook& look) {
  auto* line = new QCPItemStraightLine(&plot);
  line->setLayer(QStringLiteral("curves"));
  line->setSelectable(false);
  line->setPen(QPen(look.theme.error, 1.6, Qt::DashDotLine));
  line->point1->setCoords(limit.value, 0);
  line->point2->setCoords(limit.value, 1);
  QCPItemText* label = add_label(plot, QStringLiteral("%1 %2").arg(QString::fromStdString(limit.label), time_text(limit.value)),
                                 look.theme.error, look);
  label->setPositionAlignment(Qt::AlignBottom | Qt::AlignLeft);
  label->position->setTypeX(QCPItemPosition::ptPlotCoords);
  label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
  label->position->setAxisRect(plot.axisRect());
  label->position->setCoords(limit.value, 0.985);
}

void style_axes(QCustomPlot& plot, const DistributionChart& chart, const SceneLook& look) {
  const LatencyMeaning& figure = meaning(chart.figure);
  const TimeUnit unit = time_unit(largest_x(chart));
  if (chart.log_x)
    plot.xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new LogTicker(unit.per_second)));
  else
    plot.xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new LinearTicker(unit.per_second)));
  plot.yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new LinearTicker(100)));
  style_axis(*plot.xAxis, QStringLiteral("%1 (%2)").arg(plain(figure.label), QString::fromUtf8(unit.name)), chart.log_x, look);
  const bool tokens = figure.sample == "token";
  const QString share = chart.histogram ? (tokens ? tr("Share of the tokens in a bin (%)") : tr("Share of the requests in a bin (%)"))
                                        : (tokens ? tr("Share of the tokens at most as long (%)") : tr("Share of the requests at most as long (%)"));
  style_axis(*plot.yAxis, share, false, look);
}

}  // namespace

void draw_scene(QCustomPlot& plot, const DistributionChart& chart, SceneLook& look) {
  clear_scene(plot);
  plot.setBackground(QBrush(look.theme.base));
  style_axes(plot, chart, look);
  QStringList names;
  for (const DistributionSeries& series : chart.series) names << name_of(series);
  look.styles.keepOnly(names);
  const auto shown = std::count_if(chart.series.begin(), chart.series.end(), [&](const DistributionSeries& series) {
    return !look.visibility.hidden(name_of(series));
  });
  int row = 0;
  for (const DistributionSeries& series : chart.series) {
    const SeriesLook style = series_look(series, look, look.styles.indexOf(name_of(series)));
    if (!look.visibility.hidden(name_of(series))) {
      if (chart.histogram) draw_histogram(plot, chart, series, style, shown == 1);
      else draw_cumulative(plot, chart, series, style);
      if (chart.histogram && shown <= 2) draw_percentile_lines(plot, chart, series, style, look, row);
      draw_markers(plot, chart, series, style);
    }
    add_legend_item(plot, name_of(series), style.line, style.mark, look);
  }
  for (const LimitLine& limit : chart.limits)
    if (placeable(limit.value, chart)) draw_limit(plot, limit, look);
  plot.legend->setVisible(!chart.series.empty());
  wrap_legend(*plot.legend, plot.viewport().width() - 70);
}

ViewRange full_view(const DistributionChart& chart, const SceneLook& look) {
  double low = INFINITY, high = -INFINITY, top = 0;
  for (const DistributionSeries& series : chart.series) {
    if (look.visibility.hidden(name_of(series))) continue;
    for (const XY& step : series.cumulative) {
      if (!placeable(step.x, chart)) continue;
      low = std::min(low, step.x);
      high = std::max(high, step.x);
    }
    for (const double share : series.bin_shares) top = std::max(top, share);
  }
  ViewRange view{chart.log_x ? 1e-3 : 0, 1, 0, 1.03};
  if (chart.histogram) view.y_high = top > 0 ? top * 1.12 : 1;
  if (low > high) return view;
  if (chart.log_x) {
    const double room = std::max(1.05, std::pow(high / low, 0.03));
    view.x_low = low / room;
    view.x_high = high * room;
  } else {
    const double room = high > low ? (high - low) * 0.03 : std::max(std::abs(high) * 0.2, 1e-9);
    view.x_low = low >= 0 && low < 0.5 * high ? 0 : low - room;
    view.x_high = high + room;
  }
  return view;
}

DistributionChart visible_part(const DistributionChart& chart, const SceneLook& look) {
  DistributionChart visible = chart;
  std::erase_if(visible.series, [&](const DistributionSeries& series) { return look.visibility.hidden(name_of(series)); });
  return visible;
}

QStringList small_print(const DistributionChart& chart) {
  std::vector<RunId> ids;
  for (const DistributionSeries& series : chart.series) ids.push_back(series.run);
  const LatencyMeaning& figure = meaning(chart.figure);
  QStringList lines{tr("Runs %1 · definitions %2 · %3 = %4").arg(run_ids_text(ids), plain(kDefinitions), plain(figure.short_name), plain(figure.definition)),
                    tr("Marks: p50, p90, p99 and p99.9 where there are samples enough, with their 95 % intervals. Warm-ups are left out.")};
  for (const std::string& note : chart.notes) lines << plain(note);
  return lines;
}

Drawing drawing_of(const DistributionChart& chart, const PictureOptions& options) { return series_drawing(chart, small_print(chart), options, distribution_csv); }

}  // namespace tokenmark
