#include "app/charts/timeline_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/charts/export.h"
#include "app/charts/legend.h"
#include "app/charts/plot_style.h"
#include "app/charts/request_bars.h"
#include "app/charts/text.h"
#include "app/charts/ticker.h"

namespace tokenmark {
namespace {

constexpr double kRequestsStretch = 5, kCurveStretch = 1.6, kLastStretch = 2.2;   // heights of the panels; the last has the axis
constexpr double kHeadroom = 1.7;                                                  // above a curve, for its name

QString tr(const char* text) { return QCoreApplication::translate("Charts", text); }

// Slots and requests are counted: no tick between two of them, and none where there is none.
class CountTicker : public LinearTicker {
 public:
  explicit CountTicker(int count = std::numeric_limits<int>::max()) : count_(count) {}

 protected:
  double getTickStep(const QCPRange& range) override {
    return step_ = std::max(1.0, std::ceil(LinearTicker::getTickStep(range) - 1e-9));
  }
  QVector<double> createTickVector(double step, const QCPRange& range) override {
    QVector<double> ticks = LinearTicker::createTickVector(step, range);
    ticks.removeIf([&](double tick) { return tick < -0.5 || tick > count_ - 0.5; });
    return ticks;
  }

 private:
  int count_;
};

struct Curve {
  QString label;
  int color = 0;                        // index into the theme's series
  QVector<double> keys, values, peaks;  // peaks may be empty
  bool steps = true, counted = false;
};

std::vector<Curve> curves_of(const Timeline& timeline) {
  std::vector<Curve> curves(3);
  curves[0] = {tr("Requests in flight"), 0, {}, {}, {}, true, true};
  curves[1] = {tr("Output tokens a second"), 2, {}, {}, {}, true};
  curves[2] = {tr("Arrivals a second"), 3, {}, {}, {}, true};
  const auto add = [](Curve& curve, double key, double value) {
    curve.keys.push_back(key);
    curve.values.push_back(value);
  };
  for (const TimelineBin& bin : timeline.bins) {
    add(curves[0], bin.time.from_s, bin.in_flight);
    curves[0].peaks.push_back(bin.in_flight_peak);
    add(curves[1], bin.time.from_s, bin.tok_s);
    add(curves[2], bin.time.from_s, bin.arrivals_s);
  }
  if (!timeline.bins.empty()) {   // the last step ends with its bin
    const double end = timeline.bins.back().time.to_s;
    for (Curve& curve : curves) add(curve, end, curve.values.back());
    curves[0].peaks.push_back(curves[0].peaks.back());
  }
  if (!timeline.power_w.empty()) {
    Curve power{tr("Power (W)"), 1, {}, {}, {}, false};
    for (const XY& sample : timeline.power_w) add(power, sample.x, sample.y);
    curves.push_back(std::move(power));
  }
  for (const TimelineCurve& meter : timeline.meters) {   // the others are on the cards: more panels leave none its height
    if (meter.key != "busy_share" || meter.values.empty()) continue;
    Curve busy{tr("Devices busy (%)"), 4, {}, {}, {}, false};
    for (const XY& sample : meter.values) add(busy, sample.x, sample.y * 100);
    curves.push_back(std::move(busy));
  }
  return curves;
}

// The grid that holds the panels; made at the first drawing.
QCPLayoutGrid& panels_of(QCustomPlot& plot) {
  if (auto* grid = qobject_cast<QCPLayoutGrid*>(plot.plotLayout()->elementCount() > 0 ? plot.axisRect(0)->layout() : nullptr);
      grid && grid != plot.plotLayout())
    return *grid;
  auto* grid = new QCPLayoutGrid;
  QCPAxisRect* requests = plot.axisRect(0);
  plot.plotLayout()->take(requests);
  plot.plotLayout()->addElement(0, 0, grid);
  grid->addElement(0, 0, requests);
  grid->setRowSpacing(2);
  grid->setRowStretchFactor(0, kRequestsStretch);
  requests->setMinimumMargins(QMargins(8, 8, 14, 2));
  requests->setMarginGroup(QCP::msLeft | QCP::msRight, new QCPMarginGroup(&plot));
  return *grid;
}

// As many panels below the requests as there are curves; all share the time axis.
void make_panels(QCustomPlot& plot, int curves) {
  QCPLayoutGrid& grid = panels_of(plot);
  while (grid.rowCount() > curves + 1) {
    grid.remove(grid.element(grid.rowCount() - 1, 0));
    grid.simplify();
  }
  while (grid.rowCount() < curves + 1) {
    auto* panel = new QCPAxisRect(&plot);
    const int row = grid.rowCount();
    grid.addElement(row, 0, panel);
    panel->setMinimumMargins(QMargins(8, 2, 14, 2));
    panel->setMarginGroup(QCP::msLeft | QCP::msRight, plot.axisRect(0)->marginGroup(QCP::msLeft));
    panel->setRangeDrag(Qt::Horizontal);
    panel->setRangeZoom(Qt::Horizontal);
    for (QCPAxis* axis : panel->axes()) axis->setLayer(QStringLiteral("axes"));
    for (QCPAxis* axis : panel->axes()) axis->grid()->setLayer(QStringLiteral("grid"));
    QCPAxis* own = panel->axis(QCPAxis::atBottom);
    const auto follow = [](QCPAxis* from, QCPAxis* to) {
      QObject::connect(from, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), to, qOverload<const QCPRange&>(&QCPAxis::setRange));
    };
    follow(plot.xAxis, own);
    follow(own, plot.xAxis);
    own->setRange(plot.xAxis->range());
  }
  for (int row = 1; row <= curves; ++row) grid.setRowStretchFactor(row, row < curves ? kCurveStretch : kLastStretch);
}

void style_time_axis(QCPAxis& axis, bool last, const SceneLook& look) {
  axis.setTicker(QSharedPointer<QCPAxisTicker>(new LinearTicker));
  style_axis(axis, last ? tr("Time since the start (s)") : QString(), false, look);
  axis.setTickLabels(last);
  axis.grid()->setZeroLinePen(axis.grid()->pen());   // the run's start is no second axis
}

void add_window(QCustomPlot& plot, QCPAxisRect& panel, const TimeWindow& window, const QColor& color) {
  auto* rect = new QCPItemRect(&plot);
  rect->setLayer(QStringLiteral("bands"));
  rect->setSelectable(false);
  rect->setClipAxisRect(&panel);
  rect->setPen(QPen(with_alpha(color, 0.6), 1, Qt::DashLine));
  rect->setBrush(with_alpha(color, 0.08));
  for (QCPItemPosition* position : {rect->topLeft, rect->bottomRight}) {
    position->setAxes(panel.axis(QCPAxis::atBottom), panel.axis(QCPAxis::atLeft));
    position->setAxisRect(&panel);
    position->setTypeX(QCPItemPosition::ptPlotCoords);
    position->setTypeY(QCPItemPosition::ptAxisRectRatio);
  }
  rect->topLeft->setCoords(window.from_s, -0.05);
  rect->bottomRight->setCoords(window.to_s, 1.05);
}

// Inside of the panel: its height is no room for an axis title.
void add_title(QCustomPlot& plot, QCPAxisRect& panel, const QString& title, const SceneLook& look) {
  auto* text = new QCPItemText(&plot);
  text->setLayer(QStringLiteral("marks"));
  text->setSelectable(false);
  text->setText(title);
  text->setFont(look.font);
  text->setColor(look.theme.text);
  text->setBrush(with_alpha(look.theme.base, 0.75));
  text->setPadding(QMargins(4, 1, 4, 1));
  text->setClipAxisRect(&panel);
  text->setPositionAlignment(Qt::AlignTop | Qt::AlignLeft);
  text->position->setType(QCPItemPosition::ptAxisRectRatio);
  text->position->setAxisRect(&panel);
  text->position->setCoords(0.004, 0.03);
}

void draw_curve(QCustomPlot& plot, QCPAxisRect& panel, const Curve& curve, bool last, const SceneLook& look) {
  QCPAxis *time = panel.axis(QCPAxis::atBottom), *value = panel.axis(QCPAxis::atLeft);
  style_time_axis(*time, last, look);
  value->setTicker(QSharedPointer<QCPAxisTicker>(curve.counted ? new CountTicker : new LinearTicker));
  style_axis(*value, QString(), false, look);
  add_title(plot, panel, curve.label, look);
  value->ticker()->setTickCount(3);
  const QColor color = look.theme.series[curve.color % look.theme.series.size()];
  double top = 0;
  const auto add = [&](const QVector<double>& values, const QPen& pen, bool filled) {
    QCPGraph* graph = add_graph(plot, "curves", time, value);
    graph->setLineStyle(curve.steps ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
    graph->setPen(pen);
    if (filled) graph->setBrush(with_alpha(color, 0.18));
    graph->setData(curve.keys, values, true);
    for (const double at : values) top = std::max(top, at);
  };
  if (!curve.peaks.isEmpty()) add(curve.peaks, QPen(with_alpha(color, 0.35), 1), false);
  add(curve.values, QPen(color, 1.5), true);
  value->setRange(0, top > 0 ? top * kHeadroom : 1);
}

void draw_requests(QCustomPlot& plot, const Timeline& timeline, SceneLook& look) {
  style_time_axis(*plot.xAxis, false, look);
  plot.yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new CountTicker(timeline.slot_count)));
  style_axis(*plot.yAxis, tr("Slot"), false, look);
  plot.yAxis->setRangeReversed(true);
  plot.yAxis->grid()->setVisible(false);
  new RequestBars(plot.xAxis, plot.yAxis, timeline, look);   // owned by the plot
}

