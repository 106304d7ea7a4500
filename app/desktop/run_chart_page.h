// A chart of runs made from their event logs: those that are chosen in the list, or the page's own, of a file or dropped on
// it. What costs time happens when the page is seen, in other threads.
#pragma once

#include <memory>

#include "app/desktop/chart_page.h"
#include "app/desktop/run_logs.h"

namespace tokenmark {

constexpr std::size_t kMostLogged = 200;   // more can neither be looked through nor told apart

class RunChartPage : public ChartPage {
  Q_OBJECT
 public:
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) final;

 protected:
  RunChartPage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, PlotView* plot, const QString& prefix,
               const QString& label, QWidget* parent);

  virtual void shownChanged() = 0;                               // called when seen only
  const std::vector<RunRow>& shown() const { return shown_; }    // in the order of their ids, at most kMostLogged
  std::size_t shownCount() const { return count_; }              // with those beyond
  void refresh() override;
  const std::shared_ptr<RunLogs>& logs() const { return logs_; }
  void showEvent(QShowEvent* event) override;

 private:
  const std::vector<RunId>& wanted() const;

  std::shared_ptr<RunLogs> logs_;   // shared with tasks that outlive the page
  std::vector<RunRow> shown_;
  std::size_t count_ = 0;
  bool due_ = true;                 // the runs have changed since the page was last seen
};

// "Run 12, concurrency 4"
QString run_title(const RunRow& row);

}  // namespace tokenmark
