#include "plugins/cpu/forward.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plugins/executor/step_check.h"

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint32_t kLogitRows = 32;         // rows whose logits are held at once
constexpr std::int32_t kAttentionTile = 32;      // tokens of one prompt that one thread takes at a time
constexpr std::uint64_t kChunkValues = 1 << 15;  // multiply-adds below which a chunk costs more to hand out than to do
constexpr std::uint32_t kRowGranule = 16;        // rows a chunk is a multiple of
constexpr std::uint64_t kChunksPerThread = 8;    // of one operation: even when one thread is held up

constexpr auto kNothing = [](std::uint64_t, std::uint64_t) {};

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

// Bytes a token takes in all the forms that these matrices multiply with.
std::uint64_t prepared_bytes(const cpu::Kernels& k, std::initializer_list<const cpu::Matrix*> matrices) {
  std::uint64_t bytes = 0;
  for (auto m = matrices.begin(); m != matrices.end(); ++m) {
    const bool seen = std::any_of(matrices.begin(), m, [&](const auto* other) { return other->format == (*m)->format; });
    if (!seen) bytes += k.prepared_bytes((*m)->format, (*m)->columns);
  }
  return bytes;
}

std::uint64_t largest_prepared(const cpu::Kernels& k, const LlamaWeights& weights) {
  std::uint64_t bytes = prepared_bytes(k, {&weights.output});
  for (const auto& l : weights.layers)
    bytes = std::max({bytes, prepared_bytes(k, {&l.attn_q, &l.attn_k, &l.attn_v}), prepared_bytes(k, {&l.attn_output}),
                      prepared_bytes(k, {&l.ffn_gate, &l.ffn_up}), prepared_bytes(k, {&l.ffn_down})});
  return bytes;
}

}  // namespace

// Bytes of each buffer.
struct Forward::Sizes {
  std::uint64_t residual, qkv, attended, hidden, angles, prepared, scratch, logits;

  Sizes(const cpu::Kernels& kernels, std::uint32_t threads, const tm_model& m, const tm_executor_options& options,
        const LlamaWeights& weights) {
    const std::uint64_t tokens = options.max_step_tokens, f = sizeof(float);
    residual = tokens * m.width * f;
    qkv = tokens * (m.heads + 2ull * m.kv_heads) * m.head_dim * f;
    attended = tokens * m.heads * m.head_dim * f;
    hidden = tokens * m.ffn_width * f;
    angles = tokens * std::max(m.rope_dim, 1u) * f;
    // A step of one token is prepared by every thread for itself, hence at least one place a thread.
    prepared = std::max<std::uint64_t>(tokens, threads) * largest_prepared(kernels, weights);
    scratch = std::uint64_t{threads} * round_up(m.width * f, 64);
    logits = std::min<std::uint64_t>(tokens, kLogitRows) * m.vocabulary * f;
  }
  std::uint64_t all() const { return 2 * residual + qkv + attended + 2 * hidden + angles + prepared + scratch + logits; }
};

std::uint64_t Forward::activation_bytes(const cpu::Kernels& kernels, std::uint32_t threads, const tm_model& model,
                                        const tm_executor_options& options, const LlamaWeights& weights) {
  return Sizes(kernels, threads, model, options, weights).all();
}

Result<Forward> Forward::make(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                              const tm_executor_options& options, const LlamaWeights& weights,
                              executor::RopeTable rope) {
  Forward f(kernels, pool, model);
  const Sizes sizes(kernels, pool.threads(), model, options, weights);
  f.rope_ = std::move(rope);
  f.q_width_ = std::uint64_t{model.heads} * model.head_dim;
  f.kv_width_ = std::uint64_t{model.kv_heads} * model.head_dim;
  f.qkv_width_ = f.q_width_ + 2 * f.kv_width_;
  f.prepared_bytes_ = largest_prepared(kernels, weights);
  TOKENMARK_TRY(f.residual_, Memory::allocate(sizes.residual));
  TOKENMARK_TRY(f.projected_, Memory::allocate(sizes.residual));
  TOKENMARK_TRY(f.qkv_, Memory::allocate(sizes.qkv));
  TOKENMARK_TRY(f.attended_, Memory::allocate(sizes.attended));
  TOKENMARK_TRY(f.gate_, Memory::allocate(sizes.hidden));
  TOKENMARK_TRY(f.up_, Memory::allocate(sizes.hidden));
  TOKENMARK_TRY(f.angles_, Memory::allocate(sizes.angles));
  TOKENMARK_TRY(f.prepared_, Memory::allocate(sizes.prepared));
  TOKENMARK_TRY(f.scratch_, Memory::allocate(sizes.scratch));
  TOKENMARK_TRY(f.logits_, Memory::allocate(sizes.logits));
  f.prepared_for_.assign(pool.threads(), 0);
  f.queries_.resize(pool.threads());
  for (auto& queries : f.queries_) queries.reserve(kAttentionTile * (model.heads / model.kv_heads));
  f.sampling_.resize(pool.threads());
  for (auto& scratch : f.sampling_) scratch.candidates.reserve(model.vocabulary);
  f.attention_.reserve(std::uint64_t{options.max_step_tokens} * model.kv_heads);
  f.wanted_.reserve(options.max_step_tokens);
  f.wanted_index_.reserve(options.max_step_tokens);
  return f;
}

