// The products of the float formats with AMX: BF16 and FP8 with inputs rounded to BF16, F32 and F16 with floats. FP8's
// weights times their scales are rounded to BF16 too where there are more than a few tokens. F16 with many tokens: a
// weight is the sum of two BF16 exactly, an input nearly (2^-18); three products of the four, without that of the small
// parts, are within 2^-15 of the whole.
#pragma once

#include "kernels/cpu/amx_bf16.h"
#include "kernels/cpu/matmul_bf16.h"

namespace tokenmark::cpu {
namespace {

std::size_t float_scratch(Format format, std::uint64_t) {
  return format == Format::fp8 || format == Format::f16 || format == Format::bf16 ? sizeof(Bf16Scratch) : 0;
}

int float_kind(Format format) { return format == Format::f16 ? 2 : takes_bf16(format) ? 1 : 0; }

// F16: floats, then of each 32 columns the great parts, the small ones and the great ones again.
constexpr std::size_t split_begin(std::uint64_t columns) { return padded_columns(columns) * sizeof(float); }

std::size_t float_prepared_bytes(Format format, std::uint64_t columns) {
  if (takes_bf16(format)) return bf16_input_bytes(columns);
  if (format == Format::f16) return ((split_begin(columns) + 6 * padded_columns(columns)) / 64 | 1) * 64;
  return float_input_bytes(columns);
}

void prepare_floats(Format format, const float* x, std::uint64_t columns, void* prepared) {
  if (takes_bf16(format)) return prepare_bf16_input(x, columns, prepared);
  prepare_float_input(x, columns, prepared);
  if (format != Format::f16) return;
  const auto* floats = static_cast<const float*>(prepared);
  auto* to = static_cast<std::byte*>(prepared) + split_begin(columns);
  for (std::uint64_t c = 0; c < padded_columns(columns); c += 32, to += 192) {
    const __m512i great = to_bf16(floats + c, ~0u);
    alignas(64) float rest[32];
    for (int i = 0; i < 2; ++i) {
      const __m512i half = _mm512_cvtepu16_epi32(i == 0 ? _mm512_castsi512_si256(great) : _mm512_extracti64x4_epi64(great, 1));
      const __m512 value = _mm512_castsi512_ps(_mm512_slli_epi32(half, 16));
      _mm512_store_ps(rest + 16 * i, _mm512_sub_ps(_mm512_loadu_ps(floats + c + 16 * static_cast<unsigned>(i)), value));
    }
    _mm512_store_si512(to, great);
    _mm512_store_si512(to + 64, to_bf16(rest, ~0u));
    _mm512_store_si512(to + 128, great);
  }
}

// BF16 weights where they lie, two panels after two panels, for so few tokens that their inputs stay in the second-level cache.
void multiply_in_place(const Bf16Product& p, const std::byte* panels, GroupSums* waiting) {
  Tiles tiles;
  const std::uint64_t panel_bytes = 32 * p.columns, at_once = p.tokens <= kBf16Group ? p.columns : kBf16Columns;
  for (std::uint64_t begin = 0; begin < p.columns; begin += at_once)
    for (std::uint64_t r = 0; r < p.rows; r += kBf16Pair) {
      const std::uint64_t columns = p.columns - begin < at_once ? p.columns - begin : at_once;
      const std::uint64_t end = p.rows - r < kBf16Pair ? p.rows : r + kBf16Pair;
      const std::byte* pair = panels + r / kPanelRows * panel_bytes + 32 * begin;
      multiply_block(tiles, p, {pair, panel_bytes, r, end, begin, columns, pair + 2 * panel_bytes}, columns / 32, waiting);
    }
}

// For any number of tokens, so that a token's results do not depend on the others. With many, weights are copied to where
// they stay in the cache.
void matmul_bf16_tiles(const Matrix& w, const std::byte* x, std::uint64_t tokens, std::uint64_t row_begin,
                       std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  constexpr std::uint64_t kCopiesPay = 320;  // tokens
  const std::uint64_t columns = padded_columns(w.columns), panel_bytes = float_panel_bytes(w.format, w.columns);
  if (columns == 0 || tokens == 0) return zero_rows(tokens, row_begin, row_end, out, out_stride);
  auto& own = *static_cast<Bf16Scratch*>(scratch);
  const auto* panels = static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * panel_bytes;
  const Bf16Product product{x, bf16_input_bytes(w.columns), columns, row_end - row_begin, tokens, out + row_begin, out_stride};
  if (tokens < kCopiesPay) return multiply_in_place(product, panels, own.sums);
  multiply_unpacked(product, own, [&](std::uint64_t panel, std::uint64_t begin, std::uint64_t count, std::byte (*tiles)[1024]) {
    const std::byte* from = panels + panel * panel_bytes + 32 * begin;
    for (std::uint64_t i = 0; i < 32 * count; i += 64) {
      __builtin_prefetch(from + 4096 + i);
      _mm512_store_si512(tiles[0] + i, _mm512_load_si512(from + i));
    }
  });
}

// 128 columns of a panel to four tiles, the scales applied.
void unpack_fp8(const std::byte* block, std::byte (*tiles)[1024]) {
  const __m512 scale = _mm512_load_ps(block);
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const auto scaled = [&](__m512i pairs) {
    return pair_bf16(_mm512_mul_ps(_mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16)), scale),
                     _mm512_mul_ps(_mm512_castsi512_ps(_mm512_and_si512(pairs, upper)), scale));
  };
  block += kFp8Scales;
  for (std::uint64_t i = 0; i < kFp8Columns / 4; ++i) {
    __builtin_prefetch(block + 4096 + 64 * i);
    __m512i first, second;
    e4m3_to_bf16(_mm512_load_si512(block + 64 * i), first, second);
    _mm512_store_si512(tiles[0] + 128 * i, scaled(first));
    _mm512_store_si512(tiles[0] + 128 * i + 64, scaled(second));
  }
}

