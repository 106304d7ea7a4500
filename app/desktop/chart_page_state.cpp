// What a chart's page shows as one definition: read from its choosers, set again, kept, undone; and runs dropped on it.
#include <QAction>
#include <QDragEnterEvent>
#include <QUndoStack>
#include <algorithm>
#include <utility>

#include "app/desktop/change.h"
#include "app/desktop/chart_page.h"
#include "app/desktop/run_drag.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

// Other axes show another place.
bool other_axes(const ChartDefinition& a, const ChartDefinition& b) {
  return a.query.x != b.query.x || a.query.y != b.query.y || a.query.log_x != b.query.log_x ||
         a.query.log_y != b.query.log_y || !(a.distribution == b.distribution) || a.trend.figure != b.trend.figure ||
         a.trend.x != b.trend.x || a.trend.by != b.trend.by || a.trend.at != b.trend.at ||
         (a.kind == chart_kind::kTimeline && a.runs != b.runs);
}

// What has changed, for the menu: "Undo zoom".
QString difference(const ChartDefinition& a, const ChartDefinition& b) {
  const FrontierQuery &p = a.query, &q = b.query;
  if (p.x != q.x || p.y != q.y || p.task != q.task) return ChartPage::tr("axes");
  if (p.log_x != q.log_x || p.log_y != q.log_y || a.distribution.log_x != b.distribution.log_x)
    return ChartPage::tr("logarithmic axis");
  if (p.price_set != q.price_set || p.tier != q.tier || a.trend.price_set != b.trend.price_set ||
      a.trend.tier != b.trend.tier)
    return ChartPage::tr("prices");
  if (!(p == q)) return ChartPage::tr("limits");
  if (!(a.distribution == b.distribution) || !(a.trend == b.trend)) return ChartPage::tr("figure");
  if (a.runs != b.runs || a.filter != b.filter || a.samples != b.samples) return ChartPage::tr("runs");
  if (a.hidden != b.hidden) return ChartPage::tr("hidden series");
  if (a.only_optimal != b.only_optimal) return ChartPage::tr("optimal only");
  if (a.baseline != b.baseline) return ChartPage::tr("baseline");
  if (a.view != b.view) return ChartPage::tr("zoom");
  if (a.line != b.line || a.cursor_a != b.cursor_a || a.cursor_b != b.cursor_b) return ChartPage::tr("line and cursors");
  return ChartPage::tr("chart");
}

}  // namespace

void ChartPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  runs_ = runs;
  chosen_ = chosen;
}

bool ChartPage::isRestricted() const {
  return !restricted_.filter.empty() || !restricted_.runs.empty() || !restricted_.samples;
}

ChartDefinition ChartPage::definition(bool with_runs) const {
  ChartDefinition d;
  d.kind = chartKind();
  d.title = restricted_.title;
  d.filter = restricted_.filter;
  d.runs = restricted_.runs;
  d.samples = restricted_.samples;
  for (const QString& name : plot_->hiddenSeries()) d.hidden.push_back(name.toStdString());
  d.view = wanted_view_ ? wanted_view_ : plot_->chosenView();
  const Readings readings = plot_->line().readings();
  d.line = readings.line;
  d.cursor_a = readings.cursor_a;
  d.cursor_b = readings.cursor_b;
  d.baseline = plot_->line().baseline();
  read(d);
  if (!with_runs || !d.runs.empty() || !d.filter.empty()) return d;
  const ChartSort sort = *chart_sort(d.kind);
  const bool of_runs = sort == ChartSort::distributions || sort == ChartSort::timeline;
  if (!of_runs) {
    d.filter = runs_->query.search.toStdString();
    d.samples = runs_->query.samples;
  }
  if (chosen_.size() > 1 || of_runs) d.runs = chosen_;
  return d;
}

ChartDefinition ChartPage::asked() const {
  ChartDefinition asked = definition();
  if (asked.runs.empty() && asked.filter.empty() && chosen_.size() > 1) asked.runs = chosen_;
  return asked;
}

