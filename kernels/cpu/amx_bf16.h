// Products of BF16 tiles: a panel's weights lie tile after tile (packed_floats.h), inputs token by token.
#pragma once

#include "kernels/cpu/amx_tiles.h"

namespace tokenmark::cpu {
namespace {

void prefetch_tile(const std::byte* weights) {
  for (int i = 0; i < 16; ++i) __builtin_prefetch(weights + 64 * i);
}

// sums 2 a + b += inputs a x weights b over `steps` of 32 columns of BF16. kInputs and kPanels: tiles of each.
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void bf16_steps(const std::byte* x, std::uint64_t x_stride, const std::byte* first_panel,
                                              const std::byte* second_panel, std::uint64_t steps) {
  const std::byte* second_x = x + kTileTokensAmx * x_stride;
  for (std::uint64_t s = 0; s < steps; ++s) {
    prefetch_tile(first_panel + 1024 * (s + 2));
    if constexpr (kPanels == 2) prefetch_tile(second_panel + 1024 * (s + 2));
    _tile_loadd(6, first_panel + 1024 * s, 64);
    _tile_loadd(4, x + 64 * s, x_stride);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kPanels == 2) {
      _tile_loadd(7, second_panel + 1024 * s, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kInputs == 2) {
      _tile_loadd(5, second_x + 64 * s, x_stride);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (kPanels == 2) _tile_dpbf16ps(3, 5, 7);
    }
  }
}

// The sums to or from `out` [token][row], row b of the second panel 16 floats further on.
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void store_sums(float* out, std::uint64_t out_stride) {
  float* second = out + kTileTokensAmx * out_stride;
  _tile_stored(0, out, out_stride * sizeof(float));
  if constexpr (kPanels == 2) _tile_stored(1, out + 16, out_stride * sizeof(float));
  if constexpr (kInputs == 2) _tile_stored(2, second, out_stride * sizeof(float));
  if constexpr (kInputs == 2 && kPanels == 2) _tile_stored(3, second + 16, out_stride * sizeof(float));
}
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void load_sums(const float* out, std::uint64_t out_stride) {
  const float* second = out + kTileTokensAmx * out_stride;
  _tile_loadd(0, out, out_stride * sizeof(float));
  if constexpr (kPanels == 2) _tile_loadd(1, out + 16, out_stride * sizeof(float));
  if constexpr (kInputs == 2) _tile_loadd(2, second, out_stride * sizeof(float));
  if constexpr (kInputs == 2 && kPanels == 2) _tile_loadd(3, second + 16, out_stride * sizeof(float));
}
void zero_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

// The sums of one group of up to 32 tokens and of up to two panels over `steps`, added to `out` unless they are the
// first. `rows`: of the last panel; a short one goes by way of a buffer.
template <int kInputs, int kPanels>
void bf16_tile(const std::byte* x, std::uint64_t x_stride, std::uint64_t tokens, const std::byte* first_panel,
               const std::byte* second_panel, std::uint64_t steps, bool first, std::uint64_t rows, float* out,
               std::uint64_t out_stride) {
  const bool whole = rows == kPanelRows;
  alignas(64) float buffer[2 * kTileTokensAmx * 32];
  float* sums = whole ? out : buffer;
  const std::uint64_t stride = whole ? out_stride : 32, width = (kPanels - 1) * kPanelRows + rows;
  if (!first && !whole)
    for (std::uint64_t t = 0; t < tokens; ++t) std::memcpy(buffer + 32 * t, out + t * out_stride, width * sizeof(float));
  before_tile_loads();
  if (first) {
    zero_sums();
  } else {
    load_sums<kInputs, kPanels>(sums, stride);
  }
  bf16_steps<kInputs, kPanels>(x, x_stride, first_panel, second_panel, steps);
  store_sums<kInputs, kPanels>(sums, stride);
  if (!whole)
    for (std::uint64_t t = 0; t < tokens; ++t) std::memcpy(out + t * out_stride, buffer + 32 * t, width * sizeof(float));
}

// `steps` of up to two panels, whose weights as BF16 tiles begin at the two places, with all `tokens`.
void bf16_panels(Tiles& tiles, int panels, const std::byte* first_panel, const std::byte* second_panel,
                 std::uint64_t steps, bool first, std::uint64_t rows, const std::byte* x, std::uint64_t x_stride,
                 std::uint64_t tokens, float* out, std::uint64_t out_stride) {
  for (std::uint64_t t = 0; t < tokens; t += 2 * kTileTokensAmx) {
    const std::uint64_t count = tokens - t < 2 * kTileTokensAmx ? tokens - t : 2 * kTileTokensAmx;
    const std::uint64_t in_first = count < kTileTokensAmx ? count : kTileTokensAmx;
    tiles.shape(in_first, count - in_first);
    const auto tile = [&]<int kInputs, int kPanels>() {
      bf16_tile<kInputs, kPanels>(x + t * x_stride, x_stride, count, first_panel, second_panel, steps, first, rows,
                                  out + t * out_stride, out_stride);
    };
    if (count > kTileTokensAmx)
      panels == 2 ? tile.template operator()<2, 2>() : tile.template operator()<2, 1>();
    else
      panels == 2 ? tile.template operator()<1, 2>() : tile.template operator()<1, 1>();
  }
}

// --- Weights of other formats, unpacked to BF16 on the way ---

// Two vectors of floats as BF16 in the low and the high halves; ties away from zero.
inline __m512i pair_bf16(__m512 low, __m512 high) {
  const __m512i half = _mm512_set1_epi32(0x8000), upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const __m512i first = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(low), half), 16);
  const __m512i second = _mm512_add_epi32(_mm512_castps_si512(high), half);
  return _mm512_ternarylogic_epi32(second, upper, first, 0xea);  // (second & upper) | first
}

