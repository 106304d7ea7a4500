// A device without a model, for tests of the host side: it keeps the tokens themselves where a real one keeps keys
// and values, and the next token is a hash of all tokens it finds in the cache through the block table. A wrong
// slot, a block used twice or a token missed therefore changes what is generated.
// `reference_next` gives the same for a plain sequence.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::fake {

struct PagedDevice {
  PagedDevice(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t first_token, std::int32_t vocabulary)
      : tokens_per_block(tokens_per_block), first_token(first_token), vocabulary(vocabulary),
        cache(static_cast<std::size_t>(blocks * tokens_per_block), -1) {}

  // Checks the step's shape, writes its tokens and samples; the sentence of what is wrong with it, or empty.
  std::string step(const tm_step& step, std::int32_t* sampled, float* logits);

  std::int32_t tokens_per_block, first_token, vocabulary;  // sampled ids are in [first_token, vocabulary)
  std::vector<std::int32_t> cache;  // token by slot
};

// What the device samples after `tokens`. `uniform` counts only with a temperature above 0.
std::int32_t reference_next(std::span<const std::int32_t> tokens, const tm_sampling& sampling, std::int32_t first_token,
                            std::int32_t vocabulary);

}  // namespace tokenmark::fake
