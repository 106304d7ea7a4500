// Which queries and which keys a block attends with, and a tile of keys after the other on its way into shared memory.
#pragma once

#include "kernels/gpu/heads.h"
#include "kernels/gpu/tile.h"

namespace TM_GPU_NAMESPACE {

constexpr float kNoScore = -1e30f;  // below all scores, and finite: differences of it are numbers

// Keys [begin, end) that somebody sees.
struct KeySpan {
  std::uint32_t begin, end;
};
// Those of one part: whole tiles.
TM_DEVICE KeySpan span_of_part(KeySpan all, std::uint32_t part, std::uint32_t parts, std::uint32_t tile) {
  const std::uint32_t tiles = (all.end - all.begin + tile - 1) / tile, each = (tiles + parts - 1) / parts;
  const std::uint32_t begin = all.begin + part * each * tile, end = begin + each * tile;
  return {begin < all.end ? begin : all.end, end < all.end ? end : all.end};
}
TM_DEVICE KeySpan span_of_token(const AttendArguments& args, std::int32_t token) {
  const auto end = static_cast<std::uint32_t>(args.step.positions[token]) + 1;
  return {args.window > 0 && end > args.window ? end - args.window : 0, end};
}
TM_DEVICE KeySpan span_of_tile(const AttendArguments& args, const AttentionTile& tile) {
  const auto row = static_cast<std::uint32_t>(tile.first_row);
  return {span_of_token(args, token_of_row(args.step, args.rows, row)).begin,
          span_of_token(args, token_of_row(args.step, args.rows, row + static_cast<std::uint32_t>(tile.rows) - 1)).end};
}

// Query q of a block is head first_head + q % head_tile of row first_row + q / head_tile.
struct BlockQueries {
  AttentionTile tile;
  std::uint32_t kv_head, first_head, end_head;

  TM_DEVICE BlockQueries(const AttendArguments& args, std::uint32_t which, std::uint32_t heads) {
    tile = args.tiles[which];
    const std::uint32_t group = args.heads / args.cache.kv_heads, head_tiles = (group + args.head_tile - 1) / args.head_tile;
    kv_head = heads / head_tiles;
    first_head = kv_head * group + heads % head_tiles * args.head_tile;
    const std::uint32_t end = first_head + args.head_tile, group_end = (kv_head + 1) * group;
    end_head = end < group_end ? end : group_end;
  }
  // [row][head] of a query; false: there is none.
  TM_DEVICE bool place(const AttendArguments& args, std::uint32_t query, std::uint32_t& row, std::uint32_t& head) const {
    const std::uint32_t of_tile = query / args.head_tile;
    row = static_cast<std::uint32_t>(tile.first_row) + of_tile;
    head = first_head + query % args.head_tile;
    return of_tile < static_cast<std::uint32_t>(tile.rows) && head < end_head;
  }
  // A block's queries into a tile, zeros where there are none.
  template <int kThreads, int kRows, int kKeyDim>
  TM_DEVICE void load(const AttendArguments& args, const Tile<kRows, kKeyDim>& to) const {
    constexpr int kChunks = Tile<kRows, kKeyDim>::kPanels * 8;
    for (int i = thread_index(); i < kRows * kChunks; i += kThreads) {
      const int q = i / kChunks, d = i % kChunks * 8;
      std::uint32_t row, head;
      Bytes16 values{};
      if (place(args, static_cast<std::uint32_t>(q), row, head) && d < static_cast<int>(args.cache.key_dim))
        values = load16(args.queries + (std::uint64_t{row} * args.heads + head) * args.cache.key_dim + d);
      to.store8(q, d, values);
    }
  }
};

// Tiles of kTile keys and their values. With kStages > 1 (BF16; F16 is converted where it lies) they arrive in the
// background, kStages - 1 tiles ahead; with 1 every format is converted on its way, and values take the place of their keys.
// kLoads: pieces that a thread has under way in the latter case.
template <int kTile, int kKeyDim, int kValueDim, bool kLatent, int kStages, int kThreads, int kLoads = 8>
class KeyTiles {
 public:
  static constexpr bool kAsync = kStages > 1;
  using Keys = Tile<kTile, kKeyDim>;
  using Values = Tile<kTile, kValueDim>;
  static_assert(kLatent ? kValueDim <= kKeyDim : kValueDim == kKeyDim);

