// Jobs of earlier sessions with their logs, so that what went wrong yesterday can be read today. Kept beside the store, in
// `runs.db-finished-jobs.json`; a file that cannot be read is as if there was none. The window's thread.
#pragma once

#include <QList>
#include <filesystem>

#include "app/desktop/job.h"

namespace tokenmark {

// What is left of a job: it is over.
class PastJob : public Job {
  Q_OBJECT
 public:
  PastJob(const QString& title, JobState state, const QString& phase, const QStringList& log) : Job(title) { endedAs(state, phase, log); }

 protected:
  void begin() override {}
  void stop() override {}
};

// The last ones that are over, with the ends of their logs. False: the file cannot be written.
bool keep_past_jobs(const QList<Job*>& jobs, const std::filesystem::path& store);
QList<Job*> past_jobs(const std::filesystem::path& store);   // in their order; the caller's

}  // namespace tokenmark
