// The inference engine: a model on a device behind a thread that owns scheduler and executor. With replicas there are
// several of these, each with a copy of the model on devices of its own; a request goes to the one with the fewest.
// `submit` and `cancel` may be called from any thread. Sinks are called on the engine's threads, one at a time, between
// steps, in the order of a request's steps: they must be short and may call submit and cancel (a closed loop of load lives
// there). The sink gets every token and exactly one event with a finish reason, the last one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/score.h"
#include "plugins/api/registry.h"

namespace tokenmark {

struct EngineOptions {
  std::string device = "cpu";            // or several (plugins/api/device_ids.h): the model is split over them
  std::uint32_t replicas = 1;            // the devices are shared equally by so many copies of the model
  std::uint32_t threads = 0;             // kernel threads, 0: all cores of the process or of `cores`
  std::vector<std::uint32_t> cores;      // to pin to; empty: not pinned
  std::string kernels;                   // force an implementation, empty: the best
  std::int32_t max_sequences = 64;       // this and the next: of each replica
  std::int32_t step_tokens = 256;
  std::int32_t tokens_per_block = 16;
  std::int32_t context = 0;              // 0: the model's, or what memory allows up to 8192
  std::uint64_t kv_bytes = 0;            // 0: enough for max_sequences × context, at most a quarter of free memory
  Format kv_format = Format::f16;        // f32, f16, bf16, fp8 or q8_0
  bool prefix_cache = true;              // prompts that begin alike share keys and values
  Policy policy = Policy::fcfs;
  float admission_free = 0;              // this and the next: SchedulerOptions
  float chunk_slowdown = 3;
  std::string speculate;                 // "ngram", "mtp" or "draft:MODEL" (speculation.h); empty or "none": no speculation
  std::int32_t draft_tokens = 4;
};

struct EngineCounts {
  SchedulerCounts scheduler;
  std::uint64_t steps = 0;
  std::chrono::nanoseconds busy{0};      // inside the device
  std::chrono::nanoseconds scheduling{0};  // inside the scheduler
  std::uint64_t draft_steps = 0;
  std::chrono::nanoseconds drafting{0};    // inside the device for drafts
  bool drafting_failed = false;            // the draft model's device failed; the engine goes on without

  EngineCounts& operator+=(const EngineCounts& other);
};

using TokenSink = std::function<void(const TokenEvent&)>;

class Engine {
 public:
  // Loads the weights onto the device (`progress` 0…1, may be empty) and starts the thread. `stop` ends loading with
  // an error of kind cancelled.
  static Result<std::unique_ptr<Engine>> start(Model model, PluginRegistry& plugins, const EngineOptions& options,
                                               const std::function<void(double)>& progress = {}, std::stop_token stop = {});
  ~Engine();  // cancels what runs, joins

  Result<RequestId> submit(GenerationRequest request, TokenSink sink);
  void cancel(RequestId id);

  const Model& model() const;
  const EngineOptions& options() const;           // as resolved: threads, context, kv_bytes filled in
  const tm_device_capabilities& device() const;   // of a replica: all its devices together
  const std::vector<tm_device_capabilities>& devices() const;  // all that the engine computes on, one by one
  const TuningFile& tuning() const;               // the device's measured choices; `why`: they could not be used
  Result<tm_ceilings> calibrate();                // waits until the engine is idle
  bool has_telemetry() const;
  // The device's own readings (plugin.h); false: it told nothing. Any thread; may block in the driver.
  bool telemetry(tm_telemetry& out) const;
  // What was computed before is not found in the prefix cache any more. Waits until the engine is idle; not from a sink.
  void forget_prefixes();
  // The logits of a text's tokens (score.h), when the (first) replica is idle; the sink is called on the engine's thread.
  Status score(const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink);
  EngineCounts counts() const;                    // of all replicas together; any thread
  std::string failure() const;                    // why it takes no requests any more; empty: a replica does. Any thread

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Nanoseconds of the steady clock: the one clock of engine and load generator.
inline std::int64_t steady_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace tokenmark
