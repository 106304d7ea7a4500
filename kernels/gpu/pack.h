// Brings weight matrices from a model file's blocks into the planes that the GPU's kernels read (matrix.h). Host code; pure
// functions, any thread. Formats that no kernel reads become BF16.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/formats/format.h"
#include "kernels/gpu/matrix.h"

namespace tokenmark::gpu {

// The format that a matrix of `format` has on the GPU.
Format packed_format(Format format);

// Bytes of the two planes of depth · rows rows; pitches are multiples of 16. `columns` is a multiple of the format's block.
struct Planes {
  std::uint64_t row_pitch = 0, scale_pitch = 0;
  std::uint64_t values = 0, scales = 0;
};
Planes planes_of(Format format, std::uint64_t rows, std::uint64_t columns);

// `count` rows in the file's layout to their places in the planes. Padding is 0.
void pack_rows(Format format, const void* rows, std::uint64_t count, std::uint64_t columns, std::byte* values, std::byte* scales);

}  // namespace tokenmark::gpu
