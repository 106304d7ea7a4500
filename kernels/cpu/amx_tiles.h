// AMX: the shapes of tiles that all formats share. Tiles are a thread's own; each
// product configures them and releases them at its end, so that no other code pays for saving them.
//
// A tile of inputs has up to 16 tokens by 64 bytes of columns, a tile of weights 64 bytes of columns by the 16 rows of a
// panel. Two of each make four tiles of 16 x 16 sums: tile 2 * a + b of inputs a and weights b.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint64_t kTileTokensAmx = 16;

// GCC 12's intrinsics do not say that they read memory: without this, what was stored before may not be there yet.
inline void before_tile_loads() { asm volatile("" : : : "memory"); }

struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

// Sums 0 to 3, inputs 4 and 5 with as many rows as tokens, weights 6 and 7.
class Tiles {
 public:
  Tiles() = default;
  Tiles(const Tiles&) = delete;
  ~Tiles() { _tile_release(); }

  // Two tiles of inputs with so many tokens, the second perhaps none, by so many bytes of columns. Leaves all tiles as
  // they are if the tokens do not change.
  void shape(std::uint64_t first_tokens, std::uint64_t second_tokens, std::uint64_t column_bytes = 64) {
    if (first_tokens == first_ && second_tokens == second_) return;
    first_ = first_tokens, second_ = second_tokens;
    TileConfig config;
    const auto set = [&](int tile, std::uint64_t rows, std::uint64_t row_bytes) {
      config.row_bytes[tile] = static_cast<std::uint16_t>(row_bytes);
      config.rows[tile] = static_cast<std::uint8_t>(rows != 0 ? rows : 1);
    };
    for (int i = 0; i < 2; ++i) {
      const std::uint64_t tokens = i == 0 ? first_tokens : second_tokens;
      set(2 * i, tokens, 64);
      set(2 * i + 1, tokens, 64);
      set(4 + i, tokens, column_bytes);
      set(6 + i, column_bytes / 4, 64);
    }
    const TileConfig* loaded = &config;
    asm volatile("" : "+r"(loaded) : : "memory");
    _tile_loadconfig(loaded);
  }

 private:
  std::uint64_t first_ = 0, second_ = 0;
};

}  // namespace
}  // namespace tokenmark::cpu
