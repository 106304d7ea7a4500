// How many prompt tokens a step may take beside sequences that generate, learnt from the times of the steps so far.
// No clock: the scheduler tells what steps took. Used from its thread only.
//
// A step takes about d(rows) + c · prompt tokens: d is learnt from steps without prompt tokens, for each power of two
// of rows, c from the others. The most prompt tokens are then (slowdown − 1) · d / c.
#pragma once

#include <array>
#include <cstdint>

namespace tokenmark {

class StepPace {
 public:
  // `slowdown`: see SchedulerOptions::chunk_slowdown.
  explicit StepPace(float slowdown) : slowdown_(slowdown) {}

  // At most so many prompt tokens beside `rows` of generating sequences. 0 where d was not measured for a while: the
  // next step without prompt tokens does that.
  std::int32_t prompt_tokens(std::int32_t rows) const;
  void measured(std::int32_t rows, std::int32_t prompt_tokens, std::int64_t ns);

 private:
  struct Duration {
    double ns = -1;     // -1: not measured
    std::int32_t mixed_steps = 0;  // since it was measured
  };
  static std::size_t size_class(std::int32_t rows);
  const Duration* plain(std::int32_t rows) const;  // of these rows, else of the next fewer; null: not measured

  double slowdown_;
  std::array<Duration, 20> plain_;
  double token_ns_ = -1;  // c; -1: not measured
};

}  // namespace tokenmark
