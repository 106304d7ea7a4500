#include "engine/runtime/scheduler.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_map>

#include "engine/runtime/kv_blocks.h"
#include "engine/runtime/sampling.h"

namespace tokenmark {
namespace {

std::int32_t size_of(const std::vector<TokenId>& tokens) { return static_cast<std::int32_t>(tokens.size()); }

struct Request {
  RequestId id = 0;
  GenerationRequest wanted;
  std::vector<TokenId> tokens;  // prompt and what was generated
  std::int32_t cached = 0;      // tokens whose keys and values are in the cache
  std::int32_t sequence = -1;   // its number on the device; -1 while it waits

  std::int32_t prompt_tokens() const { return size_of(wanted.prompt); }
  std::int32_t generated() const { return size_of(tokens) - prompt_tokens(); }
  std::int32_t uncached() const { return size_of(tokens) - cached; }
  bool decoding() const { return cached > 0 && uncached() == 1; }  // one token a step from here on
};

Status check_sampling(const SamplingParameters& sampling) {
  if (!std::isfinite(sampling.temperature) || sampling.temperature < 0)
    return fail(ErrorKind::invalid_input, "temperature is {}; it must be 0 or more", sampling.temperature);
  if (!(sampling.top_p > 0 && sampling.top_p <= 1))
    return fail(ErrorKind::invalid_input, "top_p is {}; it must be above 0 and at most 1", sampling.top_p);
  if (!(sampling.min_p >= 0 && sampling.min_p <= 1))
    return fail(ErrorKind::invalid_input, "min_p is {}; it must be between 0 and 1", sampling.min_p);
  if (sampling.top_k < 0)
    return fail(ErrorKind::invalid_input, "top_k is {}; it must be 0 (off) or more", sampling.top_k);
  return {};
}

}  // namespace

Status check_request(const SchedulerOptions& options, const GenerationRequest& request) {
  if (request.prompt.empty()) return fail(ErrorKind::invalid_input, "the prompt is empty; it must have a token");
  if (request.max_tokens < 1)
    return fail(ErrorKind::invalid_input, "max_tokens is {}; it must be 1 or more", request.max_tokens);
  const auto unknown = std::find_if(request.prompt.begin(), request.prompt.end(),
                                    [&](TokenId token) { return token < 0 || token >= options.vocabulary; });
  if (unknown != request.prompt.end())
    return fail(ErrorKind::invalid_input, "token {} of the prompt is not in the vocabulary of {}", *unknown,
                options.vocabulary);
  if (request.logprobs < -1 || request.logprobs > kMaxLogprobs)
    return fail(ErrorKind::invalid_input, "logprobs is {}; at most {} are given", request.logprobs, kMaxLogprobs);
  TOKENMARK_CHECK(check_sampling(request.sampling));

  const auto total = static_cast<std::int64_t>(request.prompt.size()) + request.max_tokens;
  if (total > options.context)
    return fail(ErrorKind::invalid_input, "{} prompt tokens and {} to generate are more than the context of {} tokens",
                request.prompt.size(), request.max_tokens, options.context);
  const std::int64_t room = static_cast<std::int64_t>(options.blocks) * options.tokens_per_block;
  if (total - 1 > room)  // the last token is never written to the cache
    return fail(ErrorKind::invalid_input, "{} prompt tokens and {} to generate are more than the cache of {} tokens",
                request.prompt.size(), request.max_tokens, room);
  return {};
}

tm_step PlannedStep::view() const {
  tm_step step{};
  step.size = sizeof(tm_step);
  step.version = TM_ABI_VERSION;
  step.n_sequences = static_cast<std::uint32_t>(sequence_ids.size());
  step.n_tokens = static_cast<std::uint32_t>(tokens.size());
  step.tokens = tokens.data();
  step.positions = positions.data();
  step.slots = slots.data();
  step.sequence_ids = sequence_ids.data();
  step.token_offsets = token_offsets.data();
  step.kv_lengths = kv_lengths.data();
  step.block_tables = block_tables.data();
  step.block_table_stride = block_table_stride;
  step.n_samples = static_cast<std::uint32_t>(sample_rows.size());
  step.sample_rows = sample_rows.data();
  step.sampling = sampling.data();
  step.n_logits = static_cast<std::uint32_t>(logit_rows.size());
  step.logit_rows = logit_rows.data();
  return step;
}

struct Scheduler::State {
  explicit State(const SchedulerOptions& given)
      : options(given), limit(std::max(1, std::min(given.max_sequences, given.step_tokens))),
        blocks(given.blocks, given.tokens_per_block, limit) {
    for (std::int32_t sequence = limit; sequence-- > 0;) free_sequences.push_back(sequence);
    counts.blocks = given.blocks;
  }

