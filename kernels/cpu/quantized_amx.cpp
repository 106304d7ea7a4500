// Products of packed weights with AMX. Compiled as amx.cpp; reached only where isa_available(Isa::amx).
//
// Few tokens are left to the AVX-512 products (quantized.h), many go by way of BF16 (quantized_bf16.h). Between them tiles
// of bytes: the input, the unpacked weights and the order of every float addition are those of the AVX-512 products, the
// results the same bit for bit. A chunk of two panels is unpacked in the first-level cache and multiplied with 16 tokens
// at a time: a tile product sums the 32 columns that share a scale; once those of some blocks are stored, vectors scale
// them and add them to floats.
#include "kernels/cpu/bytes_avx512.h"
#include "kernels/cpu/quantized_product.h"
#include "kernels/cpu/bf16_input.h"
#include "kernels/cpu/quantized_bf16.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint64_t kGroupTokens = 256;  // whose sums and inputs stay in the second-level cache
// Up to here vectors are quickest, and from there on BF16. In Q6_K tiles of bytes are never: they have two scales to apply
// in 32 columns.
constexpr std::uint32_t few_tokens(Format format) { return format == Format::q6_k ? 31 : 8; }
constexpr std::uint32_t many_tokens(Format format) { return format == Format::q6_k ? 32 : 48; }

constexpr std::uint64_t kScaledTokens = 8;  // at once

using TileDots = std::int32_t[kTileTokensAmx][kPanelRows];
using ChunkDots = TileDots[kChunkBlocks][2];  // [block][panel]

struct alignas(64) Scratch {
  ChunkDots dots;
  Vector chunk[kTileTokensAmx][2];                  // sums of a chunk where that has one scale
  Vector totals[kGroupTokens + kScaledTokens][2];   // [token][panel]
  UnpackedChunk panels[2];
};

// Weights that are fetched into the second-level cache while others are multiplied, two chunks ahead: spread, since a
// burst of them would wait for itself.
struct Ahead {
  const std::byte* panels[2];
  std::uint64_t lines = 0;  // of 64 bytes, of each panel, that are left
  std::uint64_t at_once = 0;

  template <int kPanels>
  [[gnu::always_inline]] void step() {
    if (lines == 0) return;
    const std::uint64_t n = lines < at_once ? lines : at_once;
    for (std::uint64_t i = 0; i < n; ++i)
      for (int p = 0; p < kPanels; ++p) __builtin_prefetch(panels[p] + 64 * i, 0, 2);
    for (int p = 0; p < kPanels; ++p) panels[p] += 64 * n;
    lines -= n;
  }
};

// --- One tile of tokens and the unpacked chunk ---

// Stores the dots of an even number of blocks. What a tile product gives is stored two products later, when loads for the
// next two are under way: a store that waits for its tile holds up everything behind it.
template <int kPanels>
[[gnu::always_inline]] inline void store_dots(const std::byte* inputs, std::uint64_t token_bytes, int blocks,
                                              const UnpackedChunk* panels, ChunkDots& all, Ahead& ahead) {
  const std::byte *x = inputs, *first = panels[0].weights[0][0], *second = panels[1].weights[0][0];
  TileDots* dots = all[0];
  const auto load_first = [&]() __attribute__((always_inline)) {
    _tile_loadd(4, x, token_bytes);
    _tile_loadd(6, first, 64);
    _tile_loadd(5, x + 32, token_bytes);
    _tile_loadd(7, first + 512, 64);
  };
  load_first();
  for (int b = 0; b < blocks; b += 2) {
    ahead.step<kPanels>();
    _tile_zero(0);
    _tile_dpbssd(0, 4, 6);
    _tile_zero(1);
    _tile_dpbssd(1, 5, 7);
    if constexpr (kPanels == 2) {
      _tile_loadd(6, second, 64);
      _tile_loadd(7, second + 512, 64);
      if (b > 0) {
        _tile_stored(2, dots[-3], 64);
        _tile_stored(3, dots[-1], 64);
      }
      _tile_zero(2);
      _tile_dpbssd(2, 4, 6);
      _tile_zero(3);
      _tile_dpbssd(3, 5, 7);
    }
    x += 64;
    first += 1024;
    second += 1024;
    if (b + 2 < blocks) load_first();
    _tile_stored(0, dots[0], 64);
    _tile_stored(1, dots[2], 64);
    dots += 4;
  }
  if constexpr (kPanels == 2) {
    _tile_stored(2, dots[-3], 64);
    _tile_stored(3, dots[-1], 64);
  }
}

