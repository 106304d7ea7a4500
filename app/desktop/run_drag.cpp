#include "app/desktop/run_drag.h"

#include <QList>
#include <QDragEnterEvent>
#include <QMimeData>
#include <algorithm>

namespace tokenmark {
namespace {

constexpr qsizetype kMostBytes = 4 << 20;   // more than 200,000 runs are no gesture

}  // namespace

QByteArray run_drag_text(const std::vector<RunId>& runs) {
  QByteArray text;
  for (const RunId id : runs) text += QByteArray::number(static_cast<qlonglong>(id)) + '\n';
  return text;
}

std::vector<RunId> parse_run_drag(const QByteArray& text) {
  if (text.size() > kMostBytes) return {};
  std::vector<RunId> runs;
  for (const QByteArray& line : text.split('\n')) {
    if (line.trimmed().isEmpty()) continue;
    bool number = false;
    const RunId id = line.trimmed().toLongLong(&number);
    if (!number) return {};
    runs.push_back(id);
  }
  std::vector<RunId> sorted = runs;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return runs;
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

std::unique_ptr<QMimeData> run_drag(const std::vector<RunId>& runs) {
  auto drag = std::make_unique<QMimeData>();
  drag->setData(QString::fromLatin1(kRunsMime), run_drag_text(runs));
  return drag;
}

std::vector<RunId> dragged_runs(const QMimeData* drag) {
  const QString mime = QString::fromLatin1(kRunsMime);
  return drag != nullptr && drag->hasFormat(mime) ? parse_run_drag(drag->data(mime)) : std::vector<RunId>();
}

void welcome_runs(QDragEnterEvent& event) {
  if (!dragged_runs(event.mimeData()).empty()) event.acceptProposedAction();
}

std::vector<RunId> take_runs(QDropEvent& event) {
  std::vector<RunId> runs = dragged_runs(event.mimeData());
  if (!runs.empty()) event.acceptProposedAction();
  return runs;
}

}  // namespace tokenmark
