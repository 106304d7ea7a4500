// The frontier chart on the screen: what every chart can (plot_view.h), cards of points, rings around chosen runs, a line
// with every series' value there and two cursors (reading_line.h). Keys: Left and Right move the line, Enter pins it, A and B
// set the cursors to it, Escape takes line and cursors away.
#pragma once

#include "app/charts/plot_view.h"
#include "app/charts/reading_line.h"
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
  ReadingLine& line() const;
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
  void pointerMoved(const QPoint& position, bool on_spot) override;
  void pointerLeft() override;
  void emptyClicked(const QPoint& position) override;
  bool keyTaken(QKeyEvent* event) override;

 private:
  struct State;
  struct Hit;
  std::vector<Hit> visiblePoints() const;
  Spot spotOf(const Hit& hit) const;

  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
