// Random weight matrices in a model file's layout, as the GPU has them and as floats.
#pragma once

#include <random>

#include "kernels/gpu/pack.h"
#include "tests/kernels/gpu/emulated_fixture.h"

namespace tokenmark::gpu {

inline std::vector<float> random_floats(std::size_t n, std::uint64_t seed, float deviation = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

class TestMatrix {
 public:
  TestMatrix(Format format, std::uint32_t rows, std::uint32_t columns, std::uint64_t seed, std::uint32_t depth = 1)
      : file_(std::size_t{depth} * rows * row_bytes(format, columns)), floats_(random_floats(std::size_t{depth} * rows * columns, seed, 0.3f)),
        planes_(planes_of(format, std::uint64_t{depth} * rows, columns)), values_(planes_.values), scales_(planes_.scales) {
    const std::uint64_t all = std::uint64_t{depth} * rows;
    for (std::uint64_t r = 0; r < all; ++r) {
      std::byte* row = file_.data() + r * row_bytes(format, columns);
      quantize_row(format, &floats_[r * columns], columns, row);
      dequantize_row(format, row, columns, &floats_[r * columns]);
    }
    pack_rows(format, file_.data(), all, columns, values_, scales_);
    matrix_ = {values_.get(), planes_.scales > 0 ? scales_.get() : nullptr, static_cast<std::uint32_t>(packed_format(format)), depth, rows,
               columns, planes_.row_pitch, planes_.scale_pitch};
  }
  const Matrix& matrix() const { return matrix_; }
  const std::vector<float>& floats() const { return floats_; }   // what the bits stand for, [depth][rows][columns]
  const void* file() const { return file_.data(); }

 private:
  std::vector<std::byte> file_;
  std::vector<float> floats_;
  Planes planes_;
  OnDevice<std::byte> values_, scales_;
  Matrix matrix_;
};

// Every format that kernels read, with its block.
inline const Format kKernelFormats[] = {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::fp8};

}  // namespace tokenmark::gpu
