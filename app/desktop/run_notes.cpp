#include "app/desktop/run_notes.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QStringListModel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/run_edits.h"

namespace tokenmark {
namespace {

QString tags_text(const RunRow& row) {
  QStringList tags;
  for (const std::string& tag : row.tags) tags << QString::fromStdString(tag);
  return tags.join(QStringLiteral(", "));
}

// Completes the tag that is being typed, behind the last comma.
class TagCompleter : public QCompleter {
 public:
  TagCompleter(QStringListModel* tags, QObject* parent) : QCompleter(tags, parent) {
    setCaseSensitivity(Qt::CaseInsensitive);
    setFilterMode(Qt::MatchContains);
  }
  QStringList splitPath(const QString& path) const override { return {path.section(',', -1).trimmed()}; }
  QString pathFromIndex(const QModelIndex& index) const override {
    const QString typed = static_cast<QLineEdit*>(widget())->text();
    const QString before = typed.contains(',') ? typed.section(',', 0, -2) + QStringLiteral(", ") : QString();
    return before + index.data().toString();
  }
};

}  // namespace

std::vector<std::string> tags_from(const QString& text) {
  std::vector<std::string> tags;
  for (const QString& part : text.split(','))
    if (const std::string tag = part.trimmed().toStdString(); !tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end())
      tags.push_back(tag);
  return tags;
}

RunNotes::RunNotes(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("runNotes"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  star_ = new QToolButton(this);
  star_->setObjectName(QStringLiteral("runStar"));
  star_->setAccessibleName(tr("Star of the run"));
  star_->setToolTip(tr("Mark this run with a star"));
  star_->setCheckable(true);
  star_->setAutoRaise(true);
  tags_ = new QLineEdit(this);
  tags_->setObjectName(QStringLiteral("runTags"));
  tags_->setAccessibleName(tr("Tags of the run"));
  tags_->setPlaceholderText(tr("Tags, with commas between"));
  tags_->setToolTip(tr("Tags of this run, with commas between; Enter keeps them"));
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  row->addWidget(star_);
  row->addWidget(tags_, 1);
  layout->addLayout(row);
  note_ = new QPlainTextEdit(this);
  note_->setObjectName(QStringLiteral("runNote"));
  note_->setAccessibleName(tr("Note on the run"));
  note_->setPlaceholderText(tr("Note"));
  note_->setToolTip(tr("A note on this run; it is kept when the field is left, or with Ctrl+Enter"));
  note_->setTabChangesFocus(true);
  note_->installEventFilter(this);
  layout->addWidget(note_);
  connect(note_, &QPlainTextEdit::textChanged, this, &RunNotes::fitNote);
  connect(tags_, &QLineEdit::editingFinished, this, &RunNotes::commitTags);
  connect(star_, &QToolButton::clicked, this, [this](bool on) {
    RunMarks after = marks_of(row_);
    after.starred = on;
    commit(after, on ? tr("star") : tr("taking a star away"));
  });
  clear();
}

void RunNotes::setKnownTags(QStringListModel* tags) { tags_->setCompleter(new TagCompleter(tags, tags_)); }

void RunNotes::showRun(const RunRow& row) {
  if (is_sample_id(row.id)) return clear();
  const bool other = row.id != row_.id;
  if (other) {
    commitTags();
    commitNote();
  }
  row_ = row;
  star_->setChecked(row.starred);
  star_->setText(row.starred ? QStringLiteral("★") : QStringLiteral("☆"));
  if (other || !tags_->hasFocus()) tags_->setText(tags_text(row));
  if (other || !note_->hasFocus())
    if (const QString note = QString::fromStdString(row.note); note_->toPlainText() != note) note_->setPlainText(note);
  fitNote();
  setVisible(true);
}

void RunNotes::clear() {
  if (row_.id > 0) {
    commitTags();
    commitNote();
  }
  row_ = {};
  setVisible(false);
}

// Two lines, up to six where the note needs them.
void RunNotes::fitNote() {
  const int lines = std::clamp(note_->document()->lineCount(), 2, 6);
  note_->setFixedHeight(lines * note_->fontMetrics().lineSpacing() + 12);
}

void RunNotes::commitTags() {
  RunMarks after = marks_of(row_);
  after.tags = tags_from(tags_->text());
  std::vector<std::string> before = row_.tags, now = after.tags;
  std::sort(before.begin(), before.end());
  std::sort(now.begin(), now.end());
  if (before != now) commit(after, tr("change of tags"));
}

void RunNotes::commitNote() {
  RunMarks after = marks_of(row_);
  after.note = note_->toPlainText().toStdString();
  if (after.note != row_.note.str()) commit(after, tr("change of a note"));
}

void RunNotes::commit(const RunMarks& after, const QString& change) {
  if (row_.id <= 0) return;
  const RunRow before = row_;
  row_.starred = after.starred;   // until the store says so itself
  row_.tags = after.tags;
  row_.note = after.note;
  emit marksWanted(before, after, change);
}

bool RunNotes::eventFilter(QObject* object, QEvent* event) {
  if (object == note_ && event->type() == QEvent::FocusOut) commitNote();
  if (object == note_ && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && key->modifiers() == Qt::ControlModifier) {
      commitNote();
      return true;
    }
  }
  return QWidget::eventFilter(object, event);
}

}  // namespace tokenmark
