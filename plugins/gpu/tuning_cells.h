// The parts of tuner.cpp: what there is to measure, a cell for each choice. A cell's `measure` adds one entry to the table.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "plugins/gpu/products.h"
#include "plugins/gpu/stopwatch.h"
#include "plugins/gpu/tuner.h"
#include "plugins/gpu/weights.h"

namespace tokenmark::gpu {

// What the cells of a run share. Outlives them.
struct TuningScene {
  Gpu& gpu;
  const tm_model& model;
  const tm_executor_options& options;
  Weights shapes;              // without pointers
  Products products;
  Stopwatch stopwatch;
  Tuned tuned;
  DeviceArray<std::byte> random;  // of which weights and rows of x are made; any bits are sound numbers in every format

  // The i-th of as many of `m` as find room in `random`, `before` bytes from their begin used by others.
  Matrix place(Matrix m, std::uint32_t i, std::uint64_t bytes_of_all, std::uint64_t before) const;
};

struct TuningCell {
  std::string what;            // "q4_0 6144 x 4096, 8 rows"
  std::uint32_t rows = 0;      // few rows are measured first
  std::function<Status(TuningScene&)> measure;
};

// Rows up to which a choice holds.
inline constexpr std::uint32_t kTunedRows[] = {1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048};

std::uint64_t matrix_bytes(const Matrix& m);  // values and scales, each aligned to 256

struct ProductUse {
  std::vector<Matrix> weights;   // of one format, multiplied together; a depth of more than 1: heads with rows of their own
  Epilogue epilogue = Epilogue::store;
  enum class Input { normed, floats, bf16 } input = Input::normed;
  std::uint32_t most_rows = 0;

  std::uint64_t bytes() const;
  ProductShape shape(std::uint32_t rows) const;
};
// All that a step multiplies but for experts, each shape once.
std::vector<ProductUse> product_uses(const Weights& shapes, const tm_executor_options& options);
std::vector<TuningCell> product_cells(const std::vector<ProductUse>& uses);

// Of the first layer with experts; none: nothing.
const Experts* experts_of(const Weights& shapes);
std::uint64_t experts_bytes(const Experts& experts);
std::vector<TuningCell> expert_cells(const TuningScene& scene);

std::vector<TuningCell> attention_cells(const TuningScene& scene);

}  // namespace tokenmark::gpu
