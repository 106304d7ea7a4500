#include "app/desktop/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QCloseEvent>
#include <QGuiApplication>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScreen>
#include <QSettings>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "app/desktop/devices_page.h"
#include "app/desktop/distributions_page.h"
#include "app/desktop/first_run_banner.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/models_page.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/timeline_page.h"
#include "app/desktop/trend_page.h"

namespace tokenmark {
namespace {

constexpr int kLayoutVersion = 1;
constexpr auto kStoreTopic = "store";

}  // namespace

MainWindow::MainWindow(WindowOptions options) : options_(std::move(options)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(tr("Tokenmark"));
  setWindowIcon(program_icon());
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
  store_ = new StoreLink(options_.store, this);
  scheme_ = new SystemScheme(this);
  setupCentre();
  setupDocks();
  setupStatusBar();
  setupActions();
  arrangeDocks();
  first_layout_ = saveState(kLayoutVersion);
  connectParts();
  connectStore();
  restoreSettings();
  onJobs();
  scheme_->ask();
  store_->open();
}

MainWindow::~MainWindow() {
  disconnect(&jobs_, nullptr, this, nullptr);      // nothing is shown any more while the parts go
  disconnect(runs_dock_, nullptr, this, nullptr);
}

void MainWindow::setupCentre() {
  auto* centre = new QWidget(this);
  centre->setObjectName(QStringLiteral("centre"));
  auto* layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  messages_ = new MessageBar(centre);
  banner_ = new FirstRunBanner(centre);
  banner_->hide();
  tabs_ = new QTabWidget(centre);
  tabs_->setObjectName(QStringLiteral("chartTabs"));
  tabs_->setAccessibleName(tr("Charts and pages"));
  tabs_->setDocumentMode(true);
  tabs_->tabBar()->setDrawBase(false);
  const auto logs = std::make_shared<RunLogs>(options_.store);
  frontier_page_ = new FrontierPage(tasks_, tabs_);
  auto* distributions = new DistributionsPage(tasks_, logs, tabs_);
  auto* timeline = new TimelinePage(tasks_, logs, tabs_);
  auto* trend = new TrendPage(tasks_, options_.store, tabs_);
  connect(trend, &TrendPage::pointClicked, this, [this](const std::vector<RunId>& runs) { runs_dock_->select({runs.front()}); });
  chart_pages_ = {frontier_page_, distributions, timeline, trend};
  tabs_->addTab(frontier_page_, tr("Frontier"));
  tabs_->addTab(distributions, tr("Distributions"));
  tabs_->addTab(timeline, tr("Timeline"));
  tabs_->addTab(trend, tr("Trend"));
  models_page_ = new ModelsPage(tasks_, QString::fromStdString(options_.agent_program), options_.models, tabs_);
  tabs_->addTab(models_page_, tr("Models"));
  devices_page_ = new DevicesPage(QString::fromStdString(options_.agent_program), tabs_);
  tabs_->addTab(devices_page_, tr("Devices"));
  layout->addWidget(messages_);
  layout->addWidget(banner_);
  layout->addWidget(tabs_, 1);
  setCentralWidget(centre);
}

void MainWindow::setupDocks() {
  runs_dock_ = new RunsDock(this);
  inspector_ = new InspectorDock(this);
  jobs_dock_ = new JobsDock(jobs_, this);
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
    if (chosen.size() == 1 && chosen.front() == detail->row.id) inspector_->showRun(detail);
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
  connect(frontier_page_, &FrontierPage::pointClicked, this, [this](const std::vector<RunId>& runs) {
    if (!runs.empty()) runs_dock_->select({runs.front()});
  });
  for (const ChartPage* page : chart_pages_) {
    connect(page, &ChartPage::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
    connect(page, &ChartPage::exported, this,
            [this](const QString& path) { statusBar()->showMessage(tr("Written: %1").arg(path), 8000); });
  }
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::onTab);
  onTab();
  connect(models_page_, &ModelsPage::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
  connect(models_page_, &ModelsPage::measureWanted, this, &MainWindow::measureModel);
  const auto add_job = [this](Job* job) {
    jobs_dock_->show();
    jobs_.add(job);
  };
  connect(models_page_, &ModelsPage::jobWanted, this, add_job);
  connect(devices_page_, &DevicesPage::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
  connect(devices_page_, &DevicesPage::jobWanted, this, add_job);
  connect(devices_page_, &DevicesPage::sweepWanted, this, &MainWindow::sweepDevice);
  connect(banner_, &FirstRunBanner::measureWanted, this, &MainWindow::measureThisMachine);
  connect(&jobs_, &JobQueue::changed, this, &MainWindow::onJobs);
  connect(scheme_, &SystemScheme::changed, this, &MainWindow::applyTheme);
}

// Only the current chart's actions are reached; other tabs leave them as they were.
void MainWindow::onTab() {
  if (!qobject_cast<ChartPage*>(tabs_->currentWidget())) return;
  for (ChartPage* page : chart_pages_) page->setCurrent(page == tabs_->currentWidget());
}

void MainWindow::showRuns(const RunsPtr& runs) {
  runs_ = runs;
  loaded_ = true;
  runs_dock_->setRuns(runs);
  for (ChartPage* page : chart_pages_) page->setRuns(runs, runs_dock_->selected());
  updateBanner();
}

// There until something was measured, and while that goes on; a search says nothing about what there is.
void MainWindow::updateBanner() {
  if (!loaded_ || !runs_->query.search.isEmpty()) return;
  banner_->setVisible(runs_->measured == 0 || (jobs_.unfinished() > 0 && banner_->isVisible()));
}

void MainWindow::onSelection() {
  const std::vector<RunId> chosen = runs_dock_->selected();
  for (ChartPage* page : chart_pages_) page->setRuns(runs_, chosen);
  if (chosen.size() == 1)
    store_->fetch(chosen.front());
  else
    inspector_->clear();
}

void MainWindow::measureThisMachine() {
  addSweepJob(tr("Measure this machine"), options_.quick_sweep, false);
}

void MainWindow::startSweep(const Sweep& sweep, bool resume) {
  addSweepJob(QString::fromStdString(sweep.name),
              [sweep](const auto&, std::stop_token) { return Result<Sweep>(sweep); }, resume);
}

void MainWindow::addSweepJob(const QString& title, SweepMaker maker, bool resume) {
  SweepJobOptions options;
  options.store = options_.store;
  options.runner.agent_program = options_.agent_program;
  options.runner.resume = resume;
  auto* job = new SweepJob(title, std::move(maker), std::move(options), tasks_);
  connect(job, &SweepJob::runStored, store_, &StoreLink::look);
  connect(job, &SweepJob::failed, this, [this, title](const QString& message) {
    messages_->say(Severity::error, tr("%1: %2").arg(title, message));
  });
  jobs_dock_->show();
  jobs_.add(job);
}

void MainWindow::onJobs() {
  const int unfinished = jobs_.unfinished();
  cancel_all_->setEnabled(unfinished > 0);
  banner_->setBusy(unfinished > 0);
  updateBanner();
  measure_->setEnabled(unfinished == 0);
  QString text = tr("Ready");
  for (const Job* job : jobs_.jobs())
    if (job->state() == JobState::running)
      text = QStringLiteral("%1 · %2 %").arg(job->title()).arg(static_cast<int>(job->share() * 100));
  jobs_label_->setText(text);
  if (closing_ && unfinished == 0) close();
}

void MainWindow::openEditor() {
  if (!editor_) {
    editor_ = new SweepEditor(tasks_, this);
    editor_->setTheme(theme_);
    connect(editor_, &SweepEditor::startWanted, this, &MainWindow::startSweep);
    connect(editor_, &SweepEditor::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
  }
  editor_->show();
  editor_->raise();
  editor_->activateWindow();
}

void MainWindow::sweepDevice(const QString& device) {
  openEditor();
  SweepForm form;
  form.name = tr("Sweep on %1").arg(device);
  form.device = device;
  editor_->setYaml(to_yaml(form));
}

void MainWindow::openModels() { tabs_->setCurrentWidget(models_page_); }

// Latency and throughput of one model over the concurrencies that matter on one machine.
void MainWindow::measureModel(const QString& model, const QString& name) {
  const std::string yaml = fmt::format("name: {}\ntarget: {{engine: {{model: {}}}}}\nworkload: {{input: 128, output: 64}}\n"
                           "load: {{requests_per_concurrency: 4, warmups_per_concurrency: 1}}\naxes: {{concurrency: [1, 2, 4, 8]}}\n",
                           nlohmann::json(name.toStdString()).dump(), nlohmann::json(model.toStdString()).dump());
  const auto parsed = parse_sweep(yaml, name.toStdString());
  if (!parsed) return messages_->say(Severity::error, QString::fromStdString(parsed.error().message));
  startSweep(*parsed, false);
}

void MainWindow::setThemeChoice(ThemeChoice choice) {
  theme_choice_ = choice;
  themes_->actions().at(static_cast<int>(choice))->setChecked(true);
  applyTheme();
}

void MainWindow::applyTheme() {
  const bool dark = theme_choice_ == ThemeChoice::dark || (theme_choice_ == ThemeChoice::system && scheme_->dark());
  theme_ = theme(dark);
  apply_theme(theme_);
  for (ChartPage* page : chart_pages_) page->setTheme(theme_);
  runs_dock_->setTheme(theme_);
  inspector_->setTheme(theme_);
  if (editor_) editor_->setTheme(theme_);
}

void MainWindow::resetLayout() {
  restoreState(first_layout_, kLayoutVersion);
  arrangeDocks();
}

void MainWindow::restoreSettings() {
  QSettings settings;
  setThemeChoice(static_cast<ThemeChoice>(std::clamp(settings.value("theme", 0).toInt(), 0, 2)));
  if (!restoreGeometry(settings.value("window/geometry").toByteArray())) {
    const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
    resize(QSize(1500, 940).boundedTo(screen.size() * 0.94));
  }
  restoreState(settings.value("window/layout").toByteArray(), kLayoutVersion);
  if (settings.contains("runs/columns")) runs_dock_->restoreColumns(settings.value("runs/columns").toByteArray());
  samples_->setChecked(settings.value("runs/samples", true).toBool());
  for (ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->restore(settings);
    settings.endGroup();
  }
  tabs_->setCurrentIndex(std::clamp(settings.value("window/tab", 0).toInt(), 0, tabs_->count() - 1));
}

void MainWindow::saveSettings() const {
  QSettings settings;
  settings.setValue("theme", static_cast<int>(theme_choice_));
  settings.setValue("window/geometry", saveGeometry());
  settings.setValue("window/layout", saveState(kLayoutVersion));
  settings.setValue("runs/columns", runs_dock_->columnsState());
  settings.setValue("runs/samples", samples_->isChecked());
  settings.setValue("window/tab", tabs_->currentIndex());
  for (const ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->save(settings);
    settings.endGroup();
  }
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (jobs_.unfinished() > 0) {
    event->ignore();
    if (!closing_) askBeforeClosing();
    return;
  }
  saveSettings();
  event->accept();
}

void MainWindow::askBeforeClosing() {
  auto* box = new QMessageBox(QMessageBox::Question, tr("Close Tokenmark"),
                              tr("A measurement is running. Its finished points are kept; the point that is being "
                                 "measured is lost."), QMessageBox::NoButton, this);
  box->setObjectName(QStringLiteral("closeQuestion"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  QPushButton* stop = box->addButton(tr("Stop and close"), QMessageBox::AcceptRole);
  stop->setObjectName(QStringLiteral("stopAndClose"));
  box->addButton(tr("Keep measuring"), QMessageBox::RejectRole);
  connect(stop, &QPushButton::clicked, this, [this] {
    closing_ = true;
    hide();
    jobs_.cancelAll();
    onJobs();
  });
  box->open();
}

}  // namespace tokenmark
