// One step of the window's undo: how to go back, and how to go forth again. What it is about (`owner`) may be gone by then. A
// change of the same thing within a second becomes one with the last: turning a wheel is one step. The window's thread.
#pragma once

#include <QElapsedTimer>
#include <QPointer>
#include <QUndoCommand>
#include <functional>

namespace tokenmark {

class Change : public QUndoCommand {
 public:
  // Already done when it is made: the first redo() does nothing. `text`: what is undone, also what "the same thing" means.
  Change(QObject* owner, const QString& text, std::function<void()> back, std::function<void()> forth);

  void undo() override;
  void redo() override;
  int id() const override { return 1; }
  bool mergeWith(const QUndoCommand* other) override;

 private:
  QPointer<QObject> owner_;
  std::function<void()> back_, forth_;
  QElapsedTimer made_;
  bool done_ = true;
};

}  // namespace tokenmark
