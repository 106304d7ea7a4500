// A chart of the runs' figures with its choosers: the frontier, and with other axes latency, cost, power, load and quality
// (core/report/chart_definition.h has the table). The chart is computed from the runs in another thread, when the page is
// seen, and drawn here.
#pragma once

#include "app/charts/frontier_plot.h"
#include "app/desktop/chart_page.h"

class QDoubleSpinBox;

namespace tokenmark {

class FrontierPage : public ChartPage {
  Q_OBJECT
 public:
  FrontierPage(Tasks& tasks, QUndoStack& undo, const ChartKind& kind, QWidget* parent = nullptr);

  const ChartKind& kind() const { return kind_; }
  bool drawn() const { return !plot_->chart().series.empty(); }   // has been looked at, and shows something
  // Two or more chosen runs: only those; else all, with a ring around the chosen one.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) override;
  void pricesChanged() override;
  void pinBaseline(const QString& series);             // no step of undo: it is the same on all pages

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);
  void baselinePinned(const QString& series);          // wanted, by the legend's menu

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void read(ChartDefinition& definition) const override;
  void put(const ChartDefinition& definition) override;
  void refresh() override;
  void pinSeries(const QString& series) override { emit baselinePinned(series); }
  void showEvent(QShowEvent* event) override;

 private:
  struct Made;
  void setupToggles();
  void setupAxesBar();           // what is drawn
  void setupViewBar();           // how it is looked at
  void setupLimits(QToolBar& bar);
  void fillChoosers();
  void connectChanges();
  void axesChanged();
  void compute();                // frontier_page_state.cpp
  void showChart(Made made);
  void showTasks(const std::vector<std::string>& tasks);
  void updateChoosers();

  const ChartKind& kind_;
  FrontierPlot* plot_;
  QComboBox *x_, *y_, *prices_, *tier_, *task_ = nullptr;
  QDoubleSpinBox *ttft_limit_ = nullptr, *tpot_limit_ = nullptr;
  QAction *log_x_, *log_y_, *only_optimal_;
  bool due_ = true;              // something has changed since the page was last seen
};

}  // namespace tokenmark
