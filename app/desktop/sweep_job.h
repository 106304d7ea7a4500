// A sweep on its way: run_sweep in a thread with its own connection to the store; the engine and the load run in the
// agent's process.
#pragma once

#include <functional>
#include <stop_token>

#include "app/desktop/job.h"
#include "base/result.h"
#include "core/sweep/runner.h"

namespace tokenmark {

class Tasks;

// Makes the sweep in the job's thread: reading, calibrating; it may take its time and say how far it is.
using SweepMaker = std::function<Result<Sweep>(const std::function<void(const std::string& phase, double share)>& progress,
                                               std::stop_token stop)>;

struct SweepJobOptions {
  std::filesystem::path store;
  RunnerOptions runner;
};

class SweepJob : public Job {
  Q_OBJECT
 public:
  SweepJob(QString title, SweepMaker maker, SweepJobOptions options, Tasks& tasks);

 signals:
  void runStored();
  void failed(const QString& message);

 protected:
  void begin() override;
  void stop() override;

 private:
  Result<SweepOutcome> work(std::stop_token stop);
  void take(const SweepProgress& progress);
  void conclude(const Result<SweepOutcome>& outcome);
  template <class F>
  void post(F call) { QMetaObject::invokeMethod(this, std::move(call), Qt::QueuedConnection); }

  SweepMaker maker_;
  SweepJobOptions options_;
  Tasks& tasks_;
  std::stop_source stop_;
  QString last_label_;
  double making_share_ = 0;       // of the bar, for a maker that takes its time
};

}  // namespace tokenmark
