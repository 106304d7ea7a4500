// Copying out of the inspector: a value, a row, all of it as JSON; by menu and by Ctrl+C.
#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QTreeWidget>
#include <nlohmann/json.hpp>

#include "app/desktop/inspector_dock.h"

namespace tokenmark {
namespace {

using nlohmann::ordered_json;

std::string plain(const QString& text) { return text.toStdString(); }

// Sections and rows as they are shown: rows of one value as texts, of several as objects by column.
ordered_json as_json(const QTreeWidgetItem& item, const QStringList& columns) {
  ordered_json object = ordered_json::object();
  for (int i = 0; i < item.childCount(); ++i) {
    const QTreeWidgetItem& row = *item.child(i);
    if (row.childCount() > 0) {   // folded rows belong to the section they are folded in
      const ordered_json folded = as_json(row, columns);
      for (const auto& entry : folded.items()) object[entry.key()] = entry.value();
    } else if (columns.size() <= 2) {
      object[plain(row.text(0))] = plain(row.text(1));
    } else {
      for (int c = 1; c < columns.size(); ++c) object[plain(row.text(0))][plain(columns[c])] = plain(row.text(c));
    }
  }
  return object;
}

}  // namespace

void InspectorDock::setupCopy() {
  tree_->installEventFilter(this);
  tree_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(tree_, &QWidget::customContextMenuRequested, this, &InspectorDock::showMenu);
}

bool InspectorDock::eventFilter(QObject* watched, QEvent* event) {
  if (watched == tree_ && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
    copyValue();
    return true;
  }
  return QDockWidget::eventFilter(watched, event);
}

void InspectorDock::showMenu(const QPoint& at) {
  if (tree_->topLevelItemCount() == 0) return;
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("inspectorMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const auto add = [&](const QString& words, const char* name, void (InspectorDock::*does)()) {
    QAction* action = menu->addAction(words);
    action->setObjectName(QString::fromLatin1(name));
    connect(action, &QAction::triggered, this, does);
    return action;
  };
  add(tr("Copy &value"), "copyValue", &InspectorDock::copyValue)->setShortcut(QKeySequence::Copy);
  add(tr("Copy &row"), "copyRow", &InspectorDock::copyRow);
  add(tr("Copy &all as JSON"), "copyAll", &InspectorDock::copyAll);
  menu->popup(tree_->viewport()->mapToGlobal(at));
}

void InspectorDock::copyValue() {
  const QTreeWidgetItem* item = tree_->currentItem();
  if (item == nullptr) return;
  const int column = std::max(1, tree_->currentColumn());
  QGuiApplication::clipboard()->setText(item->text(column).isEmpty() ? item->text(0) : item->text(column));
}

void InspectorDock::copyRow() {
  const QTreeWidgetItem* item = tree_->currentItem();
  if (item == nullptr) return;
  QStringList cells;
  for (int c = 0; c < tree_->columnCount(); ++c) cells << item->text(c);
  QGuiApplication::clipboard()->setText(cells.join('\t'));
}

void InspectorDock::copyAll() {
  QStringList columns;
  for (int c = 0; c < tree_->columnCount(); ++c) columns << tree_->headerItem()->text(c);
  ordered_json document = ordered_json::object();
  if (detail_ && detail_->row.id > 0) document["run"] = detail_->row.id;
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) document[plain(tree_->topLevelItem(i)->text(0))] = as_json(*tree_->topLevelItem(i), columns);
  QGuiApplication::clipboard()->setText(QString::fromStdString(document.dump(2, ' ', false, ordered_json::error_handler_t::replace)));
}

}  // namespace tokenmark