void Forward::begin(const tm_step& step, const std::int32_t* tokens, tm_step_result& result) {
  step_ = &step;
  tokens_ = tokens;
  result_ = &result;
  // What each thread does in `attend`: a key/value head of a sequence, long prompts in tiles.
  attention_.clear();
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t t = step.token_offsets[s]; t < step.token_offsets[s + 1]; t += kAttentionTile)
      for (std::uint32_t head = 0; head < model_->kv_heads; ++head)
        attention_.push_back({s, head, t, std::min(t + kAttentionTile, step.token_offsets[s + 1])});
  collect_wanted_rows();
}

void Forward::embed(const cpu::Matrix& embedding) {
  const std::uint64_t row = row_bytes(embedding.format, embedding.columns);
  pool_->run(step_->n_tokens, [&](std::uint32_t t, std::uint32_t) {
    const auto* values = static_cast<const std::byte*>(embedding.values) + static_cast<std::uint64_t>(tokens_[t]) * row;
    dequantize_row(embedding.format, values, embedding.columns, residual_.as<float>() + std::uint64_t{t} * model_->width);
    float* cosines = angles_.as<float>() + std::uint64_t{t} * 2 * rope_.pairs();
    rope_.at(step_->positions[t], cosines, cosines + rope_.pairs());
  });
}

// ---- projections --------------------------------------------------------------------------------------------------

// Does one of [first, p) have the format of *p?
bool Forward::seen_before(const Projection* first, const Projection* p) {
  return std::any_of(first, p, [&](const Projection& other) { return other.matrix->format == p->matrix->format; });
}

// One token's input in every form that the matrices multiply with; the forms of `tokens` tokens follow each other.
template <class Input>
void Forward::prepare(std::initializer_list<Projection> projections, std::uint32_t token, std::uint32_t thread,
                      std::uint32_t tokens, std::byte* to, Input&& input) {
  const float* x = input(token, thread);
  for (auto p = projections.begin(); p != projections.end(); ++p) {
    if (seen_before(projections.begin(), p)) continue;
    const std::uint64_t bytes = k_->prepared_bytes(p->matrix->format, p->matrix->columns);
    k_->prepare(p->matrix->format, x, p->matrix->columns, to + token * bytes);
    to += tokens * bytes;
  }
}

// out = W · input for each projection, all of the same columns. `input(token, thread)` gives a token's vector;
// `after(begin, end)` follows on the thread that made these rows.
template <class Input, class After>
void Forward::project(Order order, std::initializer_list<Projection> projections, std::uint32_t tokens, Input&& input,
                      After&& after) {
  std::uint64_t rows = 0;
  for (const auto& p : projections) rows = order == Order::stacked ? rows + p.matrix->rows : p.matrix->rows;
  const std::uint64_t columns = projections.begin()->matrix->columns;
  const std::uint64_t share = rows / (pool_->threads() * kChunksPerThread);
  const std::uint64_t chunk_rows =
      round_up(std::max({share, kChunkValues / (columns * tokens), std::uint64_t{1}}), kRowGranule);

  // A single token is prepared by each thread for itself with its first chunk: cheaper than to wait for one that does.
  const bool alone = tokens == 1;
  ++operation_;
  if (!alone)
    pool_->run(tokens, [&](std::uint32_t token, std::uint32_t thread) {
      prepare(projections, token, thread, tokens, prepared_.bytes(), input);
    });
  pool_->run(static_cast<std::uint32_t>((rows + chunk_rows - 1) / chunk_rows),
             [&](std::uint32_t chunk, std::uint32_t thread) {
               std::byte* prepared = prepared_.bytes() + (alone ? thread * prepared_bytes_ : 0);
               if (alone && prepared_for_[thread] != operation_) {
                 prepare(projections, 0, thread, 1, prepared, input);
                 prepared_for_[thread] = operation_;
               }
               const std::uint64_t begin = chunk * chunk_rows, end = std::min(begin + chunk_rows, rows);
               multiply_rows(order, projections, tokens, prepared, begin, end);
               after(begin, end);
             });
}

void Forward::multiply_rows(Order order, std::initializer_list<Projection> projections, std::uint32_t tokens,
                            const std::byte* prepared, std::uint64_t begin, std::uint64_t end) const {
  std::uint64_t first = 0;  // of this matrix
  for (auto p = projections.begin(); p != projections.end(); ++p) {
    const cpu::Matrix& matrix = *p->matrix;
    const std::uint64_t from = std::max(begin, first) - first;
    const std::uint64_t to = std::min(std::max(end, first) - first, matrix.rows);
    if (order == Order::stacked) first += matrix.rows;
    if (from >= to) continue;
    // Its form is the first one of this format, behind those of the formats before.
    const std::byte* form = prepared;
    for (auto q = projections.begin(); q->matrix->format != matrix.format; ++q)
      if (!seen_before(projections.begin(), q)) form += tokens * k_->prepared_bytes(q->matrix->format, matrix.columns);
    k_->matmul(matrix, form, tokens, from, to, p->out, p->stride, nullptr);
  }
}

