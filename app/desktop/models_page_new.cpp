// What brings models into the list: folders of the user's, downloads, and quantising.
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <algorithm>

#include "app/desktop/download_dialog.h"
#include "app/desktop/models_page.h"
#include "app/desktop/program_job.h"
#include "app/desktop/quantise_dialog.h"
#include "app/desktop/settings.h"

namespace tokenmark {
namespace {

const QString kFolders = QStringLiteral("files/models");

QStringList user_folders() { return setting(kFolders).toStringList(); }

}  // namespace

void ModelsPage::fillFolderMenu() {
  folder_menu_->clear();
  connect(folder_menu_->addAction(tr("Add folder …")), &QAction::triggered, this, &ModelsPage::askForFolder);
  const QStringList folders = user_folders();
  if (!folders.isEmpty()) folder_menu_->addSeparator();
  for (const QString& folder : folders)
    connect(folder_menu_->addAction(tr("Remove %1").arg(folder)), &QAction::triggered, this,
            [this, folder] { removeFolder(folder); });
}

void ModelsPage::askForFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("A folder with models"), QDir::homePath());
  if (!folder.isEmpty()) addFolder(folder);
}

void ModelsPage::addFolder(const QString& folder) {
  QStringList folders = user_folders();
  if (!folders.contains(folder)) set_setting(kFolders, folders << folder);
  rescan();
}

void ModelsPage::removeFolder(const QString& folder) {
  QStringList folders = user_folders();
  folders.removeAll(folder);
  set_setting(kFolders, folders);
  rescan();
}

void ModelsPage::showNew(const QString& path) {
  wanted_ = path;
  const QString folder = QFileInfo(path).absolutePath();
  const bool known = std::ranges::any_of(
      models_, [&](const ModelFile& m) { return QString::fromStdString(m.path).startsWith(folder + '/'); });
  if (known) rescan();
  else addFolder(folder);
}

void ModelsPage::askForDownload() {
  const QStringList folders = user_folders();
  auto* dialog = new DownloadDialog(folders.isEmpty() ? QDir::homePath() : folders.last(), this);
  connect(dialog, &QDialog::accepted, this, [this, dialog] { download(dialog->url(), dialog->file(), dialog->sha256()); });
  dialog->open();
}

// Beside the measurements: it waits for none of them and none for it.
void ModelsPage::download(const QString& url, const QString& file, const QString& sha256) {
  const QString name = QFileInfo(file).fileName();
  QStringList arguments{QStringLiteral("model"), QStringLiteral("get"), url, QStringLiteral("-o"), file};
  if (!sha256.isEmpty()) arguments << QStringLiteral("--sha256") << sha256;
  auto* job = new ProgramJob(tr("Download %1").arg(name), program_, arguments);
  job->setTurns({});   // it disturbs no figures
  job->offerAgain(tr("Go on with the download"));
  connect(job, &ProgramJob::failed, this,
          [this, name](const QString& why) { emit failed(tr("Download %1: %2").arg(name, why)); });
  connect(job, &ProgramJob::succeeded, this, [this, file] { showNew(file); });
  connect(job, &ProgramJob::againWanted, this, [this, url, file, sha256] { download(url, file, sha256); });
  emit jobWanted(job);
}

void ModelsPage::askHowToQuantise() {
  const ModelFile* model = selected();
  if (!model) return;
  auto* dialog = new QuantiseDialog(*model, program_, this);
  connect(dialog, &QDialog::accepted, this, [this, dialog] { quantise(dialog->format(), dialog->output()); });
  dialog->open();
}

void ModelsPage::quantise(const QString& format, const QString& output) {
  const ModelFile* model = selected();
  if (!model) return;
  const QString name = QString::fromStdString(model->name);
  auto* job = new ProgramJob(
      tr("Quantise %1 to %2").arg(name, format), program_,
      {QStringLiteral("model"), QStringLiteral("make"), QStringLiteral("--from"), QString::fromStdString(model->path),
       QStringLiteral("--format"), format, QStringLiteral("-o"), output, QStringLiteral("--json")});
  job->keepOutputOutOfLog();
  connect(job, &ProgramJob::failed, this,
          [this, name](const QString& why) { emit failed(tr("Quantise %1: %2").arg(name, why)); });
  connect(job, &ProgramJob::succeeded, this, [this, output](const QByteArray& report) {
    written_[output] = report;
    showNew(output);
  });
  emit jobWanted(job);
}

}  // namespace tokenmark
