// What a chart's page shows as one definition: read from its choosers, set again, kept, undone; and the chart made of it.
#include <QAction>
#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QSettings>
#include <QUndoStack>
#include <set>
#include <utility>

#include "app/charts/text.h"
#include "app/desktop/change.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

std::string key_of(const QComboBox* box) { return box ? box->currentData().toString().toStdString() : std::string(); }

std::optional<double> limit_of(const QDoubleSpinBox* box, double scale) {
  return box && box->value() > 0 ? std::optional(box->value() / scale) : std::nullopt;
}

// What has changed, for the menu: "Undo zoom".
QString difference(const ChartDefinition& a, const ChartDefinition& b) {
  const auto tr = [](const char* words) { return QCoreApplication::translate("FrontierPage", words); };
  if (a.query.x != b.query.x || a.query.y != b.query.y || a.query.task != b.query.task) return tr("axes");
  if (a.query.log_x != b.query.log_x || a.query.log_y != b.query.log_y) return tr("logarithmic axis");
  if (!(a.query == b.query)) return a.query.price_set != b.query.price_set || a.query.tier != b.query.tier ? tr("prices") : tr("limits");
  if (a.hidden != b.hidden) return tr("hidden series");
  if (a.only_optimal != b.only_optimal) return tr("optimal only");
  if (a.baseline != b.baseline) return tr("baseline");
  if (a.view != b.view) return tr("zoom");
  if (a.line != b.line || a.cursor_a != b.cursor_a || a.cursor_b != b.cursor_b) return tr("line and cursors");
  return tr("chart");
}

constexpr std::size_t kMostSeries = 60;   // more cannot be told apart

std::vector<std::string> tasks_of(const RunRows& rows) {
  std::set<std::string> tasks;
  for (const RunRow& row : rows)
    for (const QualityFigure& q : row.quality) tasks.insert(q.task);
  return {tasks.begin(), tasks.end()};
}

}  // namespace

struct FrontierPage::Made {
  Result<Chart> chart;
  std::vector<std::string> tasks;
};

ChartDefinition FrontierPage::definition(bool with_runs) const {
  ChartDefinition d;
  d.kind = kind_.key;
  d.title = restricted_.title;
  d.filter = restricted_.filter;
  d.runs = restricted_.runs;
  d.samples = restricted_.samples;
  d.query.x = axis_from_key(key_of(x_)).value_or(kind_.x.front());
  d.query.y = axis_from_key(key_of(y_)).value_or(kind_.y.front());
  d.query.price_set = key_of(prices_);
  d.query.tier = key_of(tier_);
  d.query.task = key_of(task_);
  d.query.log_x = log_x_->isChecked();
  d.query.log_y = log_y_->isChecked();
  d.query.limits.ttft_s = limit_of(ttft_limit_, 1);
  d.query.limits.tpot_s = limit_of(tpot_limit_, 1000);
  d.only_optimal = only_optimal_->isChecked();
  for (const QString& name : plot_->hiddenSeries()) d.hidden.push_back(name.toStdString());
  d.view = wanted_view_ ? wanted_view_ : plot_->chosenView();
  const Readings readings = plot_->line().readings();
  d.line = readings.line;
  d.cursor_a = readings.cursor_a;
  d.cursor_b = readings.cursor_b;
  d.baseline = plot_->line().baseline();
  if (with_runs && d.runs.empty() && d.filter.empty()) {
    d.filter = runs_->query.search.toStdString();
    d.samples = runs_->query.samples;
    if (chosen_.size() > 1) d.runs = chosen_;
  }
  return d;
}

void FrontierPage::apply(const ChartDefinition& d) {
  applying_ = true;
  restricted_ = {};
  restricted_.title = d.title;
  restricted_.filter = d.filter;
  restricted_.runs = d.runs;
  restricted_.samples = d.samples;
  choose(*x_, text(meaning(d.query.x).key));
  choose(*y_, text(meaning(d.query.y).key));
  if (!d.query.price_set.empty()) choose(*prices_, text(d.query.price_set));
  if (!d.query.tier.empty()) choose(*tier_, text(d.query.tier));
  if (task_) {
    if (task_->findData(text(d.query.task)) < 0) task_->addItem(text(d.query.task), text(d.query.task));
    choose(*task_, text(d.query.task));
  }
  if (ttft_limit_) ttft_limit_->setValue(d.query.limits.ttft_s.value_or(0));
  if (tpot_limit_) tpot_limit_->setValue(1000 * d.query.limits.tpot_s.value_or(0));
  log_x_->setChecked(d.query.log_x);
  log_y_->setChecked(d.query.log_y);
  only_optimal_->setChecked(d.only_optimal);
  QStringList hidden;
  for (const std::string& name : d.hidden) hidden << text(name);
  plot_->setHiddenSeries(hidden);
  plot_->line().setBaseline(d.baseline);
  plot_->line().setReadings({d.line, d.cursor_a, d.cursor_b});
  wanted_view_ = d.view;
  if (!d.view) plot_->setChosenView(std::nullopt);
  applying_ = false;
  updateChoosers();
  known_ = definition();
  compute();
}

