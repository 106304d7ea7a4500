// Keys and values into the cache (kv_layout.h).
#pragma once

#include "kernels/cpu/kv_formats.h"

namespace tokenmark::cpu {
namespace {

// One token's row in the cache's format before it takes its places in a group.
struct KvRow {
  alignas(64) float padded[kMaxHeadDim + 32];
  alignas(64) std::byte encoded[(kMaxHeadDim + 32) * sizeof(float)];
  float scale;                                    // fp8
  std::uint16_t scales[(kMaxHeadDim + 32) / 32];  // q8_0
};

constexpr float kGreatestHalf = 65504;

inline Vector within(Vector x, float limit) {
  const Vector zero = Vector::all(0), least = Vector::all(-limit);
  return zero - Vector::max(zero - Vector::max(x, least), least);
}

typedef std::int32_t Lanes __attribute__((vector_size(Vector::kLanes * 4)));
typedef std::uint16_t Words __attribute__((vector_size(Vector::kLanes * 2)));
typedef std::uint8_t Bytes __attribute__((vector_size(Vector::kLanes)));

inline void store_bf16(std::uint16_t* to, Vector x) {  // as float_to_bf16
  const Lanes bits = __builtin_bit_cast(Lanes, x);
  const Words words = __builtin_convertvector((bits + 0x7fff + ((bits >> 16) & 1)) >> 16, Words);
  std::memcpy(to, &words, sizeof(words));
}

// As float_to_e4m3, of numbers.
inline void store_e4m3(std::byte* to, Vector x) {
  const Lanes bits = __builtin_bit_cast(Lanes, x), magnitude = bits & 0x7fffffff;
  const Lanes normal = ((magnitude + 0x7ffff + ((magnitude >> 20) & 1)) >> 20) - (120 << 3);
  // Below 2^-6 a step is 2^-9: adding 1.5 * 2^23 leaves their number in the low bits.
  const Lanes small = __builtin_bit_cast(Lanes, Vector::abs(x) * Vector::all(512) + Vector::all(0x1.8p23f)) & 0xf;
  const Lanes is_small = magnitude < (121 << 23), most = Lanes{} + 0x7e;
  const Lanes code = (is_small & small) | (~is_small & normal);
  const Lanes bounded = code < most ? code : most;
  const Bytes bytes = __builtin_convertvector(bounded | ((bits >> 24) & 0x80), Bytes);
  std::memcpy(to, &bytes, sizeof(bytes));
}

inline float greatest_magnitude(const float* x, std::uint32_t n) {  // n: whole vectors
  Vector greatest = Vector::all(0);
  for (std::uint32_t i = 0; i < n; i += Vector::kLanes) greatest = Vector::max(Vector::abs(Vector::load(x + i)), greatest);
  return Vector::greatest(greatest);
}

void encode_fp8(KvRow& row, std::uint32_t dim) {
  row.scale = greatest_magnitude(row.padded, dim) / 448;
  // Below this the reciprocal would overflow: such a row is as good as zero.
  const Vector inverse = Vector::all(row.scale > 0x1p-120f ? 1 / row.scale : 0);
  for (std::uint32_t d = 0; d < dim; d += Vector::kLanes)
    store_e4m3(row.encoded + d, Vector::load(row.padded + d) * inverse);
}

void encode_q8(KvRow& row, std::uint32_t dim) {
  for (std::uint32_t b = 0; b < dim / 32; ++b) {
    const float* x = row.padded + 32 * b;
    const float scale = __builtin_fminf(greatest_magnitude(x, 32) / 127, kGreatestHalf);
    row.scales[b] = float_to_half(scale);
    const Vector inverse = Vector::all(scale > 0x1p-120f ? 1 / scale : 0);
    for (int i = 0; i < 32; i += Vector::kLanes)
      Vector::store_bytes(reinterpret_cast<std::int8_t*>(row.encoded) + 32 * b + i,
                          within(Vector::load(x + i) * inverse, 127));
  }
}

void encode_row(Format format, const float* x, std::uint32_t n, std::uint32_t dim, KvRow& row) {
  std::memcpy(row.padded, x, n * sizeof(float));
  std::memset(row.padded + n, 0, (dim - n) * sizeof(float));
  auto* words = reinterpret_cast<std::uint16_t*>(row.encoded);
  switch (format) {
    case Format::f32:
      std::memcpy(row.encoded, row.padded, dim * sizeof(float));
      break;
    case Format::bf16:
      for (std::uint32_t d = 0; d < dim; d += Vector::kLanes) store_bf16(words + d, Vector::load(row.padded + d));
      break;
    case Format::fp8:
      encode_fp8(row, dim);
      break;
    case Format::q8_0:
      encode_q8(row, dim);
      break;
    default:
      for (std::uint32_t d = 0; d < dim; d += Vector::kLanes)
        Vector::store_half(words + d, within(Vector::load(row.padded + d), kGreatestHalf));
  }
}

void place_scales(const KvRow& row, Format format, std::uint32_t dim, std::uint32_t t, std::byte* group) {
  std::byte* scales = group + kv_scales_offset(dim, format);
  if (format == Format::fp8) reinterpret_cast<float*>(scales)[t] = row.scale;
  if (format == Format::q8_0)
    for (std::uint32_t b = 0; b < dim / 32; ++b) reinterpret_cast<std::uint16_t*>(scales)[b * kKvGroup + t] = row.scales[b];
}

template <class Value>
void place_key(const KvRow& row, std::uint32_t dim, std::uint32_t t, std::byte* group) {
  const auto* from = reinterpret_cast<const Value*>(row.encoded);
  auto* to = reinterpret_cast<Value*>(group) + t;
  for (std::uint32_t d = 0; d < dim; ++d) to[d * kKvGroup] = from[d];
}

void place_key(const KvRow& row, Format format, std::uint32_t dim, std::uint32_t t, std::byte* group) {
  switch (format) {
    case Format::f32:
      return place_key<std::uint32_t>(row, dim, t, group);
    case Format::bf16:
      return place_key<std::uint32_t>(row, dim / 2, t, group);  // pairs
    case Format::f16:
      return place_key<std::uint16_t>(row, dim, t, group);
    default:
      place_key<std::uint8_t>(row, dim, t, group);
      place_scales(row, format, dim, t, group);
  }
}

void place_value(const KvRow& row, Format format, std::uint32_t dim, std::uint32_t t, std::byte* group) {
  if (format == Format::bf16) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(row.encoded);
    auto* to = reinterpret_cast<std::uint16_t*>(group) + t / 2 * 2 * dim + t % 2;
    for (std::uint32_t d = 0; d < dim; ++d) to[2 * d] = from[d];
    return;
  }
  const std::size_t bytes = format == Format::f32 ? 4 : format == Format::f16 ? 2 : 1;
  std::memcpy(group + t * dim * bytes, row.encoded, dim * bytes);
  place_scales(row, format, dim, t, group);
}

void kv_write(const KvCache& cache, std::uint64_t slot, const float* keys, const float* values) {
  const std::uint64_t block = slot / cache.tokens_per_block;
  const auto offset = static_cast<std::uint32_t>(slot % cache.tokens_per_block);
  const std::uint32_t key_dim = kv_row_dim(cache.format, cache.key_dim);
  const std::uint32_t value_dim = kv_row_dim(cache.format, cache.value_dim);
  KvRow row;
  for (std::uint32_t h = 0; h < cache.kv_heads; ++h) {
    const std::uint64_t group = kv_group_at(cache, h, block, offset / kKvGroup);
    encode_row(cache.format, keys + h * cache.key_dim, cache.key_dim, key_dim, row);
    place_key(row, cache.format, key_dim, offset % kKvGroup,
              static_cast<std::byte*>(cache.keys) + group * kv_group_bytes(cache.format, cache.key_dim));
    if (cache.values == nullptr) continue;
    encode_row(cache.format, values + h * cache.value_dim, cache.value_dim, value_dim, row);
    place_value(row, cache.format, value_dim, offset % kKvGroup,
                static_cast<std::byte*>(cache.values) + group * kv_group_bytes(cache.format, cache.value_dim));
  }
}

}  // namespace
}  // namespace tokenmark::cpu
