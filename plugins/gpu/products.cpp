#include "plugins/gpu/products.h"

#include <algorithm>

#include "kernels/formats/format.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint32_t kMostHeadGroups = kExactRows / 8;  // groups of rows whose heads are counted at a time
constexpr std::uint32_t kTileSums = 128 * 128;  // of the largest tile

std::uint32_t parts(std::uint32_t n, std::uint32_t size) { return (n + size - 1) / size; }
std::uint64_t to_eight(std::uint64_t n) { return (n + 7) / 8 * 8; }

Machine machine_of(const GpuFacts& facts) { return {facts.name, facts.wave, facts.compute_units, facts.shared_bytes}; }

std::string kernel_name(const char* kind, std::uint32_t format, std::uint32_t rows) {
  return fmt::format("{}_{}_{}", kind, format_name(static_cast<Format>(format)), rows);
}

Status check_matrix(const Matrix& m, std::uint32_t columns, std::uint32_t format) {
  if (!m.values || value_bits(m.format) == 0)
    return fail(ErrorKind::invalid_input, "a product's matrix of {} by {} has format {}, which no kernel multiplies", m.rows, m.columns, m.format);
  if (m.columns != columns)
    return fail(ErrorKind::invalid_input, "a product's matrix has {} columns, another one of the same rows {}", m.columns, columns);
  if (m.format != format)
    return fail(ErrorKind::invalid_input, "gate and up have the formats {} and {}: bring both to one", format, m.format);
  return {};
}

// All rows of the matrices, as tiles of `size` of one matrix each.
std::uint32_t count_tiles(const ProductArguments& a, std::uint32_t size) {
  if (a.epilogue == Epilogue::activate) return parts(a.parts[0].weight.rows, size / 2);
  std::uint32_t tiles = 0;
  for (std::uint32_t p = 0; p < a.n_parts; ++p) tiles += parts(a.parts[p].weight.rows, size);
  return tiles;
}

ProductShape shape_of(const ProductArguments& a, std::uint32_t groups) {
  ProductShape shape{a.parts[0].weight.format, a.rows, 0, a.columns, groups};
  for (std::uint32_t p = 0; p < a.n_parts; ++p) shape.matrix_rows += a.parts[p].weight.rows;
  return shape;
}

ProductArguments arguments_of(const ProductInput& in, std::uint32_t rows, std::uint32_t columns) {
  ProductArguments a;
  a.in = in;
  a.rows = rows;
  a.columns = columns;
  return a;
}

}  // namespace

std::uint64_t Products::bytes(const GpuFacts& facts, const ProductSizes& sizes) {
  const std::uint64_t tiles = most_partial_tiles(machine_of(facts));
  return sizes.max_rows * to_eight(sizes.prepared_values) * 2 + tiles * (kTileSums * sizeof(float) + sizeof(std::uint32_t)) +
         std::uint64_t{kMostHeadGroups} * sizes.heads * sizeof(std::uint32_t);
}

Result<Products> Products::make(Gpu& gpu, const ProductSizes& sizes, TuningTable table) {
  Products p;
  p.gpu_ = &gpu;
  p.machine_ = machine_of(gpu.facts());
  p.sizes_ = sizes;
  p.table_ = std::move(table);
  const std::size_t tiles = most_partial_tiles(p.machine_);
  TOKENMARK_TRY(p.prepared_, DeviceArray<std::uint16_t>::make(gpu, sizes.max_rows * to_eight(sizes.prepared_values)));
  TOKENMARK_TRY(p.partial_, DeviceArray<float>::make(gpu, tiles * kTileSums));
  TOKENMARK_TRY(p.arrived_, DeviceArray<std::uint32_t>::make(gpu, tiles));
  TOKENMARK_TRY(p.heads_arrived_, DeviceArray<std::uint32_t>::make(gpu, std::size_t{kMostHeadGroups} * sizes.heads));
  TOKENMARK_CHECK(gpu.fill(p.arrived_.get(), 0, p.arrived_.bytes()));
  TOKENMARK_CHECK(gpu.fill(p.heads_arrived_.get(), 0, p.heads_arrived_.bytes()));
  return p;
}

