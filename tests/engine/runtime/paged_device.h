// A device without a model, for tests of the host side: it keeps the tokens themselves where a real one keeps keys
// and values, and the next token is a hash of all tokens it finds in the cache through the block table. A wrong
// slot, a block used twice or a token missed therefore changes what is generated. A hidden state is such a hash too.
// `reference_next` gives the same for a plain sequence.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::fake {

struct PagedDevice {
  static constexpr std::int32_t kWidth = 8;  // of a hidden state

  PagedDevice(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t first_token, std::int32_t vocabulary)
      : tokens_per_block(tokens_per_block), first_token(first_token), vocabulary(vocabulary),
        cache(static_cast<std::size_t>(blocks * tokens_per_block), -1), mtp_cache(cache) {}

  // Checks the step's shape, writes its tokens and samples; the sentence of what is wrong with it, or empty.
  std::string step(const tm_step& step, std::int32_t* sampled, float* logits, float* hidden = nullptr);

  std::int32_t tokens_per_block, first_token, vocabulary;  // sampled ids are in [first_token, vocabulary)
  std::int32_t wrong_every = 0;  // a draft model that samples something else for one of so many sequences; 0: never
  std::int32_t window = 0;  // the next token depends on so many tokens only, so that text repeats itself; 0: on all
  std::vector<std::int32_t> cache;  // token by slot
  std::vector<std::int32_t> mtp_cache;  // of the MTP layer, which has the token of the next position there
  std::map<std::int32_t, std::int32_t> last_sampled;  // by sequence id
  // Previous hidden states that are not those of the tokens before. Prefix sharing brings some, nothing else may.
  std::int64_t foreign_hidden = 0;

  // What it samples after `tokens`.
  std::int32_t next(std::span<const std::int32_t> tokens, const tm_sampling& sampling) const;

 private:
  std::int32_t drafted(std::span<const std::int32_t> tokens, const tm_sampling& sampling) const;
  std::string gather(const tm_step& step, std::uint32_t sequence, std::int32_t length, std::vector<std::int32_t>& tokens);
  void gather_mtp(const tm_step& step, std::uint32_t sequence, std::int32_t length, std::vector<std::int32_t>& tokens);
  std::string run_model(const tm_step& step, std::int32_t* sampled, float* logits, float* hidden);
  void run_mtp(const tm_step& step, std::int32_t* sampled, float* hidden);
};

// What the device samples after `tokens`. `uniform` counts only with a temperature above 0.
std::int32_t reference_next(std::span<const std::int32_t> tokens, const tm_sampling& sampling, std::int32_t first_token,
                            std::int32_t vocabulary);

}  // namespace tokenmark::fake
