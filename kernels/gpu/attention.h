// Attention of a block: up to kRows queries (rows of a sequence × heads that share a key/value head) against tiles of kTile
// keys with matrix products, the softmax online (Milakov and Gimelshein, arXiv 1805.02867; as in FlashAttention, arXiv
// 2205.14135). Scores go through shared memory, so that a row's maximum needs no agreement between the warps that hold it.
//
// With kStages > 1 keys and values (BF16; F16 is converted where it lies) arrive in the background, kStages - 1 tiles ahead;
// with 1 every format is converted on its way, and values take the place of their keys.
#pragma once

#include "kernels/gpu/heads.h"
#include "kernels/gpu/tile.h"

namespace TM_GPU_NAMESPACE {

constexpr float kNoScore = -1e30f;  // below all scores, and finite: differences of it are numbers

// Keys [first, end) of a tile's rows, and those of one part: whole tiles of `keys`.
struct KeySpan {
  std::uint32_t begin, end;
};
TM_DEVICE KeySpan span_of_part(KeySpan all, std::uint32_t part, std::uint32_t parts, std::uint32_t tile) {
  const std::uint32_t tiles = (all.end - all.begin + tile - 1) / tile, each = (tiles + parts - 1) / parts;
  const std::uint32_t begin = all.begin + part * each * tile, end = begin + each * tile;
  return {begin < all.end ? begin : all.end, end < all.end ? end : all.end};
}

// Keys that a token sees.
TM_DEVICE KeySpan span_of_token(const AttendArguments& args, std::int32_t token) {
  const auto end = static_cast<std::uint32_t>(args.step.positions[token]) + 1;
  return {args.window > 0 && end > args.window ? end - args.window : 0, end};
}
TM_DEVICE KeySpan span_of_tile(const AttendArguments& args, const AttentionTile& tile) {
  const auto row = static_cast<std::uint32_t>(tile.first_row);
  return {span_of_token(args, token_of_row(args.step, args.rows, row)).begin,
          span_of_token(args, token_of_row(args.step, args.rows, row + static_cast<std::uint32_t>(tile.rows) - 1)).end};
}

// Which queries a block has: query q is head first_head + q % head_tile of row first_row + q / head_tile.
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
};

template <int kRows, int kTile, int kKeyDim, int kValueDim, bool kLatent, int kStages, int kBlockThreads>
struct Attend {
  using Args = AttendArguments;
  static constexpr int kThreads = kBlockThreads;

  TM_DEVICE static void run(const Args& args) {
    const Index3 at = block_index();
    const std::uint32_t n_tiles = *args.n_tiles;
    if (at.z >= n_tiles) return;
    const std::uint32_t which = n_tiles - 1 - at.z;  // a sequence's last rows see most keys and come first
    const BlockQueries queries(args, which, at.y);
    const KeySpan keys = span_of_part(span_of_tile(args, queries.tile), at.x, args.parts, kTile);
    if (keys.begin >= keys.end) return;
    Attend block(args, queries, keys);
    block.load_queries();
    block.gather();
    block.finish((std::uint64_t{which} * grid_blocks().y + at.y) * args.parts + at.x);
  }

 private:
  static constexpr int kOfRow = kThreads / kRows;  // threads of a row's softmax, neighbours in a warp
  static constexpr int kScorePitch = kTile + kOfRow;
  static_assert(kOfRow >= 1 && kOfRow <= kWave && kTile % kOfRow == 0 && (!kLatent || kValueDim <= kKeyDim));
  static constexpr bool kAsync = kStages > 1;
  using QueryTile = Tile<kRows, kKeyDim>;
  using KeyTile = Tile<kTile, kKeyDim>;
  using ValueTile = Tile<kTile, kValueDim>;
  using Weights = Tile<kRows, kTile>;
  // Panels of both kinds of tiles begin alike: a latent's value is the first columns of its key.
  static constexpr std::uint32_t kValuesAt = kLatent || !kAsync ? 0 : KeyTile::kValues;
  static constexpr std::uint32_t kStageValues = kValuesAt + (kLatent ? KeyTile::kValues : ValueTile::kValues);
  static_assert(kLatent || kKeyDim == kValueDim);

