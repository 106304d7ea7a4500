// Products of packed weights with AMX. Compiled as amx.cpp; reached only where isa_available(Isa::amx).
//
// Few tokens are left to the AVX-512 products (quantized.h), many go by way of BF16 (quantized_bf16.h). Between them tiles
// of bytes: the input, the unpacked weights and the order of every float addition are those of the AVX-512 products, the
// results the same bit for bit. A chunk of two
// panels is unpacked to signed bytes in the first-level cache and multiplied with 16 tokens at a time: a tile product
// sums the 32 columns that share a scale, and is then scaled and added to floats. While the tiles work on one
// pair of these blocks, the vectors scale the pair before.
#include "kernels/cpu/bytes_avx512.h"
#include "kernels/cpu/unpack.h"
#include "kernels/cpu/bf16_input.h"
#include "kernels/cpu/quantized_bf16.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint64_t kGroupTokens = 256;  // whose sums and inputs stay in the second-level cache
// Up to here vectors are quickest, and from there on BF16. In Q6_K tiles of bytes are never: they have two scales to apply
// in 32 columns.
constexpr std::uint32_t few_tokens(Format format) { return format == Format::q6_k ? 31 : 8; }
constexpr std::uint32_t many_tokens(Format format) { return format == Format::q6_k ? 32 : 48; }

using TileDots = std::int32_t[kTileTokensAmx][kPanelRows];

struct alignas(64) Scratch {
  std::byte weights[2][kChunkBlocks][512];  // of each panel, signed
  ChunkScales scales[2];
  TileDots dots[2][2][2];                   // [turn][block of the pair][panel]
  Vector chunk[kTileTokensAmx][2];          // sums of a chunk where that has one scale
  Vector totals[kGroupTokens][2];           // [token][panel]
};

struct Product {
  const std::byte* packed;
  const std::byte* prepared;
  std::uint64_t token_bytes, columns, rows, tokens;
  float* out;
  std::uint64_t out_stride;
};

// Weights that are fetched while others are multiplied: spread over the pairs of blocks of a chunk, since a burst of them
// would wait for itself. As far ahead as two chunks.
struct Ahead {
  const std::byte* panels[2];
  std::uint64_t lines = 0;  // of 64 bytes, of each panel and pair

  void fetch(int count, std::uint64_t pair) const {
    for (int p = 0; p < count; ++p)
      for (std::uint64_t i = 0; i < lines; ++i) __builtin_prefetch(panels[p] + 64 * (pair * lines + i));
  }
};

template <Format kFormat>
void unpack_chunk(const std::byte* chunk, std::uint64_t blocks, std::byte (*weights)[512], ChunkScales& scales) {
  constexpr PackedShape kShape = packed_shape(kFormat);
  const Bytes bias = Bytes::all(weight_bias(kFormat));
  Unpack<kFormat>::scales(chunk, blocks, scales);
  chunk += kShape.header(blocks);
  for (std::uint64_t b = 0; b < blocks; ++b, chunk += kShape.block()) {
    Bytes groups[8];
    Unpack<kFormat>::groups(chunk, groups);
    for (int i = 0; i < 8; ++i) Bytes::store(weights[b] + 64 * i, weight_bias(kFormat) != 0 ? groups[i] - bias : groups[i]);
  }
  if (blocks % 2 != 0) {  // blocks go in pairs
    std::memset(weights[blocks], 0, sizeof(weights[blocks]));
    for (float& scale : scales.scales[blocks]) scale = 0;
  }
}

