// Attention of a block: up to kRows queries (rows of a sequence × heads that share a key/value head) against tiles of kTile
// keys with matrix products, the softmax online (Milakov and Gimelshein, arXiv 1805.02867; as in FlashAttention, arXiv
// 2205.14135). Scores go through shared memory, so that a row's maximum needs no agreement between the warps that hold it.
#pragma once

#include "kernels/gpu/attention_keys.h"

namespace TM_GPU_NAMESPACE {

template <int kRows, int kTile, int kKeyDim, int kValueDim, bool kLatent, int kStages, int kBlockThreads>
struct Attend {
  using Args = AttendArguments;
  static constexpr int kThreads = kBlockThreads;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const Index3 at = block_index();
    const std::uint32_t n_tiles = *args.n_tiles;
    if (at.z >= n_tiles) return;
    const std::uint32_t which = n_tiles - 1 - at.z;  // a sequence's last rows see most keys and come first
    const BlockQueries queries(args, which, at.y);
    const KeySpan keys = span_of_part(span_of_tile(args, queries.tile), at.x, args.parts, kTile);
    if (keys.begin >= keys.end) return;
    SharedMemory memory;
    Attend block(memory, args, queries, keys);
    block.gather();
    block.finish((std::uint64_t{which} * grid_blocks().y + at.y) * args.parts + at.x);
  }

 private:
  static constexpr int kOfRow = kThreads / kRows;  // threads of a row's softmax, neighbours in a warp
  static constexpr int kScorePitch = kTile + kOfRow / 2;
  static_assert(kOfRow >= 1 && kOfRow <= kWave && kTile % kOfRow == 0);
  using QueryTile = Tile<kRows, kKeyDim>;
  using Weights = Tile<kRows, kTile>;
  using Keys = KeyTiles<kTile, kKeyDim, kValueDim, kLatent, kStages, kThreads>;

  TM_DEVICE Attend(SharedMemory& memory, const Args& a, const BlockQueries& q, KeySpan k) : args(a), queries_(q), span_(k), keys_(memory, a, q, k) {
    query_tile_ = QueryTile::take(memory);
    weights_ = Weights::take(memory);
    scores_ = memory.take<float>(kRows * kScorePitch);
    row_factors_ = memory.take<float>(kRows);
    std::uint32_t row, head;
    if (queries_.place(args, thread_index() / kOfRow, row, head)) {
      row_span_ = span_of_token(args, token_of_row(args.step, args.rows, row));
      sink_ = args.sinks ? args.sinks[head] : kNoScore;
    }
  }

  TM_DEVICE void gather() {
    queries_.load<kThreads>(args, query_tile_);
    keys_.begin();
    out_.clear();
    for (std::uint32_t t = 0; t < keys_.count(); ++t) {
      keys_.arrive(t);
      score(t);
      sync_block();
      if constexpr (Keys::kValuesLater) keys_.replace_by_values(t);
      soften(t);
      publish_tiles();
      sync_block();
      out_.each([&](int row, int, float& value) { value *= row_factors_[row]; });
      out_.add_kn(weights_, keys_.values(t), kTile);
      sync_block();
    }
  }

  // ---- scores and weights ----

