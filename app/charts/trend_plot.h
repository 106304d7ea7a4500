// The trend on the screen: what every chart can (plot_view.h), cards of points and changes with what differs there.
#pragma once

#include "app/charts/plot_view.h"
#include "core/report/trend.h"

namespace tokenmark {

class TrendPlot : public PlotView {
  Q_OBJECT
 public:
  explicit TrendPlot(QWidget* parent = nullptr) : PlotView(parent) {
    setReadings([this] { return line_values(chart_); });
  }

  void setChart(Trend chart);
  const Trend& chart() const { return chart_; }
  QPoint pointPosition(std::size_t series, std::size_t point) const;   // of one with a value
  QPoint changePosition(std::size_t series, std::size_t change) const;

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);

 protected:
  void drawScene() override;
  ViewRange fullView() const override;
  bool isEmpty() const override;
  QStringList seriesNames() const override;
  std::optional<Spot> spotAt(const QPoint& position) const override;
  int spotCount() const override;
  Spot spotOf(int index) const override;
  void spotClicked(const Spot& spot) override;

 private:
  struct Place;
  std::vector<Place> places() const;   // of the series that are shown: points, then changes
  Spot spotOf(const Place& place) const;
  QPointF pixel(double x, double y) const;

  Trend chart_;
};

}  // namespace tokenmark
