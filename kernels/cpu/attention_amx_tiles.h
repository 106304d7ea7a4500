// AMX's eight tiles as attention uses them: sums 0 to 3, rows of queries or weights in 4 and 5, keys or values in 6 and
// 7. A block of queries has 1 or 2 tiles of 16 rows; its sums then are 4 or 2 tiles across.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kTileBytes = 1024;

// Configures the calling thread's tiles while it lives.
class AttentionTiles {
 public:
  // `rows` of a lone tile of queries; 16 where there are more.
  explicit AttentionTiles(std::uint32_t rows) {
    struct alignas(64) {
      std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {};
      std::uint8_t rows[16] = {};
    } config;
    for (int tile = 0; tile < 8; ++tile) {
      config.row_bytes[tile] = 64;
      config.rows[tile] = static_cast<std::uint8_t>(tile < 6 ? rows : 16);
    }
    asm volatile("" : : "r"(&config) : "memory");  // the intrinsic says that it reads eight bytes
    _tile_loadconfig(&config);
  }
  AttentionTiles(const AttentionTiles&) = delete;
  ~AttentionTiles() { _tile_release(); }
};

// Makes the compiler finish its stores: the tiles' loads are assembly that names no memory.
inline void tiles_see_memory() {
  asm volatile("" ::: "memory");
}

inline void zero_tiles() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

// Sums of a block at `at`, rows `stride` floats apart, `across` tiles of 16 columns.
template <int kRows>
[[gnu::always_inline]] inline void load_tiles(const float* at, std::size_t stride, std::uint32_t across) {
  const std::size_t bytes = stride * sizeof(float);
  const float* next = kRows == 1 ? at + 16 : at + 16 * stride;
  _tile_loadd(0, at, bytes);
  if constexpr (kRows == 2) {
    _tile_loadd(2, next, bytes);
    if (across > 1) {
      _tile_loadd(1, at + 16, bytes);
      _tile_loadd(3, next + 16, bytes);
    }
  } else {
    if (across > 1) _tile_loadd(1, at + 16, bytes);
    if (across > 2) _tile_loadd(2, at + 32, bytes);
    if (across > 3) _tile_loadd(3, at + 48, bytes);
  }
}

template <int kRows>
[[gnu::always_inline]] inline void store_tiles(float* at, std::size_t stride, std::uint32_t across) {
  const std::size_t bytes = stride * sizeof(float);
  float* next = kRows == 1 ? at + 16 : at + 16 * stride;
  _tile_stored(0, at, bytes);
  if constexpr (kRows == 2) {
    if (across > 1) _tile_stored(1, at + 16, bytes);
    _tile_stored(2, next, bytes);
    if (across > 1) _tile_stored(3, next + 16, bytes);
  } else {
    if (across > 1) _tile_stored(1, at + 16, bytes);
    if (across > 2) _tile_stored(2, at + 32, bytes);
    if (across > 3) _tile_stored(3, at + 48, bytes);
  }
}

// sums += rows x columns over `steps` of 32: rows lie `stride` bytes apart, a column's tiles one after another.
template <int kRows>
[[gnu::always_inline]] inline void multiply_tiles(const std::byte* rows, std::size_t stride,
                                                  const std::byte* const* columns, std::uint32_t across,
                                                  std::uint32_t steps) {
  if constexpr (kRows == 2)
    if (across > 1) {
      const std::byte *first = columns[0], *second = columns[1], *below = rows + 16 * stride;
      for (std::uint32_t s = 0; s < steps; ++s, rows += 64, below += 64, first += kTileBytes, second += kTileBytes) {
        _tile_loadd(4, rows, stride);
        _tile_loadd(5, below, stride);
        _tile_loadd(6, first, 64);
        _tile_loadd(7, second, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
      return;
    }
  for (std::uint32_t s = 0; s < steps; ++s, rows += 64) {
    const std::size_t at = std::size_t{s} * kTileBytes;
    _tile_loadd(6, columns[0] + at, 64);
    _tile_loadd(4, rows, stride);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kRows == 2) {
      _tile_loadd(5, rows + 16 * stride, stride);
      _tile_dpbf16ps(2, 5, 6);
      continue;
    }
    if (across > 1) {
      _tile_loadd(7, columns[1] + at, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (across > 2) {
      _tile_loadd(6, columns[2] + at, 64);
      _tile_dpbf16ps(2, 4, 6);
    }
    if (across > 3) {
      _tile_loadd(7, columns[3] + at, 64);
      _tile_dpbf16ps(3, 4, 7);
    }
  }
}

}  // namespace
}  // namespace tokenmark::cpu
