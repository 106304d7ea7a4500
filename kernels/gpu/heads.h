// Queries, keys and values of a step's tokens from their projections: norms, rotary positions, into the cache. A warp makes
// one head of one token.
#pragma once

#include "kernels/gpu/cache.h"

namespace TM_GPU_NAMESPACE {

// Value d of a head whose values before turning are x(d).
template <class Value>
TM_DEVICE float turned(const Rope& rope, std::int32_t position, std::uint32_t d, Value x) {
  if (d >= rope.dim) return x(d);
  const std::uint32_t pairs = rope.dim / 2, pair = rope.interleaved ? d / 2 : d % pairs;
  const bool is_first = rope.interleaved ? d % 2 == 0 : d < pairs;
  const float first = x(rope.interleaved ? 2 * pair : pair), second = x(rope.interleaved ? 2 * pair + 1 : pair + pairs);
  const float* angles = rope.table + static_cast<std::uint64_t>(position) * rope.dim;
  const float cosine = angles[pair], sine = angles[pairs + pair];
  return is_first ? first * cosine - second * sine : first * sine + second * cosine;
}

// 1 / rms of the warp's head.
TM_DEVICE float rms_factor(const float* x, std::uint32_t dim, float epsilon) {
  float squares = 0;
  for (std::uint32_t d = lane(); d < dim; d += kWave) squares += x[d] * x[d];
  return reciprocal_root(sum_lanes(squares) / static_cast<float>(dim) + epsilon);
}

// The token of a row, or -1 if it is padding.
TM_DEVICE std::int32_t token_of_row(const StepArrays& step, const StepRows& rows, std::uint32_t row) {
  const std::int32_t token = rows.tokens ? rows.tokens[row] : static_cast<std::int32_t>(row);
  return token < 0 || step.slots[token] < 0 ? -1 : token;
}

struct StoreHeads {
  using Args = StoreHeadsArguments;
  static constexpr int kThreads = 128, kWarps = kThreads / kWave;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t x = block_index().x, head = block_index().y * kWarps + static_cast<std::uint32_t>(warp());
    if (x < args.step.n_tokens) store_token(args, x, head);
    else store_query(args, x - args.step.n_tokens, head);
  }

  template <class Then>
  TM_DEVICE static void with_norm(const float* head, const float* norm, std::uint32_t dim, float epsilon, Then then) {
    if (!norm) return then([=](std::uint32_t d) { return head[d]; });
    const float factor = rms_factor(head, dim, epsilon);
    then([=](std::uint32_t d) { return head[d] * factor * norm[d]; });
  }
  // Keys are the first kv_heads of a token's, values the others.
  TM_DEVICE static void store_token(const Args& args, std::uint32_t token, std::uint32_t head) {
    const Cache& cache = args.cache;
    const std::int32_t slot = args.step.slots[token];
    if (slot < 0 || head >= 2 * cache.kv_heads) return;
    const std::uint32_t kv_head = head % cache.kv_heads, row = cache_row(cache, kv_head, static_cast<std::uint32_t>(slot));
    if (head >= cache.kv_heads) {
      const float* values = args.values + std::uint64_t{token} * args.kv_pitch + kv_head * cache.value_dim;
      store_row(cache, cache.values, cache.value_scales, row, cache.value_dim, cache.value_pitch, [=](std::uint32_t d) { return values[d]; });
      return;
    }
    const float* keys = args.keys + std::uint64_t{token} * args.kv_pitch + kv_head * cache.key_dim;
    const std::int32_t position = args.step.positions[token];
    with_norm(keys, args.k_norm, cache.key_dim, args.epsilon, [&](auto value) {
      store_row(cache, cache.keys, cache.key_scales, row, cache.key_dim, cache.key_pitch,
                [&](std::uint32_t d) { return turned(args.rope, position, d, value); });
    });
  }
  TM_DEVICE static void store_query(const Args& args, std::uint32_t row, std::uint32_t head) {
    const std::int32_t token = token_of_row(args.step, args.rows, row);
    if (token < 0 || head >= args.heads) return;
    const std::uint32_t dim = args.cache.key_dim;
    const float* query = args.queries + std::uint64_t{row} * args.query_pitch + head * dim;
    std::uint16_t* out = args.out + (std::uint64_t{row} * args.heads + head) * dim;
    with_norm(query, args.q_norm, dim, args.epsilon, [&](auto value) {
      for (std::uint32_t d = lane(); d < dim; d += kWave) out[d] = to_bf16(args.scale * turned(args.rope, args.step.positions[token], d, value));
    });
  }
};

// One of a step's heads, numbered keys first, then values, then queries, for neighbouring rows, each a token. By a warp. Not
// part of what calls it where functions can be called, since it would take its registers.
TM_DEVICE_CALL void store_head(const StoreHeadsArguments& args, std::uint32_t first, std::uint32_t rows, std::uint32_t head) {
  const std::uint32_t of_token = 2 * args.cache.kv_heads;
  for (std::uint32_t row = first; row < first + rows; ++row) {
    if (head < of_token) StoreHeads::store_token(args, row, head);
    else StoreHeads::store_query(args, row, head - of_token);
  }
}

struct StoreLatents {
  using Args = StoreLatentsArguments;
  static constexpr int kThreads = 128, kWarps = kThreads / kWave;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t x = block_index().x, head = block_index().y * kWarps + static_cast<std::uint32_t>(warp());
    if (x < args.step.n_tokens) store_token(args, x, head);
    else store_query(args, x - args.step.n_tokens, head);
  }

 private:
  TM_DEVICE static void store_token(const Args& args, std::uint32_t token, std::uint32_t head) {
    const Cache& cache = args.cache;
    const std::int32_t slot = args.step.slots[token];
    if (slot < 0 || head > 0) return;
    const std::uint32_t lora = cache.value_dim;
    const float* latent = args.latents + std::uint64_t{token} * args.latent_pitch;
    const float* to_turn = latent + lora;
    const float factor = rms_factor(latent, lora, args.epsilon);
    const std::int32_t position = args.step.positions[token];
    store_row(cache, cache.keys, cache.key_scales, cache_row(cache, 0, static_cast<std::uint32_t>(slot)), cache.key_dim, cache.key_pitch,
              [&](std::uint32_t d) {
                if (d < lora) return latent[d] * factor * args.norm[d];
                return turned(args.rope, position, d - lora, [=](std::uint32_t i) { return to_turn[i]; });
              });
  }
  TM_DEVICE static void store_query(const Args& args, std::uint32_t row, std::uint32_t head) {
    const std::int32_t token = token_of_row(args.step, args.rows, row);
    if (token < 0 || head >= args.heads) return;
    const std::uint32_t lora = args.cache.value_dim, dim = args.cache.key_dim;
    const std::uint64_t place = std::uint64_t{row} * args.heads + head;
    const float* absorbed = args.absorbed + place * lora;
    const float* to_turn = args.queries + std::uint64_t{row} * args.query_pitch + (head + 1) * args.query_dim - args.rope.dim;
    std::uint16_t* out = args.out + place * dim;
    for (std::uint32_t d = lane(); d < lora; d += kWave) out[d] = to_bf16(args.scale * absorbed[d]);
    for (std::uint32_t d = lane(); d < args.rope.dim; d += kWave)
      out[lora + d] = to_bf16(args.scale * turned(args.rope, args.step.positions[token], d, [=](std::uint32_t i) { return to_turn[i]; }));
  }
};

}  // namespace TM_GPU_NAMESPACE
