// What the main window measures: sweeps become jobs.
#include <QAction>
#include <QLabel>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/desktop/connect_dialog.h"
#include "app/desktop/devices_page.h"
#include "app/desktop/failed_points.h"
#include "app/desktop/first_run_banner.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/nodes_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/models_page.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/unfinished_sweeps.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/widgets.h"

namespace tokenmark {

void MainWindow::setupSweeps() {
  unfinished_ = new UnfinishedSweeps(options_.store, jobs_, *messages_, tasks_, this);
  connect(unfinished_, &UnfinishedSweeps::resumeWanted, this, &MainWindow::continueSweep);
  connect(unfinished_, &UnfinishedSweeps::quickWanted, this, &MainWindow::measureThisMachine);
  connect(unfinished_, &UnfinishedSweeps::failed, this, &MainWindow::sayError);
  failed_points_ = new FailedPoints(options_.store, tasks_, this);
  connect(failed_points_, &FailedPoints::startWanted, this, &MainWindow::continueSweep);
  connect(failed_points_, &FailedPoints::failed, this, &MainWindow::sayError);
}

void MainWindow::measureThisMachine() { addSweepJob(tr("Measure this machine"), options_.quick_sweep, {}); }

void MainWindow::startSweep(const Sweep& sweep, bool resume) {
  RunnerOptions runner;
  runner.resume = resume;
  continueSweep(sweep, runner);
}

void MainWindow::continueSweep(const Sweep& sweep, const RunnerOptions& runner) {
  const QString name = QString::fromStdString(sweep.name);
  addSweepJob(runner.failed_only ? tr("%1 · failed points").arg(name) : name,
              [sweep](const auto&, std::stop_token) { return Result<Sweep>(sweep); }, runner, sweep);
}

void MainWindow::addSweepJob(const QString& title, SweepMaker maker, const RunnerOptions& runner, const std::optional<Sweep>& known) {
  SweepJobOptions options;
  options.store = options_.store;
  options.runner = runner;
  options.runner.agent_program = options_.agent_program;
  auto* job = new SweepJob(title, std::move(maker), std::move(options), tasks_);
  if (known) job->setSweep(*known);
  connect(job, &SweepJob::runStored, store_, &StoreLink::look);
  connect(job, &SweepJob::againWanted, this, &MainWindow::continueSweep);
  connect(job, &SweepJob::failed, this, [this, title](const QString& message) {
    messages_->say(Severity::error, tr("%1: %2").arg(title, message));
  });
  addJob(job);
}

void MainWindow::retryFailed() { failed_points_->retry(runs_dock_->selectedRuns()); }

// Never modal: a window of its own, as the editor is, which it fills.
void MainWindow::openConnect() {
  if (!connect_) {
    connect_ = new ConnectDialog(tasks_, this);
    connect(connect_, &ConnectDialog::sweepWanted, this, [this](const QString& yaml) {
      openEditor();
      editor_->setYaml(yaml);
    });
  }
  bring_to_front(*connect_);
}

void MainWindow::onJobs() {
  const int unfinished = jobs_.unfinished();
  cancel_all_->setEnabled(unfinished > 0);
  const QList<Job*> to_do = jobs_.unfinishedJobs();
  const bool busy_here =
      std::any_of(to_do.begin(), to_do.end(), [](const Job* job) { return job->turns().contains(Job::thisMachine()); });
  banner_->setBusy(busy_here);
  updateBanner();
  measure_->setEnabled(!busy_here);
  if (nodes_page_) nodes_page_->setRunning(jobs_);
  QStringList texts;
  for (const Job* job : to_do)
    if (job->state() == JobState::paused)
      texts << tr("%1 · paused").arg(job->title());
    else if (job->state() == JobState::running)
      texts << QStringLiteral("%1 · %2 %").arg(job->title()).arg(static_cast<int>(job->share() * 100));
  jobs_label_->setText(texts.isEmpty() ? tr("Ready") : texts.join(QStringLiteral("   ")));
  if (closing_ && unfinished == 0) close();
}

void MainWindow::openEditor() {
  auto* models = static_cast<ModelsPage*>(tabs_->page(QStringLiteral("modelsPage")));   // what they find is offered
  auto* devices = static_cast<DevicesPage*>(tabs_->page(QStringLiteral("devicesPage")));
  if (!editor_) {
    editor_ = new SweepEditor(tasks_, options_.store, this);
    editor_->setTheme(theme_);
    const QString kept = setting(QStringLiteral("session/restore")).toBool() ? UserSettings().value("session/sweep").toString() : QString();
    if (!kept.isEmpty()) editor_->setYaml(kept);
    connect(editor_, &SweepEditor::startWanted, this, &MainWindow::startSweep);
    connect(editor_, &SweepEditor::failed, this, &MainWindow::sayError);
    connect(editor_, &SweepEditor::fileUsed, recent_, &RecentFiles::add);
    connect(models, &ModelsPage::found, editor_, &SweepEditor::setModels);
    connect(devices, &DevicesPage::found, editor_, &SweepEditor::setDevices);
    editor_->setModels(models->models());
    editor_->setDevices(devices->ready());
  }
  models->lookOnce();
  devices->lookOnce();
  bring_to_front(*editor_);
}

void MainWindow::sweepDevice(const QString& device) {
  SweepForm form;
  form.name = tr("Sweep on %1").arg(device);
  form.device = device;
  openEditor();
  editor_->setYaml(to_yaml(form));
}

void MainWindow::sweepNode(const QString& node) {
  SweepForm form;
  form.name = tr("Sweep on %1").arg(node);
  form.node = node;
  openEditor();
  editor_->setYaml(to_yaml(form));
}

// Latency and throughput of one model over the concurrencies that matter on one machine.
void MainWindow::measureModel(const QString& model, const QString& name) {
  const std::string yaml = fmt::format("name: {}\ntarget: {{engine: {{model: {}}}}}\nworkload: {{input: 128, output: 64}}\n"
                           "load: {{requests_per_concurrency: 4, warmups_per_concurrency: 1}}\naxes: {{concurrency: [1, 2, 4, 8]}}\n",
                           nlohmann::json(name.toStdString()).dump(), nlohmann::json(model.toStdString()).dump());
  const auto parsed = parse_sweep(yaml, name.toStdString());
  if (!parsed) return messages_->say(Severity::error, QString::fromStdString(parsed.error().message));
  startSweep(*parsed, false);
}

}  // namespace tokenmark
