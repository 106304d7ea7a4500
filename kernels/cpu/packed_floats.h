// How weights of the float formats (F32, F16, BF16, FP8) lie in memory once packed: panels of 16 rows, columns filled up
// with zeros to a multiple of 32.
//
// F32, F16: column after column, of each the 16 rows' values.
// BF16: pairs of columns, of each the 16 rows' two values: a row of AMX's B tile, and 16 floats by one operation each.
// FP8: column after column; where kPairedColumns groups of 4 columns: of each 4 rows first the pairs of columns 0 and 1,
// then those of 2 and 3, so that interleaving zeros into 128-bit lanes gives BF16's pairs.
// FP8 comes in blocks of 128 columns, each behind its 16 rows' scales.
// Expects kPairedColumns of the including translation unit.
#pragma once

#include <cstddef>
#include <cstring>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {

bool is_float_format(Format format) {
  return format == Format::f32 || format == Format::f16 || format == Format::bf16 || format == Format::fp8;
}

constexpr std::uint64_t kFp8Columns = BlockFp8::kValues, kFp8Scales = kPanelRows * sizeof(float);
constexpr std::uint64_t kFp8BlockBytes = kFp8Scales + kPanelRows * kFp8Columns;

constexpr std::uint64_t padded_columns(std::uint64_t columns) { return (columns + 31) / 32 * 32; }

std::size_t float_panel_bytes(Format format, std::uint64_t columns) {
  switch (format) {
    case Format::f32: return kPanelRows * sizeof(float) * padded_columns(columns);
    case Format::fp8: return columns / kFp8Columns * kFp8BlockBytes;
    default: return kPanelRows * 2 * padded_columns(columns);
  }
}

// Index of a value within the panel, or within its block.
constexpr std::uint64_t place_by_column(std::uint64_t row, std::uint64_t column) { return kPanelRows * column + row; }
constexpr std::uint64_t place_in_pairs(std::uint64_t row, std::uint64_t column) {
  return column / 2 * 2 * kPanelRows + 2 * row + column % 2;
}
constexpr std::uint64_t place_in_quads(std::uint64_t row, std::uint64_t column) {
  return column / 4 * 4 * kPanelRows + row / 4 * 16 + column / 2 % 2 * 8 + row % 4 * 2 + column % 2;
}
constexpr auto kFp8Place = kPairedColumns ? place_in_quads : place_by_column;

// Values of type T row by row, `stride` bytes apart, each to its place. By strips of columns, so that what is written
// stays in the first-level cache until all rows have been there.
template <class T, std::uint64_t (*place)(std::uint64_t, std::uint64_t)>
void pack_values(const std::byte* source, std::uint64_t stride, std::uint64_t rows, std::uint64_t columns, std::byte* out) {
  constexpr std::uint64_t kStrip = 64;
  for (std::uint64_t first = 0; first < columns; first += kStrip) {
    const std::uint64_t count = columns - first < kStrip ? columns - first : kStrip;
    T* strip = reinterpret_cast<T*>(out) + place(0, first);
    for (std::uint64_t r = 0; r < rows; ++r) {
      T values[kStrip];
      std::memcpy(values, source + r * stride + first * sizeof(T), count * sizeof(T));
      for (std::uint64_t c = 0; c < count; ++c) strip[place(r, c)] = values[c];
    }
  }
}

void pack_float_panel(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel) {
  const auto* from = static_cast<const std::byte*>(source);
  auto* to = static_cast<std::byte*>(panel);
  const std::uint64_t stride = row_bytes(format, columns);
  if (rows < kPanelRows || columns != padded_columns(columns)) std::memset(panel, 0, float_panel_bytes(format, columns));
  switch (format) {
    case Format::f32: return pack_values<std::uint32_t, place_by_column>(from, stride, rows, columns, to);
    case Format::f16: return pack_values<std::uint16_t, place_by_column>(from, stride, rows, columns, to);
    case Format::bf16: return pack_values<std::uint16_t, place_in_pairs>(from, stride, rows, columns, to);
    default:
      for (std::uint64_t c = 0; c < columns; c += kFp8Columns, to += kFp8BlockBytes, from += sizeof(BlockFp8)) {
        for (std::uint64_t r = 0; r < rows; ++r) std::memcpy(to + r * sizeof(float), from + r * stride, sizeof(float));
        pack_values<std::uint8_t, kFp8Place>(from + offsetof(BlockFp8, q), stride, rows, kFp8Columns, to + kFp8Scales);
      }
  }
}

void unpack_fp8_row(const std::byte* panel, std::uint64_t row, std::uint64_t columns, float* out) {
  for (std::uint64_t c = 0; c < columns; c += kFp8Columns, panel += kFp8BlockBytes) {
    BlockFp8 block;
    std::memcpy(&block.d, panel + row * sizeof(float), sizeof(float));
    const auto* values = reinterpret_cast<const std::uint8_t*>(panel + kFp8Scales);
    for (std::uint64_t i = 0; i < kFp8Columns; ++i) block.q[i] = values[kFp8Place(row, i)];
    dequantize_row(Format::fp8, &block, kFp8Columns, out + c);
  }
}

void unpack_float_row(const Matrix& w, std::uint64_t row, float* out) {
  const std::uint64_t r = row % kPanelRows;
  const auto* panel = static_cast<const std::byte*>(w.values) + row / kPanelRows * float_panel_bytes(w.format, w.columns);
  const auto* floats = reinterpret_cast<const float*>(panel);
  const auto* words = reinterpret_cast<const std::uint16_t*>(panel);
  switch (w.format) {
    case Format::f32:
      for (std::uint64_t c = 0; c < w.columns; ++c) out[c] = floats[place_by_column(r, c)];
      return;
    case Format::f16:
      for (std::uint64_t c = 0; c < w.columns; ++c) out[c] = half_to_float(words[place_by_column(r, c)]);
      return;
    case Format::bf16:
      for (std::uint64_t c = 0; c < w.columns; ++c) out[c] = bf16_to_float(words[place_in_pairs(r, c)]);
      return;
    default:
      return unpack_fp8_row(panel, r, w.columns, out);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