  TM_DEVICE Attend(const Args& a, const BlockQueries& q, KeySpan k) : args(a), queries_(q), keys_(k) {
    SharedMemory memory;
    query_tile_ = QueryTile::take(memory);
    weights_ = Weights::take(memory);
    stages_ = memory.take<std::uint16_t>(kStages * kStageValues);
    scores_ = memory.take<float>(kRows * kScorePitch);
    row_factors_ = memory.take<float>(kRows);
    key_scales_ = memory.take<float>(kTile);
    value_scales_ = memory.take<float>(kTile);
    rows_ = memory.take<std::int32_t>(kRowLists * kTile);
    table_ = args.step.block_tables + std::uint64_t{static_cast<std::uint32_t>(queries_.tile.sequence)} * args.step.block_table_stride;
    std::uint32_t row, head;
    if (queries_.place(args, thread_index() / kOfRow, row, head)) {
      row_keys_ = span_of_token(args, token_of_row(args.step, args.rows, row));
      sink_ = args.sinks ? args.sinks[head] : kNoScore;
    }
  }

  TM_DEVICE void load_queries() {
    constexpr int kChunks = QueryTile::kPanels * 8;
    for (int i = thread_index(); i < kRows * kChunks; i += kThreads) {
      const int q = i / kChunks, d = i % kChunks * 8;
      std::uint32_t row, head;
      Bytes16 values{};
      if (queries_.place(args, static_cast<std::uint32_t>(q), row, head) && d < static_cast<int>(args.cache.key_dim))
        values = load16(args.queries + (std::uint64_t{row} * args.heads + head) * args.cache.key_dim + d);
      query_tile_.store8(q, d, values);
    }
  }

  TM_DEVICE void gather() {
    const std::uint32_t n = (keys_.end - keys_.begin + kTile - 1) / kTile;
    for (std::uint32_t t = 0; t < kStages; ++t) find_rows(t);
    sync_block();
    for (std::uint32_t t = 0; kAsync && t + 1 < kStages; ++t) begin_tile(t);
    out_.clear();
    for (std::uint32_t t = 0; t < n; ++t) {
      if constexpr (kAsync) {
        begin_tile(t + kStages - 1);
        wait_copies<kStages - 1>();
        convert_tile(t);
      } else {
        load_tile(keys_of(t), args.cache.keys, args.cache.key_scales, args.cache.key_pitch, t);
      }
      load_scales(t);
      sync_block();
      find_rows(t + kStages);
      score(t);
      sync_block();
      if constexpr (!kAsync && !kLatent) load_tile(values_of(t), args.cache.values, args.cache.value_scales, args.cache.value_pitch, t);
      soften(t);
      sync_block();
      out_.each([&](int row, int, float& value) { value *= row_factors_[row]; });
      out_.add_kn(weights_, values_of(t), kTile);
      sync_block();
    }
  }

  // ---- keys and values into shared memory ----

  TM_DEVICE KeyTile keys_of(std::uint32_t t) const { return KeyTile(stages_ + t % kStages * kStageValues); }
  TM_DEVICE ValueTile values_of(std::uint32_t t) const { return ValueTile(stages_ + (t % kStages * kStageValues + kValuesAt)); }

