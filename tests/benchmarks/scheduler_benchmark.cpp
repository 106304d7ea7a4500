// The scheduler's own time for a step: plan, the step's view, complete. No device: every token sampled is 1 more than
// the row's. The aim is 50 µs at 32 sequences.
#include <benchmark/benchmark.h>

#include "engine/runtime/scheduler.h"

namespace tokenmark {
namespace {

constexpr std::int32_t kVocabulary = 32000;

void run_step(benchmark::State& state, SchedulerOptions options, std::int32_t prompt, std::int32_t arrivals) {
  const auto sequences = static_cast<std::int32_t>(state.range(0));
  options.tokens_per_block = 16;
  options.context = 32768;
  options.blocks = (sequences + arrivals) * 2048;
  options.max_sequences = sequences + arrivals;
  options.step_tokens = 512;
  options.vocabulary = kVocabulary;
  Scheduler scheduler(options);
  RequestId next = 0;
  const auto add = [&](std::int32_t max_tokens) {
    GenerationRequest wanted{.prompt = {}, .max_tokens = max_tokens};
    for (std::int32_t i = 0; i < prompt; ++i) wanted.prompt.push_back(static_cast<TokenId>((static_cast<std::int32_t>(next) * 31 + i % 97) % kVocabulary));
    benchmark::DoNotOptimize(scheduler.add(++next, std::move(wanted), 0));
  };
  std::vector<std::int32_t> tokens;
  std::vector<TokenEvent> events;
  std::int64_t now = 0;
  const auto step = [&] {
    const PlannedStep& planned = scheduler.plan(now);
    benchmark::DoNotOptimize(planned.view());
    tokens.clear();
    for (const std::int32_t row : planned.sample_rows) tokens.push_back((planned.tokens[static_cast<std::size_t>(row)] + 1) % 97);
    events.clear();
    scheduler.complete({tokens.data()}, now += 20'000'000, events);
    benchmark::DoNotOptimize(events.data());
  };
  for (std::int32_t i = 0; i < sequences; ++i) add(30000 - prompt);
  for (std::int32_t i = 0; i < 16 * sequences; ++i) step();  // all prompts are through
  for (auto _ : state) {
    if (arrivals > 0 && scheduler.counts().waiting == 0) {
      state.PauseTiming();
      add(1);
      state.ResumeTiming();
    }
    step();
  }
  state.counters["sequences"] = static_cast<double>(sequences);
}

void decode(benchmark::State& state) { run_step(state, {}, 2000, 0); }
void decode_beside_prompts(benchmark::State& state) { run_step(state, {}, 2000, 4); }
void decode_with_ngram_drafts(benchmark::State& state) { run_step(state, {.drafting = Drafting::ngram}, 2000, 0); }

BENCHMARK(decode)->Arg(1)->Arg(32)->Arg(128)->Iterations(2000)->Unit(benchmark::kMicrosecond);
BENCHMARK(decode_beside_prompts)->Arg(32)->Iterations(2000)->Unit(benchmark::kMicrosecond);
BENCHMARK(decode_with_ngram_drafts)->Arg(32)->Iterations(2000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tokenmark

BENCHMARK_MAIN();
