#include "engine/runtime/step_pace.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace tokenmark {
namespace {

constexpr std::int32_t kMeasureEvery = 64;  // mixed steps
constexpr double kNewPlain = 0.2, kNewSlower = 0.5, kNewFaster = 0.2;

void blend(double& mean, double value, double weight) { mean = mean < 0 ? value : mean + weight * (value - mean); }

}  // namespace

std::size_t StepPace::size_class(std::int32_t rows) {
  return std::min<std::size_t>(std::bit_width(static_cast<std::uint32_t>(rows)), 19);
}

const StepPace::Duration* StepPace::plain(std::int32_t rows) const {
  for (std::size_t i = size_class(rows) + 1; i-- > 0;)
    if (plain_[i].ns >= 0) return &plain_[i];
  return nullptr;
}

std::int32_t StepPace::prompt_tokens(std::int32_t rows) const {
  constexpr std::int32_t kAny = std::numeric_limits<std::int32_t>::max();
  if (slowdown_ <= 0 || rows == 0) return kAny;
  const Duration* duration = plain(rows);
  if (!duration || plain_[size_class(rows)].mixed_steps >= kMeasureEvery) return 0;
  if (duration->ns <= 0) return kAny;  // a driver without a clock
  // A prompt's token never costs more than a step.
  const double each = token_ns_ > 0 ? std::min(token_ns_, duration->ns) : duration->ns;
  return static_cast<std::int32_t>(std::clamp((slowdown_ - 1) * duration->ns / each, 1.0, 1e9));
}

void StepPace::measured(std::int32_t rows, std::int32_t prompt_tokens, std::int64_t ns) {
  const auto took = static_cast<double>(std::max<std::int64_t>(ns, 0));
  Duration& own = plain_[size_class(rows)];
  if (prompt_tokens == 0) {
    const double counted = own.ns > 0 ? std::min(took, 2 * own.ns) : took;  // one step that was held up says little
    blend(own.ns, counted, kNewPlain);
    own.mixed_steps = 0;
    return;
  }
  if (rows > 0) ++own.mixed_steps;
  const Duration* without = plain(std::max(rows, 1));
  // What the step would have taken without them; at least a tenth is theirs.
  const double fixed = std::min(without ? without->ns : 0, 0.9 * took);
  const double each = (took - fixed) / prompt_tokens;
  blend(token_ns_, each, each > token_ns_ ? kNewSlower : kNewFaster);
}

}  // namespace tokenmark
