// The comparison as a chart definition: saved, opened, and made of runs that are dropped on the page.
#include <QDragEnterEvent>
#include <QUndoStack>
#include <algorithm>

#include "app/desktop/change.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/run_drag.h"

namespace tokenmark {

ChartDefinition ComparePage::definition(bool with_runs) const {
  ChartDefinition d;
  d.kind = chartKind();
  d.comparison = known_.query;
  if (known_.of_runs) d.comparison.baseline_run = known_.run;
  d.of_runs = known_.of_runs;
  d.filter = known_.filter;
  d.runs = known_.runs;
  d.samples = known_.samples;
  if (!with_runs || !d.runs.empty() || !d.filter.empty()) return d;
  d.filter = runs_->query.search.toStdString();
  d.samples = runs_->query.samples;
  if (ofRuns()) d.runs = comparedRuns();
  else if (chosen_.size() > 1) d.runs = chosen_;
  return d;
}

void ComparePage::step(const QString& what, const Asked& now) {
  const Asked before = known_;
  apply(now);
  keepStep(what, before, now);
}

void ComparePage::keepStep(const QString& what, const Asked& before, const Asked& now) {
  const auto show = [this](const Asked& asked) {
    apply(asked);
    emit seen();
  };
  undo_.push(new Change(this, what, [show, before] { show(before); }, [show, now] { show(now); }));
}

void ComparePage::change(const ChartDefinition& d) {
  Asked now;
  now.of_runs = d.of_runs;
  now.query = d.comparison;
  now.query.baseline_run = 0;
  now.run = d.comparison.baseline_run;
  now.filter = d.filter;
  now.runs = d.runs;
  now.samples = d.samples;
  step(tr("opened comparison"), now);
}

void ComparePage::addRuns(const std::vector<RunId>& runs) {
  if (runs.empty()) return;
  Asked now = known_;
  now.runs = definition(true).runs;
  now.filter.clear();
  for (const RunId id : runs)
    if (std::find(now.runs.begin(), now.runs.end(), id) == now.runs.end()) now.runs.push_back(id);
  step(tr("dropped runs"), now);
}

bool ComparePage::isRestricted() const { return !known_.runs.empty() || !known_.filter.empty() || !known_.samples; }

void ComparePage::showAllRuns() {
  Asked now = known_;
  now.filter.clear();
  now.runs.clear();
  now.samples = true;
  step(tr("runs"), now);
}

void ComparePage::dragEnterEvent(QDragEnterEvent* event) { welcome_runs(*event); }

void ComparePage::dropEvent(QDropEvent* event) {
  const std::vector<RunId> runs = take_runs(*event);
  if (runs.empty()) return;
  addRuns(runs);
  emit runsDropped(runs);
}

}  // namespace tokenmark
