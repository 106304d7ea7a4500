#include "app/desktop/run_edits.h"

#include <QUndoCommand>
#include <QUndoStack>
#include <algorithm>

namespace tokenmark {
namespace {

// What is done to runs in the store's thread, and what takes it back.
class RunsCommand : public QUndoCommand {
 public:
  RunsCommand(StoreLink& store, const QString& text, StoreWork forth, StoreWork back)
      : QUndoCommand(text), store_(store), forth_(std::move(forth)), back_(std::move(back)) {}
  void redo() override { store_.change(forth_); }
  void undo() override { store_.change(back_); }

 private:
  StoreLink& store_;
  StoreWork forth_, back_;
};

using Ids = std::shared_ptr<const std::vector<RunId>>;   // shared by the two directions of a step: there may be 100,000

// Runs that would stay as they are take no part: what is taken back is the opposite for all others.
template <class Wanted>
Ids ids_of(const RunRows& runs, Wanted&& wanted) {
  std::vector<RunId> ids;
  for (const RunRow& row : runs)
    if (!is_sample_id(row.id) && wanted(row)) ids.push_back(row.id);
  return std::make_shared<const std::vector<RunId>>(std::move(ids));
}

bool same(const RunMarks& a, const RunMarks& b) {
  return a.starred == b.starred && a.tags == b.tags && a.note == b.note;
}

QString counted(const QString& one, const QString& many, std::size_t count) { return count == 1 ? one : many.arg(count); }

}  // namespace

RunMarks marks_of(const RunRow& row) { return {row.id, row.starred, row.tags, row.note}; }

RunEdits::RunEdits(StoreLink& store, QUndoStack& undo, QObject* parent) : QObject(parent), store_(store), undo_(undo) {}

void RunEdits::push(const QString& text, StoreWork forth, StoreWork back) {
  undo_.push(new RunsCommand(store_, text, std::move(forth), std::move(back)));
}

void RunEdits::setStarred(const RunRows& runs, bool starred) {
  const Ids ids = ids_of(runs, [&](const RunRow& row) { return row.starred != starred; });
  if (ids->empty()) return;
  push(starred ? tr("star") : tr("taking a star away"), [ids, starred](Store& store) { return store.set_starred(*ids, starred); },
       [ids, starred](Store& store) { return store.set_starred(*ids, !starred); });
}

void RunEdits::setTag(const RunRows& runs, const QString& text, const std::string& tag, bool on) {
  const Ids ids = ids_of(runs, [&](const RunRow& row) { return (std::find(row.tags.begin(), row.tags.end(), tag) != row.tags.end()) != on; });
  if (ids->empty()) return;
  push(text, [ids, tag, on](Store& store) { return store.set_tag(*ids, tag, on); },
       [ids, tag, on](Store& store) { return store.set_tag(*ids, tag, !on); });
}

void RunEdits::addTag(const RunRows& runs, const QString& tag) {
  if (const QString added = tag.trimmed(); !added.isEmpty()) setTag(runs, tr("tag %1").arg(added), added.toStdString(), true);
}

void RunEdits::removeTag(const RunRows& runs, const QString& tag) {
  setTag(runs, tr("taking the tag %1 away").arg(tag), tag.toStdString(), false);
}

void RunEdits::setMarks(const RunRow& before, const RunMarks& after, const QString& text) {
  if (is_sample_id(before.id) || same(marks_of(before), after)) return;
  push(text, [after](Store& store) { return store.set_marks({after}); },
       [before = marks_of(before)](Store& store) { return store.set_marks({before}); });
}

void RunEdits::remove(const RunRows& runs) {
  const Ids ids = ids_of(runs, [](const RunRow&) { return true; });
  if (ids->empty()) return;
  push(counted(tr("deletion of a run"), tr("deletion of %1 runs"), ids->size()), [ids](Store& store) { return store.remove(*ids); },
       [ids](Store& store) { return store.restore(*ids); });
}

void RunEdits::restore(const RunRows& runs) {
  const Ids ids = ids_of(runs, [](const RunRow&) { return true; });
  if (ids->empty()) return;
  push(counted(tr("return of a run"), tr("return of %1 runs"), ids->size()), [ids](Store& store) { return store.restore(*ids); },
       [ids](Store& store) { return store.remove(*ids); });
}

}  // namespace tokenmark
