#include "app/desktop/main_window.h"

#include <QAction>
#include <QCloseEvent>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QStatusBar>
#include <QUndoStack>
#include <QVBoxLayout>

#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/first_run_banner.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/report_dialog.h"
#include "app/desktop/run_notes.h"
#include "app/desktop/price_question.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/window_actions.h"
#include "app/desktop/unfinished_sweeps.h"

namespace tokenmark {
namespace {

constexpr auto kStoreTopic = "store";

}  // namespace

MainWindow::MainWindow(WindowOptions options) : options_(std::move(options)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(tr("Tokenmark"));
  setWindowIcon(program_icon());
  hold_parts(*this);
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
  undo_ = new QUndoStack(this);
  store_ = new StoreLink(options_.store, this);
  scheme_ = new SystemScheme(this);
  chooseTheme();    // before there is anything that would have to change its colours
  shortcuts_ = std::make_unique<Shortcuts>(*this);
  setupPrices();
  setupCentre();
  setupDocks();
  setupStatusBar();
  setupActions();
  arrangeDocks();
  keepFirstLayout();
  connectParts();
  connectStore();
  connectRunEdits();
  setupSweeps();
  setupPalette();
  shortcuts_->adopt();
  restoreSettings();
  tabs_->start();
  for (const QString& note : options_.notes) messages_->say(Severity::warning, note);
  onJobs();
  scheme_->ask();
  store_->open();
}

MainWindow::~MainWindow() {
  delete unfinished_;
  disconnect(&jobs_, nullptr, this, nullptr);      // nothing is shown any more while the parts go
  disconnect(runs_dock_, nullptr, nullptr, nullptr);
  disconnect(inspector_->notes(), nullptr, nullptr, nullptr);
}

void MainWindow::setupCentre() {
  auto* centre = new QWidget(this);
  centre->setObjectName(QStringLiteral("centre"));
  hold_parts(*centre);
  auto* layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  messages_ = new MessageBar(centre);
  banner_ = new FirstRunBanner(centre);
  banner_->hide();
  tabs_ = new SplitTabs(centre);
  setupPages();
  layout->addWidget(messages_);
  layout->addWidget(banner_);
  price_question_ = new PriceQuestion(*user_prices_, centre);
  layout->addWidget(price_question_);
  layout->addWidget(tabs_, 1);
  setCentralWidget(centre);
}

void MainWindow::setupDocks() {
  runs_dock_ = new RunsDock(this);
  inspector_ = new InspectorDock(this);
  jobs_dock_ = new JobsDock(jobs_, this);
  runs_dock_->setTheme(theme_);
  inspector_->setTheme(theme_);
}

void MainWindow::arrangeDocks() {
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  addDockWidget(Qt::LeftDockWidgetArea, runs_dock_);
  addDockWidget(Qt::RightDockWidgetArea, inspector_);
  addDockWidget(Qt::BottomDockWidgetArea, jobs_dock_);
  for (QDockWidget* dock : {static_cast<QDockWidget*>(runs_dock_), static_cast<QDockWidget*>(inspector_),
                            static_cast<QDockWidget*>(jobs_dock_)}) {
    dock->setFloating(false);
    dock->show();
  }
  resizeDocks({runs_dock_, inspector_}, {340, 300}, Qt::Horizontal);
  resizeDocks({jobs_dock_}, {130}, Qt::Vertical);
}

void MainWindow::setupStatusBar() {
  store_label_ = new QLabel(this);
  store_label_->setObjectName(QStringLiteral("storeLabel"));
  store_label_->setText(QString::fromStdString(options_.store.string()));
  store_label_->setToolTip(tr("The store: every run is kept in this file"));
  jobs_label_ = new QLabel(this);
  jobs_label_->setObjectName(QStringLiteral("jobsLabel"));
  for (QLabel* label : {jobs_label_, store_label_}) label->setMargin(4);
  statusBar()->addWidget(jobs_label_);
  statusBar()->addPermanentWidget(store_label_);
  statusBar()->setSizeGripEnabled(false);
}

void MainWindow::connectStore() {
  connect(store_, &StoreLink::runsLoaded, this, &MainWindow::showRuns);
  connect(store_, &StoreLink::detailLoaded, this, [this](const DetailPtr& detail) {
    const std::vector<RunId> chosen = runs_dock_->selected();
    if (chosen.size() != 1 || chosen.front() != detail->row.id) return;
    inspector_->showRun(detail);
    readLog(detail->row);
  });
  connect(store_, &StoreLink::failed, this, [this](const QString& message) {
    messages_->say(Severity::error, message, kStoreTopic);
  });
  connect(store_, &StoreLink::recovered, this, [this] { messages_->clear(kStoreTopic); });
}

void MainWindow::connectParts() {
  connect(runs_dock_, &RunsDock::queryChanged, this, [this](const RunsQuery& query) {
    query_ = query;
    query_.samples = samples_->isChecked();
    store_->setQuery(query_);
  });
  connect(runs_dock_, &RunsDock::selectionChanged, this, &MainWindow::onSelection);
  connect(tabs_, &SplitTabs::currentChanged, this, &MainWindow::onTab);
  connect(banner_, &FirstRunBanner::measureWanted, this, &MainWindow::measureThisMachine);
  connect(&jobs_, &JobQueue::changed, this, &MainWindow::onJobs);
  connect(scheme_, &SystemScheme::changed, this, &MainWindow::applyTheme);
  setupRunMenus();
}

// Only the current chart's actions are reached; other tabs leave them as they were.
void MainWindow::onTab() {
  askForPrices();
  save_chart_->setEnabled(dynamic_cast<ChartDocument*>(tabs_->currentWidget()) != nullptr);
  if (!qobject_cast<ChartPage*>(tabs_->currentWidget())) return;
  for (ChartPage* page : chart_pages_) page->setCurrent(page == tabs_->currentWidget());
}

void MainWindow::sayError(const QString& text) { messages_->say(Severity::error, text); }
void MainWindow::sayWritten(const QString& path) { statusBar()->showMessage(tr("Written: %1").arg(path), 8000); }

void MainWindow::addJob(Job* job) {
  jobs_dock_->show();
  jobs_.add(job);
}

void MainWindow::showRuns(const RunsPtr& runs) {
  RunsPtr before = std::exchange(runs_, runs);
  loaded_ = true;
  runs_dock_->setRuns(runs);
  if (runs->complete) {   // charts of a part of the runs would be wrong
    restoreSelection();
    showChosen();
    updateBanner();
    if (!std::exchange(begun_, true)) onFirstRuns();
  }
  store_->release(std::move(before));   // 100,000 rows are not freed here
}

// What may wait until there is something to look at.
void MainWindow::onFirstRuns() {
  unfinished_->look();
  makeNextPage();
}

void MainWindow::showChosen() {
  const std::vector<RunId> chosen = runs_dock_->selected();
  for (ChartPage* page : chart_pages_) page->setRuns(runs_, chosen);
  if (compare_page_) compare_page_->setRuns(runs_, chosen);
  if (report_) report_->setRuns(runs_, chosen);
}

// There until something was measured, and while that goes on; a search says nothing about what there is.
void MainWindow::updateBanner() {
  if (!loaded_ || !runs_->query.search.isEmpty()) return;
  banner_->setVisible(runs_->measured == 0 || (jobs_.unfinishedInTurn() > 0 && banner_->isVisible()));
}

void MainWindow::onSelection() {
  const std::vector<RunId> chosen = runs_dock_->selected();
  if (runs_->complete) showChosen();
  retry_failed_->setEnabled(!chosen.empty());
  if (chosen.size() == 1)
    store_->fetch(chosen.front());
  else
    showDifference(chosen);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (jobs_.unfinished() > 0) {
    event->ignore();
    if (!closing_) askBeforeClosing();
    return;
  }
  inspector_->clear();   // hands over what was typed there
  saveSettings();
  event->accept();
}

void MainWindow::askBeforeClosing() {
  const bool measuring = jobs_.unfinishedInTurn() > 0;
  auto* box = new QMessageBox(
      QMessageBox::Question, tr("Close Tokenmark"),
      measuring ? tr("A measurement is running. Its finished points are kept; the point that is being "
                     "measured is lost. What is left is offered at the next start.")
                : tr("A download is running. What came is kept; the next download of this file goes on with it."),
      QMessageBox::NoButton, this);
  box->setObjectName(QStringLiteral("closeQuestion"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  QPushButton* stop = box->addButton(tr("Stop and close"), QMessageBox::AcceptRole);
  stop->setObjectName(QStringLiteral("stopAndClose"));
  box->addButton(measuring ? tr("Keep measuring") : tr("Keep downloading"), QMessageBox::RejectRole);
  connect(stop, &QPushButton::clicked, this, [this] {
    closing_ = true;
    unfinished_->closing();
    hide();
    jobs_.cancelAll();
    onJobs();
  });
  box->open();
}

}  // namespace tokenmark
