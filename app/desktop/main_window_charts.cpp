// The main window's charts: their tabs, saved charts, the pinned baseline.
#include <QAction>
#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
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
#include "app/desktop/window_actions.h"
#include "app/desktop/write_file.h"

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

QString frontier_page_name(const ChartKind& kind) {
  return QString::fromUtf8(kind.key.data(), static_cast<qsizetype>(kind.key.size())) + QStringLiteral("Page");
}

}  // namespace

void MainWindow::setupCharts() {
  logs_ = std::make_shared<RunLogs>(options_.store);
  const QString titles[] = {tr("Frontier"), tr("Latency"), tr("Cost"), tr("Power"), tr("Load"), tr("Quality")};
  for (const ChartKind& kind : chart_kinds())
    tabs_->addPage(frontier_page_name(kind), titles[tabs_->count()], [this, &kind](QWidget* parent) { return makeFrontier(kind, parent); });
  addPage("comparePage", tr("Compare"), &MainWindow::makeCompare);
  addPage("distributionsPage", tr("Distributions"), &MainWindow::makeDistributions);
  addPage("timelinePage", tr("Timeline"), &MainWindow::makeTimeline);
  addPage("trendPage", tr("Trend"), &MainWindow::makeTrend);
}

// What all charts have in common.
QWidget* MainWindow::adoptChart(ChartPage* page) {
  connect(page, &ChartPage::failed, this, &MainWindow::sayError);
  connect(page, &ChartPage::exported, this, &MainWindow::sayWritten);
  connect(page, &ChartPage::unpricedChanged, this, &MainWindow::askForPrices);
  connect(page, &ChartPage::seen, this, [this, page] { tabs_->setCurrentWidget(page); });
  connect(page, &ChartPage::menuOpening, this, [this](QMenu* menu, const std::vector<RunId>& runs) { fillRunMenu(*menu, runs); });
  menuBar()->findChild<QMenu*>(QStringLiteral("fileMenu"))->insertActions(export_place_, page->exportActions());
  menuBar()->findChild<QMenu*>(QStringLiteral("viewMenu"))->insertActions(view_place_, page->viewActions());
  page->setCurrent(false);   // until its tab says otherwise
  page->setTheme(theme_);
  restorePage(*page);
  chart_pages_ << page;
  if (loaded_ && runs_->complete) page->setRuns(runs_, runs_dock_->selected());
  return page;
}

QWidget* MainWindow::makeFrontier(const ChartKind& kind, QWidget* parent) {
  auto* page = new FrontierPage(tasks_, *undo_, kind, parent);
  connect(page, &FrontierPage::pointClicked, this, [this](const std::vector<RunId>& runs) {
    if (!runs.empty()) runs_dock_->select({runs.front()});
  });
  connect(page, &FrontierPage::baselinePinned, this, [this](const QString& series) { pinBaseline(series); });
  frontier_pages_ << page;
  adoptChart(page);
  shortcuts_->adopt(*page);
  return page;
}

QWidget* MainWindow::makeCompare(QWidget* parent) {
  compare_page_ = new ComparePage(tasks_, *undo_, options_.store, parent);
  connect(compare_page_, &ComparePage::baselinePinned, this, &MainWindow::pinBaseline);
  connect(compare_page_, &ComparePage::seen, this, [this] { tabs_->setCurrentWidget(compare_page_); });
  connect(compare_page_, &ComparePage::failed, this, &MainWindow::sayError);
  connect(compare_page_, &ComparePage::written, this, &MainWindow::sayWritten);
  compare_page_->setTheme(theme_);
  restoreCompare();
  if (loaded_ && runs_->complete) compare_page_->setRuns(runs_, runs_dock_->selected());
  return compare_page_;
}

QWidget* MainWindow::makeDistributions(QWidget* parent) { return adoptChart(new DistributionsPage(tasks_, *undo_, logs_, parent)); }

QWidget* MainWindow::makeTimeline(QWidget* parent) { return adoptChart(new TimelinePage(tasks_, *undo_, logs_, parent)); }

QWidget* MainWindow::makeTrend(QWidget* parent) {
  auto* page = new TrendPage(tasks_, *undo_, options_.store, parent);
  connect(page, &TrendPage::pointClicked, this, [this](const std::vector<RunId>& runs) { runs_dock_->select({runs.front()}); });
  return adoptChart(page);
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
  connect(compare, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("comparePage")); });
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

// The same on all pages: they are made for it.
void MainWindow::pinBaseline(const QString& series, RunId run) {
  while (tabs_->makeNext()) {}
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
  auto& page = openPage<ComparePage>("comparePage");
  page.setRuns(runs_, runs_dock_->selected());
  if (page.compareRuns()) return;
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
                 showDefinition(*definition);
               });
}

void MainWindow::showDefinition(const ChartDefinition& definition) {
  const QString name = QString::fromStdString(definition.kind) + QStringLiteral("Page");
  if (auto* page = dynamic_cast<ChartDocument*>(tabs_->page(name))) {
    tabs_->setCurrentPage(name);
    page->change(definition);
  }
}

// The definition of the chart in front; empty: what is in front is none.
std::string MainWindow::currentChart() const {
  const auto* page = dynamic_cast<ChartDocument*>(tabs_->currentWidget());
  return page ? chart_definition_text(page->definition(true)) : std::string();
}

void MainWindow::saveChart(const QString& path) {
  const std::string chart = currentChart();
  if (chart.empty()) return;
  tasks_.start(QStringLiteral("save ") + path,
               [path, chart](std::stop_token) { return write_file(path, chart); },
               [this, path](const Status& done) {
                 if (done) sayWritten(path);
                 else messages_->say(Severity::error, tr("%1 cannot be written; is the folder there, may it be written to, is there space?").arg(path));
               });
}

}  // namespace tokenmark
