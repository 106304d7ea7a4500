// Products of packed weights (packed.h) with inputs rounded to bytes, written once over the including translation unit's
// Vector, Bytes and Dots. A block's products add up in whole numbers; its scales are applied once a block (the input's
// once a chunk where it has one for the chunk). The order of float additions is the same for any number of tokens.
//
// Few tokens: weights go from memory through registers, a panel at a time. Many: a chunk of as many panels as make two
// vectors of rows is unpacked into the first-level cache and multiplied with a cache-sized group of tokens, a tile of
// Bytes::kTileTokens at a time; an input's bytes are loaded once for both vectors.
#pragma once

#include "kernels/cpu/unpack.h"

namespace tokenmark::cpu {
namespace {
namespace quantized {

constexpr std::uint64_t kGroupTokens = 252;  // whose sums and inputs stay in the second-level cache
constexpr int kPanelVectors = 64 / Bytes::kBytes;
constexpr int kTilePanels = 2 / kPanelVectors;

// kTokens chunks of prepared input, `stride` bytes apart.
template <class Input>
struct TokenInputs {
  const std::byte* first;
  std::uint64_t stride;
  const Input& operator[](int t) const {
    return *reinterpret_cast<const Input*>(first + static_cast<unsigned>(t) * stride);
  }
};

// Sums of kTokens tokens for kVectors vectors of rows.
template <int kVectors, int kTokens>
struct Sums {
  Vector at[kTokens][kVectors];
  Sums() {
    for (auto& token : at)
      for (Vector& sum : token) sum = Vector::all(0);
  }
};

// Where the scales of a vector's rows lie in its panel's.
struct RowScales {
  const ChunkScales* panel;
  int row;

  Vector scale(int at) const { return Vector::load(panel->scales[at] + row); }
  Bytes minima(int pair) const { return Bytes::load(panel->minima[pair] + row); }
  Vector minimum_step() const { return Vector::load(panel->minimum_step + row); }
};

// Adds the products of block b of a chunk to `sums`; for ChunkInput without the input's scale. weight(v, group): a
// vector of the block's weights.
template <Format kFormat, int kVectors, int kTokens, class Weight>
[[gnu::always_inline]] inline void add_block(const Weight& weight, const RowScales* scales,
                                             const TokenInputs<typename Unpack<kFormat>::Input>& inputs, int b,
                                             Sums<kVectors, kTokens>& sums) {
  constexpr int kScales = Unpack<kFormat>::kScales, kGroups = 8 / kScales;
#pragma GCC unroll 2
  for (int part = 0; part < kScales; ++part) {
    const int at = b * kScales + part;
    Dots<kFormat> dots[kTokens][kVectors];
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) dots[t][v].start(weight_bias(kFormat) == 0 ? 0 : inputs[t].offsets[at]);
#pragma GCC unroll 8
    for (int i = 0; i < kGroups; ++i) {
      const int group = part * kGroups + i;
      Bytes weights[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) weights[v] = weight(v, group);
#pragma GCC unroll 8
      for (int t = 0; t < kTokens; ++t) {
        const Bytes x = Bytes::repeat_4(inputs[t].bytes + 32 * b + 4 * group);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) dots[t][v].add(weights[v], x, group);
      }
    }
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        Vector scale = scales[v].scale(at);
        if constexpr (kScales == 1 && !Unpack<kFormat>::kMinima) scale = scale * Vector::all(inputs[t].scales[b]);
        sums.at[t][v] = Vector::fma(dots[t][v].value(), scale, sums.at[t][v]);
      }
  }
}

