// Continuous batching as a state machine with no thread and no clock of its own: `add` a request, `plan` a step,
// `complete` it with the sampled tokens. A thread drives it on a real device (engine.h); an event loop may drive
// the same object on a simulated device in virtual time.
// A step has a token budget: running sequences get one token each, what is left goes to prompts in chunks
// (chunked prefill), oldest first; nobody is overtaken. Memory is paged (kv_blocks.h); a prompt is admitted when all
// of it fits, and when blocks run out the youngest sequence is preempted and recomputed later, with the same result.
// Not more sequences run than a step has tokens, so every one of them moves with every step. Times are nanoseconds of the driver's clock and only copied into events.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/tokenizer.h"
#include "plugins/api/plugin.h"

namespace tokenmark {

using RequestId = std::uint64_t;

struct SamplingParameters {
  float temperature = 1;
  float top_p = 1;
  float min_p = 0;
  std::int32_t top_k = 0;
  std::uint64_t seed = 0;
};

struct GenerationRequest {
  std::vector<TokenId> prompt;       // not empty
  std::int32_t max_tokens = 16;
  SamplingParameters sampling;
  std::vector<TokenId> stop_tokens;  // end the request; empty with ignore_eos
  std::int32_t logprobs = -1;        // -1: none; n: the chosen token's and the n most likely ones'
};

enum class FinishReason : std::uint8_t { none, length, stop, cancelled, error };

struct TokenLogprob {
  TokenId token = 0;
  float logprob = 0;
};

// One sampled token of a request, or its end without one (cancelled, error).
struct TokenEvent {
  RequestId request = 0;
  TokenId token = -1;                      // -1: no token with this event
  FinishReason finish = FinishReason::none;
  std::int64_t time_ns = 0;                // of the step's completion
  float logprob = 0;                       // of `token`, where asked for
  std::vector<TokenLogprob> top_logprobs;  // where asked for
  std::string error;                       // with FinishReason::error
};

struct SchedulerOptions {
  std::int32_t tokens_per_block = 16;
  std::int32_t blocks = 0;              // KV blocks in all
  std::int32_t max_sequences = 64;      // running at once
  std::int32_t step_tokens = 256;       // budget of one step
  std::int32_t context = 0;             // longest prompt + output; longer requests are refused by `add`
  std::int32_t vocabulary = 0;
};

inline constexpr std::int32_t kMaxLogprobs = 20;

// Why a request can never run under these options (empty prompt, unknown token, too long for the context or for all
// blocks together, parameters out of range), or nothing. Any thread.
Status check_request(const SchedulerOptions& options, const GenerationRequest& request);

// A step as owned arrays; `view()` is what a device takes. Valid until the next `plan`.
struct PlannedStep {
  std::vector<std::int32_t> tokens, positions, slots, sequence_ids, token_offsets, kv_lengths, block_tables;
  std::uint32_t block_table_stride = 0;
  std::vector<std::int32_t> sample_rows, logit_rows;
  std::vector<tm_sampling> sampling;
  std::vector<RequestId> sampled_requests;  // [n_samples]
  bool empty() const { return tokens.empty(); }
  tm_step view() const;
};

struct SchedulerCounts {
  std::int32_t running = 0, waiting = 0;
  std::int32_t free_blocks = 0, blocks = 0;
  std::uint64_t preemptions = 0, prompt_tokens = 0, generated_tokens = 0, finished = 0, cancelled = 0;
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);
  ~Scheduler();

  // Refuses what `check_request` refuses and ids that are still in use.
  Status add(RequestId id, GenerationRequest request, std::int64_t now_ns);
  // Ends a request wherever it is; its blocks are free for the next plan. Unknown ids are ignored.
  void cancel(RequestId id, std::int64_t now_ns, std::vector<TokenEvent>& events);

  // Empty only if idle. A planned step must be completed or failed before the next one is planned.
  const PlannedStep& plan(std::int64_t now_ns);
  // `tokens` [n_samples] and `logits` [n_logits][vocabulary] of the step planned last.
  void complete(const std::int32_t* tokens, const float* logits, std::int64_t now_ns, std::vector<TokenEvent>& events);
  // The step failed on the device: its requests end with an error.
  void fail_step(const std::string& why, std::int64_t now_ns, std::vector<TokenEvent>& events);

  bool idle() const;
  SchedulerCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
