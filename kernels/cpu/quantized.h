// Products of packed weights (packed.h) with inputs rounded to bytes, written once over the including translation unit's
// Vector, Bytes and Dots. A block's products add up in whole numbers; its scales are applied once a block (the input's
// once a chunk where it has one for the chunk). The order of float additions is the same for any number of tokens.
//
// Few tokens: weights go from memory through registers, a panel at a time. Many: a chunk of as many panels as make two
// vectors of rows is unpacked into the first-level cache and multiplied with a cache-sized group of tokens, a tile of
// Bytes::kTileTokens at a time; an input's bytes are loaded once for both vectors.
#pragma once

#include "kernels/cpu/quantized_product.h"

namespace tokenmark::cpu {
namespace {
namespace quantized {

constexpr std::uint64_t kGroupTokens = 128;  // whose sums and inputs stay in the second-level cache
constexpr int kPanelVectors = 64 / Bytes::kBytes;
constexpr int kTilePanels = 2 / kPanelVectors;

// Chunks of prepared input, `stride` bytes apart.
template <class Input>
struct StridedInputs {
  const std::byte* first;
  std::uint64_t stride;
  const Input& operator[](int t) const {
    return *reinterpret_cast<const Input*>(first + static_cast<unsigned>(t) * stride);
  }
};

// The products of block b of a chunk for kTokens inputs and kVectors vectors of rows: add(t, v, sum, scale) for each, the
// rows' scale still to be applied, and ChunkInput's. weight(v, group): a vector of the block's weights.
template <Format kFormat, int kVectors, int kTokens, class Weight, class Inputs, class Add>
[[gnu::always_inline]] inline void multiply_block(const Weight& weight, const RowScales* scales, const Inputs& inputs,
                                                  int b, const Add& add) {
  constexpr int kScales = Unpack<kFormat>::kScales, kGroups = 8 / kScales;
#pragma GCC unroll 2
  for (int part = 0; part < kScales; ++part) {
    const int at = b * kScales + part;
    Dots<kFormat> dots[kTokens][kVectors];
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        if constexpr (kChunkInput<kFormat>)
          dots[t][v].start(weight_bias(kFormat) == 0 ? 0 : inputs[t].offsets[at]);
        else
          dots[t][v].start(inputs[t].starts[b]);
      }
#pragma GCC unroll 8
    for (int i = 0; i < kGroups; ++i) {
      const int group = part * kGroups + i;
      Bytes weights[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) weights[v] = weight(v, group);
#pragma GCC unroll 16
      for (int t = 0; t < kTokens; ++t) {
        const Bytes x = Bytes::repeat_4(inputs[t].bytes + 32 * b + 4 * group);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) dots[t][v].add(weights[v], x, group);
      }
    }
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        const Vector scale = scales[v].scale(at);
        if constexpr (kChunkInput<kFormat>)
          add(t, v, dots[t][v].value(), scale);
        else
          add(t, v, Vector::fma(dots[t][v].bits(), Vector::all(inputs[t].scales[b]), Vector::all(inputs[t].shifts[b])), scale);
      }
  }
}

constexpr std::uint64_t kPackedPrefetchBytes = 2048;  // ahead: the hardware's own prefetch stops at each page

[[gnu::always_inline]] inline void prefetch_packed(const std::byte* from, std::uint64_t bytes) {
  for (std::uint64_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + kPackedPrefetchBytes + i);
}

// --- Few tokens ---

template <Format kFormat, int kTokens>
void direct_panel(const Product& product) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  const std::byte* chunk = product.packed;
  StridedInputs<Input> inputs{product.prepared, product.token_bytes};
  Vector sums[kTokens];