  TM_DEVICE KeyTiles(SharedMemory& memory, const AttendArguments& a, const BlockQueries& queries, KeySpan span)
      : args(a), kv_head_(queries.kv_head), span_(span), has_scales_(!kAsync && static_cast<CacheFormat>(a.cache.format) == CacheFormat::fp8) {
    stages_ = memory.take<std::uint16_t>(kStages * kStageValues);
    if constexpr (!kAsync) {
      key_scales_ = memory.take<float>(kTile);
      value_scales_ = memory.take<float>(kTile);
    }
    rows_ = memory.take<std::int32_t>(kRowLists * kTile);
    table_ = args.step.block_tables + std::uint64_t{static_cast<std::uint32_t>(queries.tile.sequence)} * args.step.block_table_stride;
  }
  TM_DEVICE std::uint32_t count() const { return (span_.end - span_.begin + kTile - 1) / kTile; }
  TM_DEVICE std::uint32_t first_key(std::uint32_t t) const { return span_.begin + t * kTile; }
  TM_DEVICE Keys keys(std::uint32_t t) const { return Keys(stages_ + t % kStages * kStageValues); }
  TM_DEVICE Values values(std::uint32_t t) const { return Values(stages_ + (t % kStages * kStageValues + kValuesAt)); }
  // FP8: what keys' scores and values are to be multiplied with.
  TM_DEVICE bool has_scales() const { return has_scales_; }
  TM_DEVICE float key_scale(int key) const { return key_scales_[key]; }
  TM_DEVICE float value_scale(int key) const { return value_scales_[key]; }

  TM_DEVICE void begin() {
    for (std::uint32_t t = 0; t < kStages; ++t) find_rows(t);
    sync_block();
    for (std::uint32_t t = 0; kAsync && t + 1 < kStages; ++t) begin_tile(t);
  }
  // Tile t is there for all threads when this returns; of all others that are not under way everybody is done with.
  TM_DEVICE void arrive(std::uint32_t t) {
    if constexpr (kAsync) {
      begin_tile(t + kStages - 1);
      wait_copies<kStages - 1>();
      convert_tile(t);
    } else {
      load_tile(keys(t), args.cache.keys, args.cache.key_scales, args.cache.key_pitch, t);
      load_scales(t);
    }
    publish_tiles();
    sync_block();
    find_rows(t + kStages);
  }
  // Where values take their keys' place: between barriers.
  static constexpr bool kValuesLater = !kAsync && !kLatent;
  TM_DEVICE void replace_by_values(std::uint32_t t) {
    load_tile(values(t), args.cache.values, args.cache.value_scales, args.cache.value_pitch, t);
    publish_tiles();
  }

 private:
  // Panels of both kinds of tiles begin alike: a latent's value is the first columns of its key.
  static constexpr std::uint32_t kValuesAt = kLatent || !kAsync ? 0 : Keys::kValues;
  static constexpr std::uint32_t kStageValues = kValuesAt + Keys::kValues;