void ChartPage::apply(const ChartDefinition& d) {
  quietly([&] {
    restricted_ = {};
    restricted_.title = d.title;
    restricted_.filter = d.filter;
    restricted_.runs = d.runs;
    restricted_.samples = d.samples;
    put(d);
    QStringList hidden;
    for (const std::string& name : d.hidden) hidden << QString::fromStdString(name);
    plot_->setHiddenSeries(hidden);
    plot_->line().setBaseline(d.baseline);
    plot_->line().setReadings({d.line, d.cursor_a, d.cursor_b});
    wanted_view_ = d.view;
    if (!d.view) plot_->setChosenView(std::nullopt);
  });
  all_runs_->setVisible(isRestricted());
  refresh();
  settle();
}

void ChartPage::change(const ChartDefinition& definition) {
  const ChartDefinition before = known_;
  apply(definition);
  keepStep(tr("opened chart"), before, definition);
}

// One step of undo, already made.
void ChartPage::keepStep(const QString& what, const ChartDefinition& before, const ChartDefinition& now) {
  const auto show = [this](const ChartDefinition& definition) {
    apply(definition);
    emit seen();
  };
  undo_.push(new Change(this, what, [show, before] { show(before); }, [show, now] { show(now); }));
}

// The view of other axes goes with them, in the same step.
void ChartPage::noteChange() {
  if (applying_) return;
  ChartDefinition now = definition();
  if (now == known_) return;
  if (other_axes(now, known_) && now.view) {
    quietly([&] {
      wanted_view_.reset();
      plot_->setChosenView(std::nullopt);
    });
    now = definition();
  }
  const ChartDefinition before = std::exchange(known_, now);
  keepStep(tr("%1 (%2)").arg(difference(before, now), label_), before, now);
}

void ChartPage::settle() { known_ = definition(); }

void ChartPage::chartShown() {
  quietly([&] {
    if (wanted_view_) plot_->setChosenView(std::exchange(wanted_view_, std::nullopt));
  });
  known_.view = definition().view;   // a chart that has changed its axes by itself begins with all of it
}

void ChartPage::pinSeries(const QString& series) { plot_->line().setBaseline(series.toStdString()); }

void ChartPage::addRuns(const std::vector<RunId>& runs) {
  if (runs.empty()) return;
  ChartDefinition d = definition();
  d.runs = definition(true).runs;
  if (!restricted_.filter.empty() && d.runs.empty())
    if (const auto found = defined_runs(restricted_, runs_->rows))
      for (const RunRow& row : *found) d.runs.push_back(row.id);
  for (const RunId id : runs)
    if (std::find(d.runs.begin(), d.runs.end(), id) == d.runs.end()) d.runs.push_back(id);
  if (d.kind == chart_kind::kTimeline) d.runs = {runs.front()};
  d.filter.clear();
  const ChartDefinition before = known_;
  apply(d);
  keepStep(tr("dropped runs"), before, d);
}

void ChartPage::dragEnterEvent(QDragEnterEvent* event) { welcome_runs(*event); }

void ChartPage::dropEvent(QDropEvent* event) {
  const std::vector<RunId> runs = take_runs(*event);
  if (runs.empty()) return;
  addRuns(runs);
  emit runsDropped(runs);
}

// Which runs are shown is not kept: the next session begins with those of the list.
void ChartPage::save(UserSettings& settings) const {
  settings.setValue("exportFolder", export_folder_);
  ChartDefinition d = definition();
  d.filter.clear();
  d.runs.clear();
  d.samples = true;
  d.title.clear();
  if (d.kind == chart_kind::kTimeline) d.view.reset();   // of a run that may be another then
  settings.setValue("definition", QString::fromStdString(chart_definition_text(d)));
}

void ChartPage::restore(const UserSettings& settings) {
  export_folder_ = settings.value("exportFolder").toString();
  const auto kept = parse_chart_definition(settings.value("definition").toString().toStdString());
  if (kept && kept->kind == chartKind()) apply(*kept);
}

}  // namespace tokenmark
