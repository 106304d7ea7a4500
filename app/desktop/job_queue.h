// The jobs of the window in the order in which they are to be done. One measuring job at a time: two would disturb each
// other's figures. The first that is not over has the turn; a paused one holds up those behind it, so that the machine
// is quiet, and those that are moved before it are done first. Those that run beside (Job::runsBeside) begin at once.
#pragma once

#include <QList>
#include <QObject>

#include "app/desktop/job.h"

namespace tokenmark {

class JobQueue : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  void add(Job* job);          // takes it over
  const QList<Job*>& jobs() const { return jobs_; }
  QList<Job*> unfinishedJobs() const;   // in their order, those that run first
  int unfinished() const;
  int unfinishedInTurn() const;         // without those that run beside
  bool movable(const Job* job) const { return job->state() == JobState::waiting || job->state() == JobState::paused; }
  void move(Job* job, int place);       // among the unfinished ones, from 0
  void cancelAll();
  void forget(Job* job);       // a finished one
  void forgetFinished();

 signals:
  void added(tokenmark::Job* job);
  void changed();              // anything about any job
  void reordered();
  void removed(tokenmark::Job* job);

 private:
  void startNext();
  QList<Job*> jobs_;
};

}  // namespace tokenmark