Status Products::project(const ProductInput& in, std::uint32_t rows, std::span<const ProductOutput> outs) {
  // Matrices of one format go together.
  for (std::size_t begin = 0, end = 0; begin < outs.size(); begin = end) {
    const Matrix& first = outs[begin].weight;
    ProductArguments a = arguments_of(in, rows, first.columns);
    while (end < outs.size() && outs[end].weight.format == first.format && a.n_parts < std::size(a.parts)) a.parts[a.n_parts++] = outs[end++];
    for (std::uint32_t p = 0; p < a.n_parts; ++p) TOKENMARK_CHECK(check_matrix(a.parts[p].weight, first.columns, first.format));
    TOKENMARK_CHECK(launch_product(a, 1));
  }
  return {};
}

Result<bool> Products::project_heads(const ProductInput& in, std::uint32_t rows, std::span<const ProductOutput, 3> outs, const StoreHeadsArguments& heads) {
  ProductArguments a = arguments_of(in, rows, outs[0].weight.columns);
  a.n_parts = 3;
  for (std::uint32_t p = 0; p < 3; ++p) {
    if (outs[p].weight.format != outs[0].weight.format) return false;
    TOKENMARK_CHECK(check_matrix(outs[p].weight, a.columns, outs[0].weight.format));
    a.parts[p] = outs[p];
  }
  const Cache& cache = heads.cache;
  const std::uint32_t sizes[] = {cache.kv_heads * cache.key_dim, cache.kv_heads * cache.value_dim, heads.heads * cache.key_dim};
  for (std::uint32_t p = 0; p < 3; ++p)
    if (outs[p].weight.rows != sizes[p])
      return fail(ErrorKind::invalid_input, "a product of heads has {} rows, where the heads have {} values", outs[p].weight.rows, sizes[p]);
  const ProductShape shape = shape_of(a, 1);
  const ProductChoice choice = choose_product(table_, machine_, shape);
  const std::uint32_t groups = rows > 0 && choice.rows_a_block > 0 ? parts(rows, choice.rows_a_block) : 0;
  const bool all_tokens = !heads.rows.tokens && heads.rows.count == rows && heads.step.n_tokens == rows;
  if (!choice.gemv || !all_tokens || groups == 0 || groups > kMostHeadGroups || 2 * cache.kv_heads + heads.heads > sizes_.heads) return false;
  a.heads = heads;
  a.heads_arrived = heads_arrived_.get();
  TOKENMARK_CHECK(launch_gemv(a, shape, choice, groups, 1));
  return true;
}

Status Products::project_activated(const ProductInput& in, std::uint32_t rows, const ActivatedOutput& out) {
  ProductArguments a = arguments_of(in, rows, out.gate.columns);
  a.parts[0] = {out.gate, out.gate_bias};
  a.parts[1] = {out.up, out.up_bias};
  a.n_parts = 2;
  a.epilogue = Epilogue::activate;
  a.activation = out.activation;
  a.limit = out.limit;
  a.hidden = out.hidden;
  a.hidden_pitch = out.pitch;
  for (const auto& part : {a.parts[0], a.parts[1]}) TOKENMARK_CHECK(check_matrix(part.weight, out.gate.columns, out.gate.format));
  if (out.up.rows != out.gate.rows)
    return fail(ErrorKind::invalid_input, "gate has {} rows and up {}: they must have as many", out.gate.rows, out.up.rows);
  return launch_product(a, 1);
}

Status Products::add_product(const ProductInput& in, std::uint32_t rows, const Matrix& w, const float* bias, float* residual) {
  ProductArguments a = arguments_of(in, rows, w.columns);
  a.parts[0] = {w, bias, residual, w.rows};
  a.n_parts = 1;
  a.epilogue = Epilogue::add;
  TOKENMARK_CHECK(check_matrix(w, w.columns, w.format));
  return launch_product(a, 1);
}

