#include "tests/kernels/gpu/attention_scene.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "kernels/formats/format.h"
#include "kernels/reference/reference.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr std::uint16_t kUnwritten = 0xffff;

// Device memory of one step and its host copies.
struct HostStep {
  std::vector<std::int32_t> tokens, positions, slots, sequence_of_token, offsets{0}, tables, rows;
  bool all_rows = true;
};
struct DeviceStep {
  DeviceArray<std::int32_t> positions, slots, sequence_of_token, offsets, tables, rows;
  StepArrays arrays;
  StepRows step_rows;
};

class Scene {
 public:
  Scene(Gpu& gpu, const SceneShape& shape) : gpu_(gpu), s_(shape) {
    model_.heads = s_.heads;
    model_.kv_heads = s_.kv_heads;
    model_.head_dim = s_.head_dim;
    model_.value_dim = s_.head_dim;
    model_.kv_lora = s_.kv_lora;
    model_.rope_dim = s_.rope_dim;
    model_.rope_style = s_.interleaved ? TM_ROPE_INTERLEAVED : TM_ROPE_HALF;
    model_.rope_theta = 10000;
    model_.rms_epsilon = kEpsilon;
    options_.tokens_per_block = s_.tokens_per_block;
    options_.kv_format = s_.format;
    std::uint32_t total = s_.padding;
    for (const auto& sequence : s_.sequences) total += sequence.past + sequence.fresh;
    options_.max_sequences = static_cast<std::uint32_t>(s_.sequences.size()) + s_.padding;
    options_.max_step_tokens = total;
    for (const auto& sequence : s_.sequences) stride_ = std::max(stride_, blocks_of(sequence));
    stride_ += 1;
    options_.blocks = 3 + stride_ * static_cast<std::uint32_t>(s_.sequences.size());
    std::vector<std::int32_t> blocks(options_.blocks);
    std::iota(blocks.begin(), blocks.end(), 0);
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937_64(5));
    for (const auto& sequence : s_.sequences) {
      std::vector<std::int32_t> table(stride_, -1);
      for (std::uint32_t b = 0; b < blocks_of(sequence); ++b) {
        table[b] = blocks.back();
        blocks.pop_back();
      }
      tables_.push_back(table);
    }
  }

  Status run() {
    TOKENMARK_TRY(layout_, cache_layout(model_, options_));
    TOKENMARK_TRY(cache_memory_, DeviceArray<std::byte>::make(gpu_, layout_.bytes()));
    cache_ = layout_.at(cache_memory_.get());
    tm_weight_source source{};
    source.find = [](void*, const char*, tm_tensor*) { return TM_NOT_FOUND; };
    TOKENMARK_TRY(rope_, executor::RopeTable::make(model_, source));
    TOKENMARK_TRY(rope_table_, make_rope_table(gpu_, *rope_, longest()));
    TOKENMARK_TRY(kernels_, AttentionKernels::make(gpu_, model_, options_, s_.shared_bytes));
    TOKENMARK_TRY(scratch_, DeviceArray<std::byte>::make(gpu_, kernels_.scratch_bytes()));
    kernels_.use_scratch(scratch_.get());
    q_norm_ = random_floats(s_.head_dim, 21);
    k_norm_ = random_floats(s_.kv_lora > 0 ? s_.kv_lora : s_.head_dim, 22);
    sinks_ = random_floats(s_.heads, 23);
    TOKENMARK_TRY(q_norm_there_, DeviceArray<float>::of(gpu_, q_norm_));
    TOKENMARK_TRY(k_norm_there_, DeviceArray<float>::of(gpu_, k_norm_));
    TOKENMARK_TRY(sinks_there_, DeviceArray<float>::of(gpu_, sinks_));
    HostStep past = step_of([](const auto& sequence) { return std::pair{0u, sequence.past}; }, 0);
    past.all_rows = false;  // of the past nobody wants anything
    if (!past.tokens.empty()) TOKENMARK_CHECK(store(past, 100));
    HostStep fresh = step_of([](const auto& sequence) { return std::pair{sequence.past, sequence.past + sequence.fresh}; }, s_.padding);
    if (s_.last_rows_only) choose_last_rows(fresh);
    TOKENMARK_CHECK(store(fresh, 200));
    return attend(fresh);
  }

 private:
  std::uint32_t blocks_of(const SceneShape::Sequence& sequence) const {
    return (sequence.past + sequence.fresh + s_.tokens_per_block - 1) / s_.tokens_per_block;
  }
  std::uint32_t longest() const {
    std::uint32_t most = 1;
    for (const auto& sequence : s_.sequences) most = std::max(most, sequence.past + sequence.fresh);
    return most;
  }
  std::uint32_t key_dim() const { return layout_.cache.key_dim; }
  std::uint32_t value_dim() const { return layout_.cache.value_dim; }

  template <class Range>
  HostStep step_of(Range range, std::uint32_t padding) const {
    HostStep step;
    const auto add = [&](std::int32_t position, std::int32_t slot, std::size_t sequence) {
      step.tokens.push_back(0);
      step.positions.push_back(position);
      step.slots.push_back(slot);
      step.sequence_of_token.push_back(static_cast<std::int32_t>(sequence));
    };
    const auto end_sequence = [&](const std::vector<std::int32_t>& table) {
      step.offsets.push_back(static_cast<std::int32_t>(step.tokens.size()));
      step.tables.insert(step.tables.end(), table.begin(), table.end());
    };
    for (std::size_t q = 0; q < s_.sequences.size(); ++q) {
      const auto [begin, end] = range(s_.sequences[q]);
      for (std::uint32_t p = begin; p < end; ++p)
        add(static_cast<std::int32_t>(p), tables_[q][p / s_.tokens_per_block] * static_cast<std::int32_t>(s_.tokens_per_block) + static_cast<std::int32_t>(p % s_.tokens_per_block), q);
      end_sequence(tables_[q]);
    }
    for (std::uint32_t i = 0; i < padding; ++i) {
      add(0, -1, s_.sequences.size() + i);
      end_sequence(std::vector<std::int32_t>(stride_, -1));
    }
    for (std::size_t t = 0; t < step.tokens.size(); ++t) step.rows.push_back(static_cast<std::int32_t>(t));
    return step;
  }

  void choose_last_rows(HostStep& step) const {
    step.all_rows = false;
    step.rows.clear();
    for (std::size_t q = 0; q + 1 < step.offsets.size(); ++q)
      if (step.offsets[q + 1] > step.offsets[q] && step.slots[static_cast<std::size_t>(step.offsets[q + 1]) - 1] >= 0) step.rows.push_back(step.offsets[q + 1] - 1);
    step.rows.push_back(-1);
  }

  Result<DeviceStep> bring(const HostStep& host) {
    DeviceStep step;
    TOKENMARK_TRY(step.positions, DeviceArray<std::int32_t>::of(gpu_, host.positions));
    TOKENMARK_TRY(step.slots, DeviceArray<std::int32_t>::of(gpu_, host.slots));
    TOKENMARK_TRY(step.sequence_of_token, DeviceArray<std::int32_t>::of(gpu_, host.sequence_of_token));
    TOKENMARK_TRY(step.offsets, DeviceArray<std::int32_t>::of(gpu_, host.offsets));
    TOKENMARK_TRY(step.tables, DeviceArray<std::int32_t>::of(gpu_, host.tables));
    TOKENMARK_TRY(step.rows, DeviceArray<std::int32_t>::of(gpu_, host.rows));
    step.arrays = {.positions = step.positions.get(), .slots = step.slots.get(), .sequence_of_token = step.sequence_of_token.get(),
                   .token_offsets = step.offsets.get(), .block_tables = step.tables.get(), .block_table_stride = stride_,
                   .n_tokens = static_cast<std::uint32_t>(host.tokens.size()), .n_sequences = static_cast<std::uint32_t>(host.offsets.size()) - 1};
    step.step_rows = {host.all_rows ? nullptr : step.rows.get(), static_cast<std::uint32_t>(host.rows.size())};
    return step;
  }

  // ---- keys, values, queries ----

  Status store(HostStep& host, std::uint64_t seed) {
    if (seed == 100) host.rows.clear();
    TOKENMARK_TRY(step_, bring(host));
    const std::size_t rows = host.rows.size(), tokens = host.tokens.size();
    const std::size_t kv_width = s_.kv_lora > 0 ? key_dim() : std::size_t{s_.kv_heads} * s_.head_dim;
    const std::vector<float> queries = random_floats(rows * s_.heads * s_.head_dim, seed), keys = random_floats(tokens * kv_width, seed + 1),
                             absorbed = random_floats(rows * s_.heads * s_.kv_lora, seed + 3);
    std::vector<float> values = random_floats(tokens * kv_width, seed + 2);
    for (std::size_t i = 0; i < values.size(); i += 13) values[i] *= 1e-30f;  // ±0 in the small formats
    TOKENMARK_TRY(const auto queries_there, DeviceArray<float>::of(gpu_, queries));
    TOKENMARK_TRY(const auto keys_there, DeviceArray<float>::of(gpu_, keys));
    TOKENMARK_TRY(const auto values_there, DeviceArray<float>::of(gpu_, values));
    TOKENMARK_TRY(const auto absorbed_there, DeviceArray<float>::of(gpu_, absorbed));
    TOKENMARK_TRY(queries_, DeviceArray<std::uint16_t>::make(gpu_, rows * s_.heads * key_dim()));
    const auto query_pitch = s_.heads * s_.head_dim, kv_pitch = static_cast<std::uint32_t>(kv_width);
    if (s_.kv_lora > 0)
      TOKENMARK_CHECK(kernels_.store_latents(gpu_, {.step = step_.arrays, .rows = step_.step_rows, .cache = cache_, .rope = {rope_table_.get()}, .latents = keys_there.get(),
                                                    .norm = k_norm_there_.get(), .absorbed = absorbed_there.get(), .queries = queries_there.get(), .out = queries_.get(),
                                                    .latent_pitch = kv_pitch, .query_pitch = query_pitch}));
    else
      TOKENMARK_CHECK(kernels_.store_heads(gpu_, {.step = step_.arrays, .rows = step_.step_rows, .cache = cache_, .rope = {rope_table_.get()}, .queries = queries_there.get(),
                                                  .keys = keys_there.get(), .values = values_there.get(), .q_norm = s_.qk_norm ? q_norm_there_.get() : nullptr,
                                                  .k_norm = s_.qk_norm ? k_norm_there_.get() : nullptr, .out = queries_.get(), .query_pitch = query_pitch, .kv_pitch = kv_pitch}));
    TOKENMARK_CHECK(read_cache());
    TOKENMARK_CHECK(check_stored(host, keys, values));
    return check_queries(host, queries, absorbed);
  }

  void norm_and_turn(float* head, const float* norm, std::uint32_t dim, std::int32_t position) const {
    if (norm) reference::rms_norm(std::vector<float>(head, head + dim).data(), norm, dim, kEpsilon, head);
    turn(head, position);
  }
  void turn(float* head, std::int32_t position) const {
    std::vector<double> frequencies;
    for (std::uint32_t i = 0; i < s_.rope_dim / 2; ++i) frequencies.push_back(std::pow(10000.0f, -2.0 * i / s_.rope_dim));
    reference::rope(head, s_.rope_dim, frequencies.data(), position, s_.interleaved);
  }

  Status check_stored(const HostStep& host, std::vector<float> keys, std::vector<float> values) {
    const std::uint32_t heads = layout_.cache.kv_heads;
    for (std::size_t t = 0; t < host.tokens.size(); ++t)
      for (std::uint32_t h = 0; h < heads && host.slots[t] >= 0; ++h) {
        float* key = &keys[(t * heads + h) * key_dim()];
        if (s_.kv_lora > 0) {
          reference::rms_norm(std::vector<float>(key, key + s_.kv_lora).data(), k_norm_.data(), s_.kv_lora, kEpsilon, key);
          turn(key + s_.kv_lora, host.positions[t]);
        } else {
          norm_and_turn(key, s_.qk_norm ? k_norm_.data() : nullptr, key_dim(), host.positions[t]);
        }
        TOKENMARK_CHECK(check_row(fmt::format("key head {} of token {}", h, t), &keys_[row_at(host.slots[t], h) * key_dim()], {key, key + key_dim()}));
        if (s_.kv_lora > 0) continue;
        const float* value = &values[(t * heads + h) * value_dim()];
        TOKENMARK_CHECK(check_row(fmt::format("value head {} of token {}", h, t), &values_[row_at(host.slots[t], h) * value_dim()], {value, value + value_dim()}));
      }
    return {};
  }
  // Steps of the format: of a value, or of the row's greatest.
  Status check_row(const std::string& name, const float* found, const std::vector<float>& expected) const {
    float greatest = 0;
    for (const float x : expected) greatest = std::max(greatest, std::abs(x));
    double relative = 1e-5, absolute = 1e-5;
    if (s_.format == TM_BF16) relative = 1.0 / 250;
    if (s_.format == TM_F16) relative = 1.0 / 2000;
    if (s_.format == TM_FP8) relative = 1.0 / 15.5, absolute = double{greatest} / 448 / 1000;
    if (s_.format == TM_Q8_0) absolute = double{greatest} / 127 * 0.57;  // half a step, and the scale is a half
    return check_near(name, {found, found + expected.size()}, expected, relative, absolute);
  }

  Status check_queries(const HostStep& host, const std::vector<float>& queries, const std::vector<float>& absorbed) {
    TOKENMARK_TRY(const auto bits, queries_.values());
    const float scale = 1.0f / std::sqrt(static_cast<float>(s_.head_dim));
    for (std::size_t row = 0; row < host.rows.size(); ++row)
      for (std::uint32_t h = 0; h < s_.heads; ++h) {
        const std::size_t at = row * s_.heads + h;
        const std::vector<std::uint16_t> found(&bits[at * key_dim()], &bits[at * key_dim()] + key_dim());
        const std::int32_t token = host.rows[row];
        if (token < 0 || host.slots[static_cast<std::size_t>(token)] < 0) {
          if (found != std::vector<std::uint16_t>(key_dim(), kUnwritten)) return fail(ErrorKind::internal, "row {} is padding and was written", row);
          continue;
        }
        const std::int32_t position = host.positions[static_cast<std::size_t>(token)];
        std::vector<float> head(&queries[at * s_.head_dim], &queries[at * s_.head_dim] + s_.head_dim);
        if (s_.kv_lora > 0) {
          head.erase(head.begin(), head.end() - s_.rope_dim);
          turn(head.data(), position);
          head.insert(head.begin(), &absorbed[at * s_.kv_lora], &absorbed[at * s_.kv_lora] + s_.kv_lora);
        } else {
          norm_and_turn(head.data(), s_.qk_norm ? q_norm_.data() : nullptr, s_.head_dim, position);
        }
        for (float& x : head) x *= scale;
        TOKENMARK_CHECK(check_near(fmt::format("query head {} of row {}", h, row), from_bf16_bits(found), head, 1.0 / 250, 1e-5));
      }
    return {};
  }

  // ---- the cache as floats, [row][dim] ----

  std::size_t row_at(std::int32_t slot, std::uint32_t kv_head) const {
    const auto block = static_cast<std::size_t>(slot) / s_.tokens_per_block, offset = static_cast<std::size_t>(slot) % s_.tokens_per_block;
    return (block * layout_.cache.kv_heads + kv_head) * s_.tokens_per_block + offset;
  }
  Status read_cache() {
    TOKENMARK_TRY(const auto bytes, cache_memory_.values());
    const auto plane = [&](const void* at) { return bytes.data() + (static_cast<const std::byte*>(at) - cache_memory_.get()); };
    keys_ = floats_of(plane(cache_.keys), plane(cache_.key_scales), cache_.key_dim, cache_.key_pitch);
    values_ = floats_of(plane(cache_.values), plane(cache_.value_scales), cache_.value_dim, cache_.value_pitch);
    if (s_.kv_lora == 0) return {};
    values_.clear();
    for (std::size_t row = 0; row * key_dim() < keys_.size(); ++row)
      values_.insert(values_.end(), &keys_[row * key_dim()], &keys_[row * key_dim()] + value_dim());
    return {};
  }
  std::vector<float> floats_of(const std::byte* plane, const std::byte* scales, std::uint32_t dim, std::uint32_t pitch) const {
    std::vector<float> out;
    const std::size_t rows = std::size_t{options_.blocks} * s_.tokens_per_block * layout_.cache.kv_heads;
    if (s_.kv_lora > 0 && dim == layout_.cache.value_dim) return out;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::uint32_t d = 0; d < dim; ++d) out.push_back(value_at(plane, scales, row, d, pitch));
    return out;
  }
  float value_at(const std::byte* plane, const std::byte* scales, std::size_t row, std::uint32_t d, std::uint32_t pitch) const {
    const std::size_t at = row * pitch + d;
    switch (s_.format) {
      case TM_F32: return reinterpret_cast<const float*>(plane)[at];
      case TM_BF16: return bf16_to_float(reinterpret_cast<const std::uint16_t*>(plane)[at]);
      case TM_F16: return half_to_float(reinterpret_cast<const std::uint16_t*>(plane)[at]);
      case TM_FP8: return e4m3_to_float(static_cast<std::uint8_t>(plane[at])) * reinterpret_cast<const float*>(scales)[row];
      default: return static_cast<float>(static_cast<std::int8_t>(plane[at])) * half_to_float(reinterpret_cast<const std::uint16_t*>(scales)[row * ((pitch + 31) / 32) + d / 32]);
    }
  }

  // ---- attention ----

  Status attend(const HostStep& host) {
    TOKENMARK_TRY(const auto out, DeviceArray<std::uint16_t>::make(gpu_, host.rows.size() * s_.heads * value_dim()));
    TOKENMARK_CHECK(kernels_.plan(gpu_, step_.arrays, step_.step_rows));
    TOKENMARK_CHECK(kernels_.attend(gpu_, cache_, queries_.get(), s_.sinks ? sinks_there_.get() : nullptr, s_.window, out.get()));
    TOKENMARK_TRY(const auto found, out.values());
    TOKENMARK_TRY(const auto query_bits, queries_.values());
    const std::vector<float> queries = from_bf16_bits(query_bits);
    // Weights, and keys and values of other formats, are rounded to BF16. A latent's norm makes some values several times
    // as large as others.
    const double absolute = s_.kv_lora > 0 ? 1.0 / 30 : 1.0 / 200;
    for (std::size_t row = 0; row < host.rows.size(); ++row)
      for (std::uint32_t h = 0; h < s_.heads; ++h) {
        const std::size_t at = row * s_.heads + h;
        const std::vector<std::uint16_t> bits(&found[at * value_dim()], &found[at * value_dim()] + value_dim());
        const std::int32_t token = host.rows[row];
        if (token < 0 || host.slots[static_cast<std::size_t>(token)] < 0) {
          if (bits != std::vector<std::uint16_t>(value_dim(), kUnwritten)) return fail(ErrorKind::internal, "attended row {} is padding and was written", row);
          continue;
        }
        TOKENMARK_CHECK(check_near(fmt::format("head {} of row {}", h, row), from_bf16_bits(bits), expected(host, static_cast<std::size_t>(token), h, &queries[at * key_dim()]), 1.0 / 100, absolute));
      }
    return {};
  }
  std::vector<float> expected(const HostStep& host, std::size_t token, std::uint32_t head, const float* query) const {
    const auto& table = tables_[static_cast<std::size_t>(host.sequence_of_token[token])];
    const std::uint32_t end = static_cast<std::uint32_t>(host.positions[token]) + 1, kv_head = head / (s_.heads / layout_.cache.kv_heads);
    std::vector<float> keys, values, out(value_dim());
    for (std::uint32_t p = 0; p < end; ++p) {
      const std::size_t row = row_at(table[p / s_.tokens_per_block] * static_cast<std::int32_t>(s_.tokens_per_block) + static_cast<std::int32_t>(p % s_.tokens_per_block), kv_head);
      keys.insert(keys.end(), &keys_[row * key_dim()], &keys_[row * key_dim()] + key_dim());
      values.insert(values.end(), &values_[row * value_dim()], &values_[row * value_dim()] + value_dim());
    }
    const std::uint32_t begin = s_.window > 0 && end > s_.window ? end - s_.window : 0;
    reference::attention(query, keys.data(), values.data(), {key_dim(), value_dim(), begin, end, 1, s_.sinks ? sinks_[head] : -std::numeric_limits<float>::infinity()}, out.data());
    return out;
  }

  Gpu& gpu_;
  const SceneShape& s_;
  tm_model model_{};
  tm_executor_options options_{};
  std::uint32_t stride_ = 0;
  std::vector<std::vector<std::int32_t>> tables_;
  CacheLayout layout_;
  DeviceArray<std::byte> cache_memory_, scratch_;
  Cache cache_;
  std::optional<executor::RopeTable> rope_;
  DeviceArray<float> rope_table_, q_norm_there_, k_norm_there_, sinks_there_;
  std::vector<float> q_norm_, k_norm_, sinks_, keys_, values_;
  AttentionKernels kernels_;
  DeviceStep step_;
  DeviceArray<std::uint16_t> queries_;
};

}  // namespace

Status run_scene(Gpu& gpu, const SceneShape& shape) { return Scene(gpu, shape).run(); }

}  // namespace tokenmark::gpu
