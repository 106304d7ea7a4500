#include "app/charts/distribution_plot.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

#include "app/charts/distribution_scene.h"
#include "app/charts/text.h"

namespace tokenmark {
namespace {

constexpr double kReach = 9;       // pixels around a mark that count as on it
constexpr int kMostRows = 12;      // series that a card names

QString plain(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

}  // namespace

struct DistributionPlot::Mark {
  const DistributionSeries* series = nullptr;
  const DistributionMarker* marker = nullptr;
};

DistributionPlot::DistributionPlot(QWidget* parent) : PlotView(parent) {
  setReadings([this] { return line_values(chart_); });
}
DistributionPlot::~DistributionPlot() = default;

void DistributionPlot::setChart(DistributionChart chart) {
  const bool other_axes = chart.figure != chart_.figure || chart.histogram != chart_.histogram || chart.log_x != chart_.log_x;
  chart_ = std::move(chart);
  sceneChanged(other_axes);
}

void DistributionPlot::drawScene() { draw_scene(canvas(), chart_, look()); }

ViewRange DistributionPlot::fullView() const { return full_view(chart_, look()); }

bool DistributionPlot::isEmpty() const { return chart_.series.empty(); }

QStringList DistributionPlot::seriesNames() const {
  QStringList names;
  for (const DistributionSeries& series : chart_.series) names << QString::fromStdString(series.name);
  return names;
}

std::vector<DistributionPlot::Mark> DistributionPlot::marks() const {
  std::vector<Mark> found;
  for (const DistributionSeries& series : chart_.series) {
    if (look().visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const DistributionMarker& marker : series.markers)
      if (!chart_.log_x || marker.value > 0) found.push_back({&series, &marker});
  }
  return found;
}

QPointF DistributionPlot::place(const DistributionMarker& marker) const {
  return {canvas().xAxis->coordToPixel(marker.value), canvas().yAxis->coordToPixel(chart_.histogram ? 0 : marker.p)};
}

PlotView::Spot DistributionPlot::spotOf(const Mark& mark) const {
  QList<std::pair<QString, QString>> rows{
      {QStringLiteral("%1 p%2").arg(plain(meaning(chart_.figure).short_name), number_text(mark.marker->p * 100)),
       time_text(mark.marker->value)}};
  if (const auto& interval = mark.marker->interval)
    rows.push_back({tr("95 % interval"), QStringLiteral("%1 – %2").arg(time_text(interval->low), time_text(interval->high))});
  else
    rows.push_back({tr("95 % interval"), tr("too few samples")});
  rows.push_back({tr("Samples"), QString::number(mark.series->samples)});
  if (mark.series->failed > 0) rows.push_back({tr("Failed"), QString::number(mark.series->failed)});
  return {.at = place(*mark.marker), .html = card_html(QString::fromStdString(mark.series->name), rows)};
}

std::optional<PlotView::Spot> DistributionPlot::spotAt(const QPoint& position) const {
  if (isEmpty() || !chartArea().contains(position)) return std::nullopt;
  for (const Mark& mark : marks()) {
    const QPointF away = place(*mark.marker) - position;
    if (std::hypot(away.x(), away.y()) < kReach) return spotOf(mark);
  }
  const double x = canvas().xAxis->pixelToCoord(position.x());
  QList<std::pair<QString, QString>> rows;
  for (const DistributionSeries& series : chart_.series) {
    if (look().visibility.hidden(QString::fromStdString(series.name)) || rows.size() == kMostRows) continue;
    rows.push_back({QString::fromStdString(series.name), share_text(share_at(series, x))});
  }
  return Spot{.at = position,
              .html = card_html(tr("At most %1").arg(time_text(x)), rows),
              .ring = false,
              .runs = {},
              .reading = true};
}

int DistributionPlot::spotCount() const { return static_cast<int>(marks().size()); }
PlotView::Spot DistributionPlot::spotOf(int index) const { return spotOf(marks().at(static_cast<std::size_t>(index))); }

QPoint DistributionPlot::markerPosition(std::size_t series, std::size_t marker) const {
  return canvas().mapTo(this, place(chart_.series.at(series).markers.at(marker)).toPoint());
}

}  // namespace tokenmark
