#include "tests/plugins/cpu/reference_forward.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "kernels/formats/format.h"

namespace tokenmark::test {

ReferenceForward::ReferenceForward(const tm_model& model, const tm_weight_source& source) : m_(model) {
  for (const char* name : {"token_embd.weight", "output_norm.weight", "output.weight", "rope_freqs.weight"})
    read(source, name);
  for (std::uint32_t l = 0; l < m_.layers; ++l)
    for (const char* name : {"attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up",
                             "ffn_down"})
      read(source, "blk." + std::to_string(l) + "." + name + ".weight");
  reset();
}

void ReferenceForward::read(const tm_weight_source& source, const std::string& name) {
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  if (source.find(source.context, name.c_str(), &tensor) != TM_OK) return;
  std::vector<std::byte> raw(tensor.bytes);
  if (tensor.mapped) std::memcpy(raw.data(), tensor.mapped, raw.size());
  else source.read(source.context, name.c_str(), raw.data(), raw.size());
  Weight weight{tensor.rows, tensor.columns, std::vector<float>(tensor.rows * tensor.columns)};
  const auto format = static_cast<Format>(tensor.format);
  const std::size_t row = row_bytes(format, tensor.columns);
  for (std::uint64_t r = 0; r < tensor.rows; ++r)
    dequantize_row(format, raw.data() + r * row, tensor.columns, weight.values.data() + r * tensor.columns);
  weights_[name] = std::move(weight);
}

void ReferenceForward::reset() {
  keys_.assign(m_.layers, {});
  values_.assign(m_.layers, {});
}

std::vector<double> ReferenceForward::multiply(const std::string& name, const std::vector<double>& x) const {
  const Weight& w = weight(name);
  std::vector<double> out(w.rows, 0);
  for (std::uint64_t r = 0; r < w.rows; ++r)
    for (std::uint64_t c = 0; c < w.columns; ++c) out[r] += static_cast<double>(w.values[r * w.columns + c]) * x[c];
  return out;
}

std::vector<double> ReferenceForward::norm(const std::string& name, const std::vector<double>& x) const {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + m_.rms_epsilon);
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * scale * weight(name).values[i];
  return out;
}

double ReferenceForward::angle(std::uint32_t pair, std::int64_t position) const {
  double frequency = 1 / std::pow(static_cast<double>(m_.rope_theta), 2.0 * pair / m_.rope_dim);
  if (weights_.contains("rope_freqs.weight")) {
    frequency /= weight("rope_freqs.weight").values[pair];
  } else if (m_.rope_scaling == TM_ROPE_LLAMA3) {
    const double turns = m_.rope_original_context * frequency / (2 * std::numbers::pi);  // within the original context
    const double keep = std::clamp((turns - m_.rope_low) / (m_.rope_high - m_.rope_low), 0.0, 1.0);
    frequency *= keep + (1 - keep) / m_.rope_factor;
  }
  if (m_.rope_scaling == TM_ROPE_LINEAR) frequency /= m_.rope_factor;
  return static_cast<double>(position) * frequency;
}

void ReferenceForward::rope(std::vector<double>& heads, std::int64_t position) const {
  for (std::size_t head = 0; head < heads.size(); head += m_.head_dim)
    for (std::uint32_t i = 0; i < m_.rope_dim / 2; ++i) {
      const bool half = m_.rope_style == TM_ROPE_HALF;
      double& x = heads[head + (half ? i : 2 * i)];
      double& y = heads[head + (half ? i + m_.rope_dim / 2 : 2 * i + 1)];
      const double a = angle(i, position), x0 = x, y0 = y;
      x = x0 * std::cos(a) - y0 * std::sin(a);
      y = x0 * std::sin(a) + y0 * std::cos(a);
    }
}

std::vector<double> ReferenceForward::attention(std::uint32_t layer, const std::vector<double>& query) const {
  std::vector<double> out(query.size(), 0);
  const std::uint32_t dim = m_.head_dim, group = m_.heads / m_.kv_heads;
  const double factor = std::numbers::log2e / std::sqrt(static_cast<double>(dim));
  const auto bf16 = [](double x) -> double { return bf16_to_float(float_to_bf16(static_cast<float>(x))); };
  const auto rounded_query = [&](double x) { return rounds_attention_ ? bf16(x * factor) / factor : x; };
  const auto rounded = [&](double x) {
    return rounds_attention_ ? bf16(half_to_float(float_to_half(static_cast<float>(x)))) : x;
  };
  for (std::uint32_t h = 0; h < m_.heads; ++h) {
    const std::size_t q = std::size_t{h} * dim, kv = std::size_t{h / group} * dim;
    std::vector<double> weights;
    for (const auto& key : keys_[layer]) {
      double dot = 0;
      for (std::uint32_t i = 0; i < dim; ++i) dot += rounded_query(query[q + i]) * rounded(key[kv + i]);
      weights.push_back(dot / std::sqrt(static_cast<double>(dim)));
    }
    const double greatest = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& w : weights) sum += w = std::exp(w - greatest);
    // Relative to a greatest score that pairs of groups only follow where theirs leads by 8, in units of ln 2.
    double top = -INFINITY;
    for (std::size_t t = 0; rounds_attention_ && t < weights.size(); ++t) {
      const auto pair = weights.begin() + static_cast<std::ptrdiff_t>(t / 32 * 32);
      if (t % 32 == 0) {
        const double best = std::log2(*std::max_element(pair, pair + std::min<std::ptrdiff_t>(32, weights.end() - pair)));
        if (best > top + 8) top = best;
      }
      weights[t] = bf16(weights[t] * std::exp2(-top)) * std::exp2(top);
    }
    for (std::size_t t = 0; t < weights.size(); ++t)
      for (std::uint32_t i = 0; i < dim; ++i) out[q + i] += weights[t] / sum * rounded(values_[layer][t][kv + i]);
  }
  return out;
}

std::vector<float> ReferenceForward::next(std::int32_t token) {
  const auto position = static_cast<std::int64_t>(keys_[0].size());
  const auto& embedding = weight("token_embd.weight").values;
  const auto row = embedding.begin() + static_cast<std::ptrdiff_t>(token) * m_.width;
  std::vector<double> x(row, row + m_.width);
  const auto add = [&x](const std::vector<double>& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  };
  for (std::uint32_t l = 0; l < m_.layers; ++l) {
    const std::string blk = "blk." + std::to_string(l) + ".";
    const auto normed = norm(blk + "attn_norm.weight", x);
    auto q = multiply(blk + "attn_q.weight", normed), k = multiply(blk + "attn_k.weight", normed);
    rope(q, position);
    rope(k, position);
    keys_[l].push_back(k);
    values_[l].push_back(multiply(blk + "attn_v.weight", normed));
    add(multiply(blk + "attn_output.weight", attention(l, q)));
    const auto ffn = norm(blk + "ffn_norm.weight", x);
    auto gate = multiply(blk + "ffn_gate.weight", ffn);
    const auto up = multiply(blk + "ffn_up.weight", ffn);
    for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
    add(multiply(blk + "ffn_down.weight", gate));
  }
  const bool untied = weights_.contains("output.weight");
  const auto logits = multiply(untied ? "output.weight" : "token_embd.weight", norm("output_norm.weight", x));
  return {logits.begin(), logits.end()};
}

std::vector<std::vector<float>> ReferenceForward::run(const std::vector<std::int32_t>& tokens) {
  reset();
  std::vector<std::vector<float>> logits;
  for (const auto token : tokens) logits.push_back(next(token));
  return logits;
}

}  // namespace tokenmark::test
