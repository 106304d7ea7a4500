#include "app/desktop/timeline_page.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolBar>
#include <algorithm>

#include "app/charts/core_text.h"
#include "app/charts/timeline_scene.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr auto kLoading = "timeline log", kViewing = "timeline view";

}  // namespace

TimelinePage::TimelinePage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, QWidget* parent)
    : RunChartPage(tasks, undo, std::move(logs), new TimelinePlot, QStringLiteral("timeline"), tr("Timeline"), parent),
      plot_(findChild<TimelinePlot*>()) {
  plot_->setObjectName(QStringLiteral("timelinePlot"));
  plot_->setAccessibleName(tr("Requests over time"));
  QToolBar* bar = addBar(tr("Run"), QStringLiteral("axesBar"));
  run_ = addChooser(*bar, tr("run"), QStringLiteral("run"), tr("Which of the chosen runs is shown"));
  bar->addAction(lineAction());
  addViewButtons(*bar);
  connect(run_, &QComboBox::currentIndexChanged, this, [this] {
    if (applying()) return;
    noteChange();
    load();
  });
  connect(plot_, &TimelinePlot::queryChanged, this, &TimelinePage::view);
  settle();
}

void TimelinePage::read(ChartDefinition& definition) const {
  if (run_->count() > 0) definition.runs = {run_->currentData().toLongLong()};
}

// A run that is among those of the list is chosen there; another is the page's own.
void TimelinePage::put(const ChartDefinition& definition) {
  if (definition.runs.empty()) return;
  const int index = run_->findData(QVariant::fromValue<qlonglong>(definition.runs.front()));
  if (index < 0) return;
  run_->setCurrentIndex(index);
  restricted().runs.clear();
}

std::function<QByteArray()> TimelinePage::allData() const {
  if (!log_) return {};
  return [log = log_] { return QByteArray::fromStdString(timeline_csv(timeline(*log, {.every_bar = true}))); };
}

// Keeps the run that is shown where it is still among them.
void TimelinePage::shownChanged() {
  const QVariant before = run_->currentData();
  {
    const QSignalBlocker quiet(run_);
    run_->clear();
    for (const RunRow& row : shown()) run_->addItem(run_title(row), QVariant::fromValue<qlonglong>(row.id));
    if (const std::size_t more = shownCount() - shown().size(); more > 0) {
      run_->addItem(tr("… and %1 more: choose fewer in the list").arg(more));
      qobject_cast<QStandardItemModel*>(run_->model())->item(run_->count() - 1)->setEnabled(false);
    }
    choose(*run_, before);
  }
  run_->setEnabled(run_->count() > 1);
  settle();
  load();
}

void TimelinePage::load() {
  tasks().cancel(kViewing);
  asked_.reset();
  const auto row = std::find_if(shown().begin(), shown().end(),
                                [&](const RunRow& r) { return r.id == run_->currentData().toLongLong(); });
  if (row == shown().end()) {
    tasks().cancel(kLoading);
    return showNothing(tr("Choose a run in the list on the left:\nits requests are shown here over time."));
  }
  if (log_ && log_->row.id == row->id && log_->row.started == row->started) {
    if (plot_->timeline().run == row->id) chartShown();   // a view that is wanted needs no other timeline
    return view();
  }
  plot_->setEmptyText(tr("Reading the event log …"));
  tasks().start(kLoading,
                [logs = logs(), row = *row](std::stop_token) -> Result<LogPtr> {
                  TOKENMARK_TRY(LoggedRun run, logs->get(row));
                  return std::make_shared<const TimelineLog>(std::move(run));
                },
                [this](Result<LogPtr> loaded) {
                  if (!loaded) return showNothing(core_text(loaded.error().message));
                  log_ = *std::move(loaded);
                  asked_.reset();
                  view();
                });
}

void TimelinePage::view() {
  if (!log_) return;
  TimelineQuery query = plot_->query();
  if (plot_->timeline().run != log_->row.id) query.time.reset(), query.first_slot = 0, query.last_slot = -1;   // another run: all of it
  if (asked_ == query) return;
  asked_ = query;
  tasks().start(kViewing, [log = log_, query](std::stop_token stop) { return timeline(*log, query, stop); },
                [this](Timeline made) { showTimeline(std::move(made)); });
}

void TimelinePage::showTimeline(Timeline made) {
  QStringList small = small_print(made);
  for (QString& line : small) line = core_text(line.toStdString());
  showWords(core_text(made.title), core_text(made.subtitle), small);
  quietly([&] { plot_->setTimeline(std::move(made)); });
  chartShown();
}

void TimelinePage::showNothing(const QString& why) {
  log_.reset();
  plot_->setEmptyText(why);
  showWords(tr("Timeline"), {}, {});
  quietly([&] { plot_->setTimeline({}); });
}

}  // namespace tokenmark