#pragma GCC unroll 8
  for (Vector& sum : sums) sum = Vector::all(0);
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs.first += sizeof(Input)) {
    const std::uint64_t blocks = product.blocks_at(c);
    ChunkScales scales;
    prefetch_packed(chunk, kShape.header(kChunkBlocks));
    Unpack<kFormat>::scales(chunk, blocks, scales);
    chunk += kShape.header(blocks);
    const RowScales row_scales[1] = {{&scales, 0}};
    const auto add_blocks = [&](Vector* to) __attribute__((always_inline)) {
      for (int b = 0; b < static_cast<int>(blocks); ++b, chunk += kShape.block()) {
        Bytes weights[8];
        prefetch_packed(chunk, kShape.block());
        Unpack<kFormat>::groups(chunk, weights);
        multiply_block<kFormat, 1, kTokens>(
            [&](int, int group) __attribute__((always_inline)) { return weights[group]; }, row_scales, inputs, b,
            [&](int t, int, Vector sum, Vector scale) __attribute__((always_inline)) { to[t] = Vector::fma(sum, scale, to[t]); });
      }
    };
    if constexpr (kChunkInput<kFormat>) {
      Vector chunk_sums[kTokens];
#pragma GCC unroll 8
      for (Vector& sum : chunk_sums) sum = Vector::all(0);
      add_blocks(chunk_sums);
#pragma GCC unroll 8
      for (int t = 0; t < kTokens; ++t)
        sums[t] = Vector::fma(without_minima<kFormat>(chunk_sums[t], row_scales[0], inputs[t]),
                              Vector::all(inputs[t].scale), sums[t]);
    } else {
      add_blocks(sums);
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) product.store(static_cast<unsigned>(t), 0, sums[t]);
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

struct TokenSums {
  Vector at[2];
};

struct Scratch {
  UnpackedChunk panels[kTilePanels];
  TokenSums sums[kGroupTokens];
};

// What one tile's product fetches from memory, spread over its blocks.
struct Fetch {
  const std::byte* from;
  int lines;  // of 64 bytes, with each block
};

// Shares the packed chunks that are unpacked next among the tiles that are multiplied until then.
class Fetcher {
 public:
  // Of each of n panels `bytes`, for as many `tiles` of so many blocks.
  Fetcher(const std::byte* const* panels, int n, std::uint64_t bytes, std::uint64_t tiles, std::uint64_t blocks)
      : panels_(panels), left_(n), bytes_(bytes), blocks_(blocks),
        lines_((static_cast<unsigned>(n) * bytes / 64 + tiles * blocks - 1) / (tiles * blocks)) {}
  Fetch next() {
    if (left_ == 0) return {nullptr, 0};
    const Fetch fetch{*panels_ + at_, static_cast<int>(lines_)};
    at_ += 64 * lines_ * blocks_;
    if (at_ >= bytes_) {
      at_ = 0;
      ++panels_;
      --left_;
    }
    return fetch;
  }

 private:
  const std::byte* const* panels_;
  int left_;
  std::uint64_t bytes_, at_ = 0, blocks_, lines_;
};

template <Format kFormat, int kVectors, int kTokens, class Inputs>
void multiply_tile(const UnpackedChunk* panels, std::uint64_t blocks, const Inputs& inputs, Fetch fetch,
                   TokenSums* totals) {
  RowScales scales[kVectors];
  const std::byte* first[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    scales[v] = {&panels[v / kPanelVectors].scales, v % kPanelVectors * Vector::kLanes};
    first[v] = panels[v / kPanelVectors].weights[0][0] + v % kPanelVectors * Bytes::kBytes;
  }
  Vector sums[kTokens][kVectors];
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[t][v] = kChunkInput<kFormat> ? Vector::all(0) : totals[t].at[v];
  for (int b = 0; b < static_cast<int>(blocks); ++b) {
    for (int i = 0; i < fetch.lines; ++i, fetch.from += 64) __builtin_prefetch(fetch.from);
    multiply_block<kFormat, kVectors, kTokens>(
        [&](int v, int group) __attribute__((always_inline)) { return Bytes::load(first[v] + 512 * b + 64 * group); },
        scales, inputs, b, [&](int t, int v, Vector sum, Vector scale) __attribute__((always_inline)) {
          sums[t][v] = Vector::fma(sum, scale, sums[t][v]);
        });
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      if constexpr (kChunkInput<kFormat>)
        totals[t].at[v] = Vector::fma(without_minima<kFormat>(sums[t][v], scales[v], inputs[t]),
                                      Vector::all(inputs[t].scale), totals[t].at[v]);
      else
        totals[t].at[v] = sums[t][v];
    }
}

template <Format kFormat, int kVectors, int kTokens = Bytes::kTileTokens, class Inputs>
void multiply_tile_of(std::uint64_t tokens, const UnpackedChunk* panels, std::uint64_t blocks, const Inputs& inputs,
                      Fetch fetch, TokenSums* totals) {
  if constexpr (kTokens > 0) {
    if (tokens == kTokens)
      return multiply_tile<kFormat, kVectors, kTokens>(panels, blocks, inputs, fetch, totals);
    multiply_tile_of<kFormat, kVectors, kTokens - 1>(tokens, panels, blocks, inputs, fetch, totals);
  }
}

// A group of tokens times kPanels panels.
template <Format kFormat, int kPanels>
void multiply_group(const Product& product, Scratch& scratch) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  constexpr int kVectors = kPanels * kPanelVectors;
  constexpr std::uint64_t kTile = Bytes::kTileTokens;
  const std::uint64_t panel_size = kShape.panel(product.columns);
  const std::uint64_t tiles = (product.tokens + kTile - 1) / kTile;
  for (std::uint64_t t = 0; t < product.tokens; ++t) scratch.sums[t] = {Vector::all(0), Vector::all(0)};
  const std::byte* packed[kPanels];
  for (int p = 0; p < kPanels; ++p) packed[p] = product.packed + static_cast<unsigned>(p) * panel_size;
  const std::byte* inputs = product.prepared;
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs += sizeof(Input)) {
    const std::uint64_t blocks = product.blocks_at(c);
    for (int p = 0; p < kPanels; ++p) {
      unpack_chunk<kFormat>(packed[p], blocks, scratch.panels[p]);
      packed[p] += kShape.chunk(blocks);
      if (c + kChunkColumns >= product.columns) packed[p] += (kPanels - 1) * panel_size;  // the next panels'
    }
    Fetcher fetcher(packed, kPanels, kShape.chunk(kChunkBlocks), tiles, blocks);
    std::uint64_t t = 0;  // tiles as even as they can be
    for (std::uint64_t left = tiles; left > 0; --left) {
      const std::uint64_t n = (product.tokens - t + left - 1) / left;
      const StridedInputs<Input> tile_inputs{inputs + t * product.token_bytes, product.token_bytes};
      multiply_tile_of<kFormat, kVectors>(n, scratch.panels, blocks, tile_inputs, fetcher.next(), scratch.sums + t);
      t += n;
    }
  }
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (int v = 0; v < kVectors; ++v) product.store(t, v, scratch.sums[t].at[v]);
}

template <Format kFormat>
void grouped_product(const Product& product, Scratch& scratch) {
  const std::uint64_t most = tokens_at_once(product, kGroupTokens, Bytes::kTileTokens);
  for (std::uint64_t t = 0; t < product.tokens; t += most)
    for (std::uint64_t r = 0; r < product.rows; r += kTilePanels * kPanelRows) {
      const Product part = product.part(r, t, product.tokens - t < most ? product.tokens - t : most);
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

void multiply_packed(const Matrix& w, const void* prepared, std::uint64_t token_bytes, std::uint32_t tokens,
                     std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  if (tokens == 0 || row_begin >= row_end) return;
  const Product product = make_product(w, prepared, token_bytes, tokens, row_begin, row_end, out, out_stride);
  with_packed_format(w.format, [&](auto format) { quantized::multiply_rows<format()>(product, scratch); });
}

constexpr PackedProducts make_products() {
  return {packed_kind, packed_input_bytes, prepare_packed, packed_scratch_bytes, multiply_packed};
}

}  // namespace
}  // namespace tokenmark::cpu
