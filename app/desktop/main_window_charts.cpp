// The main window's charts: their tabs, saved charts, the pinned baseline.
#include <QAction>
#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QSaveFile>
#include <QStatusBar>
#include <QUndoStack>

#include "app/desktop/change.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/distributions_page.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/timeline_page.h"
#include "app/desktop/trend_page.h"

namespace tokenmark {
namespace {

constexpr qint64 kLargestChart_bytes = 1 << 20;

Result<ChartDefinition> read_definition(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return fail(ErrorKind::io, "{} cannot be read: {}", path.toStdString(), file.errorString().toStdString());
  Result<ChartDefinition> definition = parse_chart_definition(file.read(kLargestChart_bytes + 1).toStdString());
  if (!definition) return fail(definition.error().kind, "{}: {}", path.toStdString(), definition.error().message);
  return definition;
}

}  // namespace

void MainWindow::setupCharts() {
  const QString titles[] = {tr("Frontier"), tr("Latency"), tr("Cost"), tr("Power"), tr("Load"), tr("Quality")};
  for (const ChartKind& kind : chart_kinds()) {
    auto* page = new FrontierPage(tasks_, *undo_, kind, tabs_);
    tabs_->addTab(page, titles[frontier_pages_.size()]);
    frontier_pages_ << page;
    chart_pages_ << page;
  }
  compare_page_ = new ComparePage(tasks_, *undo_, options_.store, tabs_);
  tabs_->addTab(compare_page_, tr("Compare"));
  const auto logs = std::make_shared<RunLogs>(options_.store);
  auto* distributions = new DistributionsPage(tasks_, *undo_, logs, tabs_);
  auto* timeline = new TimelinePage(tasks_, *undo_, logs, tabs_);
  auto* trend = new TrendPage(tasks_, *undo_, options_.store, tabs_);
  connect(trend, &TrendPage::pointClicked, this, [this](const std::vector<RunId>& runs) { runs_dock_->select({runs.front()}); });
  chart_pages_ << distributions << timeline << trend;
  tabs_->addTab(distributions, tr("Distributions"));
  tabs_->addTab(timeline, tr("Timeline"));
  tabs_->addTab(trend, tr("Trend"));
}

void MainWindow::connectCharts() {
  for (FrontierPage* page : frontier_pages_) {
    connect(page, &FrontierPage::pointClicked, this, [this](const std::vector<RunId>& runs) {
      if (!runs.empty()) runs_dock_->select({runs.front()});
    });
    connect(page, &FrontierPage::baselinePinned, this, [this](const QString& series) { pinBaseline(series); });
  }
  for (ChartPage* page : chart_pages_)
    connect(page, &ChartPage::seen, this, [this, page] { tabs_->setCurrentWidget(page); });
  connect(compare_page_, &ComparePage::baselinePinned, this, &MainWindow::pinBaseline);
  connect(compare_page_, &ComparePage::seen, this, [this] { tabs_->setCurrentWidget(compare_page_); });
  connect(compare_page_, &ComparePage::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
  connect(compare_page_, &ComparePage::written, this,
          [this](const QString& path) { statusBar()->showMessage(tr("Written: %1").arg(path), 8000); });
}

void MainWindow::setupChartActions(QMenu& menu) {
  QAction* open = addAction(&menu, tr("&Open chart …"), "openChart", QKeySequence(tr("Ctrl+O")), tr("Show a chart that was saved (*.chart.json)"));
  connect(open, &QAction::triggered, this, &MainWindow::askForChart);
  save_chart_ = addAction(&menu, tr("&Save chart as …"), "saveChart", QKeySequence(tr("Ctrl+S")),
                          tr("Keep what the current chart shows, and how: axes, runs, view, baseline"));
  connect(save_chart_, &QAction::triggered, this, &MainWindow::askForChartFile);
}

void MainWindow::setupTabActions(QMenu& menu) {
  QAction* pin = addAction(&menu, tr("&Pin the chosen run as baseline"), "pinChosenRun", QKeySequence(tr("Ctrl+B")),
                           tr("Comparisons then refer to the run that is chosen in the list, and to its series"));
  connect(pin, &QAction::triggered, this, &MainWindow::pinChosenRun);
  QAction* compare = addAction(&menu, tr("&Compare"), "showCompare", QKeySequence(tr("Ctrl+Shift+K")),
                               tr("All series, or the chosen runs, against the baseline, as a table"));
  connect(compare, &QAction::triggered, this, [this] { tabs_->setCurrentWidget(compare_page_); });
  QAction* chosen = addAction(&menu, tr("Compare the chosen &runs"), "compareChosen", QKeySequence(tr("Ctrl+Shift+B")),
                              tr("The runs that are chosen in the list against the baseline, or against the first of them"));
  connect(chosen, &QAction::triggered, this, [this] { compareRuns(runs_dock_->selected()); });
  QAction* next = addAction(&menu, tr("Next tab"), "nextTab", QKeySequence(tr("Ctrl+PgDown")), tr("The tab to the right"));
  connect(next, &QAction::triggered, tabs_, &SplitTabs::next);
  QAction* previous = addAction(&menu, tr("Previous tab"), "previousTab", QKeySequence(tr("Ctrl+PgUp")), tr("The tab to the left"));
  connect(previous, &QAction::triggered, tabs_, &SplitTabs::previous);
  QAction* move = addAction(&menu, tr("Move tab to the &other side"), "moveTab", QKeySequence(tr("Ctrl+Shift+T")),
                            tr("Show two charts side by side"));
  connect(move, &QAction::triggered, tabs_, &SplitTabs::moveCurrent);
  menu.addSeparator();
}

void MainWindow::pinBaseline(const QString& series, RunId run) {
  const auto pin = [this](const QString& baseline, RunId of_runs) {
    for (FrontierPage* page : frontier_pages_) page->pinBaseline(baseline);
    compare_page_->pinBaseline(baseline, of_runs);
    showBaseline();
  };
  const QString before = compare_page_->baseline();
  const RunId run_before = compare_page_->baselineRun();
  pin(series, run);
  undo_->push(new Change(this, tr("baseline"), [=] { pin(before, run_before); }, [=] { pin(series, run); }));
}

void MainWindow::showBaseline() {
  runs_dock_->setBaseline(compare_page_->baseline(), compare_page_->baselineRun());
  inspector_->setBaseline(compare_page_->baselineRun());
}

void MainWindow::pinRun(RunId run) {
  if (run == 0) return pinBaseline({}, 0);
  for (const RunRow& row : runs_->rows)
    if (row.id == run) return pinBaseline(QString::fromStdString(row.series), run);
}

void MainWindow::pinChosenRun() {
  if (const std::vector<RunId> chosen = runs_dock_->selected(); !chosen.empty()) return pinRun(chosen.front());
  messages_->say(Severity::note, tr("Choose a run in the list first: it becomes the baseline."), QStringLiteral("baseline"));
}

void MainWindow::compareRuns(const std::vector<RunId>& runs) {
  if (runs_dock_->selected() != runs) runs_dock_->select(runs);
  compare_page_->setRuns(runs_, runs_dock_->selected());
  tabs_->setCurrentWidget(compare_page_);
  if (compare_page_->compareRuns()) return;
  messages_->say(Severity::note, tr("Choose two or more runs in the list, or pin one as baseline and choose another."), QStringLiteral("baseline"));
}

std::vector<ChartDefinition> MainWindow::openCharts() const {
  std::vector<ChartDefinition> charts;
  for (const FrontierPage* page : frontier_pages_)
    if (page->drawn()) charts.push_back(page->definition(true));
  return charts;
}

void MainWindow::askForChart() {
  auto* dialog = new QFileDialog(this, tr("Open chart"), {}, tr("Charts (*.chart.json);;All files (*)"));
  dialog->setObjectName(QStringLiteral("openChartDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openChart);
  dialog->open();
}

void MainWindow::askForChartFile() {
  auto* dialog = new QFileDialog(this, tr("Save chart"), {}, tr("Charts (*.chart.json)"));
  dialog->setObjectName(QStringLiteral("saveChartDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("chart.json"));
  if (const auto* page = dynamic_cast<ChartDocument*>(tabs_->currentWidget()))
    dialog->selectFile(QString::fromStdString(page->chartKind()) + QStringLiteral(".chart.json"));
  connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::saveChart);
  dialog->open();
}

void MainWindow::openChart(const QString& path) {
  tasks_.start(QStringLiteral("open ") + path, [path](std::stop_token) { return read_definition(path); },
               [this](Result<ChartDefinition> definition) {
                 if (!definition) {
                   messages_->say(Severity::error, QString::fromStdString(definition.error().message));
                   return;
                 }
                 for (int i = 0; i < tabs_->count(); ++i)
                   if (auto* page = dynamic_cast<ChartDocument*>(tabs_->widget(i));
                       page && page->chartKind() == definition->kind) {
                     tabs_->setCurrentWidget(tabs_->widget(i));
                     return page->change(*definition);
                   }
               });
}

void MainWindow::saveChart(const QString& path) {
  const auto* page = dynamic_cast<ChartDocument*>(tabs_->currentWidget());
  if (!page) return;
  tasks_.start(QStringLiteral("save ") + path,
               [path, kept = chart_definition_text(page->definition(true))](std::stop_token) {
                 QSaveFile file(path);
                 return file.open(QIODevice::WriteOnly) && file.write(kept.data(), static_cast<qint64>(kept.size())) >= 0 && file.commit();
               },
               [this, path](bool done) {
                 if (done) statusBar()->showMessage(tr("Written: %1").arg(path), 8000);
                 else messages_->say(Severity::error, tr("%1 cannot be written; is the folder there, may it be written to, is there space?").arg(path));
               });
}

}  // namespace tokenmark