// One pair of blocks: their tile products with 16 tokens, or as many as the tiles have; tile 2 * panel + block.
template <Format kFormat, int kPanels>
[[gnu::always_inline]] inline void multiply_pair(const std::byte* x, std::uint64_t x_stride, std::uint64_t pair,
                                                 const Scratch& scratch) {
  constexpr std::uint64_t kColumns = 32, kBlockBytes = 512;
  const std::byte* first = scratch.weights[0][0] + 2 * kBlockBytes * pair;
  const std::byte* second = scratch.weights[1][0] + 2 * kBlockBytes * pair;
  x += 2 * kColumns * pair;
  _tile_loadd(4, x, x_stride);
  _tile_loadd(6, first, 64);
  _tile_zero(0);
  _tile_dpbssd(0, 4, 6);
  _tile_loadd(5, x + kColumns, x_stride);
  _tile_loadd(7, first + kBlockBytes, 64);
  _tile_zero(1);
  _tile_dpbssd(1, 5, 7);
  if constexpr (kPanels == 2) {
    _tile_loadd(6, second, 64);
    _tile_zero(2);
    _tile_dpbssd(2, 4, 6);
    _tile_loadd(7, second + kBlockBytes, 64);
    _tile_zero(3);
    _tile_dpbssd(3, 5, 7);
  }
}

template <int kPanels>
[[gnu::always_inline]] inline void store_pair(TileDots (*dots)[2]) {
  _tile_stored(0, dots[0][0], 64);
  _tile_stored(1, dots[1][0], 64);
  if constexpr (kPanels == 2) {
    _tile_stored(2, dots[0][1], 64);
    _tile_stored(3, dots[1][1], 64);
  }
}

// The pair's products of tokens [begin, end) of the tile, scaled and added to `sums`.
template <Format kFormat, int kPanels, class Input>
[[gnu::always_inline]] inline void add_pair(const std::byte* inputs, std::uint64_t x_stride, std::uint64_t pair,
                                            const ChunkScales* chunk_scales, const TileDots (*dots)[2],
                                            std::uint64_t begin, std::uint64_t end, bool from_zero, Vector (*sums)[2]) {
  Vector scales[2][kPanels];
  for (std::uint64_t u = 0; u < 2; ++u)
    for (int p = 0; p < kPanels; ++p) scales[u][p] = Vector::load(chunk_scales[p].scales[2 * pair + u]);
  for (std::uint64_t t = begin; t < end; ++t) {
    const auto& input = *reinterpret_cast<const Input*>(inputs + t * x_stride);
    for (int p = 0; p < kPanels; ++p) {
      Vector sum = from_zero ? Vector::all(0) : sums[t][p];
      for (std::uint64_t u = 0; u < 2; ++u) {
        Vector scale = scales[u][p];
        if constexpr (sizeof(Input) == sizeof(BlockInput)) scale = scale * Vector::all(input.scales[2 * pair + u]);
        sum = Vector::fma({_mm512_cvtepi32_ps(_mm512_load_si512(dots[u][p][t]))}, scale, sum);
      }
      sums[t][p] = sum;
    }
  }
}

// Ends a chunk that has one scale: takes the minima away and applies the input's scale.
template <Format kFormat, int kPanels>
[[gnu::always_inline]] inline void add_chunk(const std::byte* inputs, std::uint64_t x_stride, const Scratch& scratch,
                                             std::uint64_t begin, std::uint64_t end, Vector (*totals)[2]) {
  for (std::uint64_t t = begin; t < end; ++t) {
    const auto& input = *reinterpret_cast<const ChunkInput*>(inputs + t * x_stride);
    for (int p = 0; p < kPanels; ++p) {
      const ChunkScales& scales = scratch.scales[p];
      Vector sum = scratch.chunk[t][p];
      if constexpr (Unpack<kFormat>::kMinima) {
        Bytes minima = Bytes::all(0);
        for (int i = 0; i < 4; ++i)
          minima = Bytes::add_pairs(minima, Bytes::load(scales.minima[i]), Bytes::repeat_4(input.sums + 2 * i));
        sum = sum - Bytes::to_float(minima) * Vector::load(scales.minimum_step);
      }
      totals[t][p] = Vector::fma(sum, Vector::all(input.scale), totals[t][p]);
    }
  }
}

