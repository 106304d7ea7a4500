// Runs on their way from the list onto a chart: how a drag carries them. Pages take such a drop as "show these too". The
// window's thread.
#pragma once

#include <QByteArray>
#include <memory>
#include <vector>

#include "core/store/store.h"

class QDragEnterEvent;
class QDropEvent;
class QMimeData;

namespace tokenmark {

inline constexpr const char* kRunsMime = "application/x-tokenmark-runs";   // text: ids of runs, one a line

QByteArray run_drag_text(const std::vector<RunId>& runs);
// Each once; empty: no runs, or something that is no list of them. Other programs can drop too.
std::vector<RunId> parse_run_drag(const QByteArray& text);

std::unique_ptr<QMimeData> run_drag(const std::vector<RunId>& runs);   // for QDrag, which takes it
std::vector<RunId> dragged_runs(const QMimeData* drag);                // empty: it carries none

// What pages do with their events: a drag that carries runs is welcome, and dropped ones are taken.
void welcome_runs(QDragEnterEvent& event);
std::vector<RunId> take_runs(QDropEvent& event);

}  // namespace tokenmark