void draw_legend(QCustomPlot& plot, const Timeline& timeline, SceneLook& look) {
  for (int i = 0; i < kPhases; ++i) {
    const auto phase = static_cast<RequestPhase>(i);
    QPen swatch(phase_color(phase, look.theme), phase == RequestPhase::late ? 3 : 9);
    swatch.setCapStyle(Qt::FlatCap);
    add_legend_item(plot, phase_name(phase), swatch, QCPScatterStyle(), look);
  }
  plot.legend->setVisible(timeline.requests > 0);
  wrap_legend(*plot.legend, plot.viewport().width() - 70);
}

}  // namespace

QStringList phase_names() {
  QStringList names;
  for (int i = 0; i < kPhases; ++i) names << phase_name(static_cast<RequestPhase>(i));
  return names;
}

void draw_scene(QCustomPlot& plot, const Timeline& timeline, SceneLook& look) {
  clear_scene(plot);
  plot.setBackground(QBrush(look.theme.base));
  const std::vector<Curve> curves = curves_of(timeline);
  make_panels(plot, static_cast<int>(curves.size()));
  draw_requests(plot, timeline, look);
  for (std::size_t i = 0; i < curves.size(); ++i)
    draw_curve(plot, *plot.axisRect(static_cast<int>(i) + 1), curves[i], i + 1 == curves.size(), look);
  if (timeline.steady)
    for (QCPAxisRect* panel : plot.axisRects()) add_window(plot, *panel, *timeline.steady, look.theme.good);
  draw_legend(plot, timeline, look);
}

