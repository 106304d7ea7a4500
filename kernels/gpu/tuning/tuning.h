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
};

// One measured choice: for rows up to `up_to_rows`, more than the next smaller entry's.
struct TunedProduct {
  std::string device;
  std::uint32_t format = 0, up_to_rows = 0, matrix_rows = 0, columns = 0;
  ProductChoice choice;
};
// Rows that a block takes of an expert's.
struct TunedGroups {
  std::string device;
  std::uint32_t format = 0, up_to_rows = 0, experts = 0, used = 0;
  std::uint32_t rows_a_block = 0;
};
struct TuningTable {
  std::vector<TunedProduct> products;
  std::vector<TunedGroups> groups;
};

// The table's entry if there is one that this machine can launch, else the rule's.
ProductChoice choose_product(const TuningTable& table, const Machine& machine, const ProductShape& shape);

// Rows of one matrix that a block takes when `rows` rows choose `used` of `experts` matrices each: those of the items that
// choose_grouped is asked about. `formats` has a bit for each tm_format of these matrices.
std::uint32_t choose_group_rows(const TuningTable& table, const Machine& machine, std::uint64_t formats, std::uint32_t rows, std::uint32_t experts,
                                std::uint32_t used);
// The kernel for items of up to shape.rows rows, which choose_group_rows gave.
ProductChoice choose_grouped(const TuningTable& table, const Machine& machine, const ProductShape& shape);

std::uint32_t shared_bytes(const ProductChoice& choice, const ProductShape& shape, const Machine& machine);

// Tiles of sums at most that blocks which share columns hand to each other, of any product.
std::uint32_t most_partial_tiles(const Machine& machine);

}  // namespace tokenmark::gpu
