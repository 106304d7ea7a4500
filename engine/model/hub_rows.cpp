#include "engine/model/hub_rows.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tokenmark {
namespace {

template <class T>
T load(const std::byte* at) {  // files align nothing
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::uint64_t element_bytes(HubType type) {
  switch (type) {
    case HubType::f32:
      return 4;
    case HubType::f16:
    case HubType::bf16:
      return 2;
    default:
      return 1;
  }
}

float value_at(HubType type, const std::byte* base, std::uint64_t index) {
  switch (type) {
    case HubType::f32:
      return load<float>(base + 4 * index);
    case HubType::f16:
      return half_to_float(load<std::uint16_t>(base + 2 * index));
    case HubType::bf16:
      return bf16_to_float(load<std::uint16_t>(base + 2 * index));
    case HubType::f8_e4m3fnuz:
      return e4m3fnuz_to_float(load<std::uint8_t>(base + index));
    default:
      return e4m3_to_float(load<std::uint8_t>(base + index));
  }
}

// Rows `first` to `first + count` of parts of `rows` each, one by one: visit(part, row of the part).
template <class Visit>
void each_row(std::uint64_t first, std::uint64_t count, std::uint64_t rows, const Visit& visit) {
  for (std::uint64_t row = first; row < first + count; ++row) visit(row / rows, row % rows);
}

void write_fp8_row(const HubMatrix& matrix, std::uint64_t row, std::byte* out) {
  for (std::uint64_t column = 0; column < matrix.columns;
       column += BlockFp8::kValues, out += sizeof(BlockFp8)) {
    BlockFp8 block;
    block.d = matrix.scale(row, column);
    std::memcpy(block.q, matrix.row(row) + column, sizeof block.q);
    if (matrix.type == HubType::f8_e4m3fnuz) block = block_from_fnuz(block.q, block.d);
    std::memcpy(out, &block, sizeof block);
  }
}

void write_row(const HubMatrix& matrix, std::uint64_t row, Format format, std::byte* out) {
  if (format == Format::fp8) return write_fp8_row(matrix, row, out);
  const bool as_it_lies = (format == Format::f32 && matrix.type == HubType::f32) ||
                          (format == Format::f16 && matrix.type == HubType::f16) ||
                          (format == Format::bf16 && matrix.type == HubType::bf16);
  if (as_it_lies) {
    std::memcpy(out, matrix.row(row), row_bytes(format, matrix.columns));
    return;
  }
  std::vector<float> values(matrix.columns);
  matrix.float_row(row, values.data());
  quantize_row(format, values.data(), matrix.columns, out);
}

}  // namespace

const std::byte* HubMatrix::row(std::uint64_t index) const {
  return data + index * columns * element_bytes(type);
}

float HubMatrix::scale(std::uint64_t row, std::uint64_t column) const {
  if (!scales) return 1;
  const std::uint64_t per_row = (columns + scale_columns - 1) / scale_columns;
  return value_at(scale_type, scales, row / scale_rows * per_row + column / scale_columns);
}

void HubMatrix::float_row(std::uint64_t index, float* out) const {
  const std::byte* values = row(index);
  for (std::uint64_t c = 0; c < columns; ++c) out[c] = value_at(type, values, c);
  if (!scales) return;
  for (std::uint64_t c = 0; c < columns; ++c) out[c] *= scale(index, c);
}

Format natural_format(const HubMatrix& matrix) {
  switch (matrix.type) {
    case HubType::f32:
      return Format::f32;
    case HubType::f16:
      return Format::f16;
    case HubType::bf16:
      return Format::bf16;
    default:
      break;
  }
  const bool one_scale_a_block =
      matrix.scale_columns >= matrix.columns || matrix.scale_columns % BlockFp8::kValues == 0;
  return matrix.columns % BlockFp8::kValues == 0 && one_scale_a_block ? Format::fp8 : Format::bf16;
}

RowReader matrix_rows(std::vector<HubMatrix> parts, std::uint64_t rows, std::uint64_t offset,
                      std::uint64_t stride, Format format) {
  const std::uint64_t bytes = row_bytes(format, parts.front().columns);
  return [=, parts = std::move(parts)](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    each_row(first, count, rows, [&](std::uint64_t part, std::uint64_t row) {
      write_row(parts[part], offset + stride * row, format, out);
      out += bytes;
    });
    return {};
  };
}

RowReader transposed_rows(std::vector<HubMatrix> parts, std::uint64_t rows, std::uint64_t offset,
                          std::uint64_t stride) {
  // A tile at a time, so that each line of the source is used for several rows.
  constexpr std::uint64_t kTile = 16;
  const Format format = natural_format(parts.front());
  const std::uint64_t columns = parts.front().rows, bytes = row_bytes(format, columns);
  return [=, parts = std::move(parts)](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    std::vector<float> tile(kTile * columns);
    while (count > 0) {
      const std::uint64_t row = first % rows, run = std::min({count, rows - row, kTile});
      const HubMatrix& part = parts[first / rows];
      for (std::uint64_t c = 0; c < columns; ++c)
        for (std::uint64_t r = 0; r < run; ++r)
          tile[r * columns + c] = value_at(part.type, part.row(c), offset + stride * (row + r));
      for (std::uint64_t r = 0; r < run; ++r, out += bytes)
        quantize_row(format, tile.data() + r * columns, columns, out);
      first += run;
      count -= run;
    }
    return {};
  };
}

RowReader strided_values(const HubMatrix& matrix, std::uint64_t columns, std::uint64_t offset,
                         std::uint64_t stride) {
  return [=](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    for (std::uint64_t row = first; row < first + count; ++row)
      for (std::uint64_t c = 0; c < columns; ++c, out += sizeof(float)) {
        const float value = value_at(matrix.type, matrix.row(row), offset + stride * c);
        std::memcpy(out, &value, sizeof value);
      }
    return {};
  };
}

RowReader mxfp4_rows(const HubMxfp4& matrix, std::uint64_t rows, std::uint64_t offset, std::uint64_t stride) {
  const std::uint64_t blocks = matrix.columns / BlockMxfp4::kValues;
  return [=](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    each_row(first, count, rows, [&](std::uint64_t expert, std::uint64_t row) {
      const std::uint64_t source = (expert * matrix.rows_in_all + offset + stride * row) * blocks;
      for (std::uint64_t b = source; b < source + blocks; ++b, out += sizeof(BlockMxfp4)) {
        BlockMxfp4 block;
        block.e = load<std::uint8_t>(matrix.scales + b);
        const auto pairs =
            load<std::array<std::uint8_t, 16>>(matrix.blocks + 16 * b);  // values 2 j and 2 j + 1
        const auto nibble = [&](std::size_t i) { return (pairs[i / 2] >> (4 * (i % 2))) & 0xf; };
        for (std::size_t i = 0; i < 16; ++i)
          block.q[i] = static_cast<std::uint8_t>(nibble(i) | nibble(i + 16) << 4);
        std::memcpy(out, &block, sizeof block);
      }
    });
    return {};
  };
}

}  // namespace tokenmark
