// Speculation: whose tokens are drafted, the steps of a drafter that runs on a device, and what becomes of drafts.
//
// A draft model has keys and values of its own in blocks of the same numbers, so that it needs no bookkeeping: it
// reads what the target has read, one round later (catching up), and then goes on alone for the drafts.
// The MTP layer does the same with rows (token p + 1, hidden state p) at position p. What it computed for drafts is
// computed again with the model's own hidden states. In blocks shared by prefix, or after a pause, a drafter may find
// keys that are not those of this sequence: drafts are then worse, never the result.
#include <algorithm>
#include <limits>

#include "engine/runtime/scheduler_state.h"

namespace tokenmark {
namespace {

// Below this share of accepted drafts a sequence pauses them, for so many tokens, and then tries again.
constexpr float kWorthwhile = 0.15f, kTriedAgain = 0.25f, kNewShare = 0.2f;
constexpr std::int32_t kPause = 64;

}  // namespace

std::int32_t Scheduler::State::draft_limit(const Request& request) const {
  const std::int32_t length = size_of(request.tokens);
  if (options.drafting == Drafting::none || length < request.undrafted_until) return 0;
  std::int32_t limit = std::min(options.draft_tokens, request.longest() - length - 1);
  if (options.draft_context > 0) limit = std::min(limit, options.draft_context - length);
  return std::max(limit, 0);
}

// Rows of the next step that are left for drafts; half of them where prompts wait.
std::int32_t Scheduler::State::draft_budget() const {
  if (!in_flight.empty()) return 0;
  const auto decoding = std::count_if(running.begin(), running.end(), [](const Request* r) { return r->decoding(); });
  const bool prompts = !waiting.empty() || decoding < static_cast<std::ptrdiff_t>(running.size());
  const std::int32_t left = options.step_tokens - static_cast<std::int32_t>(decoding);
  return std::max(0, prompts ? left / 2 : left);
}

// Drafts take blocks only where every running sequence still finds one.
bool Scheduler::State::reserve_drafts(Request& request, std::int32_t drafts) {
  const std::int32_t tokens = size_of(request.tokens) + drafts;
  const std::int32_t more = blocks.blocks_for(tokens) - size_of(blocks.table(request.sequence));
  if (more > 0 && more + size_of(running) > blocks.free_blocks()) return false;
  return blocks.reserve(request.sequence, tokens);
}

void Scheduler::State::look_up_draft(Request& request) {
  request.draft.clear();
  const std::int32_t most = draft_limit(request);
  if (most == 0) return;
  if (!request.ngrams) request.ngrams = std::make_unique<NgramIndex>(static_cast<std::size_t>(request.longest()));
  request.ngrams->propose(request.tokens, most, request.draft);
}

void Scheduler::State::judge_drafts(Request& request, std::int32_t drafted, std::int32_t accepted) {
  if (drafted == 0) return;
  counts.drafted_tokens += static_cast<std::uint64_t>(drafted);
  counts.accepted_tokens += static_cast<std::uint64_t>(accepted);
  for (std::int32_t i = 0; i < drafted; ++i) ++counts.drafted_at[static_cast<std::size_t>(i)];
  for (std::int32_t i = 0; i < accepted; ++i) ++counts.accepted_at[static_cast<std::size_t>(i)];
  const float share = static_cast<float>(accepted) / static_cast<float>(drafted);
  request.acceptance += kNewShare * (share - request.acceptance);
  if (request.acceptance >= kWorthwhile) return;
  request.acceptance = kTriedAgain;
  // The MTP layer cannot resume: it would need the hidden states of the pause.
  request.undrafted_until = options.drafting == Drafting::mtp ? std::numeric_limits<std::int32_t>::max()
                                                              : size_of(request.tokens) + kPause;
}

// ---- rounds of a drafter on a device --------------------------------------------------------------------------

const PlannedStep* Scheduler::plan_draft() {
  State& state = *state_;
  if (!state.drafter_runs_on_device() || !state.in_flight.empty()) return nullptr;
  state.draft_step.clear();
  state.draft_chunks.clear();
  if (state.draft_phase == 0) {
    state.begin_draft_round();
    std::int32_t budget = std::max(state.options.step_tokens, 1);
    for (ScheduledRequest* request : state.running) state.add_catch_up(*request, budget);
  } else {
    state.draft_step.previous_is_mtp = state.options.drafting == Drafting::mtp;
    for (ScheduledRequest* request : state.running) state.add_draft_row(*request);
  }
  if (state.draft_step.empty()) return nullptr;
  state.fill_block_tables(state.draft_step);
  return &state.draft_step;
}

void Scheduler::State::begin_draft_round() {
  std::int32_t left = draft_budget();
  for (Request* request : running) {
    request->draft.clear();
    request->draft_wanted = 0;
    if (!request->decoding() || !request->open()) continue;
    const std::int32_t wanted = std::min(draft_limit(*request), left);
    if (wanted == 0 || !reserve_drafts(*request, wanted)) continue;
    request->draft_wanted = wanted;
    left -= wanted;
  }
}

// What the target has read and the drafter has not; with all of it comes the first draft.
void Scheduler::State::add_catch_up(Request& request, std::int32_t& budget) {
  const bool mtp = options.drafting == Drafting::mtp, paused = size_of(request.tokens) < request.undrafted_until;
  const std::int32_t from = request.drafter_cached;
  const std::int32_t end = mtp ? from + size_of(request.hidden) / std::max(options.width, 1)
                               : std::min(request.draft_wanted > 0 ? size_of(request.tokens) : request.cached,
                                          options.draft_context > 0 ? options.draft_context : request.longest());
  const std::int32_t count = std::min(end - from, budget);
  if (paused || count <= 0) {
    request.draft_wanted = 0;
    return;
  }
  for (std::int32_t position = from; position < from + count; ++position)
    add_row(draft_step, request, request.tokens[static_cast<std::size_t>(mtp ? position + 1 : position)], position);
  end_sequence(draft_step, request);
  budget -= count;
  if (mtp) {
    const auto values = static_cast<std::ptrdiff_t>(count) * options.width;
    draft_step.previous_hidden.insert(draft_step.previous_hidden.end(), request.hidden.begin(), request.hidden.begin() + values);
    request.hidden.erase(request.hidden.begin(), request.hidden.begin() + values);
  }
  if (count < end - from) request.draft_wanted = 0;
  const bool sampled = request.draft_wanted > 0;
  const std::int32_t row = size_of(draft_step.tokens) - 1;
  if (sampled) add_sample(draft_step, request, row, request.generated());
  if (sampled && mtp) draft_step.hidden_rows.push_back(row);
  draft_chunks.push_back({request.id, request.serial, count, sampled});
}

// The draft before brings the next one.
void Scheduler::State::add_draft_row(Request& request) {
  if (request.draft_wanted <= draft_phase || size_of(request.draft) != draft_phase) return;
  const bool mtp = options.drafting == Drafting::mtp;
  const std::int32_t position = size_of(request.tokens) + draft_phase - (mtp ? 2 : 1);
  add_row(draft_step, request, request.draft.back(), position);
  end_sequence(draft_step, request);
  const std::int32_t row = size_of(draft_step.tokens) - 1;
  add_sample(draft_step, request, row, request.generated() + draft_phase);
  if (mtp) {
    draft_step.previous_hidden.insert(draft_step.previous_hidden.end(), request.draft_hidden.begin(), request.draft_hidden.end());
    draft_step.hidden_rows.push_back(row);
  }
  draft_chunks.push_back({request.id, request.serial, 0, true});
}

void Scheduler::complete_draft(const StepOutput& output) {
  State& state = *state_;
  std::size_t sample = 0;
  const auto width = static_cast<std::size_t>(state.options.width);
  for (const State::DraftChunk& chunk : state.draft_chunks) {
    const std::size_t own = sample;
    if (chunk.sampled) ++sample;
    const auto found = state.requests.find(chunk.id);
    if (found == state.requests.end() || found->second->serial != chunk.serial) continue;  // cancelled meanwhile
    ScheduledRequest& request = *found->second;
    request.drafter_cached += chunk.caught_up;
    if (!chunk.sampled) continue;
    if (output.tokens[own] >= 0 && output.tokens[own] < state.options.vocabulary)
      request.draft.push_back(output.tokens[own]);
    if (state.options.drafting == Drafting::mtp)
      request.draft_hidden.assign(output.hidden + own * width, output.hidden + (own + 1) * width);
  }
  ++state.draft_phase;
}

void Scheduler::stop_drafting() {
  state_->options.drafting = Drafting::none;
  for (ScheduledRequest* request : state_->running) {
    request->draft.clear();
    request->hidden.clear();
  }
}

}  // namespace tokenmark
