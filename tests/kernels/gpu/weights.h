// Random values, and weight matrices in a model file's layout, on the GPU and as floats.
#pragma once

#include <algorithm>
#include <random>

#include "kernels/gpu/pack.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

inline std::vector<float> random_floats(std::size_t n, std::uint64_t seed, float deviation = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

// What remains of values in BF16.
inline std::vector<float> rounded_to_bf16(std::vector<float> values) {
  for (float& value : values) value = bf16_to_float(float_to_bf16(value));
  return values;
}
inline std::vector<std::uint16_t> to_bf16_bits(const std::vector<float>& values) {
  std::vector<std::uint16_t> bits;
  for (const float value : values) bits.push_back(float_to_bf16(value));
  return bits;
}
inline std::vector<float> from_bf16_bits(const std::vector<std::uint16_t>& bits) {
  std::vector<float> values;
  for (const std::uint16_t one : bits) values.push_back(bf16_to_float(one));
  return values;
}

class TestMatrix {
 public:
  static Result<TestMatrix> make(Gpu& gpu, Format format, std::uint32_t rows, std::uint32_t columns, std::uint64_t seed, std::uint32_t depth = 1) {
    TestMatrix m;
    const std::uint64_t all = std::uint64_t{depth} * rows, row_size = row_bytes(format, columns);
    std::vector<std::byte> file(all * row_size);
    m.floats_ = random_floats(all * columns, seed, 0.3f);
    for (std::size_t i = 0; i < m.floats_.size(); i += 19) m.floats_[i] *= 1e-30f;  // ±0 in the small formats
    for (std::uint64_t r = 0; r < all; ++r) {
      quantize_row(format, &m.floats_[r * columns], columns, &file[r * row_size]);
      dequantize_row(format, &file[r * row_size], columns, &m.floats_[r * columns]);
    }
    const Planes planes = planes_of(format, all, columns);
    std::vector<std::byte> values(planes.values), scales(planes.scales);
    pack_rows(format, file.data(), all, columns, values.data(), scales.data());
    TOKENMARK_TRY(m.values_, DeviceArray<std::byte>::of(gpu, values));
    TOKENMARK_TRY(m.scales_, DeviceArray<std::byte>::of(gpu, scales));
    m.matrix_ = {m.values_.get(), planes.scales > 0 ? m.scales_.get() : nullptr, static_cast<std::uint32_t>(packed_format(format)), depth,
                 rows, columns, planes.row_pitch, planes.scale_pitch};
    return m;
  }
  const Matrix& matrix() const { return matrix_; }
  const std::vector<float>& floats() const { return floats_; }   // what the bits stand for, [depth][rows][columns]

 private:
  std::vector<float> floats_;
  DeviceArray<std::byte> values_, scales_;
  Matrix matrix_;
};

// Every format that kernels read.
inline constexpr Format kKernelFormats[] = {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::fp8};

}  // namespace tokenmark::gpu
