// What a person changes about runs: stars, tags, notes, deletions. Each is a step on the window's stack of undoable ones,
// carried out by the store's thread. Samples are in no store: they are left out. The window's thread.
#pragma once

#include <QObject>

#include "app/desktop/store_link.h"

class QUndoStack;

namespace tokenmark {

RunMarks marks_of(const RunRow& row);

class RunEdits : public QObject {
  Q_OBJECT
 public:
  RunEdits(StoreLink& store, QUndoStack& undo, QObject* parent);

  void setStarred(const RunRows& runs, bool starred);
  void addTag(const RunRows& runs, const QString& tag);
  void removeTag(const RunRows& runs, const QString& tag);
  void setMarks(const RunRow& before, const RunMarks& after, const QString& text);
  void remove(const RunRows& runs);
  void restore(const RunRows& runs);      // that were deleted

 private:
  void setTag(const RunRows& runs, const QString& text, const std::string& tag, bool on);
  void push(const QString& text, StoreWork forth, StoreWork back);

  StoreLink& store_;
  QUndoStack& undo_;
};

}  // namespace tokenmark
