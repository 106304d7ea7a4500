#include "kernels/gpu/tuning/tuning.h"

#include <algorithm>

#include "kernels/gpu/products_arguments.h"

namespace tokenmark::gpu {
namespace {

std::uint32_t up_to(std::uint32_t n, std::uint32_t multiple) { return (n + multiple - 1) / multiple * multiple; }
std::uint32_t parts(std::uint32_t n, std::uint32_t size) { return (n + size - 1) / size; }

constexpr std::uint32_t kGemvRows = 8;  // of a block
// Up to which gemv.h multiplies: matrices in f32, which routers are, keep their precision for longer (gemm.h has BF16).
std::uint32_t most_gemv_rows(std::uint32_t format) { return format == 0 ? kExactRows : kGemvRows; }
constexpr std::uint32_t kTilesAUnit = 2;

// Measured, and the rule's choice kept: then the rule is asked, which knows the very number of rows.
bool keeps_rule(const Times& times) { return times.rule_s > 0 && times.chosen_s >= times.rule_s; }

std::uint32_t tiles_of(const ProductShape& shape, std::uint32_t tile_rows) {
  return parts(shape.matrix_rows, tile_weights(tile_rows)) * parts(shape.rows, tile_rows);
}

// Whole rows of x if as many blocks as are to run side by side find room, else as much of them as does.
ProductChoice gemv_choice(const Machine& m, const ProductShape& shape) {
  ProductChoice choice{.gemv = true, .rows_a_block = 1};
  while (choice.rows_a_block < std::min(shape.rows, kGemvRows)) choice.rows_a_block *= 2;
  const auto side_by_side = static_cast<std::uint32_t>(gemv_blocks(static_cast<int>(choice.rows_a_block)));
  choice.chunk = up_to(shape.columns, 256);
  while (choice.chunk > 256 && gemv_shared_bytes(shape.format, choice.rows_a_block, choice.chunk) > m.shared_bytes / side_by_side)
    choice.chunk = up_to(choice.chunk / 2, 256);

  const std::uint32_t warps = kGemvThreads / m.wave, pairs = parts(shape.matrix_rows, 2);
  const std::uint32_t all_warps = m.compute_units * side_by_side * warps;
  const std::uint32_t pieces = parts(shape.columns, 128 / value_bits(shape.format));
  while (choice.split < warps && pairs * shape.groups * choice.split * 2 <= all_warps && pieces >= choice.split * 2 * m.wave) choice.split *= 2;
  const std::uint32_t at_once = parts(pairs, warps / choice.split);
  // Rows that do not fit are brought in anew for every pair of a block: one pair a block then.
  choice.blocks = choice.chunk < shape.columns ? at_once : std::min(at_once, m.compute_units * side_by_side);
  return choice;
}

ProductChoice gemm_choice(const Machine& m, const ProductShape& shape) {
  ProductChoice choice{.rows_a_block = kTileRows[0]};
  for (const std::uint32_t rows : kTileRows)
    if (choice.rows_a_block < shape.rows && gemm_shared_bytes(shape.format, m.wave, rows) <= m.shared_bytes) choice.rows_a_block = rows;
  if (shape.groups > 1) return choice;
  const std::uint32_t tiles = tiles_of(shape, choice.rows_a_block), steps = parts(shape.columns, kTileColumns);
  while (tiles * choice.split * 2 <= m.compute_units * kTilesAUnit && steps >= choice.split * 2 * 4) choice.split *= 2;
  return choice;
}

ProductChoice choice_by_rule(const Machine& m, const ProductShape& shape) {
  return shape.rows <= most_gemv_rows(shape.format) ? gemv_choice(m, shape) : gemm_choice(m, shape);
}

// A tile of any of the formats fits.
bool can_group(const Machine& m, std::uint64_t formats, std::uint32_t rows) {
  if (rows <= kGemvRows) return rows == 1 || rows == 2 || rows == 4 || rows == 8;
  for (std::uint32_t format = 0; format < 64; ++format)
    if ((formats >> format & 1) && gemm_shared_bytes(format, m.wave, rows) > m.shared_bytes) return false;
  return std::find(std::begin(kTileRows), std::end(kTileRows), rows) != std::end(kTileRows);
}

bool can_launch(const ProductChoice& choice, const ProductShape& shape, const Machine& m) {
  if (shared_bytes(choice, shape, m) > m.shared_bytes || choice.split == 0) return false;
  if (choice.gemv) {
    const std::uint32_t warps = kGemvThreads / m.wave;
    return choice.blocks > 0 && choice.chunk > 0 && choice.chunk % 256 == 0 && choice.split <= warps && warps % choice.split == 0 &&
           (choice.rows_a_block == 1 || choice.rows_a_block == 2 || choice.rows_a_block == 4 || choice.rows_a_block == 8);
  }
  if (shape.format == 0 && shape.rows <= kExactRows) return false;
  const bool known = std::find(std::begin(kTileRows), std::end(kTileRows), choice.rows_a_block) != std::end(kTileRows);
  return known && (choice.split == 1 || (shape.groups == 1 && tiles_of(shape, choice.rows_a_block) * choice.split <= most_partial_tiles(m)));
}

}  // namespace

std::uint32_t shared_bytes(const ProductChoice& choice, const ProductShape& shape, const Machine& machine) {
  return choice.gemv ? gemv_shared_bytes(shape.format, choice.rows_a_block, choice.chunk)
                     : gemm_shared_bytes(shape.format, machine.wave, choice.rows_a_block);
}

std::uint32_t most_partial_tiles(const Machine& machine) { return machine.compute_units * kTilesAUnit; }

ProductChoice choose_product(const TuningTable& table, const Machine& machine, const ProductShape& shape) {
  const TunedProduct* best = nullptr;
  for (const TunedProduct& entry : table.products)
    if (entry.device == machine.name && entry.format == shape.format && entry.matrix_rows == shape.matrix_rows &&
        entry.columns == shape.columns && entry.groups == shape.groups && shape.rows <= entry.up_to_rows && (!best || entry.up_to_rows < best->up_to_rows) &&
        can_launch(entry.choice, shape, machine))
      best = &entry;
  return best && !keeps_rule(best->times) ? best->choice : choice_by_rule(machine, shape);
}

std::uint32_t choose_group_rows(const TuningTable& table, const Machine& machine, std::uint64_t formats, std::uint32_t rows, std::uint32_t experts,
                                std::uint32_t used, std::uint32_t width) {
  const TunedGroups* best = nullptr;
  for (const TunedGroups& entry : table.groups)
    if (entry.device == machine.name && (formats >> entry.format & 1) && entry.experts == experts && entry.used == used && entry.width == width &&
        rows <= entry.up_to_rows && (!best || entry.up_to_rows < best->up_to_rows) && can_group(machine, formats, entry.rows_a_block))
      best = &entry;
  if (best && !keeps_rule(best->times)) return best->rows_a_block;
  // Twice what an expert has on average: few have more, and theirs are read a second time.
  const std::uint32_t wanted = std::min(rows, std::max(1u, static_cast<std::uint32_t>(2ull * rows * used / experts)));
  std::uint32_t chosen = 1;
  for (const std::uint32_t n : {2u, 4u, 8u, 16u, 32u, 64u, 128u})
    if (chosen < wanted && can_group(machine, formats, n)) chosen = n;
  return chosen;
}

std::uint32_t tuned_parts(const TuningTable& table, const Machine& machine, const AttentionShape& shape) {
  const TunedAttention* best = nullptr;
  for (const TunedAttention& entry : table.attention) {
    const AttentionShape& e = entry.shape;
    if (entry.device == machine.name && e.format == shape.format && e.heads == shape.heads && e.kv_heads == shape.kv_heads && e.key_dim == shape.key_dim &&
        e.value_dim == shape.value_dim && shape.tiles <= e.tiles && (!best || e.tiles < best->shape.tiles))
      best = &entry;
  }
  return best && !keeps_rule(best->times) ? best->parts : 0;
}

std::vector<ProductChoice> neighbours(const ProductChoice& best, const ProductChoice& by_rule, const ProductShape& shape, const Machine& machine) {
  std::vector<ProductChoice> all;
  const auto add = [&](auto&& change) {
    ProductChoice choice = best;
    change(choice);
    if (choice != best && choice != by_rule && can_launch(choice, shape, machine) && std::find(all.begin(), all.end(), choice) == all.end()) all.push_back(choice);
  };
  for (const bool more : {true, false}) add([&](ProductChoice& c) { c.split = more ? c.split * 2 : c.split / 2; });
  for (const bool more : {true, false}) add([&](ProductChoice& c) { c.rows_a_block = more ? c.rows_a_block * 2 : c.rows_a_block / 2; });
  if (!best.gemv) return all;
  const std::uint32_t pairs = parts(shape.matrix_rows, 2);
  for (const std::uint32_t a_unit : {1u, 2u, 3u, 4u, 6u, 8u})
    add([&](ProductChoice& c) { c.blocks = std::min(machine.compute_units * a_unit, parts(pairs, kGemvThreads / machine.wave / c.split)); });
  add([&](ProductChoice& c) { c.chunk = up_to(c.chunk / 2, 256); });
  return all;
}

std::vector<ProductChoice> other_kinds(const ProductChoice& by_rule, const ProductShape& shape, const Machine& machine) {
  const ProductChoice other = by_rule.gemv ? gemm_choice(machine, shape) : gemv_choice(machine, shape);
  if ((other.gemv && shape.rows > 2 * kGemvRows) || !can_launch(other, shape, machine)) return {};
  return {other};
}

std::vector<std::uint32_t> possible_group_rows(const Machine& machine, std::uint64_t formats) {
  std::vector<std::uint32_t> all;
  for (const std::uint32_t n : {1u, 2u, 4u, 8u, 16u, 32u, 64u, 128u})
    if (can_group(machine, formats, n)) all.push_back(n);
  return all;
}

ProductChoice choose_grouped(const TuningTable& table, const Machine& machine, const ProductShape& shape) {
  const ProductChoice choice = choose_product(table, machine, shape);
  if (choice.rows_a_block == shape.rows) return choice;
  return shape.rows <= kGemvRows ? gemv_choice(machine, shape) : gemm_choice(machine, shape);
}

}  // namespace tokenmark::gpu
