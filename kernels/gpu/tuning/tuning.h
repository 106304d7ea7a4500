// Which kernel a matrix product takes, and how it is cut: from a table that was measured on a device, else by a rule that
// fills the device. Host code; pure functions, any thread. Every choice goes through choose_product.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tokenmark::gpu {

// Up to so many rows f32 matrices are multiplied in float.
inline constexpr std::uint32_t kExactRows = 64;

struct Machine {
  std::string name;  // "NVIDIA H200"
  std::uint32_t wave = 0, compute_units = 0;
  std::uint32_t shared_bytes = 0;  // a block may have at most
};

struct ProductShape {
  std::uint32_t format = 0;       // tm_format
  std::uint32_t rows = 0;         // of x
  std::uint32_t matrix_rows = 0;  // of all matrices together
  std::uint32_t columns = 0;
  std::uint32_t groups = 1;       // matrices that are multiplied with rows of their own (experts, heads)
};

struct ProductChoice {
  bool gemv = false;               // gemv.h, else gemm.h
  std::uint32_t rows_a_block = 0;  // gemv: 1, 2, 4 or 8; gemm: one of kTileRows
  std::uint32_t blocks = 0;        // gemv: that take the matrix' rows in turn
  std::uint32_t split = 1;         // gemv: warps that share a pair of rows, a power of two; gemm: blocks that share the columns
  std::uint32_t chunk = 0;         // gemv: columns of x in shared memory at a time
  bool operator==(const ProductChoice&) const = default;
};

// Attention of sequences that decode: one row each, or a few.
struct AttentionShape {
  std::uint32_t format = 0;       // of the cache
  std::uint32_t tiles = 0;        // of rows, of all sequences
  std::uint32_t heads = 0, kv_heads = 0, key_dim = 0, value_dim = 0;
};

// What was measured: as chosen, and by the rule where that was slower.
struct Times {
  double chosen_s = 0, rule_s = 0;
};

// One measured choice: for rows up to `up_to_rows`, more than the next smaller entry's.
struct TunedProduct {
  std::string device;
  std::uint32_t format = 0, up_to_rows = 0, matrix_rows = 0, columns = 0;
  ProductChoice choice;
  std::uint32_t groups = 1;
  Times times;
};
// Rows that a block takes of an expert's.
struct TunedGroups {
  std::string device;
  std::uint32_t format = 0, up_to_rows = 0, experts = 0, used = 0;
  std::uint32_t rows_a_block = 0;
  std::uint32_t width = 0;  // columns of the gate's matrices
  Times times;
};
// Parts that the keys of a tile are cut into.
struct TunedAttention {
  std::string device;
  AttentionShape shape;  // `tiles`: up to so many
  std::uint32_t parts = 0;
  Times times;
};
struct TuningTable {
  std::vector<TunedProduct> products;
  std::vector<TunedGroups> groups;
  std::vector<TunedAttention> attention;
};

// The table's entry if there is one that this machine can launch, else the rule's.
ProductChoice choose_product(const TuningTable& table, const Machine& machine, const ProductShape& shape);

// Rows of one matrix that a block takes when `rows` rows choose `used` of `experts` matrices each: those of the items that
// choose_grouped is asked about. `formats` has a bit for each tm_format of these matrices.
std::uint32_t choose_group_rows(const TuningTable& table, const Machine& machine, std::uint64_t formats, std::uint32_t rows, std::uint32_t experts,
                                std::uint32_t used, std::uint32_t width);
// The kernel for items of up to shape.rows rows, which choose_group_rows gave.
ProductChoice choose_grouped(const TuningTable& table, const Machine& machine, const ProductShape& shape);

// 0: the table has none.
std::uint32_t tuned_parts(const TuningTable& table, const Machine& machine, const AttentionShape& shape);

// What is worth measuring beside the rule's choice `by_rule`, given the best one so far: choices that differ from that in one
// thing and can be launched.
std::vector<ProductChoice> neighbours(const ProductChoice& best, const ProductChoice& by_rule, const ProductShape& shape, const Machine& machine);
// The other kind of kernel than `by_rule`'s, cut by its own rule; nothing where it is no choice.
std::vector<ProductChoice> other_kinds(const ProductChoice& by_rule, const ProductShape& shape, const Machine& machine);
std::vector<std::uint32_t> possible_group_rows(const Machine& machine, std::uint64_t formats);

std::uint32_t shared_bytes(const ProductChoice& choice, const ProductShape& shape, const Machine& machine);

// Tiles of sums at most that blocks which share columns hand to each other, of any product.
std::uint32_t most_partial_tiles(const Machine& machine);

}  // namespace tokenmark::gpu
