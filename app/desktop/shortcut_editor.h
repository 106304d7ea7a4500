// The shortcuts of all actions as a list: choose one, press the keys. Keys that two actions have are
// marked and said. The window's thread.
#pragma once

#include <QWidget>

#include "app/desktop/window_actions.h"

class QKeySequenceEdit;
class QLabel;
class QPushButton;
class QTreeWidget;

namespace tokenmark {

class ShortcutEditor : public QWidget {
  Q_OBJECT
 public:
  ShortcutEditor(Shortcuts& shortcuts, QWidget* parent);
  void showAll();                               // as they are now
  bool filter(const QStringList& words);        // false: no action has all of them

 private:
  void showChosen();
  void check();
  void give(const QKeySequence& keys);
  QString chosen() const;
  void markConflicts();

  Shortcuts& shortcuts_;
  QList<ShortcutEntry> entries_;                // as they are shown
  QTreeWidget* list_;
  QKeySequenceEdit* keys_;
  QLabel* said_;
  QPushButton *set_, *clear_, *usual_;
  QStringList words_;
};

}  // namespace tokenmark