// Ends a chunk of ChunkInput: takes the minima away and applies the input's scale.
template <Format kFormat, int kVectors, int kTokens>
[[gnu::always_inline]] inline void add_chunk(const RowScales* scales, const TokenInputs<ChunkInput>& inputs,
                                             const Sums<kVectors, kTokens>& chunk, Sums<kVectors, kTokens>& sums) {
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      Vector sum = chunk.at[t][v];
      if constexpr (Unpack<kFormat>::kMinima) {
        Bytes minima = Bytes::all(0);
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
          minima = Bytes::add_pairs(minima, scales[v].minima(i), Bytes::repeat_4(inputs[t].sums + 2 * i));
        sum = sum - Bytes::to_float(minima) * scales[v].minimum_step();
      }
      sums.at[t][v] = Vector::fma(sum, Vector::all(inputs[t].scale), sums.at[t][v]);
    }
}

// Adds the products of a chunk. with_block(b, f) calls f with block b's `weight`.
template <Format kFormat, int kVectors, int kTokens, class WithBlock>
[[gnu::always_inline]] inline void add_products(const RowScales* scales,
                                                const TokenInputs<typename Unpack<kFormat>::Input>& inputs,
                                                std::uint64_t blocks, const WithBlock& with_block,
                                                Sums<kVectors, kTokens>& sums) {
  const auto add_blocks = [&](Sums<kVectors, kTokens>& to) __attribute__((always_inline)) {
    for (int b = 0; b < static_cast<int>(blocks); ++b)
      with_block(b, [&](const auto& weight) __attribute__((always_inline)) {
        add_block<kFormat, kVectors, kTokens>(weight, scales, inputs, b, to);
      });
  };
  if constexpr (sizeof(inputs[0]) == sizeof(ChunkInput)) {
    Sums<kVectors, kTokens> chunk;
    add_blocks(chunk);
    add_chunk<kFormat, kVectors, kTokens>(scales, inputs, chunk, sums);
  } else {
    add_blocks(sums);
  }
}

// One product, or the part of it from some row and token on.
struct Product {
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
};

constexpr std::uint64_t kPackedPrefetchBytes = 4096;  // ahead: the hardware's own prefetch stops at each page

[[gnu::always_inline]] inline void prefetch_packed(const std::byte* from, std::uint64_t bytes) {
  for (std::uint64_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + kPackedPrefetchBytes + i);
}

// --- Few tokens ---

template <Format kFormat, int kTokens>
void direct_panel(const Product& product) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  const std::byte* chunk = product.packed;
  TokenInputs<Input> inputs{product.prepared, product.token_bytes};
  Sums<1, kTokens> sums;
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs.first += sizeof(Input)) {
    const std::uint64_t blocks = product.blocks_at(c);
    ChunkScales scales;
    prefetch_packed(chunk, kShape.header(kChunkBlocks));
    Unpack<kFormat>::scales(chunk, blocks, scales);
    chunk += kShape.header(blocks);
    const RowScales row_scales[1] = {{&scales, 0}};
    const auto with_block = [&](int, const auto& add) __attribute__((always_inline)) {
      Bytes weights[8];
      prefetch_packed(chunk, kShape.block());
      Unpack<kFormat>::groups(chunk, weights);
      chunk += kShape.block();
      add([&](int, int group) __attribute__((always_inline)) { return weights[group]; });
    };
    add_products<kFormat, 1, kTokens>(row_scales, inputs, blocks, with_block, sums);
  }
  for (int t = 0; t < kTokens; ++t) product.store(static_cast<unsigned>(t), 0, sums.at[t][0]);
}

template <Format kFormat, int kTokens = Bytes::kDirectTokens>
void direct_panel_of(const Product& product) {
  if constexpr (kTokens > 0) {
    if (product.tokens == kTokens) return direct_panel<kFormat, kTokens>(product);
    direct_panel_of<kFormat, kTokens - 1>(product);
  }
}

template <Format kFormat>
void direct_product(Product product) {
  const std::uint64_t rows = product.rows;
  for (std::uint64_t r = 0; r < rows; r += kPanelRows) {
    product.rows = rows - r;
    direct_panel_of<kFormat>(product);
    product.packed += packed_shape(kFormat).panel(product.columns);
    product.out += kPanelRows;
  }
}

// --- Many tokens ---

