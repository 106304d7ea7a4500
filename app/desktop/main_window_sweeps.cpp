// What the main window measures: sweeps become jobs.
#include <QAction>
#include <QLabel>
#include <nlohmann/json.hpp>

#include "app/desktop/first_run_banner.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/models_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"

namespace tokenmark {

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

}  // namespace tokenmark
