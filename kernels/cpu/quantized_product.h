// What the products of packed weights (quantized.h, quantized_amx.cpp) share, written once over the including translation
// unit's Vector and Bytes: the product as plain numbers, chunks unpacked to bytes.
#pragma once

#include <type_traits>

#include "kernels/cpu/unpack.h"

namespace tokenmark::cpu {
namespace {

// One product, or the part of it from some row and token on.
struct Product {
  Format format;
  const std::byte* packed;
  const std::byte* prepared;
  std::uint64_t token_bytes, columns, rows, tokens;
  float* out;
  std::uint64_t out_stride;

  std::uint64_t blocks_at(std::uint64_t c) const { return columns - c < kChunkColumns ? (columns - c) / 32 : kChunkBlocks; }
  // Vector v's rows of token t, of which the first `rows` are wanted.
  void store(std::uint64_t t, int v, Vector sum) const {
    const std::uint64_t row = static_cast<unsigned>(v * Vector::kLanes);
    if (row >= rows) return;
    const std::uint64_t n = rows - row < Vector::kLanes ? rows - row : Vector::kLanes;
    Vector::store(out + t * out_stride + row, sum, static_cast<int>(n));
  }
  // Tokens [begin, begin + n) times the rows from `row` on.
  Product part(std::uint64_t row, std::uint64_t begin, std::uint64_t n) const {
    Product product = *this;
    product.packed += row / kPanelRows * packed_shape(format).panel(columns);
    product.prepared += begin * token_bytes;
    product.out += begin * out_stride + row;
    product.rows -= row;
    product.tokens = n;
    return product;
  }
};

inline Product make_product(const Matrix& w, const void* prepared, std::uint64_t token_bytes, std::uint32_t tokens,
                            std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  return {w.format,
          static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * packed_shape(w.format).panel(w.columns),
          static_cast<const std::byte*>(prepared),
          token_bytes,
          w.columns,
          row_end - row_begin,
          tokens,
          out + row_begin,
          out_stride};
}

// Calls f with a packed format as a constant.
template <class F>
void with_packed_format(Format format, const F& f) {
  switch (format) {
    case Format::q4_0: return f(std::integral_constant<Format, Format::q4_0>());
    case Format::q8_0: return f(std::integral_constant<Format, Format::q8_0>());
    case Format::q4_k: return f(std::integral_constant<Format, Format::q4_k>());
    case Format::q5_k: return f(std::integral_constant<Format, Format::q5_k>());
    case Format::q6_k: return f(std::integral_constant<Format, Format::q6_k>());
    case Format::mxfp4: return f(std::integral_constant<Format, Format::mxfp4>());
    case Format::mxfp6: return f(std::integral_constant<Format, Format::mxfp6>());
    default: return;
  }
}

// As many tokens at once as keep their inputs in half of a server core's second-level cache; even parts of all.
inline std::uint64_t tokens_at_once(const Product& product, std::uint64_t most, std::uint64_t tile) {
  constexpr std::uint64_t kInputBytes = 1 << 20;
  const std::uint64_t fitting = kInputBytes / (product.token_bytes + 1) / tile * tile + tile;
  if (fitting < most) most = fitting;
  const std::uint64_t parts = (product.tokens + most - 1) / most;
  return parts == 0 ? 1 : (product.tokens + parts - 1) / parts;
}

template <Format kFormat>
constexpr bool kChunkInput = std::is_same_v<typename Unpack<kFormat>::Input, ChunkInput>;

// Where the scales of a vector's rows lie in its panel's.
struct RowScales {
  const ChunkScales* panel;
  int row;

  Vector scale(int at) const { return Vector::load(panel->scales[at] + row); }
  Bytes minima(int pair) const { return Bytes::load(panel->minima[pair] + row); }
  Vector minimum_step() const { return Vector::load(panel->minimum_step + row); }
};

// Of a chunk's sum without the input's scale: the minima taken away.
template <Format kFormat>
[[gnu::always_inline]] inline Vector without_minima(Vector sum, const RowScales& scales, const ChunkInput& input) {
  if constexpr (!Unpack<kFormat>::kMinima) return sum;
  Bytes minima = Bytes::all(0);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) minima = Bytes::add_pairs(minima, scales.minima(i), Bytes::repeat_4(input.sums + 2 * i));
  return Vector::fma(Bytes::to_float(minima), Vector::all(0) - scales.minimum_step(), sum);
}

struct alignas(64) UnpackedChunk {
  std::byte weights[kChunkBlocks][8][64];
  ChunkScales scales;
};

// Bytes less kLess each.
template <Format kFormat, int kLess = 0>
void unpack_chunk(const std::byte* chunk, std::uint64_t blocks, UnpackedChunk& to) {
  constexpr PackedShape kShape = packed_shape(kFormat);
  Unpack<kFormat>::scales(chunk, blocks, to.scales);
  chunk += kShape.header(blocks);
  for (std::uint64_t b = 0; b < blocks; ++b, chunk += kShape.block())
    for (int half = 0; half < 64; half += Bytes::kBytes) {
      Bytes groups[8];
      Unpack<kFormat>::groups(chunk + half, groups);
      for (int i = 0; i < 8; ++i) {
        if constexpr (kLess != 0) groups[i] = groups[i] - Bytes::all(kLess);
        Bytes::store(to.weights[b][i] + half, groups[i]);
      }
    }
}

}  // namespace
}  // namespace tokenmark::cpu