struct alignas(64) UnpackedChunk {
  std::byte weights[kChunkBlocks][8][64];
  ChunkScales scales;
};

struct TokenSums {
  Vector at[2];
};

struct Scratch {
  UnpackedChunk panels[kTilePanels];
  TokenSums sums[kGroupTokens];
};

template <Format kFormat>
void unpack_chunk(const std::byte* chunk, std::uint64_t blocks, UnpackedChunk& to) {
  constexpr PackedShape kShape = packed_shape(kFormat);
  Unpack<kFormat>::scales(chunk, blocks, to.scales);
  chunk += kShape.header(blocks);
  for (std::uint64_t b = 0; b < blocks; ++b, chunk += kShape.block()) {
    prefetch_packed(chunk, kShape.block());
    for (int half = 0; half < 64; half += Bytes::kBytes) {
      Bytes groups[8];
      Unpack<kFormat>::groups(chunk + half, groups);
      for (int i = 0; i < 8; ++i) Bytes::store(to.weights[b][i] + half, groups[i]);
    }
  }
}

template <Format kFormat, int kVectors, int kTokens>
void multiply_tile(const UnpackedChunk* panels, std::uint64_t blocks, const std::byte* inputs, std::uint64_t stride,
                   TokenSums* totals) {
  Sums<kVectors, kTokens> sums;
  for (int t = 0; t < kTokens; ++t)
    for (int v = 0; v < kVectors; ++v) sums.at[t][v] = totals[t].at[v];
  RowScales scales[kVectors];
  const std::byte* first[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    scales[v] = {&panels[v / kPanelVectors].scales, v % kPanelVectors * Vector::kLanes};
    first[v] = panels[v / kPanelVectors].weights[0][0] + v % kPanelVectors * Bytes::kBytes;
  }
  const auto with_block = [&](int b, const auto& add) __attribute__((always_inline)) {
    add([&](int v, int group) __attribute__((always_inline)) { return Bytes::load(first[v] + 512 * b + 64 * group); });
  };
  add_products<kFormat, kVectors, kTokens>(scales, {inputs, stride}, blocks, with_block, sums);
  for (int t = 0; t < kTokens; ++t)
    for (int v = 0; v < kVectors; ++v) totals[t].at[v] = sums.at[t][v];
}

template <Format kFormat, int kVectors, int kTokens = Bytes::kTileTokens>
void multiply_tile_of(std::uint64_t tokens, const UnpackedChunk* panels, std::uint64_t blocks, const std::byte* inputs,
                      std::uint64_t stride, TokenSums* totals) {
  if constexpr (kTokens > 0) {
    if (tokens == kTokens) return multiply_tile<kFormat, kVectors, kTokens>(panels, blocks, inputs, stride, totals);
    multiply_tile_of<kFormat, kVectors, kTokens - 1>(tokens, panels, blocks, inputs, stride, totals);
  }
}

// A group of tokens times kPanels panels.
template <Format kFormat, int kPanels>
void multiply_group(const Product& product, Scratch& scratch) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  constexpr int kVectors = kPanels * kPanelVectors;
  for (std::uint64_t t = 0; t < product.tokens; ++t) scratch.sums[t] = {Vector::all(0), Vector::all(0)};
  const std::byte* packed = product.packed;
  const std::byte* inputs = product.prepared;
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs += sizeof(Input)) {
    const std::uint64_t blocks = product.blocks_at(c);
    for (int p = 0; p < kPanels; ++p)
      unpack_chunk<kFormat>(packed + static_cast<unsigned>(p) * kShape.panel(product.columns), blocks, scratch.panels[p]);
    packed += kShape.chunk(blocks);
    std::uint64_t t = 0;  // tiles as even as they can be
    for (std::uint64_t tiles = (product.tokens + Bytes::kTileTokens - 1) / Bytes::kTileTokens; tiles > 0; --tiles) {
      const std::uint64_t n = (product.tokens - t + tiles - 1) / tiles;
      multiply_tile_of<kFormat, kVectors>(n, scratch.panels, blocks, inputs + t * product.token_bytes,
                                          product.token_bytes, scratch.sums + t);
      t += n;
    }
  }
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (int v = 0; v < kVectors; ++v) product.store(t, v, scratch.sums[t].at[v]);
}

