// The engine's thread: takes submissions and cancellations, plans a step, runs it on the device, gives out tokens.
// Everything public may be called from any thread, sinks included, unless it says otherwise.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/runtime/engine.h"

namespace tokenmark {

class EngineLoop {
 public:
  // The executors are used from the loop's thread only, and outlive the loop. `drafter`: the draft model's, or null.
  // `depth`: steps in flight beside the one that is waited for (none with speculation).
  EngineLoop(const tm_plugin& plugin, tm_executor* executor, tm_executor* drafter, const SchedulerOptions& options,
             std::uint32_t depth, const std::vector<std::uint32_t>& cores);
  ~EngineLoop();  // ends what runs with FinishReason::cancelled, joins

  Result<RequestId> submit(GenerationRequest request, TokenSink sink);
  void cancel(RequestId id);
  void run_when_idle(std::function<void()> job);  // returns when it has run; not from a sink
  // score.h, when nothing else runs; not from a sink.
  Status score(const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink);
  void forget_prefixes();                         // waits as run_when_idle does
  EngineCounts counts() const;
  std::string failure() const;  // why the device is lost; empty: it is not

 private:
  struct Submission {
    RequestId id = 0;
    GenerationRequest request;
    TokenSink sink;
  };
  struct Inbox {
    std::vector<Submission> submissions;
    std::vector<RequestId> cancellations;
    bool empty() const { return submissions.empty() && cancellations.empty(); }
  };

  // A step on its way through the device, with the buffers that it fills.
  struct Launched {
    tm_step step{};
    tm_step_result result{};
    std::vector<std::int32_t> tokens;
    std::vector<float> logits, hidden;
    tm_status status = TM_OK;
    std::string why;  // it failed
    StepOutput output() const { return {tokens.data(), logits.data(), hidden.data()}; }
  };

  void run(const std::vector<std::uint32_t>& cores);
  bool take_inbox();  // waits while there is nothing to do; false: stop
  void run_idle_jobs();
  void step();
  void draft();
  void launch(Launched& launched, const PlannedStep& planned, tm_executor* executor);
  void await(Launched& launched, tm_executor* executor);
  bool plan_next();  // false: nothing to plan now
  void finish_oldest();
  void deliver();
  void end_all(FinishReason reason, const std::string& why);
  void device_lost(const std::string& why);
  void publish_counts();

  const tm_plugin* plugin_;
  tm_executor* executor_;
  tm_executor* drafter_;
  const SchedulerOptions options_;
  const std::size_t depth_;

  // The loop's thread only.
  Scheduler scheduler_;
  std::unordered_map<RequestId, TokenSink> sinks_;
  std::vector<TokenEvent> events_;
  std::deque<std::unique_ptr<Launched>> launched_;  // oldest first
  std::vector<std::unique_ptr<Launched>> spare_;
  Launched drafting_;
  std::int64_t last_done_ns_ = 0;
  EngineCounts own_counts_;

  // Under the mutex.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Inbox inbox_;
  std::vector<std::function<void()>*> idle_jobs_;
  RequestId last_id_ = 0;
  std::string dead_;  // why the device is lost; empty: it is not
  bool stopping_ = false;
  EngineCounts counts_;

  std::thread thread_;
};

}  // namespace tokenmark
