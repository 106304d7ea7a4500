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
  TrendPage(Tasks& tasks, QUndoStack& undo, std::filesystem::path store, QWidget* parent = nullptr);

  // Two or more chosen runs: only those; else all of the list.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) override;
  void pricesChanged() override;

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void read(ChartDefinition& definition) const override { definition.trend = query(); }
  void put(const ChartDefinition& definition) override;
  void refresh() override;
  void showEvent(QShowEvent* event) override;

 private:
  struct Facts;                   // the environments of the runs, read once a list

  void setupFigureBar();
  void setupAtBar();
  std::optional<double> at() const;
  TrendQuery query() const;
  void changed();                 // a choice
  void compute();
  void showChart(Result<Trend> chart);

  std::shared_ptr<Facts> facts_;  // shared with tasks that outlive the page
  TrendPlot* plot_;
  QComboBox *figure_, *by_, *x_, *prices_, *tier_;
  QLineEdit* at_;
  bool due_ = true;               // something has changed since the page was last seen
};

}  // namespace tokenmark
