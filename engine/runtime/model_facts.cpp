#include "engine/runtime/model_facts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/runtime/kv_size.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

constexpr std::uint64_t kUsualContext = 8192;

std::string layers_text(const ModelDescription& d) {
  std::string text = fmt::format("{} of width {}", d.layers, d.width);
  if (d.experts.count > 0 && d.experts.dense_layers > 0)
    text += fmt::format(", the first {} without experts", d.experts.dense_layers);
  if (d.mtp_layers > 0) text += ", and one that predicts the token after next (MTP)";
  return text;
}

std::string attention_text(const ModelDescription& d) {
  std::string text;
  if (d.latent.kv_lora > 0)
    text = fmt::format("latent: {} heads of {} values ({} rotated), values of {}, from a latent of {}{}",
                       d.heads, d.head_dim, d.rope_dim, d.value_dim, d.latent.kv_lora,
                       d.latent.q_lora > 0 ? fmt::format(", queries from {}", d.latent.q_lora) : "");
  else
    text = fmt::format("{} heads of {} values, {} for keys and values", d.heads, d.head_dim, d.kv_heads);
  if (d.qk_norm) text += ", queries and keys normalised";
  if (d.attention_bias) text += ", with biases";
  if (d.attention_sinks) text += ", with sinks";
  if (d.attention_scale > 0) text += fmt::format(", scale {:.4g}", d.attention_scale);
  if (d.window > 0 && d.window_period > 1)
    text += fmt::format("; a window of {} tokens except in one layer of {}", d.window, d.window_period);
  else if (d.window > 0)
    text += fmt::format("; a window of {} tokens", d.window);
  return text;
}

std::string rope_text(const Model& model) {
  const ModelDescription& d = model.description;
  const RopeScaling& s = d.rope_scaling;
  std::string text = fmt::format("theta {}, {} of {} values, {}", d.rope_theta, d.rope_dim, d.head_dim,
                                 d.rope_interleaved ? "in pairs" : "in halves");
  switch (s.kind) {
    case RopeScalingKind::linear:
      text += fmt::format(", linear scaling by {}", s.factor);
      break;
    case RopeScalingKind::llama3:
      text += fmt::format(", Llama 3 scaling by {} from {} tokens (low {}, high {})", s.factor,
                          s.original_context, s.low, s.high);
      break;
    case RopeScalingKind::yarn:
      text += fmt::format(", YaRN by {} from {} tokens (β {} and {}{}), cos and sin × {:.4g}", s.factor,
                          s.original_context, s.high, s.low, s.rounded_bounds ? "" : ", bounds not rounded",
                          s.attention_factor > 0 ? s.attention_factor : 1);
      break;
    case RopeScalingKind::none:
      if (model.weights->find("rope_freqs.weight")) text += ", scaled by the factors in rope_freqs.weight";
  }
  return text;
}

std::string feed_forward_text(const ModelDescription& d) {
  const Experts& e = d.experts;
  const std::string unit =
      d.activation == Activation::silu ? "SwiGLU" : fmt::format("SwiGLU clamped at {}", d.activation_limit);
  if (e.count == 0) return fmt::format("{} of width {}", unit, d.ffn_width);
  std::string text = fmt::format("{} of {} experts of width {}, {}", e.used, e.count, e.ffn_width, unit);
  text += e.gating == Gating::sigmoid ? ", chosen by sigmoids" : ", chosen by softmax";
  if (e.groups > 1) text += fmt::format(" within {} of {} groups", e.groups_used, e.groups);
  if (!e.normalise) text += ", weights not normalised";
  if (std::abs(e.scale - 1) > 1e-6f) text += fmt::format(", × {}", e.scale);
  if (e.shared_ffn_width > 0) text += fmt::format("; shared: width {}", e.shared_ffn_width);
  if (e.dense_layers > 0) text += fmt::format("; dense layers: width {}", d.ffn_width);
  return text;
}

std::string weights_text(const Model& model) {
  std::string text = bytes_text(model.description.weight_bytes) + ":";
  for (const FormatShare& share : formats_of(model))
    text += fmt::format(" {} {} in {} tensors,", format_name(share.format), bytes_text(share.bytes),
                        share.tensors);
  text.pop_back();
  return text + (model.description.tied_output ? "; the output is the embedding" : "");
}

std::string cache_text(const ModelDescription& d) {
  std::string text;
  for (const Format format : {Format::f16, Format::bf16, Format::fp8, Format::q8_0})
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", kv_bytes_per_token(d, format), format_name(format));
  return text + " (bytes a token)";
}

std::string fit_text(const ModelDescription& d, std::uint64_t available) {
  const std::uint64_t tokens = std::min<std::uint64_t>(d.context, kUsualContext);
  const Fit fit = fit_in_memory(d, tokens, Format::f16, available);
  std::string text =
      fmt::format("{} with {} tokens of keys and values in f16, {} free: ", bytes_text(fit.needed_bytes()),
                  tokens, bytes_text(available));
  if (fit.fits()) return text + fmt::format("fits, up to {} tokens", fit.most_tokens);
  text += "does not fit";
  if (fit.most_tokens > 0) text += fmt::format("; {} tokens would", fit.most_tokens);
  if (fit.smaller_bytes > 0)
    text += fmt::format("; in {} ({}) it would", format_name(fit.smaller), bytes_text(fit.smaller_bytes));
  return text;
}

}  // namespace

std::string count_text(std::uint64_t count) {
  if (count >= 1'000'000'000) return fmt::format("{:.2f}B", static_cast<double>(count) / 1e9);
  if (count >= 1'000'000) return fmt::format("{:.1f}M", static_cast<double>(count) / 1e6);
  return fmt::format("{:.0f}K", static_cast<double>(count) / 1e3);
}

std::vector<FormatShare> formats_of(const Model& model) {
  std::map<Format, FormatShare> by_format;
  for (const Tensor& tensor : model.weights->tensors()) {
    FormatShare& share = by_format[tensor.format];
    share.format = tensor.format;
    ++share.tensors;
    share.values += tensor.depth * tensor.rows * tensor.columns;
    share.bytes += tensor.bytes;
  }
  std::vector<FormatShare> shares;
  for (const auto& [format, share] : by_format) shares.push_back(share);
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return shares;
}

std::vector<ModelFact> model_facts(const Model& model, std::uint64_t available) {
  const ModelDescription& d = model.description;
  std::string parameters = fmt::format("{} ({})", count_text(d.parameters), d.parameters);
  if (d.experts.count > 0)
    parameters += fmt::format(", of which a token uses {}", count_text(d.active_parameters));
  std::string source = model.source;
  if (model.files.size() > 1) source += fmt::format(" ({} files)", model.files.size());
  if (model.random_weights) source += " (random weights: speed is real, text is not)";
  return {{"name", d.name},
          {"source", source},
          {"architecture", d.architecture},
          {"parameters", parameters},
          {"layers", layers_text(d)},
          {"attention", attention_text(d)},
          {"rope", rope_text(model)},
          {"feed-forward", feed_forward_text(d)},
          {"norm", fmt::format("RMSNorm, ε {}", d.rms_epsilon)},
          {"context", fmt::format("{} tokens", d.context)},
          {"weights", weights_text(model)},
          {"cache", cache_text(d)},
          {"memory", fit_text(d, available)},
          {"tokenizer", fmt::format("{}, {} tokens ({} in the embedding), BOS {}, EOS {}",
                                    model.tokenizer->kind(), model.tokenizer->vocabulary_size(), d.vocabulary,
                                    model.tokenizer->bos(), model.tokenizer->eos())}};
}

}  // namespace tokenmark