// Inputs of so many tokens and columns stay in the second-level cache, beside the weights of two panels.
constexpr std::uint64_t kBf16Tokens = 256, kBf16Columns = 2048;

struct alignas(64) Bf16Scratch {
  std::byte panels[2][kBf16Columns / 32][1024];  // tile after tile
};

struct Bf16Product {
  const std::byte* inputs;  // tokens of BF16
  std::uint64_t token_bytes, columns, rows, tokens;
  float* out;
  std::uint64_t out_stride;
};

// unpack(panel, begin, columns, tiles) writes `columns` columns of a panel from `begin` on, a multiple of kBf16Columns.
// Columns are whole tiles of 32.
template <class Unpack>
void multiply_unpacked(const Bf16Product& product, Bf16Scratch& scratch, const Unpack& unpack) {
  Tiles tiles;
  for (std::uint64_t t = 0; t < product.tokens; t += kBf16Tokens)
    for (std::uint64_t begin = 0; begin < product.columns; begin += kBf16Columns) {
      const std::uint64_t columns = product.columns - begin < kBf16Columns ? product.columns - begin : kBf16Columns;
      const std::uint64_t tokens = product.tokens - t < kBf16Tokens ? product.tokens - t : kBf16Tokens;
      for (std::uint64_t r = 0; r < product.rows; r += 2 * kPanelRows) {
        const std::uint64_t left = product.rows - r, panels = left > kPanelRows ? 2 : 1;
        for (std::uint64_t p = 0; p < panels; ++p) unpack(r / kPanelRows + p, begin, columns, scratch.panels[p]);
        const std::uint64_t in_last = left - (panels - 1) * kPanelRows;
        bf16_panels(tiles, static_cast<int>(panels), scratch.panels[0][0], scratch.panels[1][0], columns / 32, begin == 0,
                    in_last < kPanelRows ? in_last : kPanelRows, product.inputs + t * product.token_bytes + 2 * begin,
                    product.token_bytes, tokens, product.out + t * product.out_stride + r, product.out_stride);
      }
    }
}

}  // namespace
}  // namespace tokenmark::cpu
