// A chart of the runs' figures with its choosers: the frontier, and with other axes latency, cost, power, load and quality
// (core/report/chart_definition.h has the table). The chart is computed from the runs in another thread, when the page is
// seen, and drawn here. What is chosen is one ChartDefinition: kept in settings and files, and every change of it can be undone.
#pragma once

#include "app/charts/frontier_plot.h"
#include "app/desktop/chart_page.h"
#include "core/report/chart_definition.h"

class QDoubleSpinBox;
class QUndoStack;

namespace tokenmark {

class FrontierPage : public ChartPage {
  Q_OBJECT
 public:
  FrontierPage(Tasks& tasks, QUndoStack& undo, const ChartKind& kind, QWidget* parent = nullptr);

  const ChartKind& kind() const { return kind_; }
  bool drawn() const { return !plot_->chart().series.empty(); }   // has been looked at, and shows something
  // Two or more chosen runs: only those; else all, with a ring around the chosen one.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) override;
  void save(QSettings& settings) const override;
  void restore(const QSettings& settings) override;
  void pricesChanged() override;

  // What is chosen. `with_runs`: the runs that are shown now too, as a file keeps them.
  ChartDefinition definition(bool with_runs = false) const;
  void apply(const ChartDefinition& definition);       // not undone by itself
  void change(const ChartDefinition& definition);      // the same as one step of undo
  void pinBaseline(const QString& series);             // no step of undo: it is the same on all pages

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);
  void baselinePinned(const QString& series);          // wanted, by the legend's menu
  void seen();                                         // an undo has changed it: it should be looked at

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void showEvent(QShowEvent* event) override;

 private:
  struct Made;
  void setupToggles();
  void setupAxesBar();           // what is drawn
  void setupViewBar();           // how it is looked at
  void setupLimits(QToolBar& bar);
  void setupRestriction(QToolBar& bar);
  void fillChoosers();
  void connectChanges();
  void showLegendMenu(const QString& series, const QPoint& at);
  void axesChanged();
  void noteChange();             // frontier_page_state.cpp
  void compute();
  void showChart(Made made);
  void showTasks(const std::vector<std::string>& tasks);
  void updateChoosers();

  const ChartKind& kind_;
  QUndoStack& undo_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  FrontierPlot* plot_;
  QComboBox *x_, *y_, *prices_, *tier_, *task_ = nullptr;
  QDoubleSpinBox *ttft_limit_ = nullptr, *tpot_limit_ = nullptr;
  QAction *log_x_, *log_y_, *only_optimal_, *line_, *all_runs_;
  ChartDefinition restricted_;   // title, filter, runs and samples of an opened file
  ChartDefinition known_;        // as the last step of undo left it
  std::optional<ViewRange> wanted_view_;   // for the chart that is being computed
  bool applying_ = false;
  bool due_ = true;              // something has changed since the page was last seen
};

}  // namespace tokenmark