// Scales the dots of kScaledTokens tokens from t on and adds them to `sums`: of those in [begin, end), the others' dots
// may be anything.
template <Format kFormat, int kPanels>
[[gnu::always_inline]] inline void add_tokens(const std::byte* inputs, std::uint64_t token_bytes, int blocks,
                                              std::uint64_t t, std::uint64_t begin, std::uint64_t end, const Scratch& scratch, Ahead& ahead, bool from_zero,
                                              Vector (*sums)[2]) {
  using Input = typename Unpack<kFormat>::Input;
  const float* input[kScaledTokens];
  Vector sum[kScaledTokens][kPanels];
#pragma GCC unroll 8
  for (std::uint64_t i = 0; i < kScaledTokens; ++i) {
    if constexpr (!kChunkInput<kFormat>)
      input[i] = reinterpret_cast<const Input*>(inputs + (t + i < end ? t + i : end - 1) * token_bytes)->scales;
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p) sum[i][p] = from_zero ? Vector::all(0) : sums[t + i][p];
  }
  const auto add_block = [&](int b) __attribute__((always_inline)) {
    if (b % 2 == 0) ahead.step<kPanels>();
    Vector scales[kPanels];
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p) scales[p] = Vector::load(scratch.panels[p].scales.scales[b]);
#pragma GCC unroll 8
    for (std::uint64_t i = 0; i < kScaledTokens; ++i)
#pragma GCC unroll 2
      for (int p = 0; p < kPanels; ++p) {
        Vector value = {_mm512_cvtepi32_ps(_mm512_load_si512(scratch.dots[b][p][t + i]))};
        if constexpr (!kChunkInput<kFormat>) value = value * Vector::all(input[i][b]);
        sum[i][p] = Vector::fma(value, scales[p], sum[i][p]);
      }
  };
  if (blocks == static_cast<int>(kChunkBlocks)) {
#pragma GCC unroll 8
    for (int b = 0; b < static_cast<int>(kChunkBlocks); ++b) add_block(b);
  } else {
    for (int b = 0; b < blocks; ++b) add_block(b);
  }
#pragma GCC unroll 8
  for (std::uint64_t i = 0; i < kScaledTokens; ++i) {
    if (t + i < begin || t + i >= end) continue;
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p) sums[t + i][p] = sum[i][p];
  }
}

// Ends a chunk that has one scale: takes the minima away and applies the input's scale.
template <Format kFormat, int kPanels>
[[gnu::always_inline]] inline void add_chunk(const std::byte* inputs, std::uint64_t token_bytes, const Scratch& scratch,
                                             std::uint64_t begin, std::uint64_t end, Vector (*totals)[2]) {
  for (std::uint64_t t = begin; t < end; ++t) {
    const auto& input = *reinterpret_cast<const ChunkInput*>(inputs + t * token_bytes);
    for (int p = 0; p < kPanels; ++p) {
      const RowScales scales{&scratch.panels[p].scales, 0};
      totals[t][p] = Vector::fma(without_minima<kFormat>(scratch.chunk[t][p], scales, input), Vector::all(input.scale),
                                 totals[t][p]);
    }
  }
}

// The unpacked chunk times the tokens of one tile, of which those before `begin` are done already.
template <Format kFormat, int kPanels>
void multiply_tile(const std::byte* inputs, std::uint64_t token_bytes, int blocks, Ahead& ahead, std::uint64_t begin,
                   std::uint64_t end, Scratch& scratch, Vector (*totals)[2]) {
  constexpr bool kChunkSums = kChunkInput<kFormat>;
  before_tile_loads();
  store_dots<kPanels>(inputs, token_bytes, blocks, scratch.panels, scratch.dots, ahead);
  before_tile_loads();
  for (std::uint64_t t = begin / kScaledTokens * kScaledTokens; t < end; t += kScaledTokens) {
    add_tokens<kFormat, kPanels>(inputs, token_bytes, blocks, t, begin, end, scratch, ahead, kChunkSums,
                                 kChunkSums ? scratch.chunk : totals);
  }
  if constexpr (kChunkSums) add_chunk<kFormat, kPanels>(inputs, token_bytes, scratch, begin, end, totals);
}

// --- Groups of tokens ---

// Blocks go in pairs: a last one without a partner gets one that adds nothing, since the input has zeros there.
int in_pairs(std::uint64_t blocks, ChunkScales& scales) {
  if (blocks % 2 != 0)
    for (float& scale : scales.scales[blocks]) scale = 0;
  return static_cast<int>(blocks + blocks % 2);
}