Status Products::multiply_heads(const ProductInput& in, std::uint32_t rows, const Matrix& w, float* out, std::uint64_t out_pitch, std::uint64_t out_depth_stride) {
  ProductArguments a = arguments_of(in, rows, w.columns);
  a.parts[0] = {w, nullptr, out, out_pitch};
  a.n_parts = 1;
  a.out_depth_stride = out_depth_stride;
  TOKENMARK_CHECK(check_matrix(w, w.columns, w.format));
  return launch_product(a, w.depth);
}

Status Products::prepare(const ProductInput& in, std::uint32_t rows, std::uint32_t columns, std::uint16_t* out, std::uint64_t out_pitch,
                         std::uint32_t depth, std::uint64_t out_depth_stride) {
  return launch(*gpu_, "prepare_rows", {rows, depth}, 64, PrepareArguments{in, columns, out, out_pitch, out_depth_stride});
}

Status Products::launch_product(ProductArguments a, std::uint32_t depth) {
  if (a.rows == 0) return {};
  const ProductShape shape = shape_of(a, depth);
  const ProductChoice choice = choose_product(table_, machine_, shape);
  const std::uint32_t groups = parts(a.rows, choice.rows_a_block);
  if (choice.gemv) return launch_gemv(a, shape, choice, groups, depth);
  if (a.in.floats) {
    const std::uint64_t pitch = to_eight(a.columns);
    if (a.rows > sizes_.max_rows || pitch * depth > to_eight(sizes_.prepared_values))
      return fail(ErrorKind::internal, "a product of {} rows of {} values was not planned for: room is for {} of {}", a.rows, pitch * depth, sizes_.max_rows, sizes_.prepared_values);
    TOKENMARK_CHECK(prepare(a.in, a.rows, a.columns, prepared_.get(), pitch * depth, depth, pitch));
    a.in = {.bf16 = prepared_.get(), .pitch = pitch * depth, .depth_stride = pitch};
  }
  return launch_gemm(a, shape, choice, groups, depth);
}

Status Products::launch_gemv(ProductArguments& a, const ProductShape& shape, const ProductChoice& choice, std::uint32_t groups, std::uint32_t depth) {
  a.split = choice.split;
  a.chunk = choice.chunk;
  return launch(*gpu_, kernel_name("gemv", shape.format, choice.rows_a_block), {choice.blocks, groups, depth}, shared_bytes(choice, shape, machine_), a);
}

Status Products::launch_gemm(ProductArguments& a, const ProductShape& shape, const ProductChoice& choice, std::uint32_t groups, std::uint32_t depth) {
  a.split = 1;
  const std::uint32_t tiles = count_tiles(a, tile_weights(choice.rows_a_block));
  if (depth == 1 && !a.items && tiles * groups * choice.split <= most_partial_tiles(machine_)) a.split = choice.split;
  a.partial = partial_.get();
  a.arrived = arrived_.get();
  return launch(*gpu_, kernel_name("gemm", shape.format, choice.rows_a_block), {tiles, groups, a.split > 1 ? a.split : depth}, shared_bytes(choice, shape, machine_), a);
}

Status Products::launch_grouped(ProductArguments a, std::uint32_t rows_a_block, std::uint32_t max_items) {
  for (std::uint32_t p = 0; p < a.n_parts; ++p) TOKENMARK_CHECK(check_matrix(a.parts[p].weight, a.columns, a.parts[0].weight.format));
  ProductShape shape = shape_of(a, max_items);
  shape.rows = rows_a_block;
  const ProductChoice choice = choose_grouped(table_, machine_, shape);
  if (choice.rows_a_block != rows_a_block)
    return fail(ErrorKind::internal, "groups of {} rows are to be multiplied, which is no kernel's number", rows_a_block);
  return choice.gemv ? launch_gemv(a, shape, choice, max_items, 1) : launch_gemm(a, shape, choice, max_items, 1);
}

}  // namespace tokenmark::gpu
