#include "app/desktop/run_chart_page.h"

#include <QCoreApplication>
#include <algorithm>
#include <unordered_set>

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

std::vector<RunRow> RunChartPage::wanted() const {
  const std::vector<RunId>& ids = restricted().runs.empty() ? chosen() : restricted().runs;
  const std::unordered_set<RunId> wanted(ids.begin(), ids.end());
  std::vector<RunRow> rows;
  for (auto row = runs()->rows.begin(); row != runs()->rows.end() && rows.size() < wanted.size(); ++row)
    if (wanted.contains(row->id)) rows.push_back(*row);
  std::sort(rows.begin(), rows.end(), [](const RunRow& a, const RunRow& b) { return a.id < b.id; });
  return rows;
}

void RunChartPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  ChartPage::setRuns(runs, chosen);
  if (!same_runs(wanted(), shown_)) refresh();
}

void RunChartPage::refresh() {
  shown_ = wanted();
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
