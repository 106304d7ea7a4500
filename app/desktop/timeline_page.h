// One of the runs on a time axis. The run's log is prepared once; what is seen of it is made anew as the view
// moves.
#pragma once

#include "app/charts/timeline_plot.h"
#include "app/desktop/run_chart_page.h"

namespace tokenmark {

class TimelinePage : public RunChartPage {
  Q_OBJECT
 public:
  TimelinePage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, QWidget* parent = nullptr);

 protected:
  Drawing drawing(const PictureOptions& options) const override { return drawing_of(plot_->timeline(), options); }
  std::function<QByteArray()> allData() const override;
  void shownChanged() override;
  void read(ChartDefinition& definition) const override;
  void put(const ChartDefinition& definition) override;

 private:
  using LogPtr = std::shared_ptr<const TimelineLog>;   // shared with the threads that make timelines of it
  void load();                    // the run that the chooser names
  void view();                    // what is seen of it
  void showTimeline(Timeline made);
  void showNothing(const QString& why);

  TimelinePlot* plot_;
  QComboBox* run_;
  LogPtr log_;
  std::optional<TimelineQuery> asked_;   // of log_: the last view made or being made
};

}  // namespace tokenmark