  // Where the tile's keys lie in the cache, -1 behind the last. A list is read until its tile, values included, is under way.
  static constexpr int kRowLists = kAsync ? kStages : 2;
  TM_DEVICE std::int32_t row_of(std::uint32_t t, int key) const { return rows_[static_cast<std::int64_t>(t % kRowLists) * kTile + key]; }
  TM_DEVICE void find_rows(std::uint32_t t) {
    for (int i = thread_index(); i < kTile; i += kThreads) {
      const std::uint32_t key = first_key(t) + static_cast<std::uint32_t>(i);
      std::int32_t row = -1;
      if (key < span_.end) {
        const std::uint32_t block = key / args.cache.tokens_per_block;
        row = static_cast<std::int32_t>(cache_row(args.cache, kv_head_, static_cast<std::uint32_t>(table_[block]) * args.cache.tokens_per_block + key - block * args.cache.tokens_per_block));
      }
      rows_[static_cast<std::int64_t>(t % kRowLists) * kTile + i] = row;
    }
  }
  template <int kDim, int kAtOnce, class Each>
  TM_DEVICE static void each_chunk(Each each) {
    constexpr int kChunks = Tile<kTile, kDim>::kPanels * 8;
    static_assert(kTile * kChunks % kThreads == 0);
    TM_UNROLL_BY(kAtOnce)
    for (int i = 0; i < kTile * kChunks / kThreads; ++i) {
      const int c = i * kThreads + static_cast<int>(thread_index());
      each(c / kChunks, c % kChunks * 8);
    }
  }
  template <int kDim>
  TM_DEVICE void copy_tile(const Tile<kTile, kDim>& to, const void* plane, std::uint32_t pitch, std::uint32_t t) {
    each_chunk<kDim, 1>([&](int key, int d) {
      const std::int32_t row = row_of(t, key);
      if (row < 0 || d >= static_cast<int>(pitch)) to.store8(key, d, Bytes16{});
      else to.copy8_async(key, d, static_cast<const std::uint16_t*>(plane) + std::uint64_t{static_cast<std::uint32_t>(row)} * pitch + d);
    });
  }
  TM_DEVICE void begin_tile(std::uint32_t t) {
    if (first_key(t) < span_.end) {
      copy_tile(keys(t), args.cache.keys, args.cache.key_pitch, t);
      if constexpr (!kLatent) copy_tile(values(t), args.cache.values, args.cache.value_pitch, t);
    }
    commit_copies();
  }
  // Each thread the chunks it copied.
  template <int kDim>
  TM_DEVICE static void convert(const Tile<kTile, kDim>& tile) {
    each_chunk<kDim, 1>([&](int key, int d) { tile.store8(key, d, halves_to_bf16(tile.values().load16(tile.place(key, d)))); });
  }
  TM_DEVICE void convert_tile(std::uint32_t t) {
    if (static_cast<CacheFormat>(args.cache.format) != CacheFormat::f16) return;
    convert(keys(t));
    if constexpr (!kLatent) convert(values(t));
  }
  template <int kDim>
  TM_DEVICE void load_tile(const Tile<kTile, kDim>& to, const void* plane, const void* scales, std::uint32_t pitch, std::uint32_t t) {
    each_chunk<kDim, kLoads>([&](int key, int d) {
      const std::int32_t row = row_of(t, key);
      Bytes16 values{};
      if (row >= 0 && d < static_cast<int>(pitch)) values = load8_bf16(args.cache, plane, scales, static_cast<std::uint32_t>(row), d, pitch);
      to.store8(key, d, values);
    });
  }
  TM_DEVICE void load_scales(std::uint32_t t) {
    if (!has_scales_) return;
    const auto* of_values = static_cast<const float*>(kLatent ? args.cache.key_scales : args.cache.value_scales);
    for (int i = thread_index(); i < kTile; i += kThreads) {
      const std::int32_t row = row_of(t, i);
      key_scales_[i] = row < 0 ? 0 : static_cast<const float*>(args.cache.key_scales)[row] * kE4m3Unit;
      value_scales_[i] = row < 0 ? 0 : of_values[row] * kE4m3Unit;
    }
  }

  const AttendArguments& args;
  std::uint32_t kv_head_;
  KeySpan span_;
  bool has_scales_;
  const std::int32_t* table_;
  Shared<std::uint16_t> stages_;
  Shared<float> key_scales_, value_scales_;
  Shared<std::int32_t> rows_;
};

}  // namespace TM_GPU_NAMESPACE
