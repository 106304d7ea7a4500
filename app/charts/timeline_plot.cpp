#include "app/charts/timeline_plot.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
#include "app/charts/timeline_scene.h"
#include "core/report/timeline_meters.h"

namespace tokenmark {
namespace {

constexpr int kAskAfter_ms = 40;   // a view that moves on is not asked for
constexpr double kReach = 2;       // pixels beside a bar that count as on it

QString count_text(std::int32_t tokens) { return tokens >= 0 ? number_text(tokens) : QStringLiteral("–"); }

}  // namespace

TimelinePlot::TimelinePlot(QWidget* parent) : PlotView(parent) {
  setReadings([this] { return line_values(timeline_); });
  asking_.setSingleShot(true);
  asking_.setInterval(kAskAfter_ms);
  connect(&asking_, &QTimer::timeout, this, &TimelinePlot::queryChanged);
  connect(this, &PlotView::viewChanged, &asking_, qOverload<>(&QTimer::start));
}

TimelinePlot::~TimelinePlot() = default;

void TimelinePlot::setTimeline(Timeline timeline) {
  const bool other = timeline.run != timeline_.run || timeline.whole != timeline_.whole;
  timeline_ = std::move(timeline);
  sceneChanged(other);
}

TimelineQuery TimelinePlot::query() const {
  TimelineQuery query;
  const QRect area = canvas().axisRect(0)->rect();
  query.width = std::max(1, area.width());
  query.height = std::max(1, area.height());
  if (following()) return query;
  const ViewRange seen = view();
  query.time = TimeWindow{seen.x_low, seen.x_high};
  query.first_slot = std::max(0, static_cast<std::int32_t>(std::floor(std::clamp(seen.y_low, 0.0, 1e9))));
  query.last_slot = std::max(query.first_slot, static_cast<std::int32_t>(std::ceil(std::clamp(seen.y_high, 0.0, 1e9))));
  return query;
}

// What is drawn belongs to timeline_, so a new one is drawn before the canvas paints again.
void TimelinePlot::drawScene() { draw_scene(canvas(), timeline_, look()); }

ViewRange TimelinePlot::fullView() const { return full_view(timeline_); }
bool TimelinePlot::isEmpty() const { return timeline_.requests == 0; }
QStringList TimelinePlot::seriesNames() const { return phase_names(); }
QRect TimelinePlot::chartArea() const { return panels_area(canvas()); }

void TimelinePlot::aboutToWheel(Qt::KeyboardModifiers modifiers) {
  canvas().axisRect(0)->setRangeZoom(modifiers.testFlag(Qt::ControlModifier) ? Qt::Vertical : Qt::Horizontal);
}

// Slots are dragged only where some lie outside: else a drag along time would move them too.
void TimelinePlot::placeMarks() {
  const ViewRange seen = view(), full = fullView();
  const bool all = seen.y_low <= full.y_low && seen.y_high >= full.y_high;
  canvas().axisRect(0)->setRangeDrag(all ? Qt::Horizontal : Qt::Horizontal | Qt::Vertical);
}

void TimelinePlot::resizeEvent(QResizeEvent* event) {
  PlotView::resizeEvent(event);
  asking_.start();
}

QPointF TimelinePlot::place(const TimelineBar& bar) const {
  const double from = canvas().xAxis->coordToPixel(bar.sent_s), to = canvas().xAxis->coordToPixel(bar.end_s);
  return {(from + to) / 2, canvas().yAxis->coordToPixel(bar.slot)};
}

const TimelineBar* TimelinePlot::barAt(const QPoint& position) const {
  if (!canvas().axisRect(0)->rect().contains(position)) return nullptr;
  const auto slot = static_cast<std::int32_t>(std::lround(canvas().yAxis->pixelToCoord(position.y())));
  const TimelineBar* best = nullptr;
  double nearest = kReach;
  for (const TimelineBar& bar : timeline_.bars) {
    if (bar.slot != slot) continue;
    const double from = canvas().xAxis->coordToPixel(bar.intended_s), to = canvas().xAxis->coordToPixel(bar.end_s);
    const double away = std::max({0.0, from - position.x(), position.x() - to});
    if (away > nearest || (best && away == nearest)) continue;
    nearest = away;
    best = &bar;
  }
  return best;
}

PlotView::Spot TimelinePlot::spotOf(const TimelineBar& bar, const QPointF& at) const {
  QList<std::pair<QString, QString>> rows{{tr("Intended at"), time_text(bar.intended_s)}, {tr("Sent at"), time_text(bar.sent_s)}};
  if (bar.sent_s > bar.intended_s) rows.push_back({tr("Send lag"), time_text(bar.sent_s - bar.intended_s)});
  if (bar.first_token_s) rows.push_back({tr("TTFT"), time_text(*bar.first_token_s - bar.sent_s)});
  rows.push_back({tr("Ended after"), time_text(bar.end_s - bar.sent_s)});
  rows.push_back({tr("Tokens in, out"), QStringLiteral("%1, %2").arg(count_text(bar.input_tokens), count_text(bar.output_tokens))});
  const auto index = static_cast<std::size_t>(bar.traffic_class);
  if (index < timeline_.class_names.size()) rows.push_back({tr("Class"), QString::fromStdString(timeline_.class_names[index])});
  if (bar.error != RequestError::none) rows.push_back({tr("Failed"), core_text(request_error_name(bar.error))});
  if (bar.warmup) rows.push_back({tr("Warm-up"), tr("not measured")});
  return {.at = at, .html = card_html(tr("Request %1").arg(bar.request), rows), .ring = false, .horizontal = false};
}

void TimelinePlot::addMeters(double at, QList<std::pair<QString, QString>>& rows) const {
  if (const auto power = value_at(timeline_.power_w, at)) rows.push_back({tr("Power"), tr("%1 W").arg(number_text(*power))});
  for (const TimelineCurve& meter : timeline_.meters) {
    const auto value = value_at(meter.values, at);
    if (!value) continue;
    if (meter.key == "busy_share") rows.push_back({tr("Devices busy"), tr("%1 %").arg(number_text(*value * 100))});
    if (meter.key == "core_mhz") rows.push_back({tr("Clock"), tr("%1 MHz").arg(number_text(*value))});
    if (meter.key == "temperature_c") rows.push_back({tr("Hottest"), tr("%1 °C").arg(number_text(*value))});
  }
}

std::optional<PlotView::Spot> TimelinePlot::spotAt(const QPoint& position) const {
  if (isEmpty() || !chartArea().contains(position)) return std::nullopt;
  if (const TimelineBar* bar = barAt(position)) return spotOf(*bar, position);
  const double at = canvas().xAxis->pixelToCoord(position.x());
  for (const TimelineBin& bin : timeline_.bins) {
    if (at < bin.time.from_s || at > bin.time.to_s) continue;
    QList<std::pair<QString, QString>> rows{
        {tr("In flight"), number_text(bin.in_flight)}, {tr("… at most"), number_text(bin.in_flight_peak)},
        {tr("Tokens"), tr("%1 tok/s").arg(number_text(bin.tok_s))}, {tr("Arrivals"), tr("%1 req/s").arg(number_text(bin.arrivals_s))},
        {tr("Mean over"), time_text(bin.time.to_s - bin.time.from_s)}};
    addMeters(at, rows);
    return Spot{.at = position,
                .html = card_html(tr("At %1").arg(time_text(at)), rows),
                .ring = false,
                .horizontal = false,
                .runs = {},
                .reading = true};
  }
  return std::nullopt;
}

int TimelinePlot::spotCount() const { return static_cast<int>(timeline_.bars.size()); }

PlotView::Spot TimelinePlot::spotOf(int index) const {
  const TimelineBar& bar = timeline_.bars.at(static_cast<std::size_t>(index));
  return spotOf(bar, place(bar));
}

QPoint TimelinePlot::barPosition(std::size_t bar) const { return canvas().mapTo(this, place(timeline_.bars.at(bar)).toPoint()); }

}  // namespace tokenmark