// The unpacked chunk times the tokens of one tile, of which those before `begin` are done already.
template <Format kFormat, int kPanels>
void multiply_tile(const std::byte* inputs, std::uint64_t x_stride, std::uint64_t blocks, const Ahead& ahead,
                   std::uint64_t begin, std::uint64_t end, Scratch& scratch, Vector (*totals)[2]) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr bool kChunkSums = sizeof(Input) == sizeof(ChunkInput);
  const std::uint64_t pairs = (blocks + 1) / 2;
  Vector(*sums)[2] = kChunkSums ? scratch.chunk : totals;
  before_tile_loads();
  for (std::uint64_t pair = 0; pair < 2 && pair < pairs; ++pair) {
    multiply_pair<kFormat, kPanels>(inputs, x_stride, pair, scratch);
    store_pair<kPanels>(scratch.dots[pair]);
  }
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    // Two pairs apart: what a tile stores cannot be loaded before it has reached the cache.
    ahead.fetch(kPanels, pair);
    if (pair + 2 < pairs) multiply_pair<kFormat, kPanels>(inputs, x_stride, pair + 2, scratch);
    add_pair<kFormat, kPanels, Input>(inputs, x_stride, pair, scratch.scales, scratch.dots[pair % 2], begin, end,
                                      kChunkSums && pair == 0, sums);
    if (pair + 2 < pairs) store_pair<kPanels>(scratch.dots[pair % 2]);
  }
  if constexpr (kChunkSums) add_chunk<kFormat, kPanels>(inputs, x_stride, scratch, begin, end, totals);
}

// A group of tokens times kPanels panels.
template <Format kFormat, int kPanels>
void multiply_group(const Product& product, Scratch& scratch) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  constexpr std::uint64_t kPairs = kChunkBlocks / 2;
  const std::uint64_t in_tile = product.tokens < kTileTokensAmx ? product.tokens : kTileTokensAmx;
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (int p = 0; p < kPanels; ++p) scratch.totals[t][p] = Vector::all(0);
  const std::byte* packed = product.packed;
  const std::byte* inputs = product.prepared;
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs += sizeof(Input)) {
    const std::uint64_t blocks = product.columns - c < kChunkColumns ? (product.columns - c) / 32 : kChunkBlocks;
    Ahead ahead;
    for (int p = 0; p < kPanels; ++p) {
      const std::byte* chunk = packed + static_cast<unsigned>(p) * kShape.panel(product.columns);
      unpack_chunk<kFormat>(chunk, blocks, scratch.weights[p], scratch.scales[p]);
      ahead.panels[p] = chunk + 2 * kShape.chunk(kChunkBlocks);
    }
    ahead.lines = (kShape.chunk(kChunkBlocks) / 64 + kPairs - 1) / kPairs;
    packed += kShape.chunk(blocks);
    for (std::uint64_t t = 0; t < product.tokens; t += in_tile) {
      // The last tile goes back over tokens of the one before, so that all tiles have one shape.
      const std::uint64_t first = product.tokens - t < in_tile ? product.tokens - in_tile : t;
      multiply_tile<kFormat, kPanels>(inputs + first * product.token_bytes, product.token_bytes, blocks, ahead, t - first,
                                      in_tile, scratch, scratch.totals + first);
      ahead.lines = 0;
    }
  }
  const std::uint64_t rows = product.rows;
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (std::uint64_t p = 0; p < kPanels; ++p) {
      const std::uint64_t left = rows - p * kPanelRows;
      Vector::store(product.out + t * product.out_stride + p * kPanelRows, scratch.totals[t][p],
                    static_cast<int>(left < kPanelRows ? left : kPanelRows));
    }
}

