// The history of software: a figure at a chosen interactivity (or TTFT …) over versions, commits, drivers, images or days.
// Runs, environments and changes are read and computed in another thread, when the page is seen.
#pragma once

#include <filesystem>
#include <memory>

#include "app/charts/trend_plot.h"
#include "app/desktop/chart_page.h"

class QLineEdit;

namespace tokenmark {

class TrendPage : public ChartPage {
  Q_OBJECT
 public:
  TrendPage(Tasks& tasks, std::filesystem::path store, QWidget* parent = nullptr);

  // Two or more chosen runs: only those; else all of the list.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) override;
  void save(QSettings& settings) const override;
  void restore(const QSettings& settings) override;
  void pricesChanged() override;

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void showEvent(QShowEvent* event) override;

 private:
  struct Facts;                   // the environments of the runs, read once a list

  void setupFigureBar();
  void setupAtBar();
  std::optional<double> at() const;
  TrendQuery query() const;
  void changed();                 // a choice: computed at once, or when the page is seen
  void compute();
  void showChart(Result<Trend> chart);

  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  std::shared_ptr<Facts> facts_;  // shared with tasks that outlive the page
  TrendPlot* plot_;
  QComboBox *figure_, *by_, *x_, *prices_, *tier_;
  QLineEdit* at_;
  bool due_ = true;               // something has changed since the page was last seen
};

}  // namespace tokenmark
