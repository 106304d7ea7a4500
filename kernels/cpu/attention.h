// Attention over a paged cache. A cache of floats is attended to with floats; with AMX, the others with BF16 tiles.
#pragma once

#include "kernels/cpu/attention_floats.h"
#ifdef __AMX_BF16__
#include "kernels/cpu/attention_amx.h"
#endif

namespace tokenmark::cpu {
namespace {

template <class Cached>
void attend(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale, void* scratch) {
#ifdef __AMX_BF16__
  if constexpr (!std::is_same_v<Cached, CachedF32>) return attend_tiles<Cached>(head, queries, n, scale, scratch);
#endif
  attend_floats<Cached>(head, queries, n, scale, scratch);
}

std::size_t attention_scratch(const KvCache& cache) {
#ifdef __AMX_BF16__
  if (cache.format != Format::f32) return AmxScratch(cache, nullptr).bytes;
#endif
  return float_attention_scratch(cache);
}

void attention(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
               const AttentionQuery* queries, std::uint32_t n_queries, float scale, void* scratch) {
  KvHead head(cache, kv_head, block_table);
  switch (cache.format) {
    case Format::f32:
      return attend<CachedF32>(head, queries, n_queries, scale, scratch);
    case Format::bf16:
      return attend<CachedBf16>(head, queries, n_queries, scale, scratch);
    case Format::fp8:
      return attend<CachedFp8>(head, queries, n_queries, scale, scratch);
    case Format::q8_0:
      return attend<CachedQ8>(head, queries, n_queries, scale, scratch);
    default:
      return attend<CachedF16>(head, queries, n_queries, scale, scratch);
  }
}

void merge_attention(const float* outs, const AttentionPart* parts, std::uint32_t n, std::uint32_t value_dim,
                     float sink, float* out) {
  float greatest = sink;
  for (std::uint32_t i = 0; i < n; ++i) greatest = parts[i].greatest > greatest ? parts[i].greatest : greatest;
  float total = __builtin_expf(sink - greatest);
  for (std::uint32_t i = 0; i < n; ++i) total += parts[i].sum * __builtin_expf(parts[i].greatest - greatest);
  for (std::uint32_t i = 0; i < n; ++i) {
    const Vector factor = Vector::all(parts[i].sum * __builtin_expf(parts[i].greatest - greatest) / total);
    const float* from = outs + std::uint64_t{i} * value_dim;
    for_vectors(value_dim, [&](std::uint64_t d, auto lanes) {
      const Vector before = i == 0 ? Vector::all(0) : Vector::load(out + d, lanes);
      Vector::store(out + d, Vector::fma(Vector::load(from + d, lanes), factor, before), lanes);
    });
  }
}

}  // namespace
}  // namespace tokenmark::cpu
