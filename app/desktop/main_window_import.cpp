// Other tools' results into the store: from the File menu, or dropped onto the window. The reading is `tokenmark-cli
// runs import` in a process of its own: no foreign file can harm the window, and a bad one stores nothing.
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMimeData>
#include <QRegularExpression>
#include <nlohmann/json.hpp>

#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/program_job.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/sweep_editor.h"

namespace tokenmark {

void MainWindow::chooseResults() {
  auto* dialog =
      new QFileDialog(this, tr("Import results"), {},
                      tr("Results (*.json *.jsonl *.ndjson *.csv *.txt);;Bundles of runs (*.tokenmark);;All files (*)"));
  dialog->setObjectName(QStringLiteral("importDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openFiles);
  dialog->open();
}

void MainWindow::chooseResultFolder() {
  auto* dialog = new QFileDialog(this, tr("Import a folder"));
  dialog->setObjectName(QStringLiteral("importFolderDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openFiles);
  dialog->open();
}

// Result files rarely say on what they were measured, and nothing is guessed from their names.
void MainWindow::askForFacts(const QStringList& paths) {
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("importFacts"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Import results"));
  dialog->setLabelText(tr("What the files do not say, such as: gpus=8 hw=h200 precision=fp4 framework=vllm\n"
                          "(may stay empty: figures per GPU are then absent)"));
  connect(dialog, &QInputDialog::textValueSelected, this, [this, paths](const QString& facts) {
    static const QRegularExpression spaces(QStringLiteral("\\s+"));
    importResults(paths, facts.split(spaces, Qt::SkipEmptyParts));
  });
  dialog->open();
}

void MainWindow::importResults(const QStringList& paths, const QStringList& facts) {
  QStringList arguments{QStringLiteral("runs"), QStringLiteral("import"), QStringLiteral("--json"), QStringLiteral("--store"),
                        QString::fromStdString(options_.store.string())};
  for (const QString& fact : facts) arguments << QStringLiteral("--set=%1").arg(fact);
  arguments << QStringLiteral("--") << paths;
  auto* job = new ProgramJob(tr("Import results"), QString::fromStdString(options_.agent_program), arguments);
  job->keepOutputOutOfLog();
  job->setTurns({});   // light: it waits for no measurement
  connect(job, &ProgramJob::failed, this, [this](const QString& why) { messages_->say(Severity::error, tr("Import: %1").arg(why)); });
  connect(job, &ProgramJob::succeeded, this, [this](const QByteArray& report) {
    store_->look();
    const auto json = nlohmann::json::parse(report.constData(), report.constData() + report.size(), nullptr, false);
    if (!json.is_object()) return;
    const int skipped = json.value("skipped", 0), all = json.contains("runs") ? static_cast<int>(json["runs"].size()) : 0;
    messages_->say(Severity::note, skipped > 0 ? tr("%1 runs imported, %2 were here already").arg(all - skipped).arg(skipped)
                                               : tr("%1 runs imported").arg(all), QStringLiteral("import"));
  });
  addJob(job);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls())
    if (url.isLocalFile()) paths << url.toLocalFile();
  if (paths.isEmpty()) return;
  event->acceptProposedAction();
  openFiles(paths);
}

void MainWindow::openFiles(const QStringList& paths) {
  QStringList results;
  for (const QString& path : paths) {
    const QFileInfo file(path);
    if (file.exists()) recent_->add(path);
    const QString suffix = file.suffix().toLower();
    if (!file.exists()) {
      messages_->say(Severity::error, tr("%1 is not there.").arg(path));
    } else if (path.endsWith(QLatin1String(".chart.json"), Qt::CaseInsensitive)) {
      openChart(path);
    } else if (suffix == QLatin1String("yaml") || suffix == QLatin1String("yml")) {
      openEditor();
      editor_->openPath(path);
    } else if (suffix == QLatin1String("tokenmark")) {
      openBundle(path);
    } else {
      results << path;
    }
  }
  if (!results.isEmpty()) askForFacts(results);
}

}  // namespace tokenmark
