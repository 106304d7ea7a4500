#include "app/desktop/timeline_page.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolBar>
#include <algorithm>

#include "app/charts/timeline_scene.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr auto kLoading = "timeline log", kViewing = "timeline view";

}  // namespace

TimelinePage::TimelinePage(Tasks& tasks, std::shared_ptr<RunLogs> logs, QWidget* parent)
    : RunChartPage(tasks, std::move(logs), new TimelinePlot, QStringLiteral("timeline"), parent), plot_(findChild<TimelinePlot*>()) {
  plot_->setObjectName(QStringLiteral("timelinePlot"));
  plot_->setAccessibleName(tr("Requests over time"));
  QToolBar* bar = addBar(tr("Run"), QStringLiteral("axesBar"));
  run_ = addChooser(*bar, tr("run"), QStringLiteral("run"), tr("Which of the chosen runs is shown"));
  addViewButtons(*bar);
  connect(run_, &QComboBox::currentIndexChanged, this, &TimelinePage::load);
  connect(plot_, &TimelinePlot::queryChanged, this, &TimelinePage::view);
}

// Keeps the run that is shown where it is still among the chosen.
void TimelinePage::chosenChanged() {
  const QVariant shown = run_->currentData();
  {
    const QSignalBlocker quiet(run_);
    run_->clear();
    for (const RunRow& row : chosen()) run_->addItem(run_title(row), QVariant::fromValue<qlonglong>(row.id));
    if (const std::size_t more = chosenCount() - chosen().size(); more > 0) {
      run_->addItem(tr("… and %1 more: choose fewer in the list").arg(more));
      qobject_cast<QStandardItemModel*>(run_->model())->item(run_->count() - 1)->setEnabled(false);
    }
    choose(*run_, shown);
  }
  run_->setEnabled(run_->count() > 1);
  load();
}

void TimelinePage::load() {
  tasks().cancel(kViewing);
  asked_.reset();
  const auto row = std::find_if(chosen().begin(), chosen().end(), [&](const RunRow& r) { return r.id == run_->currentData().toLongLong(); });
  if (row == chosen().end()) {
    tasks().cancel(kLoading);
    return showNothing(tr("Choose a run in the list on the left:\nits requests are shown here over time."));
  }
  if (log_ && log_->row.id == row->id && log_->row.started == row->started) return view();
  plot_->setEmptyText(tr("Reading the event log …"));
  tasks().start(kLoading,
                [logs = logs(), row = *row](std::stop_token) -> Result<LogPtr> {
                  TOKENMARK_TRY(LoggedRun run, logs->get(row));
                  return std::make_shared<const TimelineLog>(std::move(run));
                },
                [this](Result<LogPtr> loaded) {
                  if (!loaded) return showNothing(QString::fromStdString(loaded.error().message));
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
  showWords(QString::fromStdString(made.title), QString::fromStdString(made.subtitle), small_print(made));
  plot_->setTimeline(std::move(made));
}

void TimelinePage::showNothing(const QString& why) {
  log_.reset();
  plot_->setEmptyText(why);
  showWords(tr("Timeline"), {}, {});
  plot_->setTimeline({});
}

}  // namespace tokenmark
