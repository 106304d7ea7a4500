// How the latencies of runs are distributed, over each other: cumulative or as histograms.
#pragma once

#include "app/charts/distribution_plot.h"
#include "app/desktop/run_chart_page.h"

namespace tokenmark {

class DistributionsPage : public RunChartPage {
  Q_OBJECT
 public:
  DistributionsPage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, QWidget* parent = nullptr);

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void shownChanged() override { compute(); }
  void read(ChartDefinition& definition) const override { definition.distribution = query(); }
  void put(const ChartDefinition& definition) override;

 private:
  struct Made {
    DistributionChart chart;
    QStringList without;          // why runs are not in it
  };
  static Made make(RunLogs& logs, const std::vector<RunRow>& rows, std::size_t all, const DistributionQuery& query, const std::stop_token& stop);
  DistributionQuery query() const;
  void changed();                 // a choice
  void compute();
  void showChart(Made made);

  DistributionPlot* plot_;
  QComboBox* figure_;
  QAction *histogram_, *log_x_;
};

}  // namespace tokenmark
