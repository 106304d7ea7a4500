// How a step is made: who decodes, whose prompt goes on, who is admitted and who is thrown out.
#include <algorithm>
#include <cmath>

#include "engine/runtime/sampling.h"
#include "engine/runtime/scheduler_state.h"

namespace tokenmark {

void PlannedStep::clear() {
  for (auto* array : {&tokens, &positions, &slots, &sequence_ids, &token_offsets, &kv_lengths, &block_tables,
                      &sample_rows, &logit_rows, &hidden_rows})
    array->clear();
  sampling.clear();
  sampled_requests.clear();
  previous_hidden.clear();
  previous_is_mtp = false;
  token_offsets.push_back(0);
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
  step.n_hidden = static_cast<std::uint32_t>(hidden_rows.size());
  step.hidden_rows = hidden_rows.data();
  step.previous_hidden = previous_hidden.empty() ? nullptr : previous_hidden.data();
  step.previous_is_mtp = previous_is_mtp;
  return step;
}

void Scheduler::State::Planned::clear() {
  step.clear();
  chunks.clear();
  decode_rows = prompt_tokens = 0;
}

const PlannedStep& Scheduler::plan(std::int64_t now_ns) {
  State& state = *state_;
  State::Planned& planned = *state.planning;
  planned.clear();
  planned.planned_ns = now_ns;
  state.preempted = false;
  state.draft_phase = 0;
  ++state.steps;
  state.plan_decodes();
  state.plan_prompts();
  if (planned.step.empty()) return planned.step;
  state.fill_block_tables(planned.step);
  state.in_flight.push_back(std::move(state.planning));
  if (state.spare.empty()) state.spare.push_back(std::make_unique<State::Planned>());
  state.planning = std::move(state.spare.back());
  state.spare.pop_back();
  return planned.step;
}

void Scheduler::State::preempt_youngest() {
  Request* youngest = running.back();
  running.pop_back();
  release(*youngest);
  const auto later = [&](const Request* other) { return other->serial > youngest->serial; };
  waiting.insert(std::find_if(waiting.begin(), waiting.end(), later), youngest);
  preempted = true;
  ++counts.preemptions;
}

// ---- sequences that generate ----------------------------------------------------------------------------------

// One token for every sequence whose prompt is through (or lacks just one token), and its drafts. The oldest takes
// blocks first; if none is left the youngest gives its own back, and that is always one not planned yet, in the end
// the asking one itself.
void Scheduler::State::plan_decodes() {
  std::int32_t drafts_left = options.drafting == Drafting::none ? 0 : draft_budget();
  for (std::size_t i = 0; i < running.size(); ++i) {
    Request& request = *running[i];
    if (!request.decoding() || !request.open()) continue;
    bool grown = blocks.reserve(request.sequence, request.length());
    while (!grown && running.size() > i + 1) {
      preempt_youngest();
      grown = blocks.reserve(request.sequence, request.length());
    }
    if (!grown) {
      preempt_youngest();
      break;
    }
    if (options.drafting == Drafting::ngram && drafts_left > 0) look_up_draft(request);
    std::int32_t drafts = in_flight.empty() ? std::min(size_of(request.draft), drafts_left) : 0;
    if (drafts > 0 && !reserve_drafts(request, drafts)) drafts = 0;
    drafts_left -= drafts;
    add_chunk(request, 1 + drafts, drafts);
    request.draft.clear();
  }
  planning->decode_rows = size_of(planning->step.tokens);
}

void Scheduler::State::add_row(PlannedStep& step, const Request& request, TokenId token, std::int32_t position) const {
  step.tokens.push_back(token);
  step.positions.push_back(position);
  step.slots.push_back(blocks.slot(request.sequence, position));
}

void Scheduler::State::end_sequence(PlannedStep& step, const Request& request) const {
  step.sequence_ids.push_back(request.sequence);
  step.token_offsets.push_back(size_of(step.tokens));
  step.kv_lengths.push_back(step.positions.back() + 1);
}

// `index`: of the token to be sampled among the generated ones.
void Scheduler::State::add_sample(PlannedStep& step, const Request& request, std::int32_t row, std::int32_t index) const {
  const SamplingParameters& wanted = request.wanted.sampling;
  step.sample_rows.push_back(row);
  step.sampled_requests.push_back(request.id);
  step.sampling.push_back({wanted.temperature, wanted.top_p, wanted.min_p, wanted.top_k,
                           uniform_draw(wanted.seed, static_cast<std::uint64_t>(index))});
}

void Scheduler::State::add_chunk(Request& request, std::int32_t tokens, std::int32_t drafts) {
  PlannedStep& step = planning->step;
  const std::int32_t from = request.planned(), plain = tokens - drafts, first_row = size_of(step.tokens);
  for (std::int32_t i = 0; i < plain; ++i) {
    const std::int32_t position = from + i;
    const bool known = position < size_of(request.tokens);
    add_row(step, request, known ? request.tokens[static_cast<std::size_t>(position)] : -1, position);
  }
  for (std::int32_t i = 0; i < drafts; ++i)
    add_row(step, request, request.draft[static_cast<std::size_t>(i)], from + plain + i);
  end_sequence(step, request);

  const bool sampled = plain == request.unplanned(), logits = sampled && request.wanted.logprobs >= 0;
  const bool hidden = options.drafting == Drafting::mtp && draft_limit(request) > 0;
  if (sampled)
    for (std::int32_t i = 0; i <= drafts; ++i) {
      const std::int32_t row = first_row + plain - 1 + i;
      add_sample(step, request, row, request.generated() + request.samples_in_flight + i);
      if (logits) step.logit_rows.push_back(row);
    }
  if (hidden)
    for (std::int32_t i = 0; i < tokens; ++i) step.hidden_rows.push_back(first_row + i);
  planning->chunks.push_back({request.id, request.serial, request.admissions, tokens, drafts, sampled, logits, hidden});
  request.rows_in_flight += tokens;
  request.samples_in_flight += sampled;
  request.drafts_in_flight = drafts > 0;
  request.served_at = steps;
}

void Scheduler::State::fill_block_tables(PlannedStep& step) const {
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

// ---- prompts --------------------------------------------------------------------------------------------------

bool Scheduler::State::goes_before(const Request& a, const Request& b) const {
  const auto rank = [this](const Request& request) {
    if (options.policy == Policy::fcfs) return std::int64_t{0};
    const std::int64_t step_credit = std::max(1, options.step_tokens / 16);  // tokens for each step that was waited
    return request.unplanned() - step_credit * static_cast<std::int64_t>(steps - request.arrived_at);
  };
  const std::int64_t rank_a = rank(a), rank_b = rank(b);
  return rank_a != rank_b ? rank_a < rank_b : a.serial < b.serial;
}

Scheduler::State::Request* Scheduler::State::next_prompt() const {
  Request* first = nullptr;
  for (Request* request : running) {
    if (request->served_at == steps || request->decoding() || !request->open()) continue;
    if (!first || goes_before(*request, *first)) first = request;
  }
  return first;
}

Scheduler::State::Request* Scheduler::State::next_waiting() const {
  if (waiting.empty()) return nullptr;
  if (options.policy == Policy::fcfs) return waiting.front();
  return *std::min_element(waiting.begin(), waiting.end(),
                           [this](const Request* a, const Request* b) { return goes_before(*a, *b); });
}

// A prompt is admitted when all of it fits and a block stays for each running sequence to go on with, or more if the
// options say so: else the next steps would throw it out again and its prefill be lost. One whose token is still being
// sampled is not known yet.
bool Scheduler::State::admit(Request& next) {
  const auto beside = static_cast<std::int32_t>(running.size());
  if (preempted || beside == limit || next.samples_in_flight > 0) return false;
  const auto kept_free = static_cast<std::int32_t>(std::ceil(options.admission_free * static_cast<float>(blocks.blocks())));
  const std::int32_t reserve = beside == 0 ? 0 : std::max(beside, kept_free);
  const KvBlocks::Prefix prefix = blocks.find(next.tokens);
  const std::int32_t taken = blocks.blocks_for(size_of(next.tokens)) - prefix.blocks + prefix.unused;
  if (taken + reserve > blocks.free_blocks()) return false;

  next.sequence = free_sequences.back();
  free_sequences.pop_back();
  next.cached = next.drafter_cached = blocks.adopt(next.sequence, next.tokens);
  blocks.reserve(next.sequence, size_of(next.tokens));
  if (next.admissions++ == 0) {
    next.found = next.computed = next.cached;
    counts.cached_prompt_tokens += static_cast<std::uint64_t>(next.found);
  }
  std::erase(waiting, &next);
  running.push_back(&next);
  return true;
}

std::int32_t Scheduler::State::prompt_budget() const {
  const std::int32_t left = std::max(options.step_tokens, 1) - planning->decode_rows;
  return std::min(left, pace.prompt_tokens(planning->decode_rows));
}

void Scheduler::State::plan_prompts() {
  bool admitting = true;
  for (std::int32_t budget = prompt_budget(); budget > 0;) {
    Request* next = next_prompt();
    Request* waits = admitting ? next_waiting() : nullptr;
    if (waits && (!next || goes_before(*waits, *next))) {
      if (admit(*waits)) next = waits;
      else admitting = false;  // nobody overtakes the one that does not fit yet
    }
    if (!next) break;
    const std::int32_t tokens = std::min(budget, next->unplanned());
    add_chunk(*next, tokens, 0);
    planning->prompt_tokens += tokens;
    budget -= tokens;
  }
}

}  // namespace tokenmark
