// What the page's choosers say as a definition, and the chart made of it.
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <set>
#include <utility>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
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

void FrontierPage::read(ChartDefinition& d) const {
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
}

void FrontierPage::put(const ChartDefinition& d) {
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
}

void FrontierPage::refresh() {
  updateChoosers();
  compute();
}

void FrontierPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = this->runs() == runs && (chosen == this->chosen() || (chosen.size() < 2 && this->chosen().size() < 2));
  ChartPage::setRuns(runs, chosen);
  plot_->selectRuns(chosen.size() < 2 ? chosen : std::vector<RunId>());
  if (!same) compute();
}

void FrontierPage::pricesChanged() {
  quietly([&] { fill_price_sets(*prices_); });
  if (meaning(definition().query.y).priced) compute();
}

void FrontierPage::showEvent(QShowEvent* event) {
  ChartPage::showEvent(event);
  if (due_) compute();
}

void FrontierPage::compute() {
  due_ = !isVisible();
  if (due_) return;
  ChartDefinition asked = this->asked();
  asked.query.most_series = kMostSeries;
  tasks().start(QStringLiteral("chart ") + text(kind_.key),
                [runs = runs(), asked, with_tasks = task_ != nullptr](std::stop_token) {
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
    emit failed(core_text(made.chart.error().message));
    return;
  }
  showTasks(made.tasks);
  const Chart& chart = *made.chart;
  QStringList parts;
  if (!chart.subtitle.empty()) parts << core_text(chart.subtitle);
  if (chosen().size() > 1 && !isRestricted()) parts << tr("%1 of %2 runs").arg(chosen().size()).arg(runs()->rows.size());
  if (!chart.price_set.empty()) parts << tr("prices %1").arg(text(prices_text(chart)));
  if (!plot_->line().baseline().empty()) parts << tr("baseline %1").arg(text(plot_->line().baseline()));
  setUnpriced(chart.unpriced);
  QStringList notes;
  for (const std::string& note : chart.notes) notes << core_text(note);
  for (const std::string& source : chart.sources) notes << tr("Source: %1").arg(core_text(source));
  showWords(core_text(chart.title), parts.join(QStringLiteral(" · ")), notes);
  plot_->setEmptyText(chart.notes.empty() ? tr("No runs to draw.\nMeasure this machine, or start a sweep.")
                                          : tr("None of the runs can be drawn here:\nwhy is said below the chart."));
  quietly([&] { plot_->setChart(*std::move(made.chart)); });
  chartShown();
}

}  // namespace tokenmark
