#include "app/desktop/run_edits.h"

#include <QUndoCommand>
#include <QUndoStack>
#include <algorithm>

namespace tokenmark {
namespace {

class MarksCommand : public QUndoCommand {
 public:
  MarksCommand(StoreLink& store, const QString& text, std::vector<RunMarks> before, std::vector<RunMarks> after)
      : QUndoCommand(text), store_(store), before_(std::move(before)), after_(std::move(after)) {}
  void redo() override { set(after_); }
  void undo() override { set(before_); }

 private:
  void set(const std::vector<RunMarks>& marks) {
    store_.change([marks](Store& store) { return store.set_marks(marks); });
  }
  StoreLink& store_;
  std::vector<RunMarks> before_, after_;
};

// Takes runs away, or brings deleted ones back.
class DeletionCommand : public QUndoCommand {
 public:
  DeletionCommand(StoreLink& store, const QString& text, std::vector<RunId> ids, bool away)
      : QUndoCommand(text), store_(store), ids_(std::move(ids)), away_(away) {}
  void redo() override { set(away_); }
  void undo() override { set(!away_); }

 private:
  void set(bool away) {
    store_.change([ids = ids_, away](Store& store) { return away ? store.remove(ids) : store.restore(ids); });
  }
  StoreLink& store_;
  std::vector<RunId> ids_;
  bool away_;
};

std::vector<RunId> stored_ids(const RunRows& runs) {
  std::vector<RunId> ids;
  for (const RunRow& row : runs)
    if (!is_sample_id(row.id)) ids.push_back(row.id);
  return ids;
}

bool same(const RunMarks& a, const RunMarks& b) {
  return a.starred == b.starred && a.tags == b.tags && a.note == b.note;
}

QString counted(const QString& one, const QString& many, std::size_t count) { return count == 1 ? one : many.arg(count); }

}  // namespace

RunMarks marks_of(const RunRow& row) { return {row.id, row.starred, row.tags, row.note}; }

RunEdits::RunEdits(StoreLink& store, QUndoStack& undo, QObject* parent) : QObject(parent), store_(store), undo_(undo) {}

void RunEdits::edit(const RunRows& runs, const QString& text, const std::function<void(RunMarks&)>& edit) {
  std::vector<RunMarks> before, after;
  for (const RunRow& row : runs) {
    if (is_sample_id(row.id)) continue;
    RunMarks marks = marks_of(row);
    edit(marks);
    if (same(marks, marks_of(row))) continue;
    before.push_back(marks_of(row));
    after.push_back(std::move(marks));
  }
  if (!after.empty()) undo_.push(new MarksCommand(store_, text, std::move(before), std::move(after)));
}

void RunEdits::setStarred(const RunRows& runs, bool starred) {
  edit(runs, starred ? tr("star") : tr("taking a star away"), [&](RunMarks& marks) { marks.starred = starred; });
}

void RunEdits::addTag(const RunRows& runs, const QString& tag) {
  const std::string added = tag.trimmed().toStdString();
  if (added.empty()) return;
  edit(runs, tr("tag %1").arg(tag.trimmed()), [&](RunMarks& marks) {
    if (std::find(marks.tags.begin(), marks.tags.end(), added) == marks.tags.end()) marks.tags.push_back(added);
  });
}

void RunEdits::removeTag(const RunRows& runs, const QString& tag) {
  edit(runs, tr("taking the tag %1 away").arg(tag), [&](RunMarks& marks) { std::erase(marks.tags, tag.toStdString()); });
}

void RunEdits::setMarks(const RunRow& before, const RunMarks& after, const QString& text) {
  RunRows one;
  one.push_back(before);
  edit(one, text, [&](RunMarks& marks) { marks = after; });
}

void RunEdits::remove(const RunRows& runs) {
  std::vector<RunId> ids = stored_ids(runs);
  if (ids.empty()) return;
  const QString text = counted(tr("deletion of a run"), tr("deletion of %1 runs"), ids.size());
  undo_.push(new DeletionCommand(store_, text, std::move(ids), true));
}

void RunEdits::restore(const RunRows& runs) {
  std::vector<RunId> ids = stored_ids(runs);
  if (ids.empty()) return;
  const QString text = counted(tr("return of a run"), tr("return of %1 runs"), ids.size());
  undo_.push(new DeletionCommand(store_, text, std::move(ids), false));
}

}  // namespace tokenmark
