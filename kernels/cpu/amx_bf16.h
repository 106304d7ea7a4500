// Products of BF16 tiles: a panel's weights lie tile after tile (packed_floats.h), inputs token by token.
#pragma once

#include "kernels/cpu/amx_tiles.h"

namespace tokenmark::cpu {
namespace {

// What comes into the second-level cache while tiles are multiplied: of each place a cache line a step, `step_bytes` after
// the last one. Few of them: each keeps one of the core's 16 or so buffers, which the tiles need too.
class FetchAhead {
 public:
  explicit FetchAhead(std::uint64_t step_bytes) : step_bytes_(step_bytes) {}
  // `count` places, `stride` bytes apart.
  void add(const std::byte* from, std::uint64_t stride, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count && count_ < kMost; ++i) places_[count_++] = from + i * stride;
  }
  // Where the sums will go: two rows a step.
  void add_sums(const float* out, std::uint64_t stride) { out_ = out, out_stride_ = stride; }

  [[gnu::always_inline]] void fetch(std::uint64_t step) const {
    for (int i = 0; i < count_; ++i) __builtin_prefetch(places_[i] + step_bytes_ * step, 0, 2);
    if (out_ == nullptr || step >= kTileTokensAmx) return;
    for (std::uint64_t row = 2 * step; row < 2 * step + 2; ++row) {
      __builtin_prefetch(out_ + row * out_stride_, 1, 2);
      __builtin_prefetch(out_ + row * out_stride_ + kPanelRows, 1, 2);
    }
  }

