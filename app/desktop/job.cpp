#include "app/desktop/job.h"

#include <QTime>
#include <algorithm>

namespace tokenmark {
namespace {

constexpr int kMostLines = 2000;

}  // namespace

void Job::start() {
  if (state_ != JobState::waiting) return;
  state_ = JobState::running;
  emit changed();
  begin();
}

void Job::cancel() {
  if (over() || stopping_) return;
  if (state_ == JobState::waiting) return end(JobState::cancelled, tr("cancelled before it began"));
  stopping_ = true;
  phase_ = tr("stopping …");
  emit changed();
  stop();
}

void Job::progress(double share, const QString& phase, std::optional<double> seconds_left) {
  share_ = std::clamp(share, 0.0, 1.0);
  if (!stopping_) phase_ = phase;
  seconds_left_ = seconds_left;
  emit changed();
}

void Job::say(const QString& line) {
  const QString stamped = QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line;
  if (log_.size() >= kMostLines) log_.removeFirst();
  log_ << stamped;
  emit logged(stamped);
}

void Job::end(JobState state, const QString& phase) {
  state_ = state;
  phase_ = phase;
  seconds_left_.reset();
  if (state == JobState::done) share_ = 1;
  say(phase);
  emit changed();
  emit finished();
}

void JobQueue::add(Job* job) {
  job->setParent(this);
  jobs_ << job;
  connect(job, &Job::changed, this, &JobQueue::changed);
  connect(job, &Job::finished, this, &JobQueue::startNext);
  emit added(job);
  startNext();
}

void JobQueue::startNext() {
  for (Job* job : jobs_)
    if (job->state() == JobState::running) return;
  for (Job* job : jobs_)
    if (job->state() == JobState::waiting) return job->start();
  emit changed();
}

int JobQueue::unfinished() const {
  return static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return !job->over(); }));
}

void JobQueue::cancelAll() {
  const QList<Job*> jobs = jobs_;
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) (*job)->cancel();   // the waiting ones before the running
}

void JobQueue::forget(Job* job) {
  if (!job->over()) return;
  jobs_.removeOne(job);
  emit removed(job);
  job->deleteLater();
}

}  // namespace tokenmark
