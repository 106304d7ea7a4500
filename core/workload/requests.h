// The request list of a point: what is asked, in the order of sending. The same point gives the same list on every
// machine and for every kind of target. Lengths depend on the workload's seed and the request's number alone, so a
// longer run begins with the shorter one's requests, and two concurrencies measure the same lengths. Prompts differ
// between concurrencies and repeats too, so that no run finds its prompts in a server's prefix cache.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/point.h"

namespace tokenmark {

class Tokenizer;

struct PlannedRequest {
  std::int32_t input = 0, output = 0;  // tokens
  std::uint64_t prompt_seed = 0;
  bool warmup = false;
};

// Warm-ups first, then the measured requests: max(concurrency · requests_per_concurrency, min_requests) of them.
// Lengths are uniform in [max(1, floor(r·L)), L], input and output drawn independently.
std::vector<PlannedRequest> plan_requests(const Point& point);

// The ids a prompt may be made of: the vocabulary below `limit` without control tokens.
std::vector<std::int32_t> ordinary_tokens(const Tokenizer& tokenizer, std::int32_t limit);
// For servers whose vocabulary is not known: ids that are ordinary tokens in all common ones (behind control tokens
// and single bytes, and below the size of the smallest).
std::vector<std::int32_t> ordinary_tokens_of_any_vocabulary();

// `count` ids drawn uniformly from `ordinary`, which must not be empty.
std::vector<std::int32_t> random_prompt(const std::vector<std::int32_t>& ordinary, std::int32_t count, std::uint64_t seed);

}  // namespace tokenmark