  struct Chunk {  // what one sequence has in the planned step; by id, since it may be cancelled meanwhile
    RequestId id;
    std::int32_t tokens;
    bool sampled;
  };

  void release(Request& request);
  void preempt_youngest();
  void plan_decodes();
  void plan_prompts();
  bool admit_next();
  void add_chunk(Request& request, std::int32_t tokens);
  void add_sample(const Request& request);
  void fill_block_tables();
  void finish(RequestId id);

  SchedulerOptions options;
  std::int32_t limit;  // sequences running at once
  KvBlocks blocks;
  // Both in order of arrival, and everything running arrived before everything waiting.
  std::vector<Request*> running;
  std::deque<Request*> waiting;
  std::unordered_map<RequestId, std::unique_ptr<Request>> requests;
  std::vector<std::int32_t> free_sequences;
  PlannedStep step;
  std::vector<Chunk> chunks;
  bool preempted = false;  // in the step being planned
  SchedulerCounts counts;
};

void Scheduler::State::release(Request& request) {
  blocks.release(request.sequence);
  free_sequences.push_back(request.sequence);
  request.sequence = -1;
  request.cached = 0;
}

void Scheduler::State::preempt_youngest() {
  Request* youngest = running.back();
  running.pop_back();
  release(*youngest);
  waiting.push_front(youngest);
  preempted = true;
  ++counts.preemptions;
}

void Scheduler::State::add_chunk(Request& request, std::int32_t tokens) {
  for (std::int32_t position = request.cached; position < request.cached + tokens; ++position) {
    step.tokens.push_back(request.tokens[static_cast<std::size_t>(position)]);
    step.positions.push_back(position);
    step.slots.push_back(blocks.slot(request.sequence, position));
  }
  step.sequence_ids.push_back(request.sequence);
  step.token_offsets.push_back(size_of(step.tokens));
  step.kv_lengths.push_back(request.cached + tokens);
  const bool last = tokens == request.uncached();
  chunks.push_back({request.id, tokens, last});
  if (last) add_sample(request);
}

void Scheduler::State::add_sample(const Request& request) {
  const SamplingParameters& wanted = request.wanted.sampling;
  const std::int32_t row = size_of(step.tokens) - 1;
  step.sample_rows.push_back(row);
  step.sampled_requests.push_back(request.id);
  step.sampling.push_back({wanted.temperature, wanted.top_p, wanted.min_p, wanted.top_k,
                           uniform_draw(wanted.seed, static_cast<std::uint64_t>(request.generated()))});
  if (request.wanted.logprobs >= 0) step.logit_rows.push_back(row);
}

// One token for every sequence whose prompt is through (or lacks just one token). The oldest takes blocks first; if
// none is left the youngest gives its own back, and that is always one not planned yet, in the end the asking one
// itself.
void Scheduler::State::plan_decodes() {
  for (std::size_t i = 0; i < running.size(); ++i) {
    Request& request = *running[i];
    if (!request.decoding()) continue;
    const std::int32_t more = size_of(request.tokens) - blocks.tokens(request.sequence);
    bool grown = blocks.grow(request.sequence, more);
    while (!grown && running.size() > i + 1) {
      preempt_youngest();
      grown = blocks.grow(request.sequence, more);
    }
    if (grown)
      add_chunk(request, 1);
    else
      preempt_youngest();
  }
}

// A prompt is admitted when all of it fits and a block stays for each running sequence to go on with: else the next
// steps would throw it out again and its prefill be lost.
bool Scheduler::State::admit_next() {
  if (waiting.empty() || preempted || static_cast<std::int32_t>(running.size()) == limit) return false;
  Request& next = *waiting.front();
  const auto reserve = static_cast<std::int32_t>(running.size());
  if (blocks.blocks_for(size_of(next.tokens)) + reserve > blocks.free_blocks()) return false;
  next.sequence = free_sequences.back();
  free_sequences.pop_back();
  blocks.grow(next.sequence, size_of(next.tokens));
  waiting.pop_front();
  running.push_back(&next);
  return true;
}

void Scheduler::State::plan_prompts() {
  std::int32_t budget = std::max(options.step_tokens, 1) - size_of(step.tokens);
  for (std::size_t i = 0; budget > 0 && (i < running.size() || admit_next()); ++i) {
    Request& request = *running[i];
    if (request.decoding()) continue;
    const std::int32_t tokens = std::min(budget, request.uncached());
    add_chunk(request, tokens);
    budget -= tokens;
  }
}

void Scheduler::State::fill_block_tables() {
  std::size_t stride = 0;
  for (const std::int32_t sequence : step.sequence_ids) stride = std::max(stride, blocks.table(sequence).size());
  step.block_table_stride = static_cast<std::uint32_t>(stride);
  step.block_tables.assign(stride * step.sequence_ids.size(), 0);
  auto row = step.block_tables.begin();
  for (const std::int32_t sequence : step.sequence_ids) {
    std::copy(blocks.table(sequence).begin(), blocks.table(sequence).end(), row);
    row += static_cast<std::ptrdiff_t>(stride);
  }
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
  place->second = std::make_unique<Request>();
  Request& added = *place->second;
  added.id = id;
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

const PlannedStep& Scheduler::plan(std::int64_t) {
  State& state = *state_;
  PlannedStep& step = state.step;
  for (auto* array : {&step.tokens, &step.positions, &step.slots, &step.sequence_ids, &step.token_offsets,
                      &step.kv_lengths, &step.block_tables, &step.sample_rows, &step.logit_rows})
    array->clear();
  step.sampling.clear();
  step.sampled_requests.clear();
  step.token_offsets.push_back(0);
  state.chunks.clear();
  state.preempted = false;

  state.plan_decodes();
  state.plan_prompts();
  state.fill_block_tables();
  return step;
}

void Scheduler::complete(const std::int32_t* tokens, const float* logits, std::int64_t now_ns,
                         std::vector<TokenEvent>& events) {
  State& state = *state_;
  std::size_t sample = 0, logit_row = 0;
  for (const State::Chunk& chunk : state.chunks) {
    const std::size_t this_sample = sample;
    if (chunk.sampled) ++sample;
    const bool with_logits = chunk.sampled && logit_row < state.step.logit_rows.size() &&
                             state.step.logit_rows[logit_row] == state.step.sample_rows[this_sample];
    const float* row = with_logits ? logits + logit_row++ * static_cast<std::size_t>(state.options.vocabulary) : nullptr;
    const auto found = state.requests.find(chunk.id);
    if (found == state.requests.end()) continue;  // cancelled while the step ran

    Request& request = *found->second;
    state.counts.prompt_tokens += static_cast<std::uint64_t>(
        std::clamp(request.prompt_tokens() - request.cached, 0, chunk.tokens));
    request.cached += chunk.tokens;
    if (!chunk.sampled) continue;

    TokenEvent event{.request = chunk.id, .token = tokens[this_sample], .time_ns = now_ns};
    if (row) fill_logprobs(row, state.options.vocabulary, request.wanted.logprobs, event);
    request.tokens.push_back(event.token);
    ++state.counts.generated_tokens;
    const auto& stops = request.wanted.stop_tokens;
    if (std::find(stops.begin(), stops.end(), event.token) != stops.end())
      event.finish = FinishReason::stop;
    else if (request.generated() == request.wanted.max_tokens)
      event.finish = FinishReason::length;
    if (event.finish != FinishReason::none) {
      state.finish(chunk.id);
      ++state.counts.finished;
    }
    events.push_back(std::move(event));
  }
  state.chunks.clear();
}

void Scheduler::fail_step(const std::string& why, std::int64_t now_ns, std::vector<TokenEvent>& events) {
  for (const State::Chunk& chunk : state_->chunks) {
    if (!state_->requests.contains(chunk.id)) continue;
    state_->finish(chunk.id);
    events.push_back({.request = chunk.id, .finish = FinishReason::error, .time_ns = now_ns, .error = why});
  }
  state_->chunks.clear();
}

bool Scheduler::idle() const { return state_->requests.empty(); }

SchedulerCounts Scheduler::counts() const {
  SchedulerCounts counts = state_->counts;
  counts.running = static_cast<std::int32_t>(state_->running.size());
  counts.waiting = static_cast<std::int32_t>(state_->waiting.size());
  counts.free_blocks = state_->blocks.free_blocks();
  return counts;
}

}  // namespace tokenmark
