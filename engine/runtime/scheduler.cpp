#include "engine/runtime/scheduler.h"

#include <algorithm>

#include "engine/runtime/sampling.h"
#include "engine/runtime/scheduler_state.h"

namespace tokenmark {

Scheduler::State::State(const SchedulerOptions& given)
    : options(given), limit(std::max(1, std::min(given.max_sequences, given.step_tokens))),
      blocks(given.blocks, given.tokens_per_block, limit, given.prefix_cache), pace(given.chunk_slowdown),
      planning(std::make_unique<Planned>()) {
  options.draft_tokens = std::clamp(given.draft_tokens, 1, kMaxDraftTokens);
  for (std::int32_t sequence = limit; sequence-- > 0;) free_sequences.push_back(sequence);
  counts.blocks = given.blocks;
}

// ---- requests come and go -------------------------------------------------------------------------------------

void Scheduler::State::release(Request& request) {
  blocks.release(request.sequence);
  free_sequences.push_back(request.sequence);
  request.sequence = -1;
  request.cached = request.rows_in_flight = request.drafter_cached = request.draft_wanted = 0;
  request.draft.clear();
  request.hidden.clear();
}

void Scheduler::State::finish(RequestId id) {
  Request* request = requests.at(id).get();
  if (request->sequence >= 0) {
    release(*request);
    std::erase(running, request);
  } else {
    std::erase(waiting, request);
  }
  requests.erase(id);
}

Scheduler::Scheduler(const SchedulerOptions& options) : state_(std::make_unique<State>(options)) {}
Scheduler::~Scheduler() = default;

Status Scheduler::add(RequestId id, GenerationRequest request, std::int64_t) {
  TOKENMARK_CHECK(check_request(state_->options, request));
  auto [place, fresh] = state_->requests.try_emplace(id);
  if (!fresh) return fail(ErrorKind::invalid_input, "request {} is still running; ids must be new", id);
  place->second = std::make_unique<ScheduledRequest>();
  ScheduledRequest& added = *place->second;
  added.id = id;
  added.serial = ++state_->last_serial;
  added.arrived_at = state_->steps;
  added.wanted = std::move(request);
  added.tokens = added.wanted.prompt;
  state_->waiting.push_back(&added);
  return {};
}

void Scheduler::cancel(RequestId id, std::int64_t now_ns, std::vector<TokenEvent>& events) {
  if (!state_->requests.contains(id)) return;
  state_->finish(id);
  ++state_->counts.cancelled;
  events.push_back({.request = id, .finish = FinishReason::cancelled, .time_ns = now_ns});
}

// ---- results --------------------------------------------------------------------------------------------------

Scheduler::State::Request* Scheduler::State::find(const Chunk& chunk) {
  const auto found = requests.find(chunk.id);
  return found != requests.end() && found->second->serial == chunk.serial ? found->second.get() : nullptr;
}

void Scheduler::State::retire_oldest() {
  spare.push_back(std::move(in_flight.front()));
  in_flight.pop_front();
}

void Scheduler::State::count_computed(Request& request, std::int32_t tokens) {
  const std::int32_t end = request.cached + tokens, fresh = std::clamp(end - request.computed, 0, tokens);
  const std::int32_t fresh_prompt = std::clamp(std::min(end, request.prompt_tokens()) - request.computed, 0, tokens);
  counts.prompt_tokens += static_cast<std::uint64_t>(fresh_prompt);
  counts.recomputed_tokens += static_cast<std::uint64_t>(tokens - fresh);
  request.computed = std::max(request.computed, end);
}

TokenEvent Scheduler::State::take_token(Request& request, TokenId token, const float* logits, std::int64_t now_ns) {
  TokenEvent event{.request = request.id, .token = token, .time_ns = now_ns, .cached_tokens = request.found};
  if (logits) fill_logprobs(logits, options.vocabulary, request.wanted.logprobs, event);
  request.tokens.push_back(token);
  ++counts.generated_tokens;
  const auto& stops = request.wanted.stop_tokens;
  if (std::find(stops.begin(), stops.end(), token) != stops.end()) event.finish = FinishReason::stop;
  else if (request.generated() == request.wanted.max_tokens) event.finish = FinishReason::length;
  return event;
}

// `own`: the chunk's part of the output. `drafts`: as they were verified.
void Scheduler::State::take_chunk(const Chunk& chunk, Request& request, const StepOutput& own, const std::int32_t* drafts,
                                  std::int64_t now_ns, std::vector<TokenEvent>& events) {
  // After a preemption what was sampled counts, but its keys and values are gone.
  const bool here = request.sequence >= 0 && request.admissions == chunk.admission;
  const std::int32_t plain = chunk.tokens - chunk.drafts;
  request.samples_in_flight -= chunk.sampled;
  request.drafts_in_flight = false;
  if (here) {
    request.rows_in_flight -= chunk.tokens;
    count_computed(request, plain);
    request.cached += plain;
  }
  std::int32_t accepted = 0;
  FinishReason finish_reason = FinishReason::none;
  for (std::int32_t i = 0; chunk.sampled && i <= chunk.drafts; ++i) {
    const float* logits = chunk.logits ? own.logits + static_cast<std::size_t>(i) * static_cast<std::size_t>(options.vocabulary) : nullptr;
    events.push_back(take_token(request, own.tokens[i], logits, now_ns));
    finish_reason = events.back().finish;
    if (finish_reason != FinishReason::none || i == chunk.drafts || drafts[i] != own.tokens[i]) break;
    ++accepted;
  }
  judge_drafts(request, chunk.drafts, accepted);
  if (here) {
    request.cached += accepted;
    request.computed = std::max(request.computed, request.cached);
    blocks.computed(request.sequence, std::span(request.tokens).first(static_cast<std::size_t>(request.cached)));
    // A draft model has read all drafts but the last.
    if (options.drafting == Drafting::model && chunk.drafts > 0) request.drafter_cached += std::min(accepted, chunk.drafts - 1);
    if (chunk.hidden) request.hidden.insert(request.hidden.end(), own.hidden, own.hidden + (plain + accepted) * options.width);
  }
  if (finish_reason == FinishReason::none) return;
  ++counts.finished;
  finish(chunk.id);
}

void Scheduler::complete(const StepOutput& output, std::int64_t now_ns, std::vector<TokenEvent>& events) {
  State& state = *state_;
  State::Planned& planned = state.oldest();
  state.pace.measured(planned.decode_rows, planned.prompt_tokens, now_ns - std::max(planned.planned_ns, state.last_done_ns));
  state.last_done_ns = now_ns;
  StepOutput own = output;  // moves on from chunk to chunk
  std::int32_t row = 0;
  for (const State::Chunk& chunk : planned.chunks) {
    row += chunk.tokens;
    if (ScheduledRequest* request = state.find(chunk))  // else it was cancelled while the step ran
      state.take_chunk(chunk, *request, own, planned.step.tokens.data() + row - chunk.drafts, now_ns, events);
    const std::int32_t samples = chunk.sampled ? 1 + chunk.drafts : 0;
    own.tokens += samples;
    if (chunk.logits) own.logits += static_cast<std::ptrdiff_t>(samples) * state.options.vocabulary;
    if (chunk.hidden) own.hidden += static_cast<std::ptrdiff_t>(chunk.tokens) * state.options.width;
  }
  state.retire_oldest();
}

void Scheduler::fail_step(const std::string& why, std::int64_t now_ns, std::vector<TokenEvent>& events) {
  State& state = *state_;
  for (const State::Chunk& chunk : state.oldest().chunks) {
    if (!state.find(chunk)) continue;
    state.finish(chunk.id);
    events.push_back({.request = chunk.id, .finish = FinishReason::error, .time_ns = now_ns, .error = why});
  }
  state.last_done_ns = now_ns;
  state.retire_oldest();
}

void Scheduler::forget_prefixes() { state_->blocks.forget_prefixes(); }

bool Scheduler::idle() const { return state_->requests.empty(); }

SchedulerCounts Scheduler::counts() const {
  SchedulerCounts counts = state_->counts;
  counts.running = static_cast<std::int32_t>(state_->running.size());
  counts.waiting = static_cast<std::int32_t>(state_->waiting.size());
  counts.free_blocks = state_->blocks.free_blocks();
  counts.cached_blocks = state_->blocks.cached_blocks();
  return counts;
}

}  // namespace tokenmark