template <Format kFormat>
void multiply_rows(const Product& product, Scratch& scratch) {
  constexpr std::uint64_t kInputBytes = 1 << 20;
  const std::uint64_t fitting = kInputBytes / (product.token_bytes + 1) / kTileTokensAmx * kTileTokensAmx + kTileTokensAmx;
  const std::uint64_t most = fitting < kGroupTokens ? fitting : kGroupTokens;
  Tiles tiles;
  for (std::uint64_t t = 0; t < product.tokens; t += most) {
    Product part = product;
    part.prepared += t * product.token_bytes;
    part.out += t * product.out_stride;
    part.tokens = product.tokens - t < most ? product.tokens - t : most;
    const std::uint64_t in_tile = part.tokens < kTileTokensAmx ? part.tokens : kTileTokensAmx;
    tiles.shape(in_tile, in_tile, 32);
    for (std::uint64_t r = 0; r < product.rows; r += 2 * kPanelRows) {
      part.rows = product.rows - r;
      if (part.rows > kPanelRows)
        multiply_group<kFormat, 2>(part, scratch);
      else
        multiply_group<kFormat, 1>(part, scratch);
      part.packed += 2 * packed_shape(kFormat).panel(product.columns);
      part.out += 2 * kPanelRows;
    }
  }
}

int kind(Format format) { return kAvx512Products.kind(format); }
// The input as bytes, then as BF16.
std::size_t bf16_begin(Format format, std::uint64_t columns) { return kAvx512Products.input_bytes(format, columns); }
std::size_t input_bytes(Format format, std::uint64_t columns) {
  return spread_tokens(bf16_begin(format, columns) + bf16_input_bytes(columns));
}
void prepare(Format format, const float* x, std::uint64_t columns, void* prepared) {
  kAvx512Products.prepare(format, x, columns, prepared);
  prepare_bf16_input(x, columns, static_cast<std::byte*>(prepared) + bf16_begin(format, columns));
}
union AnyScratch {
  Scratch bytes;
  Bf16Scratch bf16;
};
std::size_t scratch_bytes(Format format, std::uint64_t columns) {
  const std::size_t few = kAvx512Products.scratch_bytes(format, columns);
  return few > sizeof(AnyScratch) ? few : sizeof(AnyScratch);
}

template <Format kFormat>
void multiply_in_tiles(const Product& product, void* scratch) {
  if constexpr (few_tokens(kFormat) + 1 < many_tokens(kFormat))
    if (product.tokens < many_tokens(kFormat)) return multiply_rows<kFormat>(product, *static_cast<Scratch*>(scratch));
  const Bf16Product by_bf16{product.prepared + bf16_begin(kFormat, product.columns),
                            product.token_bytes, product.columns, product.rows, product.tokens, product.out,
                            product.out_stride};
  multiply_by_bf16<kFormat>(product.packed, by_bf16, *static_cast<Bf16Scratch*>(scratch));
}

void multiply(const Matrix& w, const void* prepared, std::uint64_t token_bytes, std::uint32_t tokens,
              std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  if (tokens <= few_tokens(w.format) || w.columns == 0)
    return kAvx512Products.multiply(w, prepared, token_bytes, tokens, row_begin, row_end, out, out_stride, scratch);
  if (row_begin >= row_end) return;
  const Product product{
      static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * packed_shape(w.format).panel(w.columns),
      static_cast<const std::byte*>(prepared),
      token_bytes,
      w.columns,
      row_end - row_begin,
      tokens,
      out + row_begin,
      out_stride};
  switch (w.format) {
    case Format::q4_0: return multiply_in_tiles<Format::q4_0>(product, scratch);
    case Format::q8_0: return multiply_in_tiles<Format::q8_0>(product, scratch);
    case Format::q4_k: return multiply_in_tiles<Format::q4_k>(product, scratch);
    case Format::q5_k: return multiply_in_tiles<Format::q5_k>(product, scratch);
    case Format::q6_k: return multiply_in_tiles<Format::q6_k>(product, scratch);
    case Format::mxfp4: return multiply_in_tiles<Format::mxfp4>(product, scratch);
    case Format::mxfp6: return multiply_in_tiles<Format::mxfp6>(product, scratch);
    default: return;
  }
}

}  // namespace

constinit const PackedProducts kAmxProducts = {kind, input_bytes, prepare, scratch_bytes, multiply};

}  // namespace tokenmark::cpu