ViewRange full_view(const Timeline& timeline) {
  const double room = (timeline.whole.to_s - timeline.whole.from_s) * 0.01;
  // One or two slots do not fill the panel.
  const double below = std::max(0, 3 - timeline.slot_count);
  return {timeline.whole.from_s - room, timeline.whole.to_s + room, -0.7, std::max(1, timeline.slot_count) - 0.3 + below};
}

QRect panels_area(QCustomPlot& plot) {
  const QList<QCPAxisRect*> panels = plot.axisRects();
  return panels.first()->rect().united(panels.last()->rect());
}

QStringList small_print(const Timeline& timeline) {
  QStringList lines;
  QString facts = tr("Run %1 · %2 requests, %3 failed · %4 slots").arg(timeline.run).arg(timeline.requests).arg(timeline.failed).arg(timeline.slot_count);
  if (timeline.grid)
    facts += tr(" · drawn as shares: too many requests to tell apart, zoom in for each");
  lines << facts;
  if (timeline.steady)
    lines << tr("Steady state: %1 – %2 (shaded).").arg(time_text(timeline.steady->from_s), time_text(timeline.steady->to_s));
  for (const std::string& note : timeline.notes) lines << QString::fromStdString(note);
  return lines;
}

Drawing drawing_of(const Timeline& timeline, const PictureOptions& options) {
  Drawing drawing;
  drawing.title = QString::fromStdString(timeline.title);
  drawing.subtitle = QString::fromStdString(timeline.subtitle);
  drawing.small_print = small_print(timeline);
  drawing.draw = [&timeline, view = options.view](QCustomPlot& plot, SceneLook& look) {
    draw_scene(plot, timeline, look);
    set_view(plot, view.value_or(full_view(timeline)));
  };
  drawing.csv = [&timeline, view = options.part == DataPart::seen ? options.view : std::nullopt] {
    return QByteArray::fromStdString(timeline_csv(view ? cut_to(timeline, *view) : timeline));
  };
  drawing.values = [&timeline] { return line_values(timeline); };
  return drawing;
}

}  // namespace tokenmark
