#include "core/workload/requests.h"

#include <algorithm>
#include <cmath>

#include "core/statistics/random.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

// Streams of the workload's seed; warm-ups have their own, so their number changes nothing in the measurement.
constexpr std::uint64_t kInput = 1, kOutput = 2, kPrompt = 3, kWarmup = 16;

std::int32_t drawn_length(std::int32_t longest, double ratio, std::uint64_t random) {
  const auto shortest = std::max(1, static_cast<std::int32_t>(std::floor(ratio * longest)));
  return shortest + static_cast<std::int32_t>(below(random, static_cast<std::uint64_t>(longest - shortest) + 1));
}

}  // namespace

Result<Plan> plan_requests(const Point& point) {
  const Workload& workload = point.workload;
  const Load& load = point.load;
  const std::int64_t warmups = std::int64_t{load.concurrency} * load.warmups_per_concurrency;
  const std::int64_t measured = std::max<std::int64_t>(std::int64_t{load.concurrency} * load.requests_per_concurrency, load.min_requests);
  const std::uint64_t prompts = random_at(workload.seed, static_cast<std::uint64_t>(load.concurrency), static_cast<std::uint64_t>(point.repeat));
  Plan plan;
  plan.requests.reserve(static_cast<std::size_t>(warmups + measured));
  const auto add = [&](std::int64_t number, bool warmup) {
    const auto index = static_cast<std::uint64_t>(number);
    const std::uint64_t offset = warmup ? kWarmup : 0;
    plan.requests.push_back({drawn_length(workload.input, workload.range_ratio, random_at(workload.seed, offset + kInput, index)),
                    drawn_length(workload.output, workload.range_ratio, random_at(workload.seed, offset + kOutput, index)),
                    random_at(prompts, offset + kPrompt, index), warmup});
  };
  for (std::int64_t i = 0; i < warmups; ++i) add(i, true);
  for (std::int64_t i = 0; i < measured; ++i) add(i, false);
  return plan;
}

std::vector<std::int32_t> ordinary_tokens(const Tokenizer& tokenizer, std::int32_t limit) {
  std::vector<std::int32_t> out;
  for (std::int32_t id = 0; id < std::min(limit, tokenizer.vocabulary_size()); ++id)
    if (!tokenizer.is_control(id) && !tokenizer.ends_generation(id)) out.push_back(id);
  return out;
}

std::vector<std::int32_t> ordinary_tokens_of_any_vocabulary() {
  std::vector<std::int32_t> out;
  for (std::int32_t id = 260; id < 512; ++id) out.push_back(id);
  return out;
}

std::vector<std::int32_t> random_prompt(const std::vector<std::int32_t>& ordinary, std::int32_t count, std::uint64_t seed) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ordinary[below(random_at(seed, 0, i), ordinary.size())];
  return out;
}

}  // namespace tokenmark
