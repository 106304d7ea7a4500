#include "engine/server/metrics.h"

#include <algorithm>

namespace tokenmark::server {
namespace {

template <class T>
void add(std::string& out, const char* name, const char* type, const char* help, T value) {
  out += fmt::format("# HELP tokenmark_{0} {1}\n# TYPE tokenmark_{0} {2}\ntokenmark_{0} {3}\n", name, help, type, value);
}

// One line for each place that was ever drafted.
void add_places(std::string& out, const char* name, const char* help, const std::array<std::uint64_t, kMaxDraftTokens>& counts) {
  out += fmt::format("# HELP tokenmark_{0} {1}\n# TYPE tokenmark_{0} counter\n", name, help);
  for (std::size_t place = 0; place < counts.size() && counts[place] > 0; ++place)
    out += fmt::format("tokenmark_{}{{place=\"{}\"}} {}\n", name, place, counts[place]);
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void Metrics::count_ttft(double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++ttft_[static_cast<std::size_t>(bound - kBounds.begin())];
  ttft_sum_ += seconds;
}

std::string Metrics::text(const EngineCounts& engine) const {
  std::string out;
  const SchedulerCounts& scheduler = engine.scheduler;
  add(out, "requests_running", "gauge", "Sequences that are being computed.", scheduler.running);
  add(out, "requests_waiting", "gauge", "Sequences that wait for a place.", scheduler.waiting);
  add(out, "kv_blocks", "gauge", "Blocks of the key/value cache.", scheduler.blocks);
  add(out, "kv_blocks_used", "gauge", "Blocks in use.", scheduler.blocks - scheduler.free_blocks);
  add(out, "kv_blocks_cached", "gauge", "Blocks that can be found by the prompt they begin.", scheduler.cached_blocks);
  add(out, "prompt_tokens_total", "counter", "Prompt tokens computed, each once.", scheduler.prompt_tokens);
  add(out, "cached_prompt_tokens_total", "counter", "Prompt tokens found in the prefix cache.", scheduler.cached_prompt_tokens);
  add(out, "recomputed_tokens_total", "counter", "Tokens computed again after a preemption.", scheduler.recomputed_tokens);
  add(out, "generated_tokens_total", "counter", "Tokens sampled.", scheduler.generated_tokens);
  add(out, "sequences_finished_total", "counter", "Sequences that came to their end.", scheduler.finished);
  add(out, "sequences_cancelled_total", "counter", "Sequences that were cancelled.", scheduler.cancelled);
  add(out, "preemptions_total", "counter", "Sequences thrown out to be computed again.", scheduler.preemptions);
  add(out, "draft_tokens_total", "counter", "Tokens drafted by speculation.", scheduler.drafted_tokens);
  add(out, "accepted_draft_tokens_total", "counter", "Drafted tokens that were accepted.", scheduler.accepted_tokens);
  add_places(out, "draft_tokens_at_total", "Tokens drafted, by place in the draft.", scheduler.drafted_at);
  add_places(out, "accepted_draft_tokens_at_total", "Drafted tokens accepted, by place in the draft.", scheduler.accepted_at);
  add(out, "steps_total", "counter", "Forward passes.", engine.steps);
  add(out, "step_seconds_total", "counter", "Time in forward passes.", seconds(engine.busy));
  add(out, "draft_steps_total", "counter", "Forward passes of the draft model or layer.", engine.draft_steps);
  add(out, "draft_seconds_total", "counter", "Time in them.", seconds(engine.drafting));
  add(out, "scheduling_seconds_total", "counter", "Time in the scheduler.", seconds(engine.scheduling));

  out += "# HELP tokenmark_replies_total Answers by endpoint and HTTP status.\n# TYPE tokenmark_replies_total counter\n";
  for (const auto& [key, count] : replies_)
    out += fmt::format("tokenmark_replies_total{{endpoint=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, count);

  out += "# HELP tokenmark_ttft_seconds From a request's arrival to its first token.\n"
         "# TYPE tokenmark_ttft_seconds histogram\n";
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    out += fmt::format("tokenmark_ttft_seconds_bucket{{le=\"{}\"}} {}\n", kBounds[i], sum += ttft_[i]);
  sum += ttft_.back();
  out += fmt::format("tokenmark_ttft_seconds_bucket{{le=\"+Inf\"}} {0}\ntokenmark_ttft_seconds_sum {1}\n"
                     "tokenmark_ttft_seconds_count {0}\n", sum, ttft_sum_);
  return out;
}

}  // namespace tokenmark::server
