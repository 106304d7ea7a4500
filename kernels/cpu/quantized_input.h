// The prepared input of packed weights (packed.h): chunks of 256 columns, each signed bytes with what the products need
// beside them; a short last one is filled up with zeros. Two kinds:
//   BlockInput  a scale for every 32 columns, as Q4_0, Q8_0 and the MX formats have: the input's error stays that of
//               eight bits in each block.
//   ChunkInput  one scale for all 256, as the K formats have (and as ggml rounds the input of theirs): the scale is then
//               applied once a chunk. On normal values the error is 1.3 times the other kind's.
// Products of unsigned weight bytes that are `bias` too much each start from -bias * sum of the input's bytes.
//
// A block's whole number n, scaled, costs one operation: it starts from kWholeBits, whose bits and n's together are those
// of the float kWhole + n, and (kWhole + n) * scale + shift is n * scale, rounded once: shift is -kWhole * scale, exact
// because such a scale has no more than 22 bits. (Inputs beyond 3 * 10^33 would overflow it.)
#pragma once

#include "kernels/cpu/packed.h"

namespace tokenmark::cpu {
namespace {

constexpr float kWhole = 3 << 22;  // and up to 2^22 less or more
constexpr std::int32_t kWholeBits = 0x4b400000;

struct alignas(32) BlockInput {
  std::int8_t bytes[256];
  float scales[8];
  float shifts[8];
  std::int32_t starts[8];
};

struct alignas(32) ChunkInput {
  std::int8_t bytes[256];
  std::int32_t offsets[16];  // what 16 columns start from
  std::int16_t sums[8];      // of each 32 columns
  float scale;
};

constexpr std::uint64_t chunk_count(std::uint64_t columns) {
  return (columns + kChunkColumns - 1) / kChunkColumns;
}

constexpr bool has_chunk_input(Format format) {
  return format == Format::q4_k || format == Format::q5_k || format == Format::q6_k;
}

// Tokens lie an odd number of cache lines apart, or the same columns of several would fall into one set of the cache.
constexpr std::size_t spread_tokens(std::size_t token_bytes) {
  return ((token_bytes + 63) / 64 | 1) * 64;
}

float greatest_magnitude(const float* x, int n) {
  Vector greatest = Vector::all(0);
  for (int i = 0; i < n; i += Vector::kLanes) greatest = Vector::max(Vector::abs(Vector::load(x + i)), greatest);
  return Vector::greatest(greatest);
}

// Rounds n floats (a multiple of 32) to bytes; returns the scale.
float round_to_bytes(const float* x, int n, std::int8_t* bytes) {
  const float scale = greatest_magnitude(x, n) / 127;
  const Vector inverse = Vector::all(scale > 0x1p-126f ? 1 / scale : 0);  // else the inverse would be infinite
  for (int i = 0; i < n; i += Vector::kLanes) Vector::store_bytes(bytes + i, Vector::load(x + i) * inverse);
  return scale;
}

inline float with_22_bits(float scale) {
  const auto bits = __builtin_bit_cast(std::uint32_t, scale);
  return __builtin_bit_cast(float, (bits + 2) & ~3u);
}

std::int32_t sum_16(const std::int8_t* bytes) {
  std::int32_t sum = 0;
  for (int i = 0; i < 16; ++i) sum += bytes[i];
  return sum;
}

// `n` columns, a multiple of 32 up to 256; everything else of the chunk is zero already.
inline void prepare_chunk(const float* x, int n, int bias, BlockInput& out) {
  for (int b = 0; b < n / 32; ++b) {
    std::int8_t* bytes = out.bytes + 32 * b;
    out.scales[b] = with_22_bits(round_to_bytes(x + 32 * b, 32, bytes));
    out.shifts[b] = -kWhole * out.scales[b];
    out.starts[b] = kWholeBits - bias * (sum_16(bytes) + sum_16(bytes + 16));
  }
}

inline void prepare_chunk(const float* x, int n, int bias, ChunkInput& out) {
  out.scale = round_to_bytes(x, n, out.bytes);
  for (int i = 0; i < n / 16; ++i) {
    const std::int32_t sum = sum_16(out.bytes + 16 * i);
    out.offsets[i] = -bias * sum;
    out.sums[i / 2] = static_cast<std::int16_t>(out.sums[i / 2] + sum);
  }
}

template <class Input>
void prepare_chunks(const float* x, std::uint64_t columns, int bias, void* prepared) {
  auto* chunks = static_cast<Input*>(prepared);
  for (std::uint64_t c = 0; c < columns; c += kChunkColumns) {
    const std::uint64_t n = columns - c < kChunkColumns ? columns - c : kChunkColumns;
    Input& chunk = chunks[c / kChunkColumns];
    chunk = {};
    prepare_chunk(x + c, static_cast<int>(n), bias, chunk);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
