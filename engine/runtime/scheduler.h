// Continuous batching as a state machine with no thread and no clock of its own: `add` a request, `plan` a step,
// `complete` it with the sampled tokens. A thread drives it on a real device (engine.h); an event loop may drive
// the same object on a simulated device in virtual time. Times are nanoseconds of the driver's clock.
//
// A step has a token budget: running sequences get one token each, what is left goes to prompts in chunks (chunked
// prefill), in the order of the policy. While sequences generate, chunks are also kept so small that a step with
// prompt tokens takes at most `chunk_slowdown` times as long as one without, by the times that plan and complete are
// told (step_pace.h). Not more sequences run than a step has tokens, so every one of them moves with every step.
// Memory is paged and prompts' beginnings are shared (kv_blocks.h); a prompt is admitted when all of it fits, and
// when blocks run out the youngest sequence is preempted and recomputed later, with the same result.
//
// `plan` may be called with steps in flight: a token −1 then stands for the one that the step before is just sampling
// for that sequence, and steps complete in the order in which they were planned.
//
// Speculation: tokens are drafted, by looking them up in the sequence itself (n-gram), by a smaller model or by the
// model's own MTP layer, and verified as one chunk. Each position's random number is fixed beforehand; the target
// samples every row of the chunk with the number of that row's position, and a draft is accepted only if it is the
// token sampled there. What comes out is therefore what plain decoding gives, token for token and at any temperature,
// and so of the right distribution too: the rule min(1, p/q) is not needed. A draft model samples with the same
// numbers, which makes it agree as often as the two distributions allow. This is exact as far as a row's logits do
// not depend on how many rows are computed with it.
#pragma once

#include <array>
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

// One sampled token of a request, or its end without one (cancelled, error). With speculation a step may bring several.
struct TokenEvent {
  RequestId request = 0;
  TokenId token = -1;                      // -1: no token with this event
  FinishReason finish = FinishReason::none;
  std::int64_t time_ns = 0;                // of the step's completion
  std::int32_t cached_tokens = 0;          // of its prompt: were in the prefix cache when it was first admitted
  float logprob = 0;                       // of `token`, where asked for
  std::vector<TokenLogprob> top_logprobs;  // where asked for
  std::string error;                       // with FinishReason::error
};

// Whose prompt goes on first. Shortest first: the fewest prompt tokens left; waiting counts as tokens done, so that
// long prompts are not overtaken for ever.
enum class Policy : std::uint8_t { fcfs, shortest_first };
enum class Drafting : std::uint8_t { none, ngram, model, mtp };

inline constexpr std::int32_t kMaxDraftTokens = 16;

struct SchedulerOptions {
  std::int32_t tokens_per_block = 16;
  std::int32_t blocks = 0;              // KV blocks in all
  std::int32_t max_sequences = 64;      // running at once
  std::int32_t step_tokens = 256;       // budget of one step
  std::int32_t context = 0;             // longest prompt + output; longer requests are refused by `add`
  std::int32_t vocabulary = 0;
  bool prefix_cache = true;
  Policy policy = Policy::fcfs;
  float admission_free = 0;             // share of the blocks that an admission beside running sequences must leave free
  float chunk_slowdown = 3;             // see above, 1 or more; 0: chunks are limited by the budget only
  Drafting drafting = Drafting::none;
  std::int32_t draft_tokens = 4;        // drafted at once, 1 to kMaxDraftTokens
  std::int32_t draft_context = 0;       // longest sequence that the draft model can take; 0: any
  std::int32_t width = 0;               // of a hidden state, for MTP
};

inline constexpr std::int32_t kMaxLogprobs = 20;

// Why a request can never run under these options (empty prompt, unknown token, too long for the context or for all
// blocks together, parameters out of range), or nothing. Any thread.
Status check_request(const SchedulerOptions& options, const GenerationRequest& request);

// A step as owned arrays; `view()` is what a device takes. Valid until it is completed and the next one planned.
struct PlannedStep {
  std::vector<std::int32_t> tokens, positions, slots, sequence_ids, token_offsets, kv_lengths, block_tables;
  std::uint32_t block_table_stride = 0;
  std::vector<std::int32_t> sample_rows, logit_rows, hidden_rows;
  std::vector<tm_sampling> sampling;
  std::vector<RequestId> sampled_requests;  // [n_samples]
  std::vector<float> previous_hidden;       // of the MTP layer's steps
  bool previous_is_mtp = false;             // they are its own
  bool empty() const { return tokens.empty(); }
  void clear();
  tm_step view() const;
};

// What a device gave back.
struct StepOutput {
  const std::int32_t* tokens = nullptr;  // [n_samples]
  const float* logits = nullptr;         // [n_logits][vocabulary]
  const float* hidden = nullptr;         // [n_hidden][width]
};

struct SchedulerCounts {
  std::int32_t running = 0, waiting = 0;
  std::int32_t free_blocks = 0, blocks = 0;
  std::int32_t cached_blocks = 0;  // that can be found by their prefix
  std::uint64_t preemptions = 0, generated_tokens = 0, finished = 0, cancelled = 0;
  std::uint64_t prompt_tokens = 0;          // computed, each once
  std::uint64_t cached_prompt_tokens = 0;   // found in the prefix cache instead
  std::uint64_t recomputed_tokens = 0;      // computed again after a preemption
  std::uint64_t drafted_tokens = 0, accepted_tokens = 0;
  // By place in the draft: how often one was verified there, and how often accepted.
  std::array<std::uint64_t, kMaxDraftTokens> drafted_at{}, accepted_at{};

  SchedulerCounts& operator+=(const SchedulerCounts& other);
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);
  ~Scheduler();

  // Refuses what `check_request` refuses and ids that are still in use.
  Status add(RequestId id, GenerationRequest request, std::int64_t now_ns);
  // Ends a request wherever it is; its blocks are free for the next plan. Unknown ids are ignored.
  void cancel(RequestId id, std::int64_t now_ns, std::vector<TokenEvent>& events);

  // The next step of drafting, for the draft model or (with previous_hidden) the MTP layer; null: now `plan`. There is
  // none while a step is in flight. Each is completed before the next is asked for.
  const PlannedStep* plan_draft();
  void complete_draft(const StepOutput& output);
  void stop_drafting();  // the draft device failed: no drafts any more

  // Empty only if idle, or if everything waits for steps in flight. A step that is not empty is in flight until it is
  // completed or failed.
  const PlannedStep& plan(std::int64_t now_ns);
  // The oldest step in flight is done, or failed on the device: its requests then end with an error.
  void complete(const StepOutput& output, std::int64_t now_ns, std::vector<TokenEvent>& events);
  void fail_step(const std::string& why, std::int64_t now_ns, std::vector<TokenEvent>& events);

  // Requests from here on find nothing in the prefix cache that was computed before.
  void forget_prefixes();

  bool idle() const;
  SchedulerCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
