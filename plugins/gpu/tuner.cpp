#include "plugins/gpu/tuner.h"

#include <algorithm>
#include <random>

#include "plugins/executor/model_check.h"
#include "plugins/gpu/tuning_cells.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint64_t kColdBytes = 512ull << 20;            // more than any cache of a GPU holds
constexpr std::size_t kPieceBytes = (1 << 20) + 16 * 331;     // no multiple of a row, so that rows differ

// Sound numbers, not many of them alike, whatever format they are read in: BF16, F16 and high halves of F32 below 2, E4M3 and
// E8M0 that are no NaN, nibbles that are not E2M1's −0.
std::vector<std::byte> random_piece() {
  std::vector<std::byte> piece(kPieceBytes);
  std::mt19937 random(1);
  for (std::size_t i = 0; i < piece.size(); i += 2) {
    const std::uint32_t word = 0x3900u | (random() & 0x8677u);
    piece[i] = static_cast<std::byte>(word & 0xff);
    piece[i + 1] = static_cast<std::byte>(word >> 8);
  }
  return piece;
}

// The host brings one piece, the device doubles it.
Status fill_random(Gpu& gpu, const DeviceArray<std::byte>& memory) {
  const std::vector<std::byte> piece = random_piece();
  std::size_t done = std::min(piece.size(), memory.bytes());
  TOKENMARK_CHECK(gpu.copy_in(memory.get(), piece.data(), done));
  for (; done < memory.bytes(); done *= 2) TOKENMARK_CHECK(gpu.copy(memory.get() + done, memory.get(), std::min(done, memory.bytes() - done)));
  return gpu.wait();
}

ProductSizes sizes_for(const std::vector<ProductUse>& uses, const tm_executor_options& options) {
  ProductSizes sizes{options.max_step_tokens, 0};
  for (const ProductUse& use : uses)
    sizes.prepared_values = std::max(sizes.prepared_values, std::uint64_t{(use.weights[0].columns + 7) / 8 * 8} * use.weights[0].depth);
  return sizes;
}

// Weights of any use, several times where they are small; at most half of the memory that is free.
Result<std::uint64_t> random_bytes(Gpu& gpu, const std::vector<ProductUse>& uses, const Experts* experts) {
  TOKENMARK_TRY(const std::uint64_t free, gpu.free_memory());
  std::uint64_t all = 0, largest = 0;
  for (const ProductUse& use : uses) {
    all += use.bytes();
    largest = std::max(largest, use.bytes());
  }
  if (experts && experts_bytes(*experts) <= free / 2) largest = std::max(largest, experts_bytes(*experts));
  return std::min(std::max(largest, std::min(kColdBytes, 8 * all)), free / 2);
}

}  // namespace

TuningHead tuning_head(const GpuFacts& facts) { return {facts.name, facts.architecture, facts.driver, kernel_sources()}; }

std::uint64_t matrix_bytes(const Matrix& m) {
  const auto aligned = [](std::uint64_t bytes) { return (bytes + 255) / 256 * 256; };
  const std::uint64_t rows = std::uint64_t{m.depth} * m.rows;
  return aligned(rows * m.row_pitch) + aligned(rows * m.scale_pitch);
}

Matrix TuningScene::place(Matrix m, std::uint32_t i, std::uint64_t bytes_of_all, std::uint64_t before) const {
  const std::uint64_t copies = std::max<std::uint64_t>(random.bytes() / bytes_of_all, 1);
  const std::byte* begin = random.get() + i % copies * bytes_of_all + before;
  m.values = begin;
  m.scales = m.scale_pitch > 0 ? begin + matrix_bytes(m) - (std::uint64_t{m.depth} * m.rows * m.scale_pitch + 255) / 256 * 256 : nullptr;
  return m;
}

Result<Tuned> tune(Gpu& gpu, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options, const TuningRequest& request) {
  TOKENMARK_CHECK(executor::check_all(model, source, options));
  TOKENMARK_TRY(const Weights shapes, weight_shapes(model, source));
  const std::vector<ProductUse> uses = product_uses(shapes, options);
  TOKENMARK_TRY(const std::uint64_t bytes, random_bytes(gpu, uses, experts_of(shapes)));
  TOKENMARK_TRY(Products products, Products::make(gpu, sizes_for(uses, options), {}));
  TOKENMARK_TRY(auto random, DeviceArray<std::byte>::make(gpu, bytes));
  TOKENMARK_CHECK(fill_random(gpu, random));
  TuningScene scene{gpu, model, options, shapes, std::move(products), Stopwatch(gpu), {}, std::move(random)};

  std::vector<TuningCell> cells = product_cells(uses);
  for (auto& more : {expert_cells(scene), attention_cells(scene)}) cells.insert(cells.end(), more.begin(), more.end());
  std::stable_sort(cells.begin(), cells.end(), [](const TuningCell& a, const TuningCell& b) { return a.rows < b.rows; });
  const double begin_s = request.now();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (request.now() - begin_s > request.seconds) {
      scene.tuned.left_out += static_cast<std::uint32_t>(cells.size() - i);
      break;
    }
    if (request.progress) TOKENMARK_CHECK(request.progress(static_cast<double>(i) / static_cast<double>(cells.size()), cells[i].what));
    TOKENMARK_CHECK(cells[i].measure(scene));
  }
  TOKENMARK_CHECK(gpu.wait());
  return std::move(scene.tuned);
}

}  // namespace tokenmark::gpu
