// Attention of one layer: rope, the cache, the heads. Steps in which every sequence has one token (decoding) are one
// pass, a key/value head of a sequence at a time with all that belongs to it; a prompt's tokens must all be in the
// cache before the first of them is attended to, which takes two. Long caches of few tokens are attended to in parts.
#include <algorithm>

#include "plugins/cpu/forward_products.h"

namespace tokenmark::cpu_plugin {
namespace {

// Queries that one thread takes at a time: the kernels read keys once for 64, with matrix units for 512 of them.
constexpr std::uint32_t kTaskQueries = 64, kLargeTaskQueries = 512;
constexpr std::uint32_t kTasksPerThread = 4;  // large ones, else they are small
constexpr std::uint32_t kTaskHeads = 32;      // of a task's queries at most at one token
constexpr std::uint32_t kPartHeads = 128;     // the same against a part of the keys: there are tasks enough
constexpr std::uint32_t kWhole = UINT32_MAX;

// Where keys are cut depends on the sequence alone, so that its results do not depend on threads or on what runs beside.
constexpr std::uint32_t kPartKeys = 512;
constexpr std::uint32_t kSplitTokens = 16;  // sequences with more tokens in a step are work enough

// One key/value head of a cache as a cache of its own.
cpu::KvCache head_of(const cpu::KvCache& cache, std::uint32_t kv_head) {
  cpu::KvCache head = cache;
  head.kv_heads = 1;
  head.keys = static_cast<std::byte*>(cache.keys) + kv_head * cpu::key_bytes(head);
  head.values = static_cast<std::byte*>(cache.values) + kv_head * cpu::value_bytes(head);
  return head;
}

}  // namespace

// ---- queries and keys of a token ------------------------------------------------------------------------------------

// Rope on `n` heads, `stride` values apart.
void Forward::turn(float* heads, std::uint32_t n, std::uint32_t stride, std::uint32_t token) const {
  const auto style = model_->rope_style == TM_ROPE_HALF ? cpu::RopeStyle::half : cpu::RopeStyle::interleaved;
  const float* cosines = a_.angles.as<float>() + std::uint64_t{token} * 2 * rope_.pairs();
  k_->rope(heads, n, stride, model_->rope_dim, cosines, cosines + rope_.pairs(), style);
}

void Forward::norm_and_turn(float* heads, std::uint32_t n, Vector norm, std::uint32_t token) const {
  const std::uint32_t dim = model_->head_dim;
  for (std::uint32_t h = 0; norm && h < n; ++h)
    k_->rms_norm(heads + h * dim, norm, dim, model_->rms_epsilon, heads + h * dim);
  turn(heads, n, dim, token);
}

void Forward::store_token(const Attention& a, const cpu::KvCache& cache, std::uint32_t token) {
  float* keys = a_.kv.as<float>() + token * 2 * kv_width_;
  norm_and_turn(keys, model_->kv_heads, a.k_norm, token);
  k_->kv_write(cache, static_cast<std::uint64_t>(step_->slots[token]), keys, keys + kv_width_);
  const std::int32_t row = row_of(token);
  if (row >= 0) norm_and_turn(a_.q.as<float>() + static_cast<std::uint64_t>(row) * q_width_, model_->heads, a.q_norm, token);
}

void Forward::store_head(const Attention& a, const cpu::KvCache& cache, std::uint32_t token, std::uint32_t kv_head) {
  const std::uint32_t group = model_->heads / model_->kv_heads, dim = model_->head_dim;
  float* keys = a_.kv.as<float>() + token * 2 * kv_width_ + std::uint64_t{kv_head} * dim;
  norm_and_turn(keys, 1, a.k_norm, token);
  norm_and_turn(a_.q.as<float>() + token * q_width_ + std::uint64_t{kv_head} * group * dim, group, a.q_norm, token);
  k_->kv_write(head_of(cache, kv_head), static_cast<std::uint64_t>(step_->slots[token]), keys, keys + kv_width_);
}

// ---- the plan -------------------------------------------------------------------------------------------------------

Forward::KeyRange Forward::keys_of(std::uint32_t row, std::uint32_t window) const {
  const auto end = static_cast<std::uint32_t>(step_->positions[tokens_of_rows_[row]]) + 1;
  return {window > 0 && end > window ? end - window : 0, end};
}

bool Forward::is_split(std::uint32_t sequence, KeyRange keys) const {
  const auto tokens = static_cast<std::uint32_t>(step_->token_offsets[sequence + 1] - step_->token_offsets[sequence]);
  return tokens <= kSplitTokens && keys.end - keys.begin > kPartKeys;
}

// Who does what: tasks of up to task_queries_ queries against one key/value head.
void Forward::plan_attention(const cpu::KvCache& cache, const Heads& heads) {
  attention_.clear();
  const std::uint64_t queries = std::uint64_t{heads.end_row - heads.first_row} * model_->heads;
  const bool large = queries / kLargeTaskQueries >= std::uint64_t{kTasksPerThread} * pool_->threads();
  task_queries_ = large ? kLargeTaskQueries : kTaskQueries;
  split_rows_.clear();
  split_index_.assign(rows(), -1);
  AttentionTask task{};
  for (std::uint32_t row = heads.first_row; row < heads.end_row; row = task.row_end) {
    task.sequence = sequence_of_token_[tokens_of_rows_[row]];
    task.row_begin = task.row_end = row;
    const auto next = [&](bool split) {
      return task.row_end < heads.end_row && sequence_of_token_[tokens_of_rows_[task.row_end]] == task.sequence &&
             is_split(task.sequence, keys_of(task.row_end, heads.window)) == split;
    };
    const bool split = is_split(task.sequence, keys_of(row, heads.window));
    while (next(split)) ++task.row_end;
    task.part = kWhole;
    if (split) plan_parts(cache, task, heads);
    else plan_rows(cache, task);
  }
  std::uint64_t places = 0;
  for (SplitRow& row : split_rows_) {
    row.place = places;
    places += std::uint64_t{model_->heads} * row.parts;
  }
  if (parts_.size() < places) parts_.resize(places);
  if (part_outs_.size() < places * cache.value_dim) part_outs_.resize(places * cache.value_dim);
}

// The rows of `rows` in tiles, for every key/value head.
void Forward::plan_rows(const cpu::KvCache& cache, const AttentionTask& rows) {
  const std::uint32_t group = model_->heads / cache.kv_heads;
  const std::uint32_t at_once = std::min(group, rows.part == kWhole ? kTaskHeads : kPartHeads);
  const std::uint32_t tile = std::max(task_queries_ / at_once, 1u);
  for (AttentionTask task = rows; task.row_begin < rows.row_end; task.row_begin = task.row_end) {
    task.row_end = std::min(task.row_begin + tile, rows.row_end);
    for (task.kv_head = 0; task.kv_head < cache.kv_heads; ++task.kv_head)
      for (std::uint32_t h = 0; h < group; h += at_once) {
        task.head_begin = task.kv_head * group + h;
        task.head_end = task.kv_head * group + std::min(h + at_once, group);
        attention_.push_back(task);
      }
  }
}

void Forward::plan_parts(const cpu::KvCache& cache, const AttentionTask& rows, const Heads& heads) {
  std::uint32_t first = UINT32_MAX, last = 0;
  for (std::uint32_t row = rows.row_begin; row < rows.row_end; ++row) {
    const KeyRange keys = keys_of(row, heads.window);
    const std::uint32_t begin = keys.begin / kPartKeys, end = (keys.end - 1) / kPartKeys;
    split_index_[row] = static_cast<std::int32_t>(split_rows_.size());
    split_rows_.push_back({row, begin, end - begin + 1, 0});
    first = std::min(first, begin);
    last = std::max(last, end);
  }
  for (AttentionTask part = rows; first <= last; ++first) {
    part.part = first;
    plan_rows(cache, part);
  }
}

// ---- the heads ------------------------------------------------------------------------------------------------------

void Forward::run_attention(const cpu::KvCache& cache, const Heads& heads, const AttentionTask& task, std::uint32_t thread) {
  auto& queries = queries_[thread];
  queries.clear();
  for (std::uint32_t row = task.row_begin; row < task.row_end; ++row) {
    KeyRange keys = keys_of(row, heads.window);
    const bool whole = task.part == kWhole;
    if (!whole) keys = {std::max(keys.begin, task.part * kPartKeys), std::min(keys.end, (task.part + 1) * kPartKeys)};
    if (keys.begin >= keys.end) continue;
    for (std::uint32_t h = task.head_begin; h < task.head_end; ++h) {
      const std::uint64_t at = std::uint64_t{row - heads.first_row} * model_->heads + h;
      cpu::AttentionQuery query{heads.queries + at * cache.key_dim, heads.out + at * cache.value_dim, keys.begin, keys.end};
      if (whole && heads.sinks) query.sink = heads.sinks[h];
      if (!whole) {
        const SplitRow& split = split_rows_[static_cast<std::size_t>(split_index_[row])];
        const std::uint64_t place = split.place + std::uint64_t{h} * split.parts + task.part - split.first_part;
        query.out = part_outs_.data() + place * cache.value_dim;
        query.part = &parts_[place];
      }
      queries.push_back(query);
    }
  }
  const std::int32_t* table = step_->block_tables + std::uint64_t{task.sequence} * step_->block_table_stride;
  k_->attention(cache, task.kv_head, table, queries.data(), static_cast<std::uint32_t>(queries.size()),
                executor::attention_scale(*model_), kernel_scratch(thread));
}

void Forward::merge_parts(const cpu::KvCache& cache, const Heads& heads) {
  pool_->run(static_cast<std::uint32_t>(split_rows_.size()), [&](std::uint32_t i, std::uint32_t) {
    const SplitRow& split = split_rows_[i];
    for (std::uint32_t h = 0; h < model_->heads; ++h) {
      const std::uint64_t place = split.place + std::uint64_t{h} * split.parts;
      const std::uint64_t at = std::uint64_t{split.row - heads.first_row} * model_->heads + h;
      const float none = -std::numeric_limits<float>::infinity();
      k_->merge_attention(part_outs_.data() + place * cache.value_dim, &parts_[place], split.parts, cache.value_dim,
                          heads.sinks ? heads.sinks[h] : none, heads.out + at * cache.value_dim);
    }
  });
}

void Forward::attend(const Attention& a, std::uint32_t layer) {
  const cpu::KvCache& cache = caches_[layer];
  const Heads heads{a_.q.as<float>(), a_.attended.as<float>(), 0, rows(), a.sinks, a.window};
  plan_attention(cache, heads);
  const bool alone = !narrowed_ && step_->n_tokens == step_->n_sequences && split_rows_.empty() &&
                     model_->heads / model_->kv_heads <= kTaskHeads;
  if (!alone) store_all([&](std::uint32_t token) { store_token(a, cache, token); });
  pool_->run(static_cast<std::uint32_t>(attention_.size()), [&](std::uint32_t i, std::uint32_t thread) {
    const AttentionTask& task = attention_[i];
    if (alone) store_head(a, cache, task.row_begin, task.kv_head);
    run_attention(cache, heads, task, thread);
  });
  merge_parts(cache, heads);
}

}  // namespace tokenmark::cpu_plugin
