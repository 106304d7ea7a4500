// The engine's thread: takes submissions and cancellations, plans a step, runs it on the device, gives out tokens.
// Everything public may be called from any thread, sinks included, unless it says otherwise.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/runtime/engine.h"

namespace tokenmark {

class EngineLoop {
 public:
  // `executor` is used from the loop's thread only, and outlives the loop.
  EngineLoop(const tm_plugin& plugin, tm_executor* executor, const SchedulerOptions& options,
             const std::vector<std::uint32_t>& cores);
  ~EngineLoop();  // ends what runs with FinishReason::cancelled, joins

  Result<RequestId> submit(GenerationRequest request, TokenSink sink);
  void cancel(RequestId id);
  void run_when_idle(std::function<void()> job);  // returns when it has run; not from a sink
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

  void run(const std::vector<std::uint32_t>& cores);
  bool take_inbox();  // waits while there is nothing to do; false: stop
  void run_idle_jobs();
  void step();
  void deliver();
  void end_all(FinishReason reason, const std::string& why);
  void device_lost(const std::string& why);
  void publish_counts();

  const tm_plugin* plugin_;
  tm_executor* executor_;
  const SchedulerOptions options_;

  // The loop's thread only.
  Scheduler scheduler_;
  std::unordered_map<RequestId, TokenSink> sinks_;
  std::vector<TokenEvent> events_;
  std::vector<std::int32_t> tokens_;
  std::vector<float> logits_;
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