// How often a tile's product lets weights be fetched: with each pair of blocks, once for its tiles and once for each of
// the tokens that are scaled together.
constexpr std::uint64_t steps_of_tile(std::uint64_t blocks, std::uint64_t tokens) {
  return (blocks + 1) / 2 * (1 + (tokens + kScaledTokens - 1) / kScaledTokens);
}

// A group of tokens times kPanels panels, in tiles of `in_tile` tokens.
template <Format kFormat, int kPanels>
void multiply_group(const Product& product, std::uint64_t in_tile, Scratch& scratch) {
  using Input = typename Unpack<kFormat>::Input;
  constexpr PackedShape kShape = packed_shape(kFormat);
  constexpr std::uint64_t kChunkBytes = kShape.chunk(kChunkBlocks), kAheadBytes = 2 * kChunkBytes;
  const std::uint64_t panel_bytes = kShape.panel(product.columns);
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (int p = 0; p < kPanels; ++p) scratch.totals[t][p] = Vector::all(0);
  const std::byte* inputs = product.prepared;
  const std::uint64_t tiles = (product.tokens + in_tile - 1) / in_tile;
  std::uint64_t at = 0;  // in a panel
  for (std::uint64_t c = 0; c < product.columns; c += kChunkColumns, inputs += sizeof(Input)) {
    const std::uint64_t blocks = product.blocks_at(c);
    Ahead ahead;
    const std::byte* panels[2];
    for (int p = 0; p < kPanels; ++p) {
      panels[p] = product.packed + static_cast<unsigned>(p) * panel_bytes + at;
      const std::uint64_t beyond = at + kAheadBytes < panel_bytes ? 0 : (kPanels - 1) * panel_bytes;  // the next panels'
      ahead.panels[p] = panels[p] + kAheadBytes + beyond;
    }
    ahead.lines = kChunkBytes / 64;
    ahead.at_once = ahead.lines / (tiles * steps_of_tile(blocks, in_tile)) + 1;
    int in_chunk = 0;
    for (int p = 0; p < kPanels; ++p) {
      unpack_chunk<kFormat, weight_bias(kFormat)>(panels[p], blocks, scratch.panels[p]);
      in_chunk = in_pairs(blocks, scratch.panels[p].scales);
    }
    for (std::uint64_t t = 0; t < product.tokens; t += in_tile) {
      // The last tile goes back over tokens of the one before, so that all tiles have one shape.
      const std::uint64_t first = product.tokens - t < in_tile ? product.tokens - in_tile : t;
      multiply_tile<kFormat, kPanels>(inputs + first * product.token_bytes, product.token_bytes, in_chunk, ahead, t - first,
                                      in_tile, scratch, scratch.totals + first);
    }
    at += kShape.chunk(blocks);
  }
  for (std::uint64_t t = 0; t < product.tokens; ++t)
    for (int p = 0; p < kPanels; ++p) product.store(t, p, scratch.totals[t][p]);
}

template <Format kFormat>
void multiply_rows(const Product& product, Scratch& scratch) {
  const std::uint64_t most = tokens_at_once(product, kGroupTokens, kTileTokensAmx);
  Tiles tiles;
  for (std::uint64_t t = 0; t < product.tokens; t += most) {
    const std::uint64_t tokens = product.tokens - t < most ? product.tokens - t : most;
    const std::uint64_t parts = (tokens + kTileTokensAmx - 1) / kTileTokensAmx, in_tile = (tokens + parts - 1) / parts;
    tiles.shape(in_tile, in_tile, 32);
    for (std::uint64_t r = 0; r < product.rows; r += 2 * kPanelRows) {
      const Product part = product.part(r, t, tokens);
      if (part.rows > kPanelRows)
        multiply_group<kFormat, 2>(part, in_tile, scratch);
      else
        multiply_group<kFormat, 1>(part, in_tile, scratch);
    }
  }
}

// --- PackedProducts ---

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
  const Product product = make_product(w, prepared, token_bytes, tokens, row_begin, row_end, out, out_stride);
  with_packed_format(w.format, [&](auto format) { multiply_in_tiles<format()>(product, scratch); });
}

}  // namespace

constinit const PackedProducts kAmxProducts = {kind, input_bytes, prepare, scratch_bytes, multiply};

}  // namespace tokenmark::cpu
