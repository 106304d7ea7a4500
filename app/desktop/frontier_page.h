// The frontier chart with its choosers. The chart is computed from the runs in another thread and drawn here.
#pragma once

#include "app/charts/frontier_plot.h"
#include "app/desktop/chart_page.h"

namespace tokenmark {

class FrontierPage : public ChartPage {
  Q_OBJECT
 public:
  FrontierPage(Tasks& tasks, QWidget* parent = nullptr);

  // Two or more chosen runs: only those; else all, with a ring around the chosen one.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) override;
  void save(QSettings& settings) const override;
  void restore(const QSettings& settings) override;
  void pricesChanged() override;

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }

 private:
  void setupToggles();
  void setupAxesBar();           // what is drawn
  void setupViewBar();           // how it is looked at
  void fillChoosers();
  FrontierQuery query() const;
  void compute();
  void showChart(Result<Chart> chart);
  void updateChoosers();

  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  FrontierPlot* plot_;
  QComboBox *x_, *y_, *prices_, *tier_;
  QAction *log_x_, *log_y_, *only_optimal_;
};

}  // namespace tokenmark
