// Distributions on the screen: what every chart can (plot_view.h), and a crosshair that reads every curve at the
// pointer.
#pragma once

#include "app/charts/plot_view.h"
#include "core/report/distributions.h"

namespace tokenmark {

class DistributionPlot : public PlotView {
  Q_OBJECT
 public:
  explicit DistributionPlot(QWidget* parent = nullptr);
  ~DistributionPlot() override;

  void setChart(DistributionChart chart);
  const DistributionChart& chart() const { return chart_; }
  // Of a percentile's mark, in this widget's coordinates.
  QPoint markerPosition(std::size_t series, std::size_t marker) const;

 protected:
  void drawScene() override;
  ViewRange fullView() const override;
  bool isEmpty() const override;
  QStringList seriesNames() const override;
  std::optional<Spot> spotAt(const QPoint& position) const override;
  int spotCount() const override;
  Spot spotOf(int index) const override;

 private:
  struct Mark;
  std::vector<Mark> marks() const;   // of visible series
  Spot spotOf(const Mark& mark) const;
  QPointF place(const DistributionMarker& marker) const;

  DistributionChart chart_;
};

}  // namespace tokenmark
