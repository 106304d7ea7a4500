#include "plugins/cpu/forward.h"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/forward_products.h"

namespace tokenmark::cpu_plugin {

Result<Forward> Forward::make(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                              const ActivationSizes& sizes, executor::RopeTable rope,
                              std::vector<cpu::KvCache> caches) {
  Forward f(kernels, pool, model);
  TOKENMARK_TRY(f.a_, Activations::allocate(sizes));
  f.rope_ = std::move(rope);
  f.caches_ = std::move(caches);
  f.q_width_ = std::uint64_t{model.heads} * model.head_dim;
  f.kv_width_ = std::uint64_t{model.kv_heads} * model.head_dim;
  f.attended_width_ = std::uint64_t{model.heads} * model.value_dim;
  f.prepared_row_bytes_ = sizes.prepared_row;
  f.row_scratch_bytes_ = sizes.row_scratch;
  f.kernel_scratch_bytes_ = sizes.kernel_scratch;
  f.prepared_for_.assign(pool.threads(), 0);
  f.queries_.resize(pool.threads());
  f.scores_.resize(pool.threads());
  f.sampling_.resize(pool.threads());
  for (auto& scratch : f.sampling_) scratch.candidates.reserve(model.vocabulary);
  return f;
}

float* Forward::row_scratch(std::uint32_t thread) const {
  return reinterpret_cast<float*>(a_.row_scratch.bytes() + thread * row_scratch_bytes_);
}

// ---- rows ---------------------------------------------------------------------------------------------------------

void Forward::begin(const tm_step& step, const std::int32_t* tokens, tm_step_result& result) {
  step_ = &step;
  tokens_ = tokens;
  result_ = &result;
  narrowed_ = false;
  tokens_of_rows_.clear();
  sequence_of_token_.clear();
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t t = step.token_offsets[s]; t < step.token_offsets[s + 1]; ++t) {
      tokens_of_rows_.push_back(static_cast<std::uint32_t>(t));
      sequence_of_token_.push_back(s);
    }
  wanted_.collect(step);
}

void Forward::keep_wanted_rows() {
  if (narrowed_ || wanted_.tokens().size() == step_->n_tokens) return;
  narrowed_ = true;
  tokens_of_rows_.assign(wanted_.tokens().begin(), wanted_.tokens().end());
  for (std::uint32_t row = 0; row < rows(); ++row)
    if (tokens_of_rows_[row] != row) std::memcpy(residual(row), residual(tokens_of_rows_[row]), model_->width * sizeof(float));
}

void Forward::embed(const Weight& embedding) {
  const cpu::Matrix& m = embedding.matrix;
  pool_->run(step_->n_tokens, [&](std::uint32_t t, std::uint32_t) {
    const auto token = static_cast<std::uint64_t>(tokens_[t]);
    if (embedding.packed) k_->unpack_row(m, token, residual(t));
    else dequantize_row(m.format, static_cast<const std::byte*>(m.values) + token * row_bytes(m.format, m.columns), m.columns, residual(t));
    float* cosines = a_.angles.as<float>() + std::uint64_t{t} * 2 * rope_.pairs();
    rope_.at(step_->positions[t], cosines, cosines + rope_.pairs());
  });
}

void Forward::merge_previous(const MtpLayer& mtp) {
  const std::uint64_t width = model_->width;
  const Forms forms(*k_, {&mtp.merge.matrix});
  const Vector last_norm = step_->previous_is_mtp ? mtp.output_norm : mtp.model_norm;
  work_.clear();
  work_.add({factor({mtp.merge}, forms, rows(), a_.projected.as<float>()), {}, rows(), width});
  const auto both = [&](std::uint32_t row, std::uint32_t thread) {
    float* out = row_scratch(thread);
    k_->rms_norm(residual(row), mtp.embedding_norm, width, model_->rms_epsilon, out);
    k_->rms_norm(step_->previous_hidden + row * width, last_norm, width, model_->rms_epsilon, out + width);
    k_->rms_norm(out + width, mtp.hidden_norm, width, model_->rms_epsilon, out + width);
    return out;
  };
  project(forms, rows(), both, kNothing);
  std::swap(a_.residual, a_.projected);
}

// ---- projections --------------------------------------------------------------------------------------------------

