#include "app/desktop/job_queue.h"

#include <algorithm>

namespace tokenmark {

void JobQueue::add(Job* job) {
  job->setParent(this);
  jobs_ << job;
  connect(job, &Job::changed, this, &JobQueue::changed);
  connect(job, &Job::finished, this, [this] {
    emit reordered();
    startNext();
  });
  connect(job, &Job::ready, this, &JobQueue::startNext);
  emit added(job);
  startNext();
}

// One that waits has its turn when none that runs and none before it has it.
bool JobQueue::isNext(const Job* job) const {
  bool before = true;
  for (const Job* other : jobs_) {
    if (other == job) before = false;
    else if ((before ? !other->over() : other->state() == JobState::running) && job->sharesTurnWith(*other)) return false;
  }
  return true;
}

void JobQueue::startNext() {
  const QList<Job*> jobs = jobs_;   // what begins may end at once
  for (Job* job : jobs)
    if (job->state() == JobState::waiting && isNext(job)) job->start();
  emit changed();
}

QList<Job*> JobQueue::unfinishedJobs() const {
  QList<Job*> jobs;
  std::copy_if(jobs_.begin(), jobs_.end(), std::back_inserter(jobs), [](const Job* job) { return !job->over(); });
  return jobs;
}

int JobQueue::unfinished() const {
  return static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return !job->over(); }));
}

int JobQueue::unfinishedInTurn() const {
  return static_cast<int>(
      std::count_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return !job->over() && !job->turns().isEmpty(); }));
}

// Nothing goes before one that runs and has its turn.
void JobQueue::move(Job* job, int place) {
  QList<Job*> order = unfinishedJobs();
  if (!movable(job) || !order.removeOne(job)) return;
  int first = 0;
  for (int i = 0; i < order.size(); ++i)
    if (order[i]->state() == JobState::running && order[i]->sharesTurnWith(*job)) first = i + 1;
  order.insert(std::clamp(place, first, static_cast<int>(order.size())), job);
  if (order == unfinishedJobs()) return;
  auto next = order.begin();
  for (Job*& one : jobs_)
    if (!one->over()) one = *next++;
  emit reordered();
  startNext();
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

void JobQueue::forgetFinished() {
  const QList<Job*> jobs = jobs_;
  for (Job* job : jobs) forget(job);
}

}  // namespace tokenmark
