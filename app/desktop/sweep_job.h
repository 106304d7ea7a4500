// A sweep on its way, which can be paused between points, and afterwards gone on with where points are missing: run_sweep in a thread with its own connection to the store; the engine and the load run in the
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
  RunnerOptions runner;           // its pause is the job's own
};

class SweepJob : public Job {
  Q_OBJECT
 public:
  SweepJob(QString title, SweepMaker maker, SweepJobOptions options, Tasks& tasks);

  // Absent: it is still to be made.
  const std::optional<Sweep>& sweep() const { return sweep_; }
  void setSweep(const Sweep& sweep);   // known before it is queued: its turns are those of its node and its server
  const RunnerOptions& runner() const { return options_.runner; }

  bool canPause() const override { return true; }
  QString againText() const override;
  void again() override;

 signals:
  void runStored();
  void failed(const QString& message);
  void sweepMade();
  void againWanted(const tokenmark::Sweep& sweep, const tokenmark::RunnerOptions& runner);

 protected:
  void begin() override;
  void stop() override;
  void hold(bool at_once) override { pause_.pause(at_once); }
  void proceed() override { pause_.resume(); }

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
  SweepPause pause_;
  std::optional<Sweep> sweep_;      // of this machine until it is known
  SweepId stored_ = 0;            // its number in the store, once it is over
  std::int32_t failed_points_ = 0;
  QString last_label_;
  double making_share_ = 0;       // of the bar, for a maker that takes its time
};

}  // namespace tokenmark