template <Format kFormat>
void grouped_product(const Product& product, Scratch& scratch) {
  constexpr std::uint64_t kInputBytes = 1 << 20, kTile = Bytes::kTileTokens;
  const std::uint64_t fitting = kInputBytes / (product.token_bytes + 1) / kTile * kTile + kTile;
  const std::uint64_t most = fitting < kGroupTokens ? fitting : kGroupTokens;
  for (std::uint64_t t = 0; t < product.tokens; t += most)
    for (std::uint64_t r = 0; r < product.rows; r += kTilePanels * kPanelRows) {
      Product part = product;
      part.packed += r / kPanelRows * packed_shape(kFormat).panel(product.columns);
      part.prepared += t * product.token_bytes;
      part.out += t * product.out_stride + r;
      part.rows -= r;
      part.tokens = product.tokens - t < most ? product.tokens - t : most;
      if (part.rows > kPanelRows)
        multiply_group<kFormat, kTilePanels>(part, scratch);
      else
        multiply_group<kFormat, 1>(part, scratch);
    }
}

template <Format kFormat>
void multiply_rows(const Product& product, void* scratch) {
  if (product.tokens <= Bytes::kDirectTokens) return direct_product<kFormat>(product);
  grouped_product<kFormat>(product, *static_cast<Scratch*>(scratch));
}

}  // namespace quantized

// --- PackedProducts ---

// The K formats share a kind, so their offsets are made for Q6_K, the only one of them with a bias.
int packed_kind(Format format) {
  return has_chunk_input(format) ? 1 : 2 + weight_bias(format);
}

std::size_t packed_input_bytes(Format format, std::uint64_t columns) {
  return spread_tokens(chunk_count(columns) * (has_chunk_input(format) ? sizeof(ChunkInput) : sizeof(BlockInput)));
}

void prepare_packed(Format format, const float* x, std::uint64_t columns, void* prepared) {
  if (has_chunk_input(format))
    prepare_chunks<ChunkInput>(x, columns, weight_bias(Format::q6_k), prepared);
  else
    prepare_chunks<BlockInput>(x, columns, weight_bias(format), prepared);
}

std::size_t packed_scratch_bytes(Format, std::uint64_t) {
  return sizeof(quantized::Scratch);
}

void multiply_packed(const Matrix& w, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
                     std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  if (tokens == 0 || row_begin >= row_end) return;
  const quantized::Product product{
      static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * packed_shape(w.format).panel(w.columns),
      static_cast<const std::byte*>(prepared),
      packed_input_bytes(w.format, w.columns),
      w.columns,
      row_end - row_begin,
      tokens,
      out + row_begin,
      out_stride};
  switch (w.format) {
    case Format::q4_0: return quantized::multiply_rows<Format::q4_0>(product, scratch);
    case Format::q8_0: return quantized::multiply_rows<Format::q8_0>(product, scratch);
    case Format::q4_k: return quantized::multiply_rows<Format::q4_k>(product, scratch);
    case Format::q5_k: return quantized::multiply_rows<Format::q5_k>(product, scratch);
    case Format::q6_k: return quantized::multiply_rows<Format::q6_k>(product, scratch);
    case Format::mxfp4: return quantized::multiply_rows<Format::mxfp4>(product, scratch);
    case Format::mxfp6: return quantized::multiply_rows<Format::mxfp6>(product, scratch);
    default: return;
  }
}

constexpr PackedProducts make_products() {
  return {packed_kind, packed_input_bytes, prepare_packed, packed_scratch_bytes, multiply_packed};
}

}  // namespace
}  // namespace tokenmark::cpu
