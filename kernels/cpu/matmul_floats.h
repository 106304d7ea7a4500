// Matrix products of weights in the float formats, packed as packed_floats.h says. A step takes the weights of a few
// columns of a panel and 4 bytes of each token's prepared input for each vector's worth of them: here a float, so one
// column; elsewhere a pair of BF16 (matmul_bf16.h). Every sum is made in the order of columns, block by block, whatever
// the number of tokens: a token's results do not depend on the others.
#pragma once

#include <cstring>

#include "kernels/cpu/packed_floats.h"
#include "kernels/cpu/rows.h"

namespace tokenmark::cpu {
namespace {

constexpr int kVectors = static_cast<int>(kPanelRows) / Vector::kLanes;  // of one column of a panel

struct WeightsF32 {
  using Value = float;
  static Vector load(const Value* p, int n = Vector::kLanes) { return Vector::load(p, n); }
};
struct WeightsF16 {
  using Value = std::uint16_t;
  static Vector load(const Value* p, int n = Vector::kLanes) { return Vector::load_half(p, n); }
};

// Weights times an input of floats.
struct FloatInput {
  static Vector multiply_add(Vector weights, const std::byte* x, Vector sum) {
    float value;
    std::memcpy(&value, x, sizeof(value));
    return Vector::fma(weights, Vector::all(value), sum);
  }
};

// kColumns: of a step; kParts: inputs of 4 bytes that they meet. kBlockColumns: of which a sum is made in registers, small
// enough that two panels' block stays in the first-level cache; kScaleBytes: before each block.
template <class Weights, std::uint64_t kBlock>
struct ColumnStep : FloatInput {
  using Value = typename Weights::Value;
  static constexpr int kParts = 1;
  static constexpr std::uint64_t kColumns = 1, kBlockColumns = kBlock, kScaleBytes = 0;
  static constexpr std::uint64_t kBytes = kPanelRows * sizeof(Value);
  static void load(const std::byte* at, int, Vector (&weights)[kVectors]) {
    for (int v = 0; v < kVectors; ++v) weights[v] = Weights::load(reinterpret_cast<const Value*>(at) + v * Vector::kLanes);
  }
};
using StepF32 = ColumnStep<WeightsF32, 256>;
using StepF16 = ColumnStep<WeightsF16, 512>;

struct StepBf16 : FloatInput {
  static constexpr int kParts = 2;
  static constexpr std::uint64_t kColumns = 2, kBlockColumns = 512, kScaleBytes = 0, kBytes = 64;
  static void load(const std::byte* at, int part, Vector (&weights)[kVectors]) {
    for (int v = 0; v < kVectors; ++v) {
      Vector columns[2];
      Vector::load_bf16_pairs(reinterpret_cast<const std::uint16_t*>(at) + 2 * v * Vector::kLanes, columns[0], columns[1]);
      weights[v] = columns[part];
    }
  }
};

struct StepFp8 : FloatInput {
  static constexpr int kParts = 1;
  static constexpr std::uint64_t kColumns = 1, kBlockColumns = kFp8Columns, kScaleBytes = kFp8Scales;
  static constexpr std::uint64_t kBytes = kPanelRows;
  static constexpr float kScale = 256;
  // An E4M3 whose exponent is moved down by one bit is a half, 2^8 too small.
  static void load(const std::byte* at, int, Vector (&weights)[kVectors]) {
    std::uint16_t halves[kPanelRows];
    for (std::uint64_t r = 0; r < kPanelRows; ++r) {
      const auto high = static_cast<std::int16_t>(static_cast<std::uint16_t>(at[r]) << 8);
      halves[r] = static_cast<std::uint16_t>(high >> 1 & 0xbf80);
    }
    for (int v = 0; v < kVectors; ++v) weights[v] = Vector::load_half(halves + v * Vector::kLanes);
  }
};

// before + sum, the sum times what stands before the block's values where there are scales. An explicit fma: the
// compiler makes its own out of a product and a sum in some instantiations and not in others.
template <class Step>
Vector add_block([[maybe_unused]] const std::byte* block, [[maybe_unused]] int v, Vector sum, Vector before) {
  if constexpr (Step::kScaleBytes != 0) {
    const Vector scale = Vector::load(reinterpret_cast<const float*>(block) + v * Vector::kLanes);
    return Vector::fma(sum, scale * Vector::all(Step::kScale), before);
  } else {
    return before + sum;
  }
}

// The block that comes after this one, from memory: each of the tiles of tokens that share a block fetches a part of it,
// `step_bytes` of each panel a step.
struct NextBlock {
  const std::byte* at;
  std::uint64_t step_bytes;
};

// Adds the products of one block of kPanels panels and kTokens tokens to what stands in `out`, or replaces it if the
// block is the first. `rows`: of the panel, where it is short (then kPanels is 1).
template <class Step, int kPanels, int kTokens>
void float_tile(const std::byte* block, std::uint64_t panel_bytes, std::uint64_t columns, const std::byte* x,
                std::uint64_t x_stride, NextBlock next, bool first, int rows, float* out, std::uint64_t out_stride) {
  Vector sums[kPanels][kVectors][kTokens];
  for (auto& panel : sums)
    for (auto& vector : panel)
      for (Vector& sum : vector) sum = Vector::all(0);
  const std::byte* at = block + Step::kScaleBytes;
  for (std::uint64_t c = 0; c < columns; c += Step::kColumns, at += Step::kBytes, x += 4 * Step::kParts) {
    for (int p = 0; p < kPanels; ++p) {
      const std::byte* from = at + static_cast<unsigned>(p) * panel_bytes;
      if (kTokens == 1) __builtin_prefetch(from + 3072);
      else __builtin_prefetch(next.at + static_cast<unsigned>(p) * panel_bytes, 0, 2);
    }
    next.at += next.step_bytes;
    for (int part = 0; part < Step::kParts; ++part) {
      Vector weights[kPanels][kVectors];
      for (int p = 0; p < kPanels; ++p) Step::load(at + static_cast<unsigned>(p) * panel_bytes, part, weights[p]);
      for (int t = 0; t < kTokens; ++t)
        for (int p = 0; p < kPanels; ++p)
          for (int v = 0; v < kVectors; ++v)
            sums[p][v][t] = Step::multiply_add(weights[p][v], x + static_cast<unsigned>(t) * x_stride + 4 * part, sums[p][v][t]);
    }
  }
  for (int t = 0; t < kTokens; ++t)
    for (int p = 0; p < kPanels; ++p)
      for (int v = 0; v < kVectors; ++v) {
        const int row = v * Vector::kLanes;
        if (row >= rows) continue;
        const int lanes = rows - row < Vector::kLanes ? rows - row : Vector::kLanes;
        float* to = out + static_cast<unsigned>(t) * out_stride + static_cast<unsigned>(16 * p + row);
        const Vector before = first ? Vector::all(0) : Vector::load(to, lanes);
        Vector::store(to, add_block<Step>(block + static_cast<unsigned>(p) * panel_bytes, v, sums[p][v][t], before), lanes);
      }
}

// Registers hold the sums of kTilePanels x kTileTokens.
constexpr int kTilePanels = Vector::kLanes == 16 ? 2 : 1;
constexpr int kTileTokens = Vector::kLanes == 16 ? 12 : Vector::kLanes == 8 ? 4 : 2;

template <class Step, int kPanels>
void float_block(const std::byte* block, const std::byte* next, std::uint64_t panel_bytes, std::uint64_t columns,
                 const std::byte* x, std::uint64_t x_stride, std::uint64_t tokens, bool first, int rows, float* out,
                 std::uint64_t out_stride) {
  const std::uint64_t next_bytes = Step::kBlockColumns / Step::kColumns * Step::kBytes;
  std::uint64_t t = 0;
  const auto tiles_of = [&]<std::uint64_t kTokens>() {
    // Two tiles of 8 rather than one of 12 and one of 4.
    for (; tokens - t >= kTokens && (kTokens != 12 || tokens - t != 16); t += kTokens)
      float_tile<Step, kPanels, kTokens>(block, panel_bytes, columns, x + t * x_stride, x_stride,
                                         {next + next_bytes * t / tokens, Step::kBytes * kTokens / tokens}, first, rows,
                                         out + t * out_stride, out_stride);
  };
  tiles_of.template operator()<kTileTokens>();
  if constexpr (kTileTokens > 8) tiles_of.template operator()<8>();
  if constexpr (kTileTokens > 4) tiles_of.template operator()<4>();
  if constexpr (kTileTokens > 2) tiles_of.template operator()<2>();
  tiles_of.template operator()<1>();
}

void zero_rows(std::uint64_t tokens, std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  for (std::uint64_t t = 0; t < tokens; ++t)
    for (std::uint64_t r = row_begin; r < row_end; ++r) out[t * out_stride + r] = 0;
}

// `x`: prepared inputs, x_stride bytes apart.
template <class Step>
void multiply_floats(const Matrix& w, const std::byte* x, std::uint64_t x_stride, std::uint64_t tokens,
                     std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  // Inputs of so many tokens and columns stay in the second-level cache while the panels go by.
  constexpr std::uint64_t kTokensAtOnce = 96, kColumnsAtOnce = 2048;
  const std::uint64_t columns = padded_columns(w.columns), panel_bytes = float_panel_bytes(w.format, w.columns);
  if (columns == 0) return zero_rows(tokens, row_begin, row_end, out, out_stride);
  const std::uint64_t range = tokens < kTileTokens ? columns : kColumnsAtOnce;
  for (std::uint64_t t = 0; t < tokens; t += kTokensAtOnce)
    for (std::uint64_t begin = 0; begin < columns; begin += range) {
      const std::uint64_t end = columns - begin < range ? columns : begin + range;
      const std::uint64_t count = tokens - t < kTokensAtOnce ? tokens - t : kTokensAtOnce;
      const auto panels = [&]<int kPanels>(std::uint64_t r) {
        const std::byte* panel = static_cast<const std::byte*>(w.values) + r / kPanelRows * panel_bytes;
        const int rows = static_cast<int>(row_end - r < kPanelRows ? row_end - r : kPanelRows);
        for (std::uint64_t c = begin; c < end; c += Step::kBlockColumns) {
          const std::byte* block =
              panel + c / Step::kColumns * Step::kBytes + c / Step::kBlockColumns * Step::kScaleBytes;
          const std::uint64_t n = end - c < Step::kBlockColumns ? end - c : Step::kBlockColumns;
          const std::uint64_t after = begin / Step::kColumns * Step::kBytes + begin / Step::kBlockColumns * Step::kScaleBytes;
          const std::byte* next = c + n < end ? block + n / Step::kColumns * Step::kBytes + Step::kScaleBytes
                                              : panel + kPanels * panel_bytes + after;
          float_block<Step, kPanels>(block, next, panel_bytes, n, x + t * x_stride + c / Step::kColumns * Step::kParts * 4,
                                     x_stride, count, c == 0, rows, out + t * out_stride + r, out_stride);
        }
      };
      std::uint64_t r = row_begin;
      for (; r + kTilePanels * kPanelRows <= row_end; r += kTilePanels * kPanelRows)
        panels.template operator()<kTilePanels>(r);
      for (; r < row_end; r += kPanelRows) panels.template operator()<1>(r);
    }
}

// --- Inputs of floats: the tables without dot products of BF16, and the formats that those do not serve. ---

// Tokens lie an odd number of cache lines apart: those of a tile would else fall into one set of the first-level cache.
std::size_t float_input_bytes(std::uint64_t columns) { return (padded_columns(columns) / 16 | 1) * 64; }

void prepare_float_input(const float* x, std::uint64_t columns, void* prepared) {
  auto* to = static_cast<float*>(prepared);
  if (columns != 0) std::memcpy(to, x, columns * sizeof(float));
  for (std::uint64_t c = columns; c < padded_columns(columns); ++c) to[c] = 0;
}

}  // namespace
}  // namespace tokenmark::cpu
