// Rows of a cache (attention_arguments.h): written by a warp, read eight values at a time.
#pragma once

#include "kernels/gpu/attention_arguments.h"
#include "kernels/gpu/device.h"
#include "kernels/gpu/numbers.h"

namespace TM_GPU_NAMESPACE {

enum class CacheFormat : std::uint32_t { f32 = 0, f16 = 1, q8_0 = 8, bf16 = 30, fp8 = 56 };  // tm_format

// A head's row in the cache from a token's slot.
TM_DEVICE std::uint32_t cache_row(const Cache& cache, std::uint32_t kv_head, std::uint32_t slot) {
  const std::uint32_t block = slot / cache.tokens_per_block;
  return (block * cache.kv_heads + kv_head) * cache.tokens_per_block + slot - block * cache.tokens_per_block;
}

TM_DEVICE float magnitude(float x) { return x < 0 ? -x : x; }

// All lanes; value(d) gives value d of `dim`, the rest of the row's `pitch` becomes zero. No byte is −0 or NaN (device.h,
// from_e4m3_pair): a row with a value that is not finite gets the scale NaN.
template <class Value>
TM_DEVICE void store_fp8(std::uint8_t* out, float* scale, std::uint32_t dim, std::uint32_t pitch, Value value) {
  float greatest = 0;
  bool finite = true;
  for (std::uint32_t d = lane(); d < dim; d += kWave) {
    greatest = Maximum<float>{}(greatest, magnitude(value(d)));
    finite = finite && magnitude(value(d)) <= 0x1.fffffep127f;
  }
  greatest = maximum_lanes(greatest) / 448;
  if (ballot(!finite) != 0) greatest = bits_to_float(0x7fc00000u);
  // Below this the reciprocal would overflow: such a row is as good as zero.
  const float inverse = greatest > 0x1p-120f ? 1 / greatest : 0;
  for (std::uint32_t d = lane(); d < pitch; d += kWave) {
    const std::uint8_t bits = d < dim && inverse > 0 ? to_e4m3(value(d) * inverse) : 0;
    out[d] = bits == 0x80 ? 0 : bits;
  }
  if (lane() == 0) *scale = greatest;
}

template <class Value>
TM_DEVICE void store_q8(std::uint8_t* out, std::uint16_t* scales, std::uint32_t dim, std::uint32_t pitch, Value value) {
  for (std::uint32_t first = 0; first < pitch; first += kWave) {
    const std::uint32_t d = first + static_cast<std::uint32_t>(lane());
    const float x = d < dim ? value(d) : 0;
    const float greatest = maximum_lanes<32>(magnitude(x)) / 127, scale = greatest < 65504 ? greatest : 65504;
    if (d >= pitch) continue;
    if (d % 32 == 0) scales[d / 32] = from_float_half(scale);
    // 1.5 · 2^23 leaves the nearest whole number, even on a tie, in the low bits.
    const float scaled = scale > 0x1p-120f ? x / scale : 0, bounded = scaled > 127 ? 127 : scaled < -127 ? -127 : scaled;
    out[d] = static_cast<std::uint8_t>(float_to_bits(bounded + 12582912.0f));
  }
}

template <class Value>
TM_DEVICE void store_row(const Cache& cache, void* plane, void* scales, std::uint32_t row, std::uint32_t dim, std::uint32_t pitch, Value value) {
  const std::uint64_t at = std::uint64_t{row} * pitch;
  switch (static_cast<CacheFormat>(cache.format)) {
    case CacheFormat::f32:
      for (std::uint32_t d = lane(); d < pitch; d += kWave) static_cast<float*>(plane)[at + d] = d < dim ? value(d) : 0;
      return;
    case CacheFormat::f16:
      for (std::uint32_t d = lane(); d < pitch; d += kWave) {
        const float x = d < dim ? value(d) : 0;
        static_cast<std::uint16_t*>(plane)[at + d] = from_float_half(x > 65504 ? 65504 : x < -65504 ? -65504 : x);
      }
      return;
    case CacheFormat::bf16:
      for (std::uint32_t d = lane(); d < pitch; d += kWave) static_cast<std::uint16_t*>(plane)[at + d] = d < dim ? to_bf16(value(d)) : 0;
      return;
    case CacheFormat::fp8:
      return store_fp8(static_cast<std::uint8_t*>(plane) + at, static_cast<float*>(scales) + row, dim, pitch, value);
    case CacheFormat::q8_0:
      return store_q8(static_cast<std::uint8_t*>(plane) + at, static_cast<std::uint16_t*>(scales) + std::uint64_t{row} * ((pitch + 31) / 32), dim, pitch, value);
  }
}

// Two halves in a word as BF16.
TM_DEVICE std::uint32_t half_pair_to_bf16(std::uint32_t pair) {
  return pack_bf16(to_float_half(static_cast<std::uint16_t>(pair)), to_float_half(static_cast<std::uint16_t>(pair >> 16)));
}

TM_DEVICE Bytes16 halves_to_bf16(const Bytes16& halves) {
  return {{half_pair_to_bf16(halves.word[0]), half_pair_to_bf16(halves.word[1]), half_pair_to_bf16(halves.word[2]), half_pair_to_bf16(halves.word[3])}};
}

// Values d … d + 7 of a row as BF16, without an FP8 row's scale (bytes are exact in BF16; the scale joins the scores).
TM_DEVICE Bytes16 load8_bf16(const Cache& cache, const void* plane, const void* scales, std::uint32_t row, std::uint32_t d, std::uint32_t pitch) {
  const std::uint64_t at = std::uint64_t{row} * pitch + d;
  float values[8];
  switch (static_cast<CacheFormat>(cache.format)) {
    case CacheFormat::f32: {
      const auto* from = static_cast<const float*>(plane) + at;
      const Bytes16 low = load16(from), high = load16(from + 4);
      for (int i = 0; i < 4; ++i) {
        values[i] = bits_to_float(low.word[i]);
        values[4 + i] = bits_to_float(high.word[i]);
      }
      break;
    }
    case CacheFormat::f16:
      return halves_to_bf16(load16(static_cast<const std::uint16_t*>(plane) + at));
    case CacheFormat::bf16:
      return load16(static_cast<const std::uint16_t*>(plane) + at);
    case CacheFormat::fp8: {
      const auto* from = reinterpret_cast<const std::uint32_t*>(static_cast<const std::uint8_t*>(plane) + at);
      for (int i = 0; i < 8; i += 2) from_e4m3_pair(from[i / 4] >> (i % 4 * 8) & 0xffffu, values + i);
      break;
    }
    case CacheFormat::q8_0: {
      const auto* from = reinterpret_cast<const std::uint32_t*>(static_cast<const std::uint8_t*>(plane) + at);
      const float scale = to_float_half(static_cast<const std::uint16_t*>(scales)[std::uint64_t{row} * ((pitch + 31) / 32) + d / 32]);
      for (int i = 0; i < 8; ++i) values[i] = scale * static_cast<float>(static_cast<std::int8_t>(from[i / 4] >> (i % 4 * 8)));
      break;
    }
  }
  return pack8_bf16(values);
}

}  // namespace TM_GPU_NAMESPACE