void Forward::project(Vector norm, const Attention& a, bool last) {
  float* keys = a_.kv.as<float>();
  const std::uint32_t tokens = step_->n_tokens;
  const std::uint64_t kv_stride = 2 * kv_width_;
  const bool narrows = last && wanted_.tokens().size() < tokens;
  const Forms forms(*k_, {&a.q.weight.matrix, &a.k.weight.matrix, &a.v.weight.matrix});
  work_.clear();
  if (!narrows) work_.add({factor(a.q, forms, tokens, a_.q.as<float>()), {}, tokens, q_width_});
  work_.add({factor(a.k, forms, tokens, keys), {}, tokens, kv_stride});
  work_.add({factor(a.v, forms, tokens, keys + kv_width_), {}, tokens, kv_stride});
  project(forms, tokens, normed(norm), kNothing);
  if (!narrows) return;
  keep_wanted_rows();
  work_.clear();
  work_.add({factor(a.q, forms, rows(), a_.q.as<float>()), {}, rows(), q_width_});
  project(forms, rows(), normed(norm), kNothing);
}

void Forward::activate(float* gate, const float* up, std::uint64_t n) const {
  if (model_->activation == TM_SWIGLU_CLAMPED) k_->swiglu_clamped(gate, up, n, model_->activation_limit, gate);
  else k_->silu_multiply(gate, up, n, gate);
}

void Forward::project_ffn(Vector norm, const Dense& dense) {
  const Forms forms(*k_, {&dense.gate.matrix, &dense.up.matrix});
  float* gate = a_.gate.as<float>();
  float* up = a_.up.as<float>();
  work_.clear();
  work_.add({factor({dense.gate}, forms, rows(), gate), factor({dense.up}, forms, rows(), up), rows(), dense.width});
  project(forms, rows(), normed(norm), [&](const Worklist::Chunk& c) {
    for (std::uint64_t t = c.token; t < c.end_token; ++t) {
      const std::uint64_t at = t * dense.width + c.begin;
      activate(gate + at, up + at, c.end - c.begin);
    }
  });
}

// residual += W · input (+ bias)
void Forward::add_projected(const Weight& weight, Vector bias, const float* input) {
  const std::uint64_t width = model_->width, columns = weight.matrix.columns;
  const Forms forms(*k_, {&weight.matrix});
  float* projected = a_.projected.as<float>();
  work_.clear();
  work_.add({factor({weight, bias}, forms, rows(), projected), {}, rows(), width});
  project(forms, rows(), [&](std::uint32_t row, std::uint32_t) { return input + row * columns; },
          [&](const Worklist::Chunk& c) {
            for (std::uint32_t row = c.token; row < c.end_token; ++row)
              k_->add(residual(row) + c.begin, projected + row * width + c.begin, c.end - c.begin);
          });
}

void Forward::add_attention(const Linear& linear) { add_projected(linear.weight, linear.bias, a_.attended.as<float>()); }
void Forward::add_ffn(const Dense& dense) { add_projected(dense.down, nullptr, a_.gate.as<float>()); }

// ---- hidden states, logits and tokens -------------------------------------------------------------------------------

void Forward::finish(Vector norm, const Weight& output) {
  keep_wanted_rows();
  for (std::uint32_t i = 0; i < step_->n_hidden; ++i) {
    const auto row = wanted_.row_of(step_->hidden_rows[i]);
    std::memcpy(result_->hidden + std::uint64_t{i} * model_->width, residual(static_cast<std::uint32_t>(row)),
                model_->width * sizeof(float));
  }
  const auto wanted = static_cast<std::uint32_t>(wanted_.logit_rows().size());
  for (std::uint32_t begin = 0; begin < wanted; begin += kLogitRows)
    finish_rows(begin, std::min(begin + kLogitRows, wanted), norm, output);
}

// The rows [begin, end) of those with logits: their logits at once, then what each is wanted for.
void Forward::finish_rows(std::uint32_t begin, std::uint32_t end, Vector norm, const Weight& output) {
  const std::uint64_t vocabulary = model_->vocabulary;
  const Forms forms(*k_, {&output.matrix});
  work_.clear();
  work_.add({factor({output}, forms, end - begin, a_.logits.as<float>()), {}, end - begin, vocabulary});
  const auto input = normed(norm);
  project(forms, end - begin,
          [&](std::uint32_t i, std::uint32_t thread) { return input(static_cast<std::uint32_t>(wanted_.logit_rows()[begin + i]), thread); }, kNothing);
  const auto logits_of = [&](std::int32_t token) -> const float* {
    const auto index = static_cast<std::uint32_t>(wanted_.logits_of(token));
    return index >= begin && index < end ? a_.logits.as<float>() + (index - begin) * vocabulary : nullptr;
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