  // Where the tile's keys lie in the cache, -1 behind the last. A list is read until its tile has arrived.
  static constexpr int kRowLists = kStages + 1;
  TM_DEVICE std::int32_t row_of(std::uint32_t t, int key) const { return rows_[static_cast<std::int64_t>(t % kRowLists) * kTile + key]; }
  TM_DEVICE void find_rows(std::uint32_t t) {
    for (int i = thread_index(); i < kTile; i += kThreads) {
      const std::uint32_t key = keys_.begin + t * kTile + static_cast<std::uint32_t>(i);
      std::int32_t row = -1;
      if (key < keys_.end) {
        const std::uint32_t block = key / args.cache.tokens_per_block;
        row = static_cast<std::int32_t>(cache_row(args.cache, queries_.kv_head,
                                                  static_cast<std::uint32_t>(table_[block]) * args.cache.tokens_per_block + key - block * args.cache.tokens_per_block));
      }
      rows_[static_cast<std::int64_t>(t % kRowLists) * kTile + i] = row;
    }
  }
  template <int kDim, class Each>
  TM_DEVICE static void each_chunk(Each each) {
    constexpr int kChunks = Tile<kTile, kDim>::kPanels * 8;
    static_assert(kTile * kChunks % kThreads == 0);
TM_UNROLL
    for (int i = 0; i < kTile * kChunks / kThreads; ++i) {
      const int c = i * kThreads + static_cast<int>(thread_index());
      each(c / kChunks, c % kChunks * 8);
    }
  }
  template <int kDim>
  TM_DEVICE void copy_tile(const Tile<kTile, kDim>& to, const void* plane, std::uint32_t pitch, std::uint32_t t) {
    each_chunk<kDim>([&](int key, int d) {
      const std::int32_t row = row_of(t, key);
      if (row < 0 || d >= static_cast<int>(pitch)) to.store8(key, d, Bytes16{});
      else to.copy8_async(key, d, static_cast<const std::uint16_t*>(plane) + std::uint64_t{static_cast<std::uint32_t>(row)} * pitch + d);
    });
  }
  TM_DEVICE void begin_tile(std::uint32_t t) {
    if (keys_.begin + t * kTile < keys_.end) {
      copy_tile(keys_of(t), args.cache.keys, args.cache.key_pitch, t);
      if constexpr (!kLatent) copy_tile(values_of(t), args.cache.values, args.cache.value_pitch, t);
    }
    commit_copies();
  }
  // Each thread the chunks it copied.
  template <int kDim>
  TM_DEVICE static void convert(const Tile<kTile, kDim>& tile) {
    each_chunk<kDim>([&](int key, int d) { tile.store8(key, d, halves_to_bf16(tile.values().load16(tile.place(key, d)))); });
  }
  TM_DEVICE void convert_tile(std::uint32_t t) {
    if (static_cast<CacheFormat>(args.cache.format) != CacheFormat::f16) return;
    convert(keys_of(t));
    if constexpr (!kLatent) convert(values_of(t));
  }
  template <int kDim>
  TM_DEVICE void load_tile(const Tile<kTile, kDim>& to, const void* plane, const void* scales, std::uint32_t pitch, std::uint32_t t) {
    each_chunk<kDim>([&](int key, int d) {
      const std::int32_t row = row_of(t, key);
      Bytes16 values{};
      if (row >= 0 && d < static_cast<int>(pitch)) values = load8_bf16(args.cache, plane, scales, static_cast<std::uint32_t>(row), d, pitch);
      to.store8(key, d, values);
    });
  }
  TM_DEVICE void load_scales(std::uint32_t t) {
    if (kAsync || static_cast<CacheFormat>(args.cache.format) != CacheFormat::fp8) return;
    const auto* of_values = static_cast<const float*>(kLatent ? args.cache.key_scales : args.cache.value_scales);
    for (int i = thread_index(); i < kTile; i += kThreads) {
      const std::int32_t row = row_of(t, i);
      key_scales_[i] = row < 0 ? 0 : static_cast<const float*>(args.cache.key_scales)[row];
      value_scales_[i] = row < 0 ? 0 : of_values[row];
    }
  }

  // ---- scores and weights ----

  TM_DEVICE void score(std::uint32_t t) {
    TileProduct<kRows, kTile, kThreads> product;
    product.clear();
    product.add_nk(query_tile_, keys_of(t), kKeyDim);
    product.each([&](int row, int column, float& value) { scores_[row * kScorePitch + column] = value; });
  }
  TM_DEVICE void soften(std::uint32_t t) {
    const bool scaled = !kAsync && static_cast<CacheFormat>(args.cache.format) == CacheFormat::fp8;
    const int row = static_cast<int>(thread_index()) / kOfRow, first = static_cast<int>(thread_index()) % kOfRow;
    const std::uint32_t begin = keys_.begin + t * kTile;
    float scores[kTile / kOfRow], greatest = greatest_;
    TM_UNROLL
    for (int i = 0; i < kTile / kOfRow; ++i) {
      const int column = i * kOfRow + first;
      const std::uint32_t key = begin + static_cast<std::uint32_t>(column);
      const float score = scores_[row * kScorePitch + column];
      const bool seen = key >= row_keys_.begin && key < row_keys_.end && key < keys_.end;
      scores[i] = !seen ? kNoScore : scaled ? score * key_scales_[column] : score;
      greatest = Maximum<float>{}(scores[i], greatest);
    }
    greatest = maximum_lanes<kOfRow>(greatest);
    const float factor = exponential(greatest_ - greatest);
    greatest_ = greatest;
    float sum = 0;
    TM_UNROLL
    for (int i = 0; i < kTile / kOfRow; ++i) {
      const int column = i * kOfRow + first;
      const float weight = scores[i] == kNoScore ? 0 : exponential(scores[i] - greatest);
      sum += weight;
      weights_.store(row, column, scaled ? weight * value_scales_[column] : weight);
    }
    sum_ = sum_ * factor + sum_lanes<kOfRow>(sum);
    if (first == 0) row_factors_[row] = factor;
  }

  // ---- results ----

