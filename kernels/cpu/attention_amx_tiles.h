// AMX's eight tiles as attention uses them (Tiles, amx_tiles.h): sums 0 to 3, rows of queries or weights in 4 and 5, keys
// or values in 6 and 7. A block of queries has 1 to 4 tiles of 16 rows; its sums are then 4, 2, 1 or 1 tiles across. The
// more rows, the fewer columns have to come from the second-level cache, whose speed else is the limit.
#pragma once

#include <cstddef>
#include <utility>

#include "kernels/cpu/amx_tiles.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kTileBytes = 1024;
constexpr std::uint32_t kMostRowTiles = 4;

constexpr int tiles_across(int row_tiles) {
  return row_tiles > 2 ? 1 : 4 / row_tiles;
}

// The compiler's own intrinsics want the tiles' numbers as literals. None of these names memory: before_tile_loads()
// makes the compiler finish its stores.
template <int kTile>
[[gnu::always_inline]] inline void load_tile(const void* at, std::size_t stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(at), "r"(stride), "i"(kTile));
}
template <int kTile>
[[gnu::always_inline]] inline void store_tile(void* at, std::size_t stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(at), "r"(stride), "i"(kTile) : "memory");
}
template <int kSums, int kRows, int kColumns>
[[gnu::always_inline]] inline void multiply_tile() {
  asm volatile("tdpbf16ps %%tmm%c0, %%tmm%c1, %%tmm%c2" : : "i"(kColumns), "i"(kRows), "i"(kSums));
}

// work(0) … work(kN - 1), the numbers known to the compiler.
template <int kN, class Work>
[[gnu::always_inline]] inline void unrolled(Work work) {
  [&]<int... kI>(std::integer_sequence<int, kI...>) __attribute__((always_inline)) {
    (work(std::integral_constant<int, kI>{}), ...);
  }(std::make_integer_sequence<int, kN>{});
}

[[gnu::always_inline]] inline void zero_tiles() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

// work(tile, row tile, column tile) for all of a block's sums.
template <int kRows, int kAcross, class Work>
[[gnu::always_inline]] inline void each_sum(Work work) {
  unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
    unrolled<kAcross>([&](auto i) __attribute__((always_inline)) {
      work(std::integral_constant<int, r * kAcross + i>{}, r, i);
    });
  });
}

// Sums of a block at `at`, rows `stride` floats apart.
template <int kRows, int kAcross>
[[gnu::always_inline]] inline void load_tiles(const float* at, std::size_t stride) {
  each_sum<kRows, kAcross>([&](auto tile, int r, int i) __attribute__((always_inline)) {
    load_tile<tile>(at + 16 * r * stride + 16 * i, stride * sizeof(float));
  });
}
template <int kRows, int kAcross>
[[gnu::always_inline]] inline void store_tiles(float* at, std::size_t stride) {
  each_sum<kRows, kAcross>([&](auto tile, int r, int i) __attribute__((always_inline)) {
    store_tile<tile>(at + 16 * r * stride + 16 * i, stride * sizeof(float));
  });
}

// sums += rows x columns over 32: rows lie `stride` bytes apart, columns' tiles `column_stride`.
template <int kRows, int kAcross>
[[gnu::always_inline]] inline void multiply_tiles(const std::byte* rows, std::size_t stride, const std::byte* columns,
                                                  std::size_t column_stride) {
  unrolled<kAcross>([&](auto i) __attribute__((always_inline)) {
    load_tile<6 + i % 2>(columns + i * column_stride, 64);
    unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
      if constexpr (i == 0 || kRows > 2) load_tile<4 + r % 2>(rows + 16 * r * stride, stride);
      multiply_tile<r * kAcross + i, 4 + r % 2, 6 + i % 2>();
    });
  });
}

// The same for two columns in two steps.
template <int kRows>
[[gnu::always_inline]] inline void load_operands(const std::byte* rows, std::size_t stride, const std::byte* columns,
                                                 std::size_t column_stride) {
  load_tile<4>(rows, stride);
  load_tile<6>(columns, 64);
  if constexpr (kRows == 2) load_tile<5>(rows + 16 * stride, stride);
  load_tile<7>(columns + column_stride, 64);
}
template <int kRows>
[[gnu::always_inline]] inline void multiply_operands() {
  each_sum<kRows, 2>([](auto tile, auto r, auto i) __attribute__((always_inline)) { multiply_tile<tile, 4 + r, 6 + i>(); });
}

}  // namespace
}  // namespace tokenmark::cpu
