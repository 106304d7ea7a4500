#include "app/desktop/change.h"

#include <utility>

namespace tokenmark {
namespace {

constexpr qint64 kOneStep_ms = 1000;

}  // namespace

Change::Change(QObject* owner, const QString& text, std::function<void()> back, std::function<void()> forth)
    : QUndoCommand(text), owner_(owner), back_(std::move(back)), forth_(std::move(forth)) {
  made_.start();
}

void Change::undo() {
  if (owner_) back_();
}

void Change::redo() {
  if (std::exchange(done_, false)) return;
  if (owner_) forth_();
}

bool Change::mergeWith(const QUndoCommand* other) {
  const auto* later = dynamic_cast<const Change*>(other);
  if (!later || later->owner_ != owner_ || later->text() != text() || made_.elapsed() > kOneStep_ms) return false;
  forth_ = later->forth_;
  made_.restart();
  return true;
}

}  // namespace tokenmark
