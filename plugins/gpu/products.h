// Matrix products of the forward pass on a GPU: chooses a kernel for each (kernels/gpu/tuning) and launches it. Owned by an
// executor, used from its thread; everything is asynchronous on the Gpu's stream, allocates nothing and waits for nothing,
// and may be captured. Pointers are to device memory. A matrix' columns are those of the rows it is multiplied with; errors
// name what does not fit. Sums are in float; few rows of x become integers of 16 bits against q8_0, q4_0 and mxfp4, floats
// against f32 and BF16 against the others, many rows become BF16.
#pragma once

#include <span>

#include "kernels/gpu/products_arguments.h"
#include "kernels/gpu/tuning/tuning.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// hidden[row · pitch + r] = BF16(activation(gate · x, up · x)); both matrices of one format.
struct ActivatedOutput {
  Matrix gate, up;
  const float* gate_bias = nullptr;  // [depth][rows] or null
  const float* up_bias = nullptr;
  std::uint32_t activation = 0;      // tm_activation
  float limit = 0;
  std::uint16_t* hidden = nullptr;
  std::uint64_t pitch = 0;
};

struct ProductSizes {
  std::uint32_t max_rows = 0;        // of any product
  std::uint64_t prepared_values = 0;  // a row of x has at most, those of all heads together
  std::uint32_t heads = 0;            // of a layer's keys, values and queries, for project_heads
};

class Products {
 public:
  // `table` may be empty.
  static Result<Products> make(Gpu& gpu, const ProductSizes& sizes, TuningTable table);
  // Device memory that it takes.
  static std::uint64_t bytes(const GpuFacts& facts, const ProductSizes& sizes);

  // Up to three matrices with the same rows (q, k and v).
  Status project(const ProductInput& in, std::uint32_t rows, std::span<const ProductOutput> outs);
  // A layer's keys, values and queries, and in the same launch what the kernel store_heads does with them (`heads`): true. Only
  // where they are of one format and rows few enough; else nothing is done: false.
  Result<bool> project_heads(const ProductInput& in, std::uint32_t rows, std::span<const ProductOutput, 3> keys_values_queries, const StoreHeadsArguments& heads);
  Status project_activated(const ProductInput& in, std::uint32_t rows, const ActivatedOutput& out);
  // residual[row][r] += row r of w · row of x (+ bias); residual is [rows][w.rows].
  Status add_product(const ProductInput& in, std::uint32_t rows, const Matrix& w, const float* bias, float* residual);
  // For each head, a matrix of w's depth: rows of x of its own at in.depth_stride, results at out_depth_stride.
  Status multiply_heads(const ProductInput& in, std::uint32_t rows, const Matrix& w, float* out, std::uint64_t out_pitch, std::uint64_t out_depth_stride);

  // Rows as BF16 (values up to columns; [rows][out_pitch]), normed where there is a norm.
  Status prepare(const ProductInput& in, std::uint32_t rows, std::uint32_t columns, std::uint16_t* out, std::uint64_t out_pitch,
                 std::uint32_t depth = 1, std::uint64_t out_depth_stride = 0);

  // The matrices of some groups of rows, by a list of items on the device (arguments.items), of at most `max_items` with up to
  // `rows_a_block` rows, by choose_group_rows. The rows are BF16.
  Status launch_grouped(ProductArguments arguments, std::uint32_t rows_a_block, std::uint32_t max_items);

  const Machine& machine() const { return machine_; }
  const TuningTable& table() const { return table_; }
  void use(TuningTable table) { table_ = std::move(table); }
  Gpu& gpu() const { return *gpu_; }

 private:
  Status launch_product(ProductArguments arguments, std::uint32_t depth);
  Status launch_gemv(ProductArguments& arguments, const ProductShape& shape, const ProductChoice& choice, std::uint32_t groups, std::uint32_t depth);
  Status launch_gemm(ProductArguments& arguments, const ProductShape& shape, const ProductChoice& choice, std::uint32_t groups, std::uint32_t depth);

  Gpu* gpu_ = nullptr;
  Machine machine_;
  ProductSizes sizes_;
  TuningTable table_;
  DeviceArray<std::uint16_t> prepared_;
  DeviceArray<float> partial_;
  DeviceArray<std::uint32_t> arrived_, heads_arrived_;
};

}  // namespace tokenmark::gpu
