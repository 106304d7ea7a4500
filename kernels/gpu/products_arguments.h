// What the kernels of matrix products take: rows of x times one to three matrices, gemv.h for a few rows and gemm.h for
// more. Shared by kernels and the host that launches them (plugins/gpu/products.h).
#pragma once

#include "kernels/gpu/attention_arguments.h"
#include "kernels/gpu/matrix.h"

namespace tokenmark::gpu {

// Rows that matrices are multiplied with: floats, with an RMSNorm in front where `norm` is not null, or BF16.
struct ProductInput {
  const float* floats = nullptr;           // [..][pitch], or null
  const std::uint16_t* bf16 = nullptr;     // [..][pitch]
  std::uint64_t pitch = 0;                 // values from row to row
  const float* norm = nullptr;             // [columns]: x / rms(x) · norm takes the place of x
  float epsilon = 0;                       // under the root of rms
  const std::int32_t* row_list = nullptr;  // on the device: which rows, in order, or null: 0, 1, 2 …; −1: a row of zeros
  std::uint64_t depth_stride = 0;          // values from one matrix' rows to the next one's (heads)
};

// A matrix, and out[row · pitch + r] = its row r times row `row` of x (+ bias[r]). Bias: [depth][rows] or null.
struct ProductOutput {
  Matrix weight;
  const float* bias = nullptr;
  float* out = nullptr;
  std::uint64_t pitch = 0;
};

enum class Epilogue : std::uint32_t {
  store,    // out = product
  add,      // out += product
  activate  // hidden = BF16(activation(first, second))
};

// Rows [first, first + rows) of x are multiplied with the matrix of number `matrix` of a kind.
struct WorkItem {
  std::uint32_t matrix = 0, first = 0, rows = 0;
};

struct ProductArguments {
  ProductInput in;
  std::uint32_t rows = 0, columns = 0;  // of x
  ProductOutput parts[3];               // all of one format; activate: the gate's and the up's, of as many rows
  std::uint32_t n_parts = 0;
  Epilogue epilogue = Epilogue::store;
  std::uint32_t activation = 0;         // tm_activation
  float limit = 0;
  std::uint16_t* hidden = nullptr;      // [rows][hidden_pitch]
  std::uint64_t hidden_pitch = 0;
  std::uint64_t out_depth_stride = 0;   // values from one matrix' results to the next one's (heads)
  const WorkItem* items = nullptr;      // block y takes item y, or null: rows are cut into groups, block z takes matrix z
  const std::uint32_t* n_items = nullptr;
  std::uint32_t split = 1;              // gemv: warps that share a pair of rows; gemm: blocks that share a tile's columns
  std::uint32_t chunk = 0;              // gemv: columns of x in shared memory at a time, a multiple of 256
  float* partial = nullptr;             // gemm with split > 1: [tiles][split] tiles of sums
  std::uint32_t* arrived = nullptr;     // [tiles], 0 before and after
  // gemv: the parts are a layer's keys, values and queries, and whoever makes the last value of a head does with it what
  // store_heads does; `heads` is its argument then. [groups of rows][key heads, value heads, heads], 0 before and after; or null.
  std::uint32_t* heads_arrived = nullptr;
  StoreHeadsArguments heads;
};

// Tiles of gemm.h: rows of the matrix by rows of x.
constexpr std::uint32_t kTileRows[] = {16, 32, 64, 128};
constexpr std::uint32_t tile_weights(std::uint32_t tile_rows) { return tile_rows < 64 ? 64 : 128; }
constexpr std::uint32_t tile_threads(std::uint32_t tile_rows) { return tile_rows < 64 ? 128 : 256; }
constexpr std::uint32_t kTileColumns = 64;  // of one step along the columns
// Steps whose tiles are on their way or being multiplied. Without copies in the background two are enough.
constexpr std::uint32_t tile_stages(std::uint32_t wave, std::uint32_t tile_rows) { return wave == 64 ? 2 : tile_rows == 128 ? 3 : 4; }

// How many bits a value takes in the values' plane; 0: no kernel reads this format.
constexpr std::uint32_t value_bits(std::uint32_t format) {
  return format == 0 ? 32 : format == 1 || format == 30 ? 16 : format == 8 || format == 56 ? 8 : format == 2 || format == 39 ? 4 : 0;
}
constexpr bool is_bf16(std::uint32_t format) { return format == 30; }
constexpr bool is_integer(std::uint32_t format) { return format == 8 || format == 2 || format == 39; }  // gemv.h multiplies integers

// Shared memory of a tile's block: the steps under way (BF16: both tiles; else what the matrix' file has, and two tiles that
// it is brought to BF16 in), or the sums, whichever is more.
constexpr std::uint32_t gemm_shared_bytes(std::uint32_t format, std::uint32_t wave, std::uint32_t tile_rows) {
  const std::uint32_t stages = tile_stages(wave, tile_rows), weights = tile_weights(tile_rows);
  const std::uint32_t x = tile_rows * kTileColumns * 2, w = weights * kTileColumns * 2, raw = weights * kTileColumns * value_bits(format) / 8;
  const std::uint32_t steps = is_bf16(format) ? stages * (x + w) : stages * (x + raw) + 2 * w, sums = tile_rows * weights * 4;
  return steps > sums ? steps : sums;
}

// Rows of x as gemv.h keeps them: a multiple of 256 columns; f32 matrices: floats; BF16, or 16-bit integers with a scale and
// a sum for each 32.
constexpr std::uint32_t gemv_row_bytes(std::uint32_t format, std::uint32_t chunk) {
  return format == 0 ? chunk * 4 : is_integer(format) ? chunk * 2 + chunk / 32 * 8 : chunk * 2;
}
constexpr std::uint32_t kGemvThreads = 256;
// Blocks that are to fit a multiprocessor at a time: sums of more rows take more registers.
constexpr int gemv_blocks(int rows) { return rows == 1 ? 3 : 2; }
constexpr std::uint32_t gemv_shared_bytes(std::uint32_t format, std::uint32_t rows, std::uint32_t chunk) {
  return rows * gemv_row_bytes(format, chunk) + (rows * 4 + 15) / 16 * 16 + kGemvThreads / 32 * 2 * rows * 4 + 64;
}

// BF16 rows of floats, with the norm where there is one; rows and matrices as in a product.
struct PrepareArguments {
  ProductInput in;
  std::uint32_t columns = 0;
  std::uint16_t* out = nullptr;         // [rows][out_pitch]
  std::uint64_t out_pitch = 0, out_depth_stride = 0;
};  // a block for each row (x) and matrix (y)

}  // namespace tokenmark::gpu