  TM_DEVICE void score(std::uint32_t t) {
    TileProduct<kRows, kTile, kThreads> product;
    product.clear();
    product.add_nk(query_tile_, keys_.keys(t), kKeyDim);
    product.each([&](int row, int column, float& value) { scores_[row * kScorePitch + column] = value; });
  }
  TM_DEVICE void soften(std::uint32_t t) {
    const bool scaled = keys_.has_scales();
    const int row = static_cast<int>(thread_index()) / kOfRow, first = static_cast<int>(thread_index()) % kOfRow;
    const std::uint32_t begin = keys_.first_key(t);
    float scores[kTile / kOfRow], greatest = greatest_;
    TM_UNROLL
    for (int i = 0; i < kTile / kOfRow; ++i) {
      const int column = i * kOfRow + first;
      const std::uint32_t key = begin + static_cast<std::uint32_t>(column);
      const float score = scores_[row * kScorePitch + column];
      const bool seen = key >= row_span_.begin && key < row_span_.end && key < span_.end;
      scores[i] = !seen ? kNoScore : scaled ? score * keys_.key_scale(column) : score;
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
      weights_.store(row, column, scaled ? weight * keys_.value_scale(column) : weight);
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
  KeySpan span_;                 // of this block
  KeySpan row_span_{0, 0};       // of this thread's row
  float sink_ = kNoScore, greatest_ = kNoScore, sum_ = 0;
  Keys keys_;
  QueryTile query_tile_;
  Weights weights_;
  Shared<float> scores_, row_factors_;
  TileProduct<kRows, kValueDim, kThreads> out_;
};

// Parts of the keys become one (by the greatest score of all, the sink among them): a block a query, whose warps share the
// parts, so that few reads wait for each other.
template <int kRows, int kTile>
struct MergeParts {
  using Args = AttendArguments;
  static constexpr int kThreads = 128, kWarps = kThreads / kWave;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {  // x: queries; y, z as Attend
    let_next_begin();
    wait_for_previous();
    const Index3 at = block_index();
    if (at.z >= *args.n_tiles) return;
    const BlockQueries queries(args, at.z, at.y);
    std::uint32_t row, head;
    if (!queries.place(args, at.x, row, head)) return;
    const KeySpan keys = span_of_tile(args, queries.tile);
    const std::uint32_t tiles = (keys.end - keys.begin + kTile - 1) / kTile, each = (tiles + args.parts - 1) / args.parts;
    const std::uint32_t parts = (tiles + each - 1) / each;  // that have keys
    const std::uint64_t first = ((std::uint64_t{at.z} * grid_blocks().y + at.y) * args.parts) * kRows + at.x;
    merge(args, first, parts, args.sinks ? args.sinks[head] : kNoScore, args.out + (std::uint64_t{row} * args.heads + head) * args.cache.value_dim);
  }

 private:
  static constexpr int kFours = kMostValueDim / (4 * kWave);  // of a lane

  TM_DEVICE static void merge(const Args& args, std::uint64_t first, std::uint32_t parts, float sink, std::uint16_t* out) {
    const float* rows = args.partial_rows + first * 2;  // of part p: [p * kRows * 2]
    float greatest = sink;
    for (std::uint32_t p = lane(); p < parts; p += kWave) greatest = Maximum<float>{}(rows[p * kRows * 2], greatest);
    greatest = maximum_lanes(greatest);
    float sum = 0;
    for (std::uint32_t p = lane(); p < parts; p += kWave) sum += rows[p * kRows * 2 + 1] * exponential(rows[p * kRows * 2] - greatest);
    sum = sum_lanes(sum) + (sink == kNoScore ? 0 : exponential(sink - greatest));

    const std::uint32_t dim = args.cache.value_dim;
    SharedMemory memory;
    const auto of_warps = memory.take<float>(kWarps * dim);
    add_parts(args.partial_sums + first * dim, rows, parts, dim, greatest, of_warps + warp() * static_cast<int>(dim));
    sync_block();
    for (std::uint32_t d = thread_index(); d < dim; d += kThreads) {
      float value = 0;
      for (int w = 0; w < kWarps; ++w) value += of_warps[w * static_cast<int>(dim) + d];
      out[d] = to_bf16(value / sum);
    }
  }
  // This warp's share of the parts.
  TM_DEVICE static void add_parts(const float* sums, const float* rows, std::uint32_t parts, std::uint32_t dim, float greatest, Shared<float> out) {
    float values[kFours][4] = {};
    TM_UNROLL_BY(4)
    for (std::uint32_t p = warp(); p < parts; p += kWarps) {
      const float factor = exponential(rows[p * kRows * 2] - greatest);
      TM_UNROLL
      for (int i = 0; i < kFours; ++i) {
        const std::uint32_t d = static_cast<std::uint32_t>(i * kWave + lane()) * 4;
        if (d >= dim) continue;
        const Bytes16 four = load16(sums + std::uint64_t{p} * kRows * dim + d);
        TM_UNROLL
        for (int j = 0; j < 4; ++j) values[i][j] += factor * bits_to_float(four.word[j]);
      }
    }
    TM_UNROLL
    for (int i = 0; i < kFours; ++i)
      TM_UNROLL
      for (int j = 0; j < 4; ++j) {
        const std::uint32_t d = static_cast<std::uint32_t>(i * kWave + lane()) * 4 + static_cast<std::uint32_t>(j);
        if (d < dim) out[d] = values[i][j];
      }
  }
};

}  // namespace TM_GPU_NAMESPACE
