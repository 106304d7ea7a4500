// Products of quantised weights for many tokens with AVX-512 VNNI: sixteen rows are unpacked and transposed,
// so that a row is a lane, and then serve all tokens. Included by quantized_avx512.h.
#pragma once

namespace tokenmark::cpu {
namespace {

constexpr std::uint64_t kPanelBlocks = 32;  // 1024 columns: a panel stays in the first-level cache

struct Panel {
  __m512i weights[kPanelBlocks][8];  // [i]: bytes 4i to 4i + 3 of the block, without sign; lane: row
  __m512 scales[kPanelBlocks];
  const std::byte* rows[16];  // rows beyond the matrix repeat the last one; their results are not stored
  __m512i row_offsets;        // from rows[0]
  __mmask16 stored;
};

// Transposes 16 rows of 16 bytes: out[i] holds bytes 4i to 4i + 3 of each row.
void transpose_16(const std::byte* const* rows, std::uint64_t at, __m512i* out) {
  __m512i quads[4];  // [i]: rows i, 4 + i, 8 + i, 12 + i
  for (int i = 0; i < 4; ++i)
    quads[i] = load_4x16(rows[i] + at, rows[4 + i] + at, rows[8 + i] + at, rows[12 + i] + at);
  const __m512i low_01 = _mm512_unpacklo_epi32(quads[0], quads[1]),
                high_01 = _mm512_unpackhi_epi32(quads[0], quads[1]);
  const __m512i low_23 = _mm512_unpacklo_epi32(quads[2], quads[3]),
                high_23 = _mm512_unpackhi_epi32(quads[2], quads[3]);
  out[0] = _mm512_unpacklo_epi64(low_01, low_23);
  out[1] = _mm512_unpackhi_epi64(low_01, low_23);
  out[2] = _mm512_unpacklo_epi64(high_01, high_23);
  out[3] = _mm512_unpackhi_epi64(high_01, high_23);
}

template <class Block>
void unpack_block(const Panel& panel, std::uint64_t at, __m512i* weights);

template <>
void unpack_block<BlockQ4_0>(const Panel& panel, std::uint64_t at, __m512i* weights) {
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512i packed[4];
  transpose_16(panel.rows, at + 2, packed);
  for (int i = 0; i < 4; ++i) {
    weights[i] = _mm512_and_si512(packed[i], nibble);
    weights[4 + i] = _mm512_and_si512(_mm512_srli_epi16(packed[i], 4), nibble);
  }
}

template <>
void unpack_block<BlockQ8_0>(const Panel& panel, std::uint64_t at, __m512i* weights) {
  transpose_16(panel.rows, at + 2, weights);
  transpose_16(panel.rows, at + 18, weights + 4);
  for (int i = 0; i < 8; ++i) weights[i] = Unpacked<BlockQ8_0>::unsign(weights[i]);
}

void start_panel(Panel& panel, const std::byte* weights, std::uint64_t row_bytes, std::uint64_t rows) {
  alignas(64) std::int32_t offsets[16];
  for (std::uint64_t i = 0; i < 16; ++i) {
    const std::uint64_t offset = (i < rows ? i : rows - 1) * row_bytes;
    panel.rows[i] = weights + offset;
    offsets[i] = static_cast<std::int32_t>(offset);
  }
  panel.row_offsets = _mm512_load_si512(offsets);
  panel.stored = static_cast<__mmask16>(rows < 16 ? (1u << rows) - 1 : 0xffffu);
}

template <class Block>
void unpack_panel(Panel& panel, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t b = 0; b < count; ++b) {
    const std::uint64_t at = (first + b) * sizeof(Block);
    panel.scales[b] = gather_scales(panel.rows[0] + at, panel.row_offsets);
    unpack_block<Block>(panel, at, panel.weights[b]);
  }
}

// The panel's sixteen rows times kTokens tokens, added to what stands in `out` unless these are the first
// blocks.
template <Format kFormat, int kTokens>
void panel_tile(const Panel& panel, std::uint64_t first, std::uint64_t count, const void* prepared,
                std::uint64_t columns, std::uint64_t token, float* out, std::uint64_t out_stride) {
  QuantizedInput inputs[kTokens];
  __m512 sums[kTokens];
  for (int t = 0; t < kTokens; ++t) {
    inputs[t] = QuantizedInput(prepared, columns, token + static_cast<unsigned>(t));
    sums[t] = first == 0 ? _mm512_setzero_ps()
                         : _mm512_maskz_loadu_ps(panel.stored, out + static_cast<unsigned>(t) * out_stride);
  }
  for (std::uint64_t b = 0; b < count; ++b) {
    __m512i dots[kTokens];
    for (int t = 0; t < kTokens; ++t) dots[t] = _mm512_set1_epi32(inputs[t].offsets[first + b]);
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t at = input_place(kFormat, first + b, i / 4) + static_cast<unsigned>(4 * (i % 4));
      for (int t = 0; t < kTokens; ++t) {
        std::int32_t x;
        __builtin_memcpy(&x, inputs[t].bytes + at, 4);
        dots[t] = _mm512_dpbusd_epi32(dots[t], panel.weights[b][i], _mm512_set1_epi32(x));
      }
    }
    for (int t = 0; t < kTokens; ++t) {
      const __m512 factors = _mm512_mul_ps(panel.scales[b], _mm512_set1_ps(inputs[t].scales[first + b]));
      sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[t]), factors, sums[t]);
    }
  }
  for (int t = 0; t < kTokens; ++t)
    _mm512_mask_storeu_ps(out + static_cast<unsigned>(t) * out_stride, panel.stored, sums[t]);
}

template <Format kFormat>
void panel_tokens(const Panel& panel, std::uint64_t first, std::uint64_t count, const void* prepared,
                  std::uint64_t columns, std::uint64_t token, std::uint64_t end, float* out,
                  std::uint64_t out_stride) {
  const auto tiles_of = [&]<int kTokens>() {
    for (; end - token >= kTokens; token += kTokens)
      panel_tile<kFormat, kTokens>(panel, first, count, prepared, columns, token, out + token * out_stride,
                                   out_stride);
  };
  tiles_of.template operator()<8>();
  tiles_of.template operator()<4>();
  tiles_of.template operator()<2>();
  tiles_of.template operator()<1>();
}

template <class Block>
void quantized_panels(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  constexpr Format kFormat = sizeof(Block) == sizeof(BlockQ4_0) ? Format::q4_0 : Format::q8_0;
  constexpr std::uint64_t kInputBytes = 1
                                        << 20;  // inputs that stay in the second-level cache while rows go by
  const std::uint64_t blocks = w.columns / 32, row_size = blocks * sizeof(Block);
  const std::uint64_t in_cache = kInputBytes / (quantized_bytes(w.columns) + 1) / 8 * 8 + 8;
  Panel panel;
  for (std::uint64_t t = 0; t < tokens; t += in_cache) {
    const std::uint64_t end = tokens - t < in_cache ? tokens : t + in_cache;
    for (std::uint64_t r = row_begin; r < row_end; r += 16) {
      start_panel(panel, static_cast<const std::byte*>(w.values) + r * row_size, row_size, row_end - r);
      std::uint64_t b = 0;
      do {  // at least once: a product over no columns is zero
        const std::uint64_t count = blocks - b < kPanelBlocks ? blocks - b : kPanelBlocks;
        unpack_panel<Block>(panel, b, count);
        panel_tokens<kFormat>(panel, b, count, prepared, w.columns, t, end, out + r, out_stride);
        b += kPanelBlocks;
      } while (b < blocks);
    }
  }
}

}  // namespace
}  // namespace tokenmark::cpu
