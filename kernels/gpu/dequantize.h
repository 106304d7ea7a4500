// Eight neighbouring values of a weight matrix as floats (matrix.h), for kernels that need no more speed than that.
#pragma once

#include "kernels/gpu/device.h"
#include "kernels/gpu/matrix.h"
#include "kernels/gpu/numbers.h"

namespace TM_GPU_NAMESPACE {

enum class WeightFormat : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8, bf16 = 30, mxfp4 = 39, fp8 = 56 };  // tm_format

// Values column … column + 7 of a row of the `which`-th matrix; column a multiple of 8. Columns beyond the matrix's are the
// caller's not to ask for.
TM_DEVICE void load8(const Matrix& m, std::uint32_t which, std::uint32_t row, std::uint32_t column, float* out) {
  const std::uint64_t r = std::uint64_t{which} * m.rows + row;
  const auto* values = static_cast<const std::uint8_t*>(m.values) + r * m.row_pitch;
  const auto* scales = static_cast<const std::uint8_t*>(m.scales) + r * m.scale_pitch;
  switch (static_cast<WeightFormat>(m.format)) {
    case WeightFormat::f32:
      for (int i = 0; i < 8; ++i) out[i] = reinterpret_cast<const float*>(values)[column + i];
      return;
    case WeightFormat::f16:
      for (int i = 0; i < 8; ++i) out[i] = to_float_half(reinterpret_cast<const std::uint16_t*>(values)[column + i]);
      return;
    case WeightFormat::bf16:
      for (int i = 0; i < 8; ++i) out[i] = from_bf16(reinterpret_cast<const std::uint16_t*>(values)[column + i]);
      return;
    case WeightFormat::q8_0: {
      const float d = to_float_half(reinterpret_cast<const std::uint16_t*>(scales)[column / 32]);
      for (int i = 0; i < 8; ++i) out[i] = d * static_cast<float>(static_cast<std::int8_t>(values[column + i]));
      return;
    }
    case WeightFormat::q4_0: {
      const float d = to_float_half(reinterpret_cast<const std::uint16_t*>(scales)[column / 32]);
      const std::uint8_t* bytes = values + column / 32 * 16 + column % 16;
      for (int i = 0; i < 8; ++i) out[i] = d * (static_cast<float>(bytes[i] >> (column % 32 / 16 * 4) & 15) - 8);
      return;
    }
    case WeightFormat::mxfp4: {
      const float d = from_e8m0(scales[column / 32]);
      const std::uint8_t* bytes = values + column / 32 * 16 + column % 16;
      for (int i = 0; i < 8; ++i) out[i] = d * from_e2m1(bytes[i] >> (column % 32 / 16 * 4));
      return;
    }
    case WeightFormat::fp8: {
      const float d = reinterpret_cast<const float*>(scales)[column / 128];
      for (int i = 0; i < 8; ++i) out[i] = d * from_e4m3(values[column + i]);
      return;
    }
  }
}

}  // namespace TM_GPU_NAMESPACE