  TM_DEVICE void finish(std::uint64_t part) {
    const int row = static_cast<int>(thread_index()) / kOfRow;
    const bool whole = args.parts == 1;
    if (thread_index() % kOfRow == 0) {
      // The sink joins the sum; a row without keys has none to divide by.
      const float greatest = Maximum<float>{}(greatest_, sink_), rescaled = exponential(greatest_ - greatest);
      const float sum = sum_ * rescaled + (sink_ == kNoScore ? 0 : exponential(sink_ - greatest));
      row_factors_[row] = !whole ? 1 : sum > 0 ? rescaled / sum : 0;
      if (!whole) {
        float* rows = args.partial_rows + (part * kRows + static_cast<std::uint32_t>(row)) * 2;
        rows[0] = greatest_;
        rows[1] = sum_;
      }
    }
    sync_block();
    const std::uint32_t dim = args.cache.value_dim;
    out_.each([&](int query, int column, float& value) {
      const auto d = static_cast<std::uint32_t>(column);
      std::uint32_t row, head;
      if (d >= dim || !queries_.place(args, static_cast<std::uint32_t>(query), row, head)) return;
      if (whole) args.out[(std::uint64_t{row} * args.heads + head) * dim + d] = to_bf16(value * row_factors_[query]);
      else args.partial_sums[(part * kRows + static_cast<std::uint32_t>(query)) * dim + d] = value;
    });
  }

  const Args& args;
  BlockQueries queries_;
  KeySpan keys_;
  KeySpan row_keys_{0, 0};  // of this thread's row
  float sink_ = kNoScore, greatest_ = kNoScore, sum_ = 0;
  const std::int32_t* table_;
  QueryTile query_tile_;
  Shared<std::uint16_t> stages_;
  Weights weights_;
  Shared<float> scores_, row_factors_, key_scales_, value_scales_;
  Shared<std::int32_t> rows_;
  TileProduct<kRows, kValueDim, kThreads> out_;
};

// Parts of the keys become one (by the greatest score of all, the sink among them): a warp a query.
template <int kRows, int kTile>
struct MergeParts {
  using Args = AttendArguments;
  static constexpr int kThreads = 128, kWarps = kThreads / kWave;

  TM_DEVICE static void run(const Args& args) {  // x: queries in groups of kWarps; y, z as Attend
    const Index3 at = block_index();
    if (at.z >= *args.n_tiles) return;
    const BlockQueries queries(args, at.z, at.y);
    const std::uint32_t query = at.x * kWarps + static_cast<std::uint32_t>(warp());
    std::uint32_t row, head;
    if (query >= kRows || !queries.place(args, query, row, head)) return;
    const KeySpan keys = span_of_tile(args, queries.tile);
    const std::uint32_t tiles = (keys.end - keys.begin + kTile - 1) / kTile, each = (tiles + args.parts - 1) / args.parts;
    const std::uint32_t parts = (tiles + each - 1) / each;  // that have keys
    const std::uint64_t first = ((std::uint64_t{at.z} * grid_blocks().y + at.y) * args.parts) * kRows + query;
    merge(args, first, parts, args.sinks ? args.sinks[head] : kNoScore, args.out + (std::uint64_t{row} * args.heads + head) * args.cache.value_dim);
  }

 private:
  TM_DEVICE static void merge(const Args& args, std::uint64_t first, std::uint32_t parts, float sink, std::uint16_t* out) {
    float greatest = sink;
    for (std::uint32_t p = lane(); p < parts; p += kWave) greatest = Maximum<float>{}(args.partial_rows[(first + std::uint64_t{p} * kRows) * 2], greatest);
    greatest = maximum_lanes(greatest);
    float sum = 0;
    for (std::uint32_t p = lane(); p < parts; p += kWave) {
      const float* of_part = args.partial_rows + (first + std::uint64_t{p} * kRows) * 2;
      sum += of_part[1] * exponential(of_part[0] - greatest);
    }
    sum = sum_lanes(sum) + (sink == kNoScore ? 0 : exponential(sink - greatest));
    const std::uint32_t dim = args.cache.value_dim;
    for (std::uint32_t d = lane(); d < dim; d += kWave) {
      float value = 0;
      for (std::uint32_t p = 0; p < parts; ++p) {
        const std::uint64_t of_part = first + std::uint64_t{p} * kRows;
        value += args.partial_sums[of_part * dim + d] * exponential(args.partial_rows[of_part * 2] - greatest);
      }
      out[d] = to_bf16(value / sum);
    }
  }
};

}  // namespace TM_GPU_NAMESPACE
