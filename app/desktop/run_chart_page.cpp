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

RunChartPage::RunChartPage(Tasks& tasks, std::shared_ptr<RunLogs> logs, PlotView* plot, const QString& prefix, QWidget* parent)
    : ChartPage(tasks, plot, prefix, parent), logs_(std::move(logs)) {}

void RunChartPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  std::vector<RunRow> rows = rows_of(*runs, chosen, kMostLogged);
  const bool same = count_ == chosen.size() && same_runs(rows, chosen_);
  count_ = chosen.size();
  if (same) return;
  chosen_ = std::move(rows);
  due_ = !isVisible();
  if (isVisible()) chosenChanged();
}

void RunChartPage::showEvent(QShowEvent* event) {
  ChartPage::showEvent(event);
  if (std::exchange(due_, false)) chosenChanged();
}

QString run_title(const RunRow& row) {
  QString title = QCoreApplication::translate("RunChartPage", "Run %1").arg(row.id);
  if (row.concurrency > 0) title += QCoreApplication::translate("RunChartPage", ", concurrency %1").arg(row.concurrency);
  return title;
}

}  // namespace tokenmark
