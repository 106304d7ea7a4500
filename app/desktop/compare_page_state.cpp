// What is compared on the page: read from its choosers, set again, kept, undone; and the table made of it.
#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTreeWidget>
#include <algorithm>
#include <utility>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "core/report/run_comparison.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostRuns = 12;   // more are no table that one reads

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

QVariant run_key(RunId run) { return static_cast<qlonglong>(run); }

}  // namespace

struct ComparePage::Made {
  Result<ComparisonTable> table;
  RunDifference difference = {};
};

ComparePage::Asked ComparePage::asked() const {
  Asked asked = known_;
  asked.of_runs = of_runs_->isEnabled() ? of_runs_->isChecked() : known_.of_runs;
  ComparisonQuery& query = asked.query;
  query.equal = equal_from_key(equal_->currentData().toString().toStdString()).value_or(EqualIn::interactivity);
  bool ok = false;
  const double at = QLocale::c().toDouble(at_->text(), &ok);
  query.at = ok && at > 0 ? std::optional(at) : std::nullopt;
  query.price_set = prices_->currentData().toString().toStdString();
  query.tier = tier_->currentData().toString().toStdString();
  query.only_significant = only_significant_->isChecked();
  return asked;
}

// The chosen runs and the pinned one, which is the baseline.
std::vector<RunId> ComparePage::comparedRuns() const {
  std::vector<RunId> runs = known_.runs.empty() ? chosen_ : known_.runs;
  std::sort(runs.begin(), runs.end());   // however the list is sorted, the oldest is the first
  if (known_.run != 0 && std::find(runs.begin(), runs.end(), known_.run) == runs.end())
    runs.insert(runs.begin(), known_.run);
  return runs;
}

bool ComparePage::canCompareRuns() const { return !(chosen_.empty() && known_.runs.empty()) && comparedRuns().size() > 1; }

void ComparePage::apply(const Asked& wanted) {
  applying_ = true;
  known_ = wanted;
  choose(*equal_, text(meaning(wanted.query.equal).key));
  at_->setText(wanted.query.at ? QString::number(*wanted.query.at, 'g', 9) : QString());
  choose(*prices_, text(wanted.query.price_set));
  choose(*tier_, text(wanted.query.tier));
  only_significant_->setChecked(wanted.query.only_significant);
  updateKinds();
  applying_ = false;
  known_ = asked();
  compute();
}

void ComparePage::changed() {
  if (applying_) return;
  // The baseline is the same on all pages: the window pins it, and it comes back as pinBaseline.
  const QVariant base = baseline_->currentData();
  if (const RunId run = base.toLongLong(); ofRuns() && run != known_.run) {
    const auto row = std::find_if(runs_->rows.begin(), runs_->rows.end(), [&](const RunRow& r) { return r.id == run; });
    return emit baselinePinned(row == runs_->rows.end() ? baseline() : text(row->series.str()), run);
  }
  if (!ofRuns() && base.toString() != baseline()) return emit baselinePinned(base.toString(), 0);
  Asked now = asked();
  if (now == known_) return;
  if (now.query.equal != known_.query.equal && now.query.at) {   // a number of other units says nothing here
    applying_ = true;
    at_->clear();
    applying_ = false;
    now = asked();
  }
  const Asked before = std::exchange(known_, now);
  keepStep(tr("comparison"), before, now);
  updateKinds();
  compute();
}

bool ComparePage::compareRuns() {
  if (!canCompareRuns()) return false;
  updateKinds();
  if (!of_runs_->isChecked()) of_runs_->trigger();
  return true;
}

void ComparePage::pinBaseline(const QString& series, RunId run) {
  if (known_.query.baseline == series.toStdString() && known_.run == run) return;
  Asked wanted = known_;
  wanted.query.baseline = series.toStdString();
  wanted.run = run;
  apply(wanted);
}

void ComparePage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool of_runs = ofRuns() || (known_.of_runs && !chosen.empty());
  if (chosen.size() > 1 && chosen != chosen_) {   // other runs are wanted now than those of a file
    known_.runs.clear();
    known_.filter.clear();
    known_.samples = true;
  }
  const bool same = runs_ == runs && (chosen == chosen_ || (!of_runs && chosen.size() < 2 && chosen_.size() < 2));
  runs_ = runs;
  chosen_ = chosen;
  updateKinds();
  if (!same) compute();
}

// Which of both kinds is seen, and what belongs to it.
void ComparePage::updateKinds() {
  const bool before = std::exchange(applying_, true);
  of_runs_->setEnabled(canCompareRuns());
  (ofRuns() ? of_runs_ : of_series_)->setChecked(true);
  for (QAction* action : of_series_only_) action->setVisible(!ofRuns());
  all_runs_->setVisible(isRestricted());
  if (!ofRuns()) differences_->hide();
  fillBaselines();
  applying_ = before;
}

void ComparePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (due_) compute();
}

void ComparePage::pricesChanged() {
  applying_ = true;
  fill_price_sets(*prices_);
  applying_ = false;
  compute();
}

void ComparePage::compute() {
  due_ = !isVisible();
  if (due_) return;
  if (ofRuns()) return computeRuns();
  tasks_.start(
      QStringLiteral("comparison"),
      [runs = runs_, chosen = chosen_, query = known_.query, own = definition(),
       restricted = isRestricted()](std::stop_token) -> Made {
        if (!restricted) return {comparison_table(charted_rows(*runs, chosen), query)};
        const RowView rows(runs->rows);
        const auto wanted = defined_runs(own, rows);
        if (!wanted) return {tl::unexpected(wanted.error())};
        return {comparison_table(*wanted, query)};
      },
      [this](Made made) { showMade(std::move(made)); });
}

