#include "app/desktop/run_chart_page.h"

#include <QCoreApplication>
#include <algorithm>

namespace tokenmark {
namespace {

// What a log is known by; a run that ends gets one.
bool same_runs(const std::vector<RunRow>& a, const std::vector<RunRow>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const RunRow& x, const RunRow& y) {
    return x.id == y.id && x.started == y.started && x.state == y.state;
  });
}

}  // namespace

RunChartPage::RunChartPage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, PlotView* plot,
                           const QString& prefix, const QString& label, QWidget* parent)
    : ChartPage(tasks, undo, plot, prefix, label, parent), logs_(std::move(logs)) {}

const std::vector<RunId>& RunChartPage::wanted() const { return restricted().runs.empty() ? chosen() : restricted().runs; }

void RunChartPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  ChartPage::setRuns(runs, chosen);
  if (count_ != wanted().size() || !same_runs(rows_of(*runs, wanted(), kMostLogged), shown_)) refresh();
}

void RunChartPage::refresh() {
  count_ = wanted().size();
  shown_ = rows_of(*runs(), wanted(), kMostLogged);
  due_ = !isVisible();
  if (isVisible()) shownChanged();
}

void RunChartPage::showEvent(QShowEvent* event) {
  ChartPage::showEvent(event);
  if (std::exchange(due_, false)) shownChanged();
}

QString run_title(const RunRow& row) {
  QString title = QCoreApplication::translate("RunChartPage", "Run %1").arg(row.id);
  if (row.concurrency > 0) title += QCoreApplication::translate("RunChartPage", ", concurrency %1").arg(row.concurrency);
  return title;
}

}  // namespace tokenmark