 private:
  static constexpr int kMost = 32;
  std::uint64_t step_bytes_;
  const std::byte* places_[kMost];
  int count_ = 0;
  const float* out_ = nullptr;
  std::uint64_t out_stride_ = 0;
};

// sums 2 a + b += inputs a x weights b over `steps` of 32 columns of BF16. kInputs and kPanels: tiles of each. Weights are
// loaded past the first-level cache, where the inputs shall stay.
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void bf16_steps(const std::byte* x, std::uint64_t x_stride, const std::byte* first_panel,
                                              const std::byte* second_panel, std::uint64_t steps, const FetchAhead& ahead) {
  const std::byte* second_x = x + kTileTokensAmx * x_stride;
  for (std::uint64_t s = 0; s < steps; ++s) {
    ahead.fetch(s);
    _tile_stream_loadd(6, first_panel + 1024 * s, 64);
    _tile_loadd(4, x + 64 * s, x_stride);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kPanels == 2) {
      _tile_stream_loadd(7, second_panel + 1024 * s, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kInputs == 2) {
      _tile_loadd(5, second_x + 64 * s, x_stride);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (kPanels == 2) _tile_dpbf16ps(3, 5, 7);
    }
  }
}

// The sums to or from `out` [token][row], row b of the second panel 16 floats further on.
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void store_sums(float* out, std::uint64_t out_stride) {
  float* second = out + kTileTokensAmx * out_stride;
  _tile_stored(0, out, out_stride * sizeof(float));
  if constexpr (kPanels == 2) _tile_stored(1, out + 16, out_stride * sizeof(float));
  if constexpr (kInputs == 2) _tile_stored(2, second, out_stride * sizeof(float));
  if constexpr (kInputs == 2 && kPanels == 2) _tile_stored(3, second + 16, out_stride * sizeof(float));
}
template <int kInputs, int kPanels>
[[gnu::always_inline]] inline void load_sums(const float* out, std::uint64_t out_stride) {
  const float* second = out + kTileTokensAmx * out_stride;
  _tile_loadd(0, out, out_stride * sizeof(float));
  if constexpr (kPanels == 2) _tile_loadd(1, out + 16, out_stride * sizeof(float));
  if constexpr (kInputs == 2) _tile_loadd(2, second, out_stride * sizeof(float));
  if constexpr (kInputs == 2 && kPanels == 2) _tile_loadd(3, second + 16, out_stride * sizeof(float));
}
void zero_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

// Two panels' tiles of the same columns; the second may be missing.
struct PanelPair {
  const std::byte *first, *second;
  int panels;
};

struct Sums {
  const float* from;  // null: zeros
  float* to;
  std::uint64_t from_stride, to_stride;
};

// The sums of up to 32 tokens and of up to two panels over `steps`.
template <int kInputs, int kPanels>
void bf16_tile(const std::byte* x, std::uint64_t x_stride, const PanelPair& pair, std::uint64_t steps,
               const FetchAhead& ahead, const Sums& sums) {
  before_tile_loads();
  if (sums.from == nullptr) {
    zero_sums();
  } else {
    load_sums<kInputs, kPanels>(sums.from, sums.from_stride);
  }
  bf16_steps<kInputs, kPanels>(x, x_stride, pair.first, pair.second, steps, ahead);
  store_sums<kInputs, kPanels>(sums.to, sums.to_stride);
}

void bf16_pair(const std::byte* x, std::uint64_t x_stride, std::uint64_t tokens, const PanelPair& pair,
               std::uint64_t steps, const FetchAhead& ahead, const Sums& sums) {
  const auto tile = [&]<int kInputs, int kPanels>() {
    bf16_tile<kInputs, kPanels>(x, x_stride, pair, steps, ahead, sums);
  };
  if (tokens > kTileTokensAmx)
    pair.panels == 2 ? tile.template operator()<2, 2>() : tile.template operator()<2, 1>();
  else
    pair.panels == 2 ? tile.template operator()<1, 2>() : tile.template operator()<1, 1>();
}

// --- All tokens with some panels ---

constexpr std::uint64_t kBf16Group = 2 * kTileTokensAmx, kBf16Pair = 2 * kPanelRows;

struct Bf16Product {
  const std::byte* inputs;  // tokens of BF16
  std::uint64_t token_bytes, columns, rows, tokens;
  float* out;
  std::uint64_t out_stride;
};

// Some columns of panels that lie `stride` bytes apart. `next`: where they are weights in memory, the next pair of panels.
struct PanelBlock {
  const std::byte* panels;
  std::uint64_t stride, row, end, begin, columns;  // rows [row, end), columns from `begin` on
  const std::byte* next = nullptr;
};

struct alignas(64) GroupSums {
  float values[kBf16Group][kBf16Pair];
};

void copy_rows(const float* from, std::uint64_t from_stride, std::uint64_t tokens, std::uint64_t rows, float* to,
               std::uint64_t to_stride) {
  for (std::uint64_t t = 0; t < tokens; ++t) std::memcpy(to + t * to_stride, from + t * from_stride, rows * sizeof(float));
}

// What comes beside the product of group `g`, the steps from `s` on and the block's pair `i`: a share of the next weights, or
// of the inputs of the next group, the first one's after the last.
FetchAhead fetch_beside(const Bf16Product& p, const PanelBlock& block, std::uint64_t g, std::uint64_t s, std::uint64_t i,
                        std::uint64_t pairs) {
  const std::uint64_t groups = (p.tokens + kBf16Group - 1) / kBf16Group, steps = block.columns / 32;
  FetchAhead ahead(groups == 1 ? 1024 : 64);
  if (groups == 1 && block.next != nullptr) {  // these weights, two steps on
    const std::byte* first = block.panels + 2 * i * block.stride + 1024 * (s + 2);
    ahead.add(first, 64, 16);
    ahead.add(first + block.stride, 64, 16);
  } else if (block.next != nullptr) {  // while all groups go by
    for (std::uint64_t b = 32 * g / groups; b < 32 * (g + 1) / groups; ++b)
      ahead.add(block.next + b / 16 * block.stride + (b % 16 * steps + s) * 64, 0, 1);
  } else if (groups > 1) {
    const std::uint64_t t = g + 1 < groups ? (g + 1) * kBf16Group : 0;
    const std::uint64_t tokens = p.tokens - t < kBf16Group ? p.tokens - t : kBf16Group, share = i * tokens / pairs;
    ahead.add(p.inputs + (t + share) * p.token_bytes + 2 * block.begin + 64 * s, p.token_bytes, (i + 1) * tokens / pairs - share);
  }
  return ahead;
}

// `steps_at_once`: of which a group's inputs stay in the first-level cache while the block's panels go by; the sums
// meanwhile wait in `waiting`, of each pair of panels. So do those of a pair whose last panel is short.
void multiply_block(Tiles& tiles, const Bf16Product& p, const PanelBlock& block, std::uint64_t steps_at_once,
                    GroupSums* waiting) {
  const std::uint64_t pairs = (block.end - block.row + kBf16Pair - 1) / kBf16Pair;
  const std::uint64_t groups = (p.tokens + kBf16Group - 1) / kBf16Group, steps = block.columns / 32;
  for (std::uint64_t g = 0; g < groups; ++g) {
    const std::uint64_t t = g * kBf16Group, tokens = p.tokens - t < kBf16Group ? p.tokens - t : kBf16Group;
    const std::uint64_t in_first = tokens < kTileTokensAmx ? tokens : kTileTokensAmx;
    tiles.shape(in_first, tokens - in_first);
    const std::byte* x = p.inputs + t * p.token_bytes + 2 * block.begin;
    for (std::uint64_t s = 0; s < steps; s += steps_at_once)
      for (std::uint64_t i = 0; i < pairs; ++i) {
        const std::uint64_t row = block.row + i * kBf16Pair, rows = block.end - row < kBf16Pair ? block.end - row : kBf16Pair;
        const std::uint64_t count = steps - s < steps_at_once ? steps - s : steps_at_once;
        const bool starts = s == 0, ends = s + count == steps, whole = rows % kPanelRows == 0;
        const std::byte* first = block.panels + 2 * i * block.stride + 1024 * s;
        FetchAhead ahead = fetch_beside(p, block, g, s, i, pairs);
        float* out = p.out + t * p.out_stride + row;
        float* own = waiting[i].values[0];
        Sums sums{own, own, kBf16Pair, kBf16Pair};
        if (starts && block.begin == 0) sums.from = nullptr;
        else if (starts && whole) sums.from = out, sums.from_stride = p.out_stride;
        else if (starts) copy_rows(out, p.out_stride, tokens, rows, own, kBf16Pair);
        if (ends && whole) {
          sums.to = out, sums.to_stride = p.out_stride;
          if (tokens == kBf16Group && rows == kBf16Pair) ahead.add_sums(out, p.out_stride);
        }
        bf16_pair(x + 64 * s, p.token_bytes, tokens, {first, first + block.stride, rows > kPanelRows ? 2 : 1}, count, ahead, sums);
        if (ends && !whole) copy_rows(own, kBf16Pair, tokens, rows, out, p.out_stride);
      }
  }
}

// --- Weights that are BF16 tiles already, and those of other formats, unpacked to BF16 on the way ---

// Two vectors of floats as BF16 in the low and the high halves; ties away from zero.
inline __m512i pair_bf16(__m512 low, __m512 high) {
  const __m512i half = _mm512_set1_epi32(0x8000), upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const __m512i first = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(low), half), 16);
  const __m512i second = _mm512_add_epi32(_mm512_castps_si512(high), half);
  return _mm512_ternarylogic_epi32(second, upper, first, 0xea);  // (second & upper) | first
}

