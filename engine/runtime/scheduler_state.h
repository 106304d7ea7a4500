// The inside of the scheduler: what scheduler*.cpp share. scheduler.cpp takes requests and results,
// scheduler_plan.cpp makes steps, scheduler_draft.cpp makes drafts.
#pragma once

#include <deque>
#include <unordered_map>

#include "engine/runtime/kv_blocks.h"
#include "engine/runtime/ngram_index.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/step_pace.h"

namespace tokenmark {

template <class T>
std::int32_t size_of(const std::vector<T>& values) {
  return static_cast<std::int32_t>(values.size());
}

struct ScheduledRequest {
  RequestId id = 0;
  std::uint64_t serial = 0;     // in order of arrival; ids may come again, serials do not
  std::uint64_t arrived_at = 0, served_at = 0;  // in planned steps
  GenerationRequest wanted;
  std::vector<TokenId> tokens;  // prompt and what was generated
  std::int32_t cached = 0;      // tokens whose keys and values are in the cache
  std::int32_t rows_in_flight = 0, samples_in_flight = 0;
  bool drafts_in_flight = false;  // then nobody knows how long it will be
  std::int32_t sequence = -1;   // its number on the device; -1 while it waits
  std::uint32_t admissions = 0;
  std::int32_t computed = 0;    // tokens that were computed or found at least once
  std::int32_t found = 0;       // of the prompt, in the prefix cache at the first admission

  // Speculation.
  std::vector<TokenId> draft;
  std::int32_t draft_wanted = 0;  // in this round
  std::int32_t drafter_cached = 0;  // tokens whose keys and values the drafter has
  std::vector<float> hidden;        // MTP: of the positions from drafter_cached to cached
  std::vector<float> draft_hidden;  // MTP: of its own last row
  std::unique_ptr<NgramIndex> ngrams;
  float acceptance = 1;           // moving share of the drafts
  std::int32_t undrafted_until = 0;  // no drafts before so many tokens

  std::int32_t prompt_tokens() const { return size_of(wanted.prompt); }
  std::int32_t generated() const { return size_of(tokens) - prompt_tokens(); }
  std::int32_t longest() const { return prompt_tokens() + wanted.max_tokens; }
  // With what is in flight.
  std::int32_t planned() const { return cached + rows_in_flight; }
  std::int32_t length() const { return size_of(tokens) + samples_in_flight; }
  std::int32_t unplanned() const { return length() - planned(); }
  // Another step can be planned for it: its next token is not the last, and its length is known.
  bool open() const { return length() < longest() && !drafts_in_flight; }
  bool decoding() const { return planned() > 0 && unplanned() == 1; }  // one token a step from here on
};

struct Scheduler::State {
  using Request = ScheduledRequest;
  explicit State(const SchedulerOptions& given);

  // What one sequence has in a step; by id and serial, since it may be gone when the step is done.
  struct Chunk {
    RequestId id;
    std::uint64_t serial;
    std::uint32_t admission;  // of the request: a later one has other blocks
    std::int32_t tokens;      // with drafts
    std::int32_t drafts;
    bool sampled;             // 1 + drafts samples
    bool logits, hidden;      // their logits, and all tokens' hidden states, come back
  };
  struct Planned {
    PlannedStep step;
    std::vector<Chunk> chunks;
    std::int64_t planned_ns = 0;
    std::int32_t decode_rows = 0, prompt_tokens = 0;
    void clear();
  };

  // scheduler.cpp
  Request* find(const Chunk& chunk);
  void release(Request& request);
  void finish(RequestId id);
  Planned& oldest() { return *in_flight.front(); }
  void retire_oldest();
  void take_chunk(const Chunk& chunk, Request& request, const StepOutput& own, const std::int32_t* drafts,
                  std::int64_t now_ns, std::vector<TokenEvent>& events);
  TokenEvent take_token(Request& request, TokenId token, const float* logits, std::int64_t now_ns);
  void count_computed(Request& request, std::int32_t tokens);

  // scheduler_plan.cpp
  void preempt_youngest();
  void plan_decodes();
  void plan_prompts();
  Request* next_prompt() const;
  Request* next_waiting() const;
  bool goes_before(const Request& a, const Request& b) const;
  bool admit(Request& request);
  std::int32_t prompt_budget() const;
  void add_chunk(Request& request, std::int32_t tokens, std::int32_t drafts);
  void add_row(PlannedStep& step, const Request& request, TokenId token, std::int32_t position) const;
  void end_sequence(PlannedStep& step, const Request& request) const;
  void add_sample(PlannedStep& step, const Request& request, std::int32_t row, std::int32_t index) const;
  void fill_block_tables(PlannedStep& step) const;

  // scheduler_draft.cpp
  bool drafter_runs_on_device() const { return options.drafting == Drafting::model || options.drafting == Drafting::mtp; }
  std::int32_t draft_limit(const Request& request) const;
  std::int32_t draft_budget() const;
  bool reserve_drafts(Request& request, std::int32_t drafts);
  void begin_draft_round();
  void add_catch_up(Request& request, std::int32_t& budget);
  void add_draft_row(Request& request);
  void look_up_draft(Request& request);
  void judge_drafts(Request& request, std::int32_t drafted, std::int32_t accepted);

  SchedulerOptions options;
  std::int32_t limit;  // sequences running at once
  KvBlocks blocks;
  StepPace pace;
  std::vector<Request*> running;  // in order of admission
  std::deque<Request*> waiting;   // in order of arrival
  std::unordered_map<RequestId, std::unique_ptr<Request>> requests;
  std::vector<std::int32_t> free_sequences;
  std::uint64_t last_serial = 0, steps = 0;

  std::unique_ptr<Planned> planning;  // the step being planned, afterwards an empty one
  std::deque<std::unique_ptr<Planned>> in_flight;
  std::vector<std::unique_ptr<Planned>> spare;
  bool preempted = false;  // in the step being planned
  std::int64_t last_done_ns = 0;

  struct DraftChunk {
    RequestId id;
    std::uint64_t serial;
    std::int32_t caught_up;  // tokens
    bool sampled;
  };
  PlannedStep draft_step;
  std::vector<DraftChunk> draft_chunks;
  std::int32_t draft_phase = 0;  // steps of this round so far
  SchedulerCounts counts;
};

}  // namespace tokenmark
