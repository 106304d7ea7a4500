// The editor's text and its file: opened, saved, replaced by another sweep.
#include <QFileDialog>
#include <QFileInfo>
#include <QPushButton>

#include "app/desktop/message_bar.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/sweep_files.h"
#include "app/desktop/tasks.h"
#include "app/desktop/yaml_edit.h"

namespace tokenmark {
namespace {

constexpr auto kReplaced = "replaced";

}  // namespace

void SweepEditor::setYaml(const QString& yaml) { replaceAll(yaml, {}); }

void SweepEditor::replaceAll(const QString& text, const QString& path) {
  const bool unsaved = yaml_->document()->isModified() && text != yaml();
  const Replaced replaced{yaml(), path_, text, path};
  const QString before = path_.isEmpty() ? tr("the sweep that was here and is in no file")
                                         : tr("the changes to %1").arg(QFileInfo(path_).fileName());
  yaml_->replaceText(text);
  yaml_->document()->setModified(false);   // nothing is lost with it
  path_ = path;
  replaced_ = replaced;
  updateTitle();
  notes_->clear(QString::fromLatin1(kReplaced));
  if (unsaved)
    notes_->say(Severity::note, tr("This sweep has replaced %1: Ctrl+Z brings back what was there.").arg(before),
                QString::fromLatin1(kReplaced));
}

// Undone and done again, a text belongs to its own file.
void SweepEditor::followHistory() {
  if (!replaced_) return;
  const QString now = yaml();
  if (now != replaced_->text && now != replaced_->by) return;
  path_ = now == replaced_->text ? replaced_->path : replaced_->by_path;
  if (now == replaced_->text) notes_->clear(QString::fromLatin1(kReplaced));
  updateTitle();
}

void SweepEditor::updateTitle() {
  setWindowTitle(path_.isEmpty() ? tr("New sweep[*]") : tr("%1[*] – sweep").arg(QFileInfo(path_).fileName()));
  setWindowModified(yaml_->document()->isModified());
}

void SweepEditor::openFile() {
  auto* dialog =
      new QFileDialog(this, tr("Open a sweep file"), QFileInfo(path_).path(), tr("Sweeps (*.yaml *.yml);;All files (*)"));
  dialog->setObjectName(QStringLiteral("sweepOpenDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, &SweepEditor::openPath);
  dialog->open();
}

void SweepEditor::openPath(const QString& path) {
  tasks_.start(QStringLiteral("sweep open"), [path](std::stop_token) { return read_sweep_text(path); },
               [this, path](const Result<QString>& text) {
                 if (!text) return emit failed(QString::fromStdString(text.error().message));
                 replaceAll(*text, path);
                 emit fileUsed(path);
               });
}

void SweepEditor::save(const QString& path) {
  tasks_.start(
      QStringLiteral("sweep save"),
      [path, text = yaml()](std::stop_token) { return std::pair(write_sweep_text(path, text), text); },
      [this, path](const std::pair<Status, QString>& written) {
        if (!written.first) return emit failed(QString::fromStdString(written.first.error().message));
        if (replaced_) (path_ == replaced_->by_path ? replaced_->by_path : replaced_->path) = path;
        path_ = path;
        if (yaml() == written.second) yaml_->document()->setModified(false);   // not typed on meanwhile
        updateTitle();
        emit fileUsed(path);
      });
}

void SweepEditor::saveFile() {
  if (path_.isEmpty()) return saveFileAs();
  save(path_);
}

void SweepEditor::saveFileAs() {
  auto* dialog =
      new QFileDialog(this, tr("Save the sweep"), QFileInfo(path_).path(), tr("Sweeps (*.sweep.yaml *.yaml *.yml)"));
  dialog->setObjectName(QStringLiteral("sweepSaveDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("sweep.yaml"));
  connect(dialog, &QFileDialog::fileSelected, this, &SweepEditor::save);
  dialog->open();
}

}  // namespace tokenmark