// The input of `project` that is the norm of residual rows; without `rows` token t is row t.
auto Forward::normed(Vector norm, const std::int32_t* rows) {
  return [this, norm, rows](std::uint32_t token, std::uint32_t thread) -> const float* {
    const std::uint64_t row = rows ? static_cast<std::uint64_t>(rows[token]) : token;
    float* out = scratch_.as<float>() + thread * (round_up(model_->width * sizeof(float), 64) / sizeof(float));
    k_->rms_norm(residual_.as<float>() + row * model_->width, norm, model_->width, model_->rms_epsilon, out);
    return out;
  };
}

void Forward::project_qkv(Vector norm, const cpu::Matrix& q, const cpu::Matrix& k, const cpu::Matrix& v) {
  float* out = qkv_.as<float>();
  project(Order::stacked, {{&q, out, qkv_width_}, {&k, out + q_width_, qkv_width_}, {&v, out + q_width_ + kv_width_, qkv_width_}},
          step_->n_tokens, normed(norm, nullptr), kNothing);
}

void Forward::project_ffn(Vector norm, const cpu::Matrix& gate, const cpu::Matrix& up) {
  const std::uint64_t width = model_->ffn_width;
  float* hidden = gate_.as<float>();
  project(Order::side_by_side, {{&gate, hidden, width}, {&up, up_.as<float>(), width}}, step_->n_tokens,
          normed(norm, nullptr), [&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t at = begin, t = 0; t < step_->n_tokens; ++t, at += width)
              k_->silu_multiply(hidden + at, up_.as<float>() + at, end - begin, hidden + at);
          });
}

void Forward::add_projected(const cpu::Matrix& matrix, const float* input) {
  const std::uint64_t width = model_->width, columns = matrix.columns;
  project(Order::stacked, {{&matrix, projected_.as<float>(), width}}, step_->n_tokens,
          [&](std::uint32_t token, std::uint32_t) { return input + token * columns; },
          [&](std::uint64_t begin, std::uint64_t end) {
            for (std::uint64_t at = begin, t = 0; t < step_->n_tokens; ++t, at += width)
              k_->add(residual_.as<float>() + at, projected_.as<float>() + at, end - begin);
          });
}

void Forward::add_attention(const cpu::Matrix& matrix) { add_projected(matrix, attended_.as<float>()); }
void Forward::add_ffn(const cpu::Matrix& matrix) { add_projected(matrix, gate_.as<float>()); }

// ---- logits and tokens ---------------------------------------------------------------------------------------------

void Forward::collect_wanted_rows() {
  wanted_.clear();
  wanted_index_.assign(step_->n_tokens, -1);
  const auto want = [&](std::int32_t row) {
    std::int32_t& index = wanted_index_[static_cast<std::size_t>(row)];
    if (index >= 0) return;
    index = static_cast<std::int32_t>(wanted_.size());
    wanted_.push_back(row);
  };
  std::for_each_n(step_->sample_rows, step_->n_samples, want);
  std::for_each_n(step_->logit_rows, step_->n_logits, want);
}

void Forward::finish(Vector norm, const cpu::Matrix& output) {
  const auto rows = static_cast<std::uint32_t>(wanted_.size());
  for (std::uint32_t begin = 0; begin < rows; begin += kLogitRows)
    finish_rows(begin, std::min(begin + kLogitRows, rows), norm, output);
}

// The wanted rows [begin, end): their logits at once, then what each is wanted for.
void Forward::finish_rows(std::uint32_t begin, std::uint32_t end, Vector norm, const cpu::Matrix& output) {
  const std::uint64_t vocabulary = model_->vocabulary;
  project(Order::stacked, {{&output, logits_.as<float>(), vocabulary}}, end - begin,
          normed(norm, wanted_.data() + begin), kNothing);
  const auto logits_of = [&](std::int32_t row) -> const float* {
    const auto index = static_cast<std::uint32_t>(wanted_index_[static_cast<std::size_t>(row)]);
    return index >= begin && index < end ? logits_.as<float>() + (index - begin) * vocabulary : nullptr;
  };
  pool_->run(step_->n_samples, [&](std::uint32_t i, std::uint32_t thread) {
    const float* logits = logits_of(step_->sample_rows[i]);
    if (!logits) return;
    const tm_sampling& s = step_->sampling[i];
    const cpu::Sampling sampling{s.temperature, s.top_p, s.min_p, s.top_k, s.uniform};
    result_->tokens[i] = static_cast<std::int32_t>(cpu::sample(*k_, logits, vocabulary, sampling, sampling_[thread]));
  });
  for (std::uint32_t i = 0; i < step_->n_logits; ++i)
    if (const float* logits = logits_of(step_->logit_rows[i]))
      std::memcpy(result_->logits + i * vocabulary, logits, vocabulary * sizeof(float));
}

}  // namespace tokenmark::cpu_plugin
