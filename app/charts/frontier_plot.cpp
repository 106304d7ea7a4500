#include "app/charts/frontier_plot.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

#include "app/charts/plot_style.h"
#include "app/charts/scene.h"
#include "app/charts/text.h"

namespace tokenmark {
namespace {

constexpr double kReach = 13;          // pixels around a point that count as on it

}  // namespace

struct FrontierPlot::Hit {
  const ChartSeries* series = nullptr;
  const ChartPoint* point = nullptr;
  QPointF at;
};

struct FrontierPlot::State {
  Chart chart;
  std::vector<RunId> selected;
  QList<QCPItemEllipse*> rings;
};

FrontierPlot::FrontierPlot(QWidget* parent) : PlotView(parent), state_(std::make_unique<State>()) {}
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
  if (state_->selected == runs) return;
  state_->selected = runs;
  scheduleRedraw();
}

void FrontierPlot::drawScene() { draw_scene(canvas(), state_->chart, look()); }

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

// Rings around the points of the selected runs.
void FrontierPlot::placeMarks() {
  QCustomPlot& plot = canvas();
  int used = 0;
  for (const ChartSeries& series : state_->chart.series) {
    if (state_->selected.empty()) break;
    if (look().visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points) {
      if (!drawn(state_->chart, point, look())) continue;
      const bool selected = std::any_of(point.runs.begin(), point.runs.end(), [&](RunId id) {
        return std::find(state_->selected.begin(), state_->selected.end(), id) != state_->selected.end();
      });
      if (!selected) continue;
      if (used == state_->rings.size()) {
        auto* ring = new QCPItemEllipse(&plot);
        ring->setLayer(QStringLiteral("overlay"));
        ring->setSelectable(false);
        for (QCPItemPosition* position : {ring->topLeft, ring->bottomRight})
          position->setType(QCPItemPosition::ptAbsolute);
        state_->rings.push_back(ring);
      }
      QCPItemEllipse* ring = state_->rings[used++];
      const QPointF at(plot.xAxis->coordToPixel(point.x), plot.yAxis->coordToPixel(point.y));
      ring->setPen(QPen(look().theme.accent, 2));
      ring->topLeft->setCoords(at - QPointF(9, 9));
      ring->bottomRight->setCoords(at + QPointF(9, 9));
    }
  }
  for (int i = 0; i < state_->rings.size(); ++i) state_->rings[i]->setVisible(i < used);
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

std::optional<PlotView::Spot> FrontierPlot::spotAt(const QPoint& position) const {
  if (!chartArea().contains(position)) return std::nullopt;
  const std::vector<Hit> hits = visiblePoints();
  const Hit* best = nullptr;
  double nearest = kReach;
  for (const Hit& hit : hits) {
    const double distance = std::hypot(hit.at.x() - position.x(), hit.at.y() - position.y());
    if (distance >= nearest) continue;
    nearest = distance;
    best = &hit;
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
