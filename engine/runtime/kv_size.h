// How many KV blocks an engine gets and how long a context that allows. Pure functions.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/runtime/engine.h"

namespace tokenmark {

struct KvSize {
  std::int32_t blocks = 0;
  std::int32_t context = 0;    // longest sequence in tokens
  std::uint64_t bytes = 0;
};

// Bytes of keys and values of one token, the MTP layer's included. With latent attention a layer keeps the latent and
// the rotated part of the keys.
std::uint64_t kv_bytes_per_token(const ModelDescription& model, Format kv_format);

// Resolves the zeros of `options`: the context is the model's, at most 8192 and at most what the blocks hold; the
// blocks are enough for max_sequences contexts, at most a quarter of `free_bytes`. Values that were given and cannot
// be kept are errors. A draft model has keys and values in as many blocks: `drafter`, or null.
Result<KvSize> size_kv(const ModelDescription& model, const EngineOptions& options, std::uint64_t free_bytes,
                       const ModelDescription* drafter = nullptr);

}  // namespace tokenmark
