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
  if (job->runsBeside()) job->start();
  startNext();
}

void JobQueue::startNext() {
  for (const Job* job : jobs_)
    if (job->state() == JobState::running && !job->runsBeside()) return emit changed();
  for (Job* job : jobs_) {
    if (job->over() || job->runsBeside()) continue;
    if (job->state() == JobState::waiting) job->start();
    break;
  }
  emit changed();
}

QList<Job*> JobQueue::unfinishedJobs() const {
  QList<Job*> jobs;
  std::copy_if(jobs_.begin(), jobs_.end(), std::back_inserter(jobs), [](const Job* job) { return !job->over(); });
  std::stable_partition(jobs.begin(), jobs.end(), [](const Job* job) { return job->state() == JobState::running; });
  return jobs;
}

int JobQueue::unfinished() const {
  return static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return !job->over(); }));
}

int JobQueue::unfinishedInTurn() const {
  return static_cast<int>(
      std::count_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return !job->over() && !job->runsBeside(); }));
}

// Nothing goes before those that run.
void JobQueue::move(Job* job, int place) {
  QList<Job*> order = unfinishedJobs();
  if (!movable(job) || !order.removeOne(job)) return;
  const auto running =
      std::count_if(order.begin(), order.end(), [](const Job* one) { return one->state() == JobState::running; });
  order.insert(std::clamp(place, static_cast<int>(running), static_cast<int>(order.size())), job);
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
