// Rows of the engine's tensors out of a hub folder's: what lies there in another type, order or arrangement
// is converted row by row while it is read.
#pragma once

#include "engine/model/safetensors.h"
#include "engine/model/weights.h"

namespace tokenmark {

// A matrix of a folder, of float values or FP8 with scales (a scale each for scale_rows × scale_columns
// values).
struct HubMatrix {
  const std::byte* data = nullptr;
  HubType type = HubType::f32;
  std::uint64_t rows = 1, columns = 0;
  const std::byte* scales = nullptr;  // null: none
  HubType scale_type = HubType::f32;
  std::uint64_t scale_rows = 1, scale_columns = 1;

  const std::byte* row(std::uint64_t index) const;
  float scale(std::uint64_t row, std::uint64_t column) const;
  void float_row(std::uint64_t row, float* out) const;
};

// The format in which rows of the matrix are given: its own, FP8 blocks, or BF16 where those do not fit.
Format natural_format(const HubMatrix& matrix);

// Every `stride`-th row of each of `parts` from `offset` on, `rows` of each, in `format`: F32 (for vectors)
// or what natural_format says of the parts.
RowReader matrix_rows(std::vector<HubMatrix> parts, std::uint64_t rows, std::uint64_t offset,
                      std::uint64_t stride, Format format);

// The same of matrices that lie transposed ([columns][all rows], as gpt-oss' experts in BF16 do): `parts` are
// those.
RowReader transposed_rows(std::vector<HubMatrix> parts, std::uint64_t rows, std::uint64_t offset,
                          std::uint64_t stride);

// Every `stride`-th value of each row of `matrix` from `offset` on, in F32: biases of interleaved rows.
RowReader strided_values(const HubMatrix& matrix, std::uint64_t columns, std::uint64_t offset,
                         std::uint64_t stride);

// gpt-oss' MXFP4: scales and blocks apart, the low nibble first; given as BlockMxfp4, whose byte i holds
// values i and i + 16. `rows_in_all` of one expert's matrix as it lies there.
struct HubMxfp4 {
  const std::byte* blocks = nullptr;
  const std::byte* scales = nullptr;
  std::uint64_t rows_in_all = 0, columns = 0;
};
RowReader mxfp4_rows(const HubMxfp4& matrix, std::uint64_t rows, std::uint64_t offset, std::uint64_t stride);

}  // namespace tokenmark
