// What the list of runs and the inspector's notes ask for: stars, tags, notes, deletions; bundles of runs.
#include <QFileDialog>
#include <QStatusBar>
#include <QUndoStack>

#include "app/desktop/deleted_runs.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/run_edits.h"
#include "app/desktop/run_notes.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/widgets.h"
#include "core/report/chart_definition.h"

namespace tokenmark {

void MainWindow::connectRunEdits() {
  edits_ = new RunEdits(*store_, *undo_, this);
  connect(runs_dock_, &RunsDock::starWanted, edits_, &RunEdits::setStarred);
  connect(runs_dock_, &RunsDock::tagWanted, this, [this](const RunRows& runs, const QString& tag, bool on) {
    on ? edits_->addTag(runs, tag) : edits_->removeTag(runs, tag);
  });
  connect(runs_dock_, &RunsDock::removalWanted, this, [this](const RunRows& runs) {
    edits_->remove(runs);
    messages_->say(Severity::note, tr("Deleted: Ctrl+Z brings the runs back, and so does Edit, Recently deleted, for 30 days."),
                   QStringLiteral("deletion"));
  });
  connect(runs_dock_, &RunsDock::valuesWanted, this, [this](RunKey key) {
    RunsQuery others = query_;   // what the field itself says now must not hide its other values
    others.search = QString::fromStdString(with_values(query_.search.toStdString(), key, {}));
    store_->askValues(key, others);
  });
  connect(store_, &StoreLink::valuesLoaded, runs_dock_, &RunsDock::showValues);
  connect(runs_dock_, &RunsDock::bundleWanted, this, &MainWindow::saveBundle);
  inspector_->notes()->setKnownTags(runs_dock_->knownTags());
  connect(inspector_->notes(), &RunNotes::marksWanted, edits_, &RunEdits::setMarks);
}

void MainWindow::openDeletedRuns() {
  if (!deleted_runs_) {
    deleted_runs_ = new DeletedRuns(options_.store, tasks_, this);
    connect(deleted_runs_, &DeletedRuns::restoreWanted, edits_, &RunEdits::restore);
    connect(deleted_runs_, &DeletedRuns::failed, this, [this](const QString& text) { messages_->say(Severity::error, text); });
    connect(store_, &StoreLink::runsLoaded, deleted_runs_, [this] {
      if (deleted_runs_->isVisible()) deleted_runs_->read();
    });
  }
  deleted_runs_->read();
  bring_to_front(*deleted_runs_);
}

// With the chart in front, where one is: it opens with the runs.
void MainWindow::saveBundle(const RunRows& runs) {
  std::vector<RunId> ids;
  for (const RunRow& row : runs)
    if (!is_sample(row)) ids.push_back(row.id);
  auto* dialog = new QFileDialog(this, tr("Save bundle"), {}, tr("Bundles of runs (*.tokenmark)"));
  dialog->setObjectName(QStringLiteral("bundleDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("tokenmark"));
  dialog->selectFile(QStringLiteral("runs.tokenmark"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, ids, chart = currentChart()](const QString& path) {
    tasks_.start(QStringLiteral("bundle"),
                 [ids, chart, store = options_.store, path](std::stop_token) -> Status {
                   TOKENMARK_TRY(const auto opened, Store::open(store));
                   return opened->save_bundle(ids, chart, path.toStdString());
                 },
                 [this, path, count = ids.size()](const Status& saved) {
                   if (!saved) return messages_->say(Severity::error, QString::fromStdString(saved.error().message));
                   statusBar()->showMessage(tr("Written: %1 (%2 runs)").arg(path).arg(count), 8000);
                 });
  });
  dialog->open();
}

void MainWindow::chooseBundle() {
  auto* dialog = new QFileDialog(this, tr("Open bundle"), {}, tr("Bundles of runs (*.tokenmark);;All files (*)"));
  dialog->setObjectName(QStringLiteral("openBundleDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openBundle);
  dialog->open();
}

void MainWindow::openBundle(const QString& path) {
  tasks_.start(QStringLiteral("bundle ") + path,
               [store = options_.store, path](std::stop_token) -> Result<OpenedBundle> {
                 TOKENMARK_TRY(const auto opened, Store::open(store));
                 return opened->open_bundle(path.toStdString());
               },
               [this](const Result<OpenedBundle>& opened) {
                 if (!opened) return messages_->say(Severity::error, QString::fromStdString(opened.error().message));
                 messages_->say(Severity::note, opened->known > 0 ? tr("%1 runs opened, %2 were here already").arg(opened->runs.size() - opened->known).arg(opened->known)
                                                                  : tr("%1 runs opened").arg(opened->runs.size()), QStringLiteral("import"));
                 store_->look();
                 showBundleChart(*opened);
               });
}

// The runs have other numbers here than where the chart was drawn: it is shown of the bundle's.
void MainWindow::showBundleChart(const OpenedBundle& bundle) {
  if (bundle.chart.empty()) return;
  Result<ChartDefinition> chart = parse_chart_definition(bundle.chart);
  if (!chart) return messages_->say(Severity::warning, tr("The bundle's chart cannot be shown: %1").arg(QString::fromStdString(chart.error().message)));
  chart->filter.clear();
  chart->samples = false;
  chart->runs = bundle.runs;
  showDefinition(*chart);
}

}  // namespace tokenmark
