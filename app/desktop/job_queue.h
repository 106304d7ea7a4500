// The jobs of the window in the order in which they are to be done. What needs a node or a server for itself (Job::turns)
// waits for its turn: two measurements on one machine would disturb each other's figures. Of the jobs that share a turn the
// first that is not over has it; a paused one holds up those behind it, so that the machine is quiet, and those that are
// moved before it are done first. Jobs that share no turn do not wait for each other.
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
  int unfinishedInTurn() const;         // without those that need none
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
  bool isNext(const Job* job) const;
  QList<Job*> jobs_;
};

}  // namespace tokenmark
