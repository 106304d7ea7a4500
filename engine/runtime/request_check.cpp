#include <algorithm>
#include <cmath>

#include "engine/runtime/scheduler.h"

namespace tokenmark {
namespace {

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

}  // namespace tokenmark
