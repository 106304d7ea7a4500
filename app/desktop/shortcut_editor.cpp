#include "app/desktop/shortcut_editor.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <algorithm>

#include "app/desktop/look.h"
#include "app/desktop/widgets.h"

namespace tokenmark {

ShortcutEditor::ShortcutEditor(Shortcuts& shortcuts, QWidget* parent) : QWidget(parent), shortcuts_(shortcuts) {
  setObjectName(QStringLiteral("shortcutEditor"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  list_ = make_list(this, "shortcutList", tr("Actions and their shortcuts"), {tr("Action"), tr("Menu"), tr("Shortcut")});
  list_->setMinimumHeight(320);
  list_->setFrameShape(QFrame::StyledPanel);
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  list_->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
  layout->addWidget(list_);
  auto* row = new QHBoxLayout;
  keys_ = new QKeySequenceEdit(this);
  keys_->setObjectName(QStringLiteral("shortcutKeys"));
  keys_->setAccessibleName(tr("New shortcut: press the keys"));
  keys_->setToolTip(keys_->accessibleName());
  if (auto* line = keys_->findChild<QLineEdit*>()) line->setAccessibleName(keys_->accessibleName());
  set_ = make_button(this, "shortcutSet", tr("Set"), tr("Give the action this shortcut"));
  clear_ = make_button(this, "shortcutClear", tr("None"), tr("Take the action's shortcut away"));
  usual_ = make_button(this, "shortcutUsual", tr("As at first"), tr("Give the action back the shortcut it had at first"));
  row->addWidget(keys_, 1);
  for (QPushButton* button : {set_, clear_, usual_}) row->addWidget(button);
  layout->addLayout(row);
  said_ = new QLabel(this);
  said_->setObjectName(QStringLiteral("shortcutSaid"));
  said_->setWordWrap(true);
  layout->addWidget(said_);
  connect(list_, &QTreeWidget::currentItemChanged, this, &ShortcutEditor::showChosen);
  connect(keys_, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutEditor::check);
  connect(set_, &QPushButton::clicked, this, [this] {
    if (!keys_->keySequence().isEmpty()) give(keys_->keySequence());
  });
  connect(clear_, &QPushButton::clicked, this, [this] { give({}); });
  connect(usual_, &QPushButton::clicked, this, [this] {
    for (const ShortcutEntry& entry : entries_)
      if (entry.name == chosen()) return give(entry.usual);
  });
  showAll();
}

QString ShortcutEditor::chosen() const {
  return list_->currentItem() ? list_->currentItem()->data(0, Qt::UserRole).toString() : QString();
}

void ShortcutEditor::showAll() {
  const QString before = chosen();
  list_->clear();
  entries_ = shortcuts_.entries();
  for (const ShortcutEntry& entry : entries_) {
    auto* item = new QTreeWidgetItem(list_, {entry.text, entry.path, entry.keys.toString(QKeySequence::NativeText)});
    item->setData(0, Qt::UserRole, entry.name);
    item->setData(2, Qt::UserRole, QVariant::fromValue(entry.keys));
    QFont font = item->font(2);
    font.setBold(entry.keys != entry.usual);
    item->setFont(2, font);
    if (entry.name == before) list_->setCurrentItem(item);
  }
  markConflicts();
  filter(words_);
  showChosen();
}

void ShortcutEditor::markConflicts() {
  for (int i = 0; i < list_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = list_->topLevelItem(i);
    const QStringList others = conflicts(entries_, item->data(0, Qt::UserRole).toString(), item->data(2, Qt::UserRole).value<QKeySequence>());
    if (others.isEmpty()) continue;
    item->setText(2, item->text(2) + QStringLiteral(" ⚠"));
    item->setToolTip(2, tr("Also the shortcut of: %1").arg(others.join(QStringLiteral(", "))));
  }
}

bool ShortcutEditor::filter(const QStringList& words) {
  words_ = words;
  bool any = false;
  for (int i = 0; i < list_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = list_->topLevelItem(i);
    const QString all = QStringList{item->text(0), item->text(1), item->text(2), tr("Shortcuts")}.join(' ');
    const bool found = std::all_of(words.begin(), words.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    item->setHidden(!found);
    any = any || found;
  }
  return any;
}

void ShortcutEditor::showChosen() {
  const bool any = !chosen().isEmpty();
  for (QWidget* part : std::initializer_list<QWidget*>{keys_, clear_, usual_}) part->setEnabled(any);
  keys_->setKeySequence(any ? list_->currentItem()->data(2, Qt::UserRole).value<QKeySequence>() : QKeySequence());
  check();
}

void ShortcutEditor::check() {
  const QStringList others = conflicts(entries_, chosen(), keys_->keySequence());
  set_->setEnabled(!chosen().isEmpty());   // the field tells of keys only a second after they were pressed
  said_->setText(chosen().isEmpty() ? tr("Choose an action, then press its new shortcut.")
                 : others.isEmpty() ? QString()
                                    : tr("%1 is also the shortcut of: %2. With two, neither works; give the other one different keys.")
                                          .arg(keys_->keySequence().toString(QKeySequence::NativeText), others.join(QStringLiteral(", "))));
  set_role(*said_, others.isEmpty() ? "muted" : "error");
}

void ShortcutEditor::give(const QKeySequence& keys) {
  if (chosen().isEmpty()) return;
  shortcuts_.set(chosen(), keys);
  showAll();
}

}  // namespace tokenmark