// So many unpacked panels stay in the second-level cache while all tokens go by.
constexpr std::uint64_t kBf16Panels = 16, kBf16Columns = 2048, kBf16Steps = 16;

struct alignas(64) Bf16Scratch {
  GroupSums sums[kBf16Panels / 2];
  std::byte panels[kBf16Panels][kBf16Columns / 32][1024];  // tile after tile
};

// unpack(panel, begin, columns, tiles) writes `columns` columns of a panel from `begin` on, a multiple of kBf16Columns.
// Columns are whole tiles of 32.
template <class Unpack>
void multiply_unpacked(const Bf16Product& p, Bf16Scratch& scratch, const Unpack& unpack) {
  Tiles tiles;
  const std::uint64_t rows_at_once = p.tokens <= kBf16Group ? kBf16Pair : kBf16Panels * kPanelRows;
  for (std::uint64_t r = 0; r < p.rows; r += rows_at_once)
    for (std::uint64_t begin = 0; begin < p.columns; begin += kBf16Columns) {
      const std::uint64_t columns = p.columns - begin < kBf16Columns ? p.columns - begin : kBf16Columns;
      const std::uint64_t end = p.rows - r < rows_at_once ? p.rows : r + rows_at_once;
      for (std::uint64_t at = r; at < end; at += kPanelRows)
        unpack(at / kPanelRows, begin, columns, scratch.panels[(at - r) / kPanelRows]);
      const std::uint64_t steps_at_once = p.tokens <= kBf16Group ? columns / 32 : kBf16Steps;
      multiply_block(tiles, p, {scratch.panels[0][0], sizeof(scratch.panels[0]), r, end, begin, columns}, steps_at_once,
                     scratch.sums);
    }
}

}  // namespace
}  // namespace tokenmark::cpu
