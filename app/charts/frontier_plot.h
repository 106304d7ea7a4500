// The frontier chart on the screen: what every chart can (plot_view.h), cards of points, rings around chosen runs.
#pragma once

#include "app/charts/plot_view.h"
#include "core/report/chart.h"

namespace tokenmark {

class FrontierPlot : public PlotView {
  Q_OBJECT
 public:
  explicit FrontierPlot(QWidget* parent = nullptr);
  ~FrontierPlot() override;

  void setChart(Chart chart);
  const Chart& chart() const;
  void setOnlyOptimal(bool only);
  void selectRuns(const std::vector<RunId>& runs);  // their points get a ring
  QPoint pointPosition(std::size_t series, std::size_t point) const;

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
  void placeMarks() override;
  void spotClicked(const Spot& spot) override;

 private:
  struct State;
  struct Hit;
  std::vector<Hit> visiblePoints() const;
  Spot spotOf(const Hit& hit) const;

  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
