// What the main window measures: sweeps become jobs.
#include <QAction>
#include <QLabel>
#include <QTableView>
#include <nlohmann/json.hpp>
#include <set>

#include "app/desktop/connect_dialog.h"
#include "app/desktop/failed_points.h"
#include "app/desktop/first_run_banner.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/models_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/nodes_page.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/unfinished_sweeps.h"

namespace tokenmark {

void MainWindow::setupSweeps() {
  const auto say = [this](const QString& text) { messages_->say(Severity::error, text); };
  unfinished_ = new UnfinishedSweeps(options_.store, jobs_, *messages_, tasks_, this);
  connect(unfinished_, &UnfinishedSweeps::resumeWanted, this, &MainWindow::continueSweep);
  connect(unfinished_, &UnfinishedSweeps::quickWanted, this, &MainWindow::measureThisMachine);
  connect(unfinished_, &UnfinishedSweeps::failed, this, say);
  failed_points_ = new FailedPoints(options_.store, tasks_, this);
  connect(failed_points_, &FailedPoints::startWanted, this, &MainWindow::continueSweep);
  connect(failed_points_, &FailedPoints::failed, this, say);
  connect(nodes_page_, &NodesPage::failed, this, say);
  connect(nodes_page_, &NodesPage::sweepWanted, this, [this](const QString& node) {
    openEditor();
    SweepForm form;
    form.name = tr("Sweep on %1").arg(node);
    form.node = node;
    editor_->setYaml(to_yaml(form));
  });
  auto* table = runs_dock_->findChild<QTableView*>(QStringLiteral("runsTable"));
  table->addAction(retry_failed_);
  if (table->contextMenuPolicy() == Qt::DefaultContextMenu) table->setContextMenuPolicy(Qt::ActionsContextMenu);
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
  jobs_dock_->show();
  jobs_.add(job);
}

void MainWindow::retryFailed() {
  std::vector<RunRow> failed;
  const std::vector<RunId> chosen = runs_dock_->selected();
  const std::set<RunId> wanted(chosen.begin(), chosen.end());
  for (const RunRow& row : runs_->rows)
    if (wanted.contains(row.id) && row.state == RunState::failed) failed.push_back(row);
  failed_points_->retry(failed);
}

// Never modal: a window of its own, as the editor is, which it fills.
void MainWindow::openConnect() {
  if (!connect_) {
    connect_ = new ConnectDialog(tasks_, this);
    connect(connect_, &ConnectDialog::sweepWanted, this, [this](const QString& yaml) {
      openEditor();
      editor_->setYaml(yaml);
    });
  }
  connect_->show();
  connect_->raise();
  connect_->activateWindow();
}

void MainWindow::onJobs() {
  const int unfinished = jobs_.unfinished(), in_turn = jobs_.unfinishedInTurn();
  cancel_all_->setEnabled(unfinished > 0);
  banner_->setBusy(in_turn > 0);
  updateBanner();
  measure_->setEnabled(in_turn == 0);
  nodes_page_->setRunning(jobs_);
  QString text = tr("Ready");
  for (const Job* job : jobs_.jobs())
    if (job->state() == JobState::paused)
      text = tr("%1 · paused").arg(job->title());
    else if (job->state() == JobState::running)
      text = QStringLiteral("%1 · %2 %").arg(job->title()).arg(static_cast<int>(job->share() * 100));
  jobs_label_->setText(text);
  if (closing_ && unfinished == 0) close();
}

void MainWindow::openEditor() {
  if (!editor_) {
    editor_ = new SweepEditor(tasks_, options_.store, this);
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

}  // namespace tokenmark