void FrontierPage::change(const ChartDefinition& definition) {
  const ChartDefinition before = known_;
  apply(definition);
  undo_.push(new Change(this, tr("opened chart"), [this, before] { apply(before); emit seen(); },
                        [this, definition] { apply(definition); emit seen(); }));
}

// Other axes show another place: the view of the old ones goes with them, in the same step.
void FrontierPage::noteChange() {
  if (applying_) return;
  ChartDefinition now = definition();
  if (now == known_) return;
  const bool other_axes = now.query.x != known_.query.x || now.query.y != known_.query.y || now.query.log_x != known_.query.log_x ||
                          now.query.log_y != known_.query.log_y;
  if (other_axes && now.view) {
    applying_ = true;
    wanted_view_.reset();
    plot_->setChosenView(std::nullopt);
    applying_ = false;
    now = definition();
  }
  const ChartDefinition before = std::exchange(known_, now);
  undo_.push(new Change(this, tr("%1 (%2)").arg(difference(before, now), text(kind_.label)), [this, before] { apply(before); emit seen(); },
                        [this, now] { apply(now); emit seen(); }));
}

void FrontierPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = runs_ == runs && (chosen == chosen_ || (chosen.size() < 2 && chosen_.size() < 2));
  runs_ = runs;
  chosen_ = chosen;
  plot_->selectRuns(chosen.size() < 2 ? chosen : std::vector<RunId>());
  if (!same) compute();
}

void FrontierPage::pricesChanged() {
  applying_ = true;
  fill_price_sets(*prices_);
  applying_ = false;
  if (meaning(definition().query.y).priced) compute();
}

void FrontierPage::showEvent(QShowEvent* event) {
  ChartPage::showEvent(event);
  if (due_) compute();
}

void FrontierPage::compute() {
  due_ = !isVisible();
  if (due_) return;
  ChartDefinition asked = definition();
  if (asked.runs.empty() && asked.filter.empty() && chosen_.size() > 1) asked.runs = chosen_;
  asked.query.most_series = kMostSeries;
  tasks().start(QStringLiteral("chart ") + text(kind_.key),
                [runs = runs_, asked, with_tasks = task_ != nullptr](std::stop_token) {
                  return Made{make_chart(asked, runs->rows), with_tasks ? tasks_of(runs->rows) : std::vector<std::string>()};
                },
                [this](Made made) { showChart(std::move(made)); });
}

void FrontierPage::showTasks(const std::vector<std::string>& tasks) {
  if (!task_) return;
  const QSignalBlocker quiet(task_);
  const QVariant chosen = task_->currentData();
  while (task_->count() > 1) task_->removeItem(1);
  for (const std::string& task : tasks) task_->addItem(text(task), text(task));
  if (task_->findData(chosen) < 0) task_->addItem(chosen.toString(), chosen);
  choose(*task_, chosen);
}

void FrontierPage::showChart(Made made) {
  if (!made.chart) {
    emit failed(text(made.chart.error().message));
    return;
  }
  showTasks(made.tasks);
  const Chart& chart = *made.chart;
  QStringList parts;
  if (!chart.subtitle.empty()) parts << text(chart.subtitle);
  if (chosen_.size() > 1) parts << tr("%1 of %2 runs").arg(chosen_.size()).arg(runs_->rows.size());
  if (!chart.price_set.empty()) parts << tr("prices %1").arg(text(prices_text(chart)));
  if (!plot_->line().baseline().empty()) parts << tr("baseline %1").arg(text(plot_->line().baseline()));
  setUnpriced(chart.unpriced);
  QStringList notes;
  for (const std::string& note : chart.notes) notes << text(note);
  for (const std::string& source : chart.sources) notes << tr("Source: %1").arg(text(source));
  showWords(text(chart.title), parts.join(QStringLiteral(" · ")), notes);
  applying_ = true;
  plot_->setChart(*std::move(made.chart));
  if (wanted_view_) plot_->setChosenView(std::exchange(wanted_view_, std::nullopt));
  applying_ = false;
}

// The runs that an opened chart restricts itself to are kept; those chosen in the list are the list's to keep.
void FrontierPage::save(QSettings& settings) const {
  ChartPage::save(settings);
  settings.setValue("definition", QString::fromStdString(chart_definition_text(definition())));
}

void FrontierPage::restore(const QSettings& settings) {
  ChartPage::restore(settings);
  const auto kept = parse_chart_definition(settings.value("definition").toString().toStdString());
  if (kept && kept->kind == kind_.key) apply(*kept);
}

}  // namespace tokenmark
