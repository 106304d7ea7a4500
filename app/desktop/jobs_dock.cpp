#include "app/desktop/jobs_dock.h"

#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/desktop/job_queue.h"
#include "app/desktop/job_row.h"
#include "app/desktop/look.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {

JobsDock::JobsDock(JobQueue& queue, QWidget* parent) : QDockWidget(tr("Jobs"), parent), queue_(queue) {
  setObjectName(QStringLiteral("jobsDock"));
  dress(*this);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setObjectName(QStringLiteral("jobsSplit"));
  split->setChildrenCollapsible(false);
  split->addWidget(setupList());
  log_ = new QPlainTextEdit(split);
  log_->setObjectName(QStringLiteral("jobLog"));
  log_->setAccessibleName(tr("Log of the chosen job"));
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(2000);
  log_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  log_->setPlaceholderText(tr("Log of the chosen job"));
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 2);
  setWidget(split);
  connect(&queue, &JobQueue::added, this, &JobsDock::add);
  connect(&queue, &JobQueue::removed, this, &JobsDock::remove);
  connect(&queue, &JobQueue::reordered, this, &JobsDock::arrange);
  arrange();
}

QWidget* JobsDock::setupList() {
  auto* area = new QScrollArea(this);
  area_ = area;
  area->setObjectName(QStringLiteral("jobsList"));
  area->setAccessibleName(tr("Jobs"));
  area->setFocusPolicy(Qt::NoFocus);   // its rows have it
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->viewport()->setBackgroundRole(QPalette::Base);
  auto* body = new QWidget(area);
  body->setBackgroundRole(QPalette::Base);
  rows_ = new QVBoxLayout(body);
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(0);
  empty_ = new QLabel(tr("Nothing is running."), body);
  empty_->setObjectName(QStringLiteral("jobsEmpty"));
  empty_->setProperty("role", "muted");
  empty_->setContentsMargins(12, 10, 12, 10);
  rows_->addWidget(empty_);
  rows_->addStretch(1);
  forget_ = make_button(body, "forgetJobs", tr("Remove the finished ones"), tr("Remove all finished jobs from the list; their runs stay"));
  forget_->setFlat(true);
  rows_->addWidget(forget_);
  connect(forget_, &QPushButton::clicked, &queue_, &JobQueue::forgetFinished);
  area->setWidget(body);
  return area;
}

void JobsDock::add(Job* job) {
  auto* row = new JobRow(job, queue_, rows_->parentWidget());
  row_of_[job] = row;
  connect(row, &JobRow::chosen, this, [this, job] { choose(job); });
  connect(row, &JobRow::dragged, this, [this, row](int y) { drag(row, y); });
  connect(row, &JobRow::dropped, this, [this, row] { drop(row); });
  connect(job, &Job::logged, this, [this, job](const QString& line) {
    if (job == chosen_) log_->appendPlainText(line);
  });
  arrange();
  choose(job);
}

void JobsDock::remove(Job* job) {
  if (JobRow* row = row_of_.take(job)) {
    rows_->removeWidget(row);
    row->hide();
    row->deleteLater();
  }
  if (chosen_ == job) choose(queue_.jobs().isEmpty() ? nullptr : queue_.jobs().last());
  arrange();
}

// Those to be done in their order, below them the finished ones, the newest first.
QList<Job*> JobsDock::shownOrder() const {
  QList<Job*> order = queue_.unfinishedJobs();
  const QList<Job*>& all = queue_.jobs();
  for (auto job = all.rbegin(); job != all.rend(); ++job)
    if ((*job)->over()) order << *job;
  return order;
}

void JobsDock::arrange() {
  int place = 0, finished = 0;
  QWidget* before = nullptr;
  for (Job* job : shownOrder()) {
    JobRow* row = row_of_.value(job);
    if (!row) continue;   // being added
    if (rows_->indexOf(row) != place) rows_->insertWidget(place, row);
    if (before) setTabOrder(before, row);
    before = row;
    finished += job->over();
    ++place;
  }
  empty_->setVisible(place == 0);
  forget_->setVisible(finished > 1);
}

// The row follows the mouse among those that can be moved; the queue learns of it when it is let go.
void JobsDock::drag(JobRow* row, int y) {
  const int at = rows_->indexOf(row);
  const auto neighbour = [&](int place) {
    auto* item = place >= 0 ? rows_->itemAt(place) : nullptr;
    auto* found = item ? qobject_cast<JobRow*>(item->widget()) : nullptr;
    return found && queue_.movable(found->job()) ? found : nullptr;
  };
  if (const JobRow* above = neighbour(at - 1); above && y < above->geometry().center().y())
    rows_->insertWidget(at - 1, row);
  else if (const JobRow* below = neighbour(at + 1); below && y > below->geometry().center().y())
    rows_->insertWidget(at + 1, row);
  area_->ensureVisible(0, y, 0, 20);
}

void JobsDock::drop(JobRow* row) {
  queue_.move(row->job(), rows_->indexOf(row));
  arrange();   // where the queue did not take it
}

void JobsDock::choose(Job* job) {
  if (job == chosen_ && job) return;
  chosen_ = job;
  for (auto it = row_of_.begin(); it != row_of_.end(); ++it) it.value()->setChosen(it.key() == job);
  log_->setPlainText(job ? job->log().join('\n') : QString());
}

QString duration_text(double seconds) {
  const auto whole = static_cast<qint64>(std::lround(std::max(0.0, seconds)));
  if (whole >= 3600) return JobsDock::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
  if (whole >= 60) return JobsDock::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return JobsDock::tr("%1 s").arg(whole);
}

QString job_state_text(JobState state) {
  switch (state) {
    case JobState::waiting: return JobsDock::tr("waiting");
    case JobState::running: return JobsDock::tr("running");
    case JobState::paused: return JobsDock::tr("paused");
    case JobState::done: return JobsDock::tr("done");
    case JobState::failed: return JobsDock::tr("failed");
    case JobState::cancelled: return JobsDock::tr("cancelled");
  }
  return {};
}

}  // namespace tokenmark
