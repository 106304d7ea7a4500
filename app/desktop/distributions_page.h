// How the latencies of the chosen runs are distributed, over each other: cumulative or as histograms.
#pragma once

#include "app/charts/distribution_plot.h"
#include "app/desktop/run_chart_page.h"

namespace tokenmark {

class DistributionsPage : public RunChartPage {
  Q_OBJECT
 public:
  DistributionsPage(Tasks& tasks, std::shared_ptr<RunLogs> logs, QWidget* parent = nullptr);

  void save(QSettings& settings) const override;
  void restore(const QSettings& settings) override;

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->chart(), options); }
  void chosenChanged() override { compute(); }

 private:
  struct Made {
    DistributionChart chart;
    QStringList without;          // why chosen runs are not in it
  };
  static Made make(RunLogs& logs, const std::vector<RunRow>& rows, std::size_t all, const DistributionQuery& query, const std::stop_token& stop);
  DistributionQuery query() const;
  void compute();
  void showChart(Made made);

  DistributionPlot* plot_;
  QComboBox* figure_;
  QAction *histogram_, *log_x_;
};

}  // namespace tokenmark