void ComparePage::computeRuns() {
  std::vector<RunId> wanted = comparedRuns();
  const std::size_t all = wanted.size();
  wanted.resize(std::min(all, kMostRuns));
  const RunComparisonQuery query = {.baseline = known_.run, .price_set = known_.query.price_set, .tier = known_.query.tier,
                                    .only_significant = known_.query.only_significant};
  const std::string note =
      all > kMostRuns ? tr("The first %1 of %2 chosen runs").arg(kMostRuns).arg(all).toStdString() : std::string();
  tasks_.start(QStringLiteral("comparison"),
               [runs = runs_, wanted, query, note, file = store_](std::stop_token stop) -> Made {
                 std::unique_ptr<Store> store;
                 if (auto opened = file.empty() ? Result<std::unique_ptr<Store>>() : Store::open(file))
                   store = *std::move(opened);  // samples need none
                 std::vector<RunRow> rows;
                 for (const RunId id : wanted) {
                   const auto listed =
                       std::find_if(runs->rows.begin(), runs->rows.end(), [&](const RunRow& row) { return row.id == id; });
                   if (listed != runs->rows.end()) rows.push_back(*listed);
                   else if (store && id > 0)   // pinned, and not in the list that is shown
                     if (auto found = store->run(id)) rows.push_back(*std::move(found));
                 }
                 Result<ComparisonTable> table = run_comparison(store.get(), rows, query, stop);
                 if (table && !note.empty()) table->notes.insert(table->notes.begin(), note);
                 auto difference = run_difference(store.get(), rows);
                 return {std::move(table), difference ? *std::move(difference) : RunDifference{}};
               },
               [this](Made made) { showMade(std::move(made)); });
}

void ComparePage::showMade(Made made) {
  if (!made.table) {
    emit failed(core_text(made.table.error().message));
    return;
  }
  table_ = *std::move(made.table);
  difference_ = std::move(made.difference);
  applying_ = true;
  fillBaselines();
  at_->setPlaceholderText(number_text(table_.at));
  applying_ = false;
  const QString heading = core_text(comparison_heading(table_));
  title_->setText(table_.series.empty() ? tr("No runs to compare")
                  : table_.of_runs      ? tr("Runs %1").arg(heading)
                                        : tr("Series %1").arg(heading));
  QStringList notes;
  if (table_.series.size() == 1 && table_.rows.empty())
    notes << tr("It is the only series: measure another or import results, and what differs stands here.");
  for (const std::string& note : table_.notes) notes << core_text(note);
  notes_->setText(notes.mid(0, 4).join('\n'));
  notes_->setToolTip(notes.size() > 4 ? notes.join('\n') : QString());
  notes_->setVisible(!notes.isEmpty());
  fillList();
  fillDifferences();
}

// The series, or the runs, that can be the baseline; the wanted one is offered also where it is not among them.
void ComparePage::fillBaselines() {
  baseline_->clear();
  if (ofRuns()) {
    baseline_->addItem(tr("first run"), run_key(0));
    if (table_.of_runs)
      for (std::size_t i = 0; i < table_.runs.size(); ++i)
        baseline_->addItem(text(table_.series[i]), run_key(table_.runs[i]));
    if (baseline_->findData(run_key(known_.run)) < 0) baseline_->addItem(tr("Run %1").arg(known_.run), run_key(known_.run));
    choose(*baseline_, run_key(known_.run));
    return;
  }
  baseline_->addItem(tr("first series"), QString());
  if (!table_.of_runs)
    for (const std::string& name : table_.series) baseline_->addItem(text(name), text(name));
  if (baseline_->findData(baseline()) < 0) baseline_->addItem(baseline(), baseline());
  choose(*baseline_, baseline());
}

void ComparePage::setTheme(const Theme& theme) {
  theme_ = theme;
  fillList();
  fillDifferences();
}

void ComparePage::save(UserSettings& settings) const {
  const Asked now = asked();
  settings.setValue("ofRuns", now.of_runs);
  settings.setValue("equal", text(meaning(now.query.equal).key));
  settings.setValue("at", at_->text());
  settings.setValue("baseline", text(now.query.baseline));
  settings.setValue("baselineRun", run_key(now.run));
  settings.setValue("prices", text(now.query.price_set));
  settings.setValue("tier", text(now.query.tier));
  settings.setValue("onlySignificant", now.query.only_significant);
}

void ComparePage::restore(const UserSettings& settings) {
  if (!settings.contains("equal")) return;
  Asked wanted = asked();
  wanted.of_runs = settings.value("ofRuns").toBool();
  ComparisonQuery& query = wanted.query;
  if (const auto equal = equal_from_key(settings.value("equal").toString().toStdString())) query.equal = *equal;
  bool ok = false;
  const double at = QLocale::c().toDouble(settings.value("at").toString(), &ok);
  if (ok && at > 0) query.at = at;
  query.baseline = settings.value("baseline").toString().toStdString();
  wanted.run = settings.value("baselineRun").toLongLong();
  query.price_set = settings.value("prices").toString().toStdString();
  query.tier = settings.value("tier").toString().toStdString();
  query.only_significant = settings.value("onlySignificant").toBool();
  apply(wanted);
}

}  // namespace tokenmark
