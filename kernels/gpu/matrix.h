// A weight matrix as it lies in a GPU's memory: `depth` matrices of `rows` by `columns`, one after another. Values and
// scales are apart, so that both are read in aligned pieces of 16 bytes; the bits are those of the format's blocks
// (kernels/formats/format.h). Plain structs, shared by kernels and host.
//
//   format            values, a row after the other                       scales, [row][block], a row after the other
//   f32 f16 bf16      as they are                                          none
//   q8_0 (32)         signed bytes                                         half
//   q4_0 (32)         16 bytes a block as in BlockQ4_0                      half
//   mxfp4 (32)        16 bytes a block as in BlockMxfp4, without −0         E8M0 byte
//   fp8 (128)         E4M3 bytes, without −0 and NaN                       float, NaN where a value was
// Rows begin at multiples of 16 bytes in both planes (row_pitch, scale_pitch).
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

struct Matrix {
  const void* values = nullptr;   // null: there is none
  const void* scales = nullptr;
  std::uint32_t format = 0;       // tm_format
  std::uint32_t depth = 1;
  std::uint32_t rows = 0, columns = 0;
  std::uint64_t row_pitch = 0, scale_pitch = 0;  // bytes
};

}  // namespace tokenmark::gpu
