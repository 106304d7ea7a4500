// Attention of many rows of a sequence: every warp has a strip of the block's queries to itself (strip.h), so that scores
// and weights never leave its registers, and warps meet only where keys and values arrive (FlashAttention-2, arXiv
// 2307.08691). What a strip does not see of the keys it leaves out.
#pragma once

#include "kernels/gpu/attention_keys.h"
#include "kernels/gpu/strip.h"

namespace TM_GPU_NAMESPACE {

template <int kStripTiles, int kWarps, int kTile, int kDim, int kStages>
struct AttendStrips {
  using Args = AttendArguments;
  static constexpr int kThreads = kWarps * kWave;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const Index3 at = block_index();
    const std::uint32_t n_tiles = *args.n_tiles;
    if (at.z >= n_tiles) return;
    // A sequence's last rows see most keys and come first.
    const BlockQueries queries(args, n_tiles - 1 - at.z, at.y);
    SharedMemory memory;
    AttendStrips block(memory, args, queries, span_of_tile(args, queries.tile));
    block.gather();
    block.finish();
  }

 private:
  static constexpr int kStripRows = 16 * kStripTiles, kRows = kStripRows * kWarps;
  static constexpr float kLog2e = 1.4426950408889634f;
  using QueryTile = Tile<kRows, kDim>;
  using Keys = KeyTiles<kTile, kDim, kDim, false, kStages, kThreads, 2>;  // beside all that a strip has in registers
  using WarpStrip = Strip<kStripTiles, kTile, kDim>;
  static constexpr int kSlots = WarpStrip::kSlots;

  TM_DEVICE AttendStrips(SharedMemory& memory, const Args& a, const BlockQueries& q, KeySpan span) : args(a), queries_(q), keys_(memory, a, q, span) {
    query_tile_ = QueryTile::take(memory);
    KeySpan of_lane{UINT32_MAX, 0}, common{0, UINT32_MAX};
    TM_UNROLL
    for (int slot = 0; slot < kSlots; ++slot) {
      std::uint32_t row, head;
      greatest_[slot] = kNoScore;
      sums_[slot] = 0;
      if (!queries_.place(args, query(slot), row, head)) continue;
      const KeySpan s = span_of_token(args, token_of_row(args.step, args.rows, row));
      of_lane = {s.begin < of_lane.begin ? s.begin : of_lane.begin, s.end > of_lane.end ? s.end : of_lane.end};
      common = {s.begin > common.begin ? s.begin : common.begin, s.end < common.end ? s.end : common.end};
    }
    seen_.end = maximum_lanes(of_lane.end);
    seen_.begin = ~maximum_lanes(~of_lane.begin);
    seen_by_all_.begin = maximum_lanes(common.begin);
    seen_by_all_.end = ~maximum_lanes(~common.end);
  }
  TM_DEVICE static std::uint32_t query(int slot) { return static_cast<std::uint32_t>(warp() * kStripRows + WarpStrip::row(slot)); }

  TM_DEVICE void gather() {
    queries_.load<kThreads>(args, query_tile_);
    keys_.begin();
    strip_.clear();
    for (std::uint32_t t = 0; t < keys_.count(); ++t) {
      keys_.arrive(t);
      const std::uint32_t begin = keys_.first_key(t), end = begin + kTile;
      const bool is_seen = begin < seen_.end && end > seen_.begin;  // by somebody of the strip
      if (is_seen) strip_.score(query_tile_, warp() * kStripRows, keys_.keys(t));
      if constexpr (Keys::kValuesLater) {
        sync_block();
        keys_.replace_by_values(t);
        sync_block();
      }
      if (is_seen) {
        if (begin < seen_by_all_.begin || end > seen_by_all_.end) mask(begin);
        soften();
        strip_.add(keys_.values(t));
      }
      sync_block();
    }
  }

  TM_DEVICE void mask(std::uint32_t begin) {
    KeySpan spans[kSlots];  // looked up again: tiles to be masked are few, registers too
    TM_UNROLL
    for (int slot = 0; slot < kSlots; ++slot) {
      std::uint32_t row, head;
      spans[slot] = {0, 0};
      if (queries_.place(args, query(slot), row, head)) spans[slot] = span_of_token(args, token_of_row(args.step, args.rows, row));
    }
    strip_.each_score([&](int slot, int column, float& score) {
      const std::uint32_t key = begin + static_cast<std::uint32_t>(column);
      if (key < spans[slot].begin || key >= spans[slot].end) score = kNoScore;
    });
  }
  // Weights are powers of two, so that a score's scaling and the difference are one operation.
  TM_DEVICE void soften() {
    const bool scaled = keys_.has_scales();
    if (scaled)
      strip_.each_score([&](int, int column, float& score) { score = score == kNoScore ? kNoScore : score * keys_.key_scale(column); });
    float factors[kSlots], tops[kSlots];
    TM_UNROLL
    for (int slot = 0; slot < kSlots; ++slot) tops[slot] = greatest_[slot];
    strip_.each_score([&](int slot, int, float& score) { tops[slot] = Maximum<float>{}(score, tops[slot]); });
    TM_UNROLL
    for (int slot = 0; slot < kSlots; ++slot) {
      tops[slot] = WarpStrip::maximum(tops[slot]);
      factors[slot] = power_of_two((greatest_[slot] - tops[slot]) * kLog2e);
      greatest_[slot] = tops[slot];
      sums_[slot] *= factors[slot];
      // A row that has seen nothing yet: its scores are all kNoScore, and their weights must be 0.
      tops[slot] = tops[slot] == kNoScore ? 0 : tops[slot] * kLog2e;
    }
    strip_.scale(factors);
    strip_.each_score([&](int slot, int, float& score) {
      score = power_of_two(score * kLog2e - tops[slot]);
      sums_[slot] += score;  // of this lane
    });
    if (scaled) strip_.each_score([&](int, int column, float& weight) { weight *= keys_.value_scale(column); });
  }

  TM_DEVICE void finish() {
    std::uint16_t* outs[kSlots];
    TM_UNROLL
    for (int slot = 0; slot < kSlots; ++slot) {
      const float sum = WarpStrip::sum(sums_[slot]);
      std::uint32_t row, head;
      outs[slot] = nullptr;
      if (!queries_.place(args, query(slot), row, head)) continue;
      // The sink joins the sum.
      const float sink = args.sinks ? args.sinks[head] : kNoScore, greatest = Maximum<float>{}(greatest_[slot], sink);
      const float rescaled = exponential(greatest_[slot] - greatest);
      sums_[slot] = rescaled / (sum * rescaled + (args.sinks ? exponential(sink - greatest) : 0));
      outs[slot] = args.out + (std::uint64_t{row} * args.heads + head) * args.cache.value_dim;
    }
    strip_.each_sum([&](int slot, int column, float& value) {
      if (outs[slot] && static_cast<std::uint32_t>(column) < args.cache.value_dim) outs[slot][column] = to_bf16(value * sums_[slot]);
    });
  }

  const Args& args;
  BlockQueries queries_;
  Keys keys_;
  QueryTile query_tile_;
  KeySpan seen_, seen_by_all_;   // of the strip's rows
  float greatest_[kSlots], sums_[kSlots];  // sums: this lane's share, until the end
  WarpStrip strip_;
};

}  // namespace TM_GPU_NAMESPACE
