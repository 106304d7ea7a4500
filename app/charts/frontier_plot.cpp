#include "app/charts/frontier_plot.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "app/charts/overlay.h"
#include "app/charts/scene.h"
#include "app/charts/text.h"

namespace tokenmark {
namespace {

constexpr double kReach = 13;          // pixels around a point that count as on it
constexpr double kRing = 9;

}  // namespace

struct FrontierPlot::Hit {
  const ChartSeries* series = nullptr;
  const ChartPoint* point = nullptr;
  QPointF at;
};

struct FrontierPlot::State {
  Chart chart;
  std::unordered_set<RunId> selected;
  std::vector<XY> ringed;              // where their points are
};

FrontierPlot::FrontierPlot(QWidget* parent) : PlotView(parent), state_(std::make_unique<State>()) {
  setReadings([this] { return line_values(state_->chart); });
}
FrontierPlot::~FrontierPlot() = default;

void FrontierPlot::setChart(Chart chart) {
  const Chart& old = state_->chart;
  const bool other_axes =
      chart.x != old.x || chart.y != old.y || chart.log_x != old.log_x || chart.log_y != old.log_y;
  state_->chart = std::move(chart);
  sceneChanged(other_axes);
}

const Chart& FrontierPlot::chart() const { return state_->chart; }

void FrontierPlot::setOnlyOptimal(bool only) {
  look().only_optimal = only;
  scheduleRedraw();
}

void FrontierPlot::selectRuns(const std::vector<RunId>& runs) {
  std::unordered_set<RunId> selected(runs.begin(), runs.end());
  if (state_->selected == selected) return;
  state_->selected = std::move(selected);
  scheduleRedraw();
}

void FrontierPlot::drawScene() {
  draw_scene(canvas(), state_->chart, look());
  state_->ringed.clear();
  if (state_->selected.empty()) return;
  for (const ChartSeries& series : state_->chart.series) {
    if (look().visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points) {
      const bool selected = std::any_of(point.runs.begin(), point.runs.end(), [&](RunId id) { return state_->selected.contains(id); });
      if (selected && drawn(state_->chart, point, look())) state_->ringed.push_back({point.x, point.y});
    }
  }
}

ViewRange FrontierPlot::fullView() const { return full_view(state_->chart, look()); }

bool FrontierPlot::isEmpty() const {
  return std::all_of(state_->chart.series.begin(), state_->chart.series.end(),
                     [](const ChartSeries& series) { return series.points.empty(); });
}

QStringList FrontierPlot::seriesNames() const {
  QStringList names;
  for (const ChartSeries& series : state_->chart.series) names << QString::fromStdString(series.name);
  return names;
}

// Rings around the points of the selected runs, as far as they are in view.
void FrontierPlot::placeMarks() {
  const QRectF seen = QRectF(chartArea()).adjusted(-kRing, -kRing, kRing, kRing);
  OverlayMarks rings;
  for (const XY& point : state_->ringed) {
    const QPointF at(canvas().xAxis->coordToPixel(point.x), canvas().yAxis->coordToPixel(point.y));
    if (seen.contains(at)) rings.rings.push_back({at, kRing, QPen(look().theme.accent, 2)});
  }
  overlay().set(Overlay::Of::selection, std::move(rings));
}

std::vector<FrontierPlot::Hit> FrontierPlot::visiblePoints() const {
  std::vector<Hit> hits;
  for (const ChartSeries& series : state_->chart.series) {
    if (look().visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points)
      if (drawn(state_->chart, point, look()))
        hits.push_back({&series, &point, {canvas().xAxis->coordToPixel(point.x), canvas().yAxis->coordToPixel(point.y)}});
  }
  return hits;
}

PlotView::Spot FrontierPlot::spotOf(const Hit& hit) const {
  return {.at = hit.at, .html = hover_html(state_->chart, *hit.series, *hit.point), .runs = hit.point->runs};
}

// Points are ordered by x, so only those a few pixels to the left and right are looked at.
std::optional<PlotView::Spot> FrontierPlot::spotAt(const QPoint& position) const {
  if (!chartArea().contains(position)) return std::nullopt;
  const QCPAxis &x = *canvas().xAxis, &y = *canvas().yAxis;
  const double low = x.pixelToCoord(position.x() - kReach), high = x.pixelToCoord(position.x() + kReach);
  std::optional<Hit> best;
  double nearest = kReach;
  for (const ChartSeries& series : state_->chart.series) {
    if (look().visibility.hidden(QString::fromStdString(series.name))) continue;
    const auto first = std::lower_bound(series.points.begin(), series.points.end(), low, [](const ChartPoint& p, double v) { return p.x < v; });
    for (auto point = first; point != series.points.end() && point->x <= high; ++point) {
      const QPointF at(x.coordToPixel(point->x), y.coordToPixel(point->y));
      const double distance = std::hypot(at.x() - position.x(), at.y() - position.y());
      if (!(distance < nearest) || !drawn(state_->chart, *point, look())) continue;
      nearest = distance;
      best = Hit{&series, &*point, at};
    }
  }
  if (!best) return std::nullopt;
  return spotOf(*best);
}

int FrontierPlot::spotCount() const { return static_cast<int>(visiblePoints().size()); }
PlotView::Spot FrontierPlot::spotOf(int index) const { return spotOf(visiblePoints().at(static_cast<std::size_t>(index))); }

void FrontierPlot::spotClicked(const Spot& spot) { emit pointClicked(spot.runs); }

QPoint FrontierPlot::pointPosition(std::size_t series, std::size_t point) const {
  const ChartPoint& at = state_->chart.series.at(series).points.at(point);
  return canvas().mapTo(this, QPointF(canvas().xAxis->coordToPixel(at.x), canvas().yAxis->coordToPixel(at.y)).toPoint());
}

}  // namespace tokenmark