void matmul_fp8_tiles(const Matrix& w, const std::byte* x, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  const std::uint64_t panel_bytes = float_panel_bytes(w.format, w.columns);
  const auto* panels = static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * panel_bytes;
  const Bf16Product product{x, bf16_input_bytes(w.columns), w.columns, row_end - row_begin, tokens, out + row_begin, out_stride};
  multiply_unpacked(product, *static_cast<Bf16Scratch*>(scratch),
                    [&](std::uint64_t panel, std::uint64_t begin, std::uint64_t columns, std::byte (*tiles)[1024]) {
                      const std::byte* block = panels + panel * panel_bytes + begin / kFp8Columns * kFp8BlockBytes;
                      for (std::uint64_t c = 0; c < columns; c += kFp8Columns, block += kFp8BlockBytes)
                        unpack_fp8(block, tiles + c / 32);
                    });
}

// 32 columns of a panel to the tile that the inputs' part `part` meets: the great parts twice, then the small ones.
void unpack_f16(const std::byte* columns, std::uint64_t part, std::byte* tile) {
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const auto load = [](const std::byte* from) {
    return _mm512_castps_si512(_mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(from))));
  };
  const auto rest = [&](__m512i value) {
    const __m512i great = _mm512_and_si512(value, upper);
    return _mm512_castps_si512(_mm512_sub_ps(_mm512_castsi512_ps(value), _mm512_castsi512_ps(great)));
  };
  for (int i = 0; i < 16; ++i, columns += 64, tile += 64) {
    __m512i low = load(columns), high = load(columns + 32);
    if (part == 2) low = rest(low), high = rest(high);
    _mm512_store_si512(tile, _mm512_ternarylogic_epi32(high, upper, _mm512_srli_epi32(low, 16), 0xea));
  }
}

void matmul_f16_tiles(const Matrix& w, const std::byte* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  const std::uint64_t panel_bytes = float_panel_bytes(w.format, w.columns);
  const auto* panels = static_cast<const std::byte*>(w.values) + row_begin / kPanelRows * panel_bytes;
  const Bf16Product product{prepared + split_begin(w.columns),
                            float_prepared_bytes(w.format, w.columns),
                            3 * padded_columns(w.columns),
                            row_end - row_begin,
                            tokens,
                            out + row_begin,
                            out_stride};
  multiply_unpacked(product, *static_cast<Bf16Scratch*>(scratch),
                    [&](std::uint64_t panel, std::uint64_t begin, std::uint64_t columns, std::byte (*tiles)[1024]) {
                      for (std::uint64_t i = 0; i < columns / 32; ++i) {
                        const std::uint64_t tile = begin / 32 + i;
                        unpack_f16(panels + panel * panel_bytes + tile / 3 * 1024, tile % 3, tiles[i]);
                      }
                    });
}

void matmul_floats(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                   std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  constexpr std::uint64_t kTilesPay = 4, kSplitPays = 32;  // tokens
  if (w.format == Format::fp8 && tokens >= kTilesPay && w.columns != 0 && row_end > row_begin)
    return matmul_fp8_tiles(w, static_cast<const std::byte*>(prepared), tokens, row_begin, row_end, out, out_stride, scratch);
  if (w.format == Format::f16 && tokens >= kSplitPays && w.columns != 0 && row_end > row_begin)
    return matmul_f16_tiles(w, static_cast<const std::byte*>(prepared), tokens, row_begin, row_end, out, out_stride, scratch);
  if (w.format == Format::bf16)
    return matmul_bf16_tiles(w, static_cast<const std::byte*>(prepared), tokens, row_begin, row_end, out, out_stride, scratch);
  multiply_vectors(w, prepared, float_prepared_bytes(w.format, w.columns), tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
