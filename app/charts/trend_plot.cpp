#include "app/charts/trend_plot.h"

#include <qcustomplot.h>

#include <cmath>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
#include "app/charts/trend_scene.h"

namespace tokenmark {
namespace {

constexpr double kReach = 13, kReachOfLine = 5;   // pixels
constexpr std::size_t kMostFacts = 9;

QString text(const std::string& s) { return QString::fromStdString(s); }
QString shortened(const QString& s) { return s.size() > 44 ? s.left(43) + QStringLiteral("…") : s; }

QString range_text(const Interval& range, AxisFigure figure) {
  return QStringLiteral("%1 – %2").arg(figure_text(range.low, figure), figure_text(range.high, figure));
}
QString percent(double share) { return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1).replace('-', QStringLiteral("−")); }

// Below a card: what differs, each fact with both values.
QString differs_html(const QString& title, const std::vector<FactChange>& differs) {
  if (differs.empty()) return {};
  QList<std::pair<QString, QString>> rows;
  for (const FactChange& fact : differs) {
    if (static_cast<std::size_t>(rows.size()) == kMostFacts) break;
    rows.push_back({shortened(text(fact.key)), QStringLiteral("%1 → %2").arg(shortened(text(fact.before)), shortened(text(fact.after)))});
  }
  QString html = card_html(title, rows);
  if (differs.size() > kMostFacts) html += TrendPlot::tr("… and %1 more").arg(differs.size() - kMostFacts);
  return html;
}

QString point_html(const Trend& trend, const TrendSeries& series, const TrendPoint& point) {
  const TrendState& state = trend.states[point.state];
  QList<std::pair<QString, QString>> rows{{core_text(trend_axis(trend.by).label), text(state.name)},
                                          {core_text(meaning(trend.figure).label),
                                           figure_text(*point.value, trend.figure)}};
  if (point.range) rows.push_back({TrendPlot::tr("Repeats"), range_text(*point.range, trend.figure)});
  const QString first = text(state.first.substr(0, 10)), last = text(state.last.substr(0, 10));
  if (!first.isEmpty()) rows.push_back({TrendPlot::tr("Measured"), first == last ? first : QStringLiteral("%1 – %2").arg(first, last)});
  if (const QString runs = run_ids_text(point.runs); !runs.isEmpty()) rows.push_back({TrendPlot::tr("Runs"), shortened(runs)});
  return card_html(text(series.name), rows) + differs_html(TrendPlot::tr("Differs from the state before"), point.differs);
}

QString change_html(const Trend& trend, const TrendSeries& series, const TrendChange& change) {
  const QList<std::pair<QString, QString>> rows{
      {TrendPlot::tr("From, to"), QStringLiteral("%1 → %2").arg(text(trend.states[change.before].name), text(trend.states[change.after].name))},
      {TrendPlot::tr("Change"), QStringLiteral("%1, %2").arg(change_text(change), change.better ? TrendPlot::tr("better") : TrendPlot::tr("worse"))},
      {TrendPlot::tr("95 % interval"), TrendPlot::tr("%1 to %2").arg(percent(change.interval.low), percent(change.interval.high))},
      {TrendPlot::tr("p"), number_text(change.p)}};
  return card_html(text(series.name), rows) + differs_html(TrendPlot::tr("Differs there"), change.differs);
}

}  // namespace

struct TrendPlot::Place {
  const TrendSeries* series = nullptr;
  const TrendPoint* point = nullptr;
  const TrendChange* change = nullptr;   // one of the two
  QPointF at;
};

void TrendPlot::setChart(Trend chart) {
  const bool other = chart.figure != chart_.figure || chart.by != chart_.by || chart.states.size() != chart_.states.size() || chart.at != chart_.at ||
                     chart.x != chart_.x;
  chart_ = std::move(chart);
  sceneChanged(other);
}

void TrendPlot::drawScene() { draw_scene(canvas(), chart_, look()); }
ViewRange TrendPlot::fullView() const { return full_view(chart_, look()); }

bool TrendPlot::isEmpty() const {
  for (const TrendSeries& series : chart_.series)
    for (const TrendPoint& point : series.points)
      if (point.value) return false;
  return true;
}

QStringList TrendPlot::seriesNames() const {
  QStringList names;
  for (const TrendSeries& series : chart_.series) names << text(series.name);
  return names;
}

QPointF TrendPlot::pixel(double x, double y) const { return {canvas().xAxis->coordToPixel(x), canvas().yAxis->coordToPixel(y)}; }

std::vector<TrendPlot::Place> TrendPlot::places() const {
  std::vector<Place> places, changes;
  for (const TrendSeries& series : chart_.series) {
    if (look().visibility.hidden(text(series.name))) continue;
    for (const TrendPoint& point : series.points)
      if (point.value) places.push_back({&series, &point, nullptr, pixel(static_cast<double>(point.state), *point.value)});
    for (std::size_t i = 0; i < series.changes.size(); ++i) {
      const ChangeMark mark = mark_of(series, i);
      changes.push_back({&series, nullptr, &series.changes[i], pixel(mark.x, mark.y)});
    }
  }
  places.insert(places.end(), changes.begin(), changes.end());
  return places;
}

PlotView::Spot TrendPlot::spotOf(const Place& place) const {
  if (place.point != nullptr) return {.at = place.at, .html = point_html(chart_, *place.series, *place.point), .runs = place.point->runs};
  return {.at = place.at, .html = change_html(chart_, *place.series, *place.change), .horizontal = false};
}

// A point under the pointer; else a change whose line is.
std::optional<PlotView::Spot> TrendPlot::spotAt(const QPoint& position) const {
  if (!chartArea().contains(position)) return std::nullopt;
  const std::vector<Place> all = places();
  const Place* best = nullptr;
  double nearest = 1;
  for (const Place& place : all) {
    const double away = place.point != nullptr ? std::hypot(place.at.x() - position.x(), place.at.y() - position.y()) / kReach
                                               : std::abs(place.at.x() - position.x()) / kReachOfLine +
                                                     std::abs(place.at.y() - position.y()) * 1e-6;   // of two series' at one place the nearer one
    if (away >= nearest || (best != nullptr && best->point != nullptr && place.point == nullptr)) continue;
    nearest = away;
    best = &place;
  }
  if (best == nullptr) return std::nullopt;
  return spotOf(*best);
}

int TrendPlot::spotCount() const { return static_cast<int>(places().size()); }
PlotView::Spot TrendPlot::spotOf(int index) const { return spotOf(places().at(static_cast<std::size_t>(index))); }

void TrendPlot::spotClicked(const Spot& spot) {
  if (!spot.runs.empty()) emit pointClicked(spot.runs);
}

QPoint TrendPlot::pointPosition(std::size_t series, std::size_t point) const {
  const TrendPoint& at = chart_.series.at(series).points.at(point);
  return canvas().mapTo(this, pixel(static_cast<double>(at.state), at.value.value()).toPoint());
}

QPoint TrendPlot::changePosition(std::size_t series, std::size_t change) const {
  const ChangeMark mark = mark_of(chart_.series.at(series), change);
  return canvas().mapTo(this, pixel(mark.x, mark.y).toPoint());
}

}  // namespace tokenmark
