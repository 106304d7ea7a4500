// A tiny description of every architecture, and GGUF files of it with numbered weights: value i of a tensor
// is a function of its name and i alone, so that whatever moves it about can be checked.
#pragma once

#include <cmath>

#include "engine/model/architecture.h"
#include "engine/model/description_gguf.h"
#include "engine/model/weights.h"
#include "tests/engine/model/tiny_gguf.h"

namespace tokenmark {

inline ModelDescription tiny_description(std::string_view architecture) {
  ModelDescription d;
  apply_architecture(*find_architecture(architecture), d);
  d.name = "tiny " + std::string(architecture);
  d.layers = 2;
  d.width = 64;
  d.ffn_width = 96;
  d.heads = 4;
  d.kv_heads = 2;
  d.head_dim = d.rope_dim = 16;
  d.vocabulary = 264;
  d.context = 256;
  d.rope_theta = 150000;
  if (architecture == "qwen3moe" || architecture == "gpt-oss") {
    d.experts.count = 8;
    d.experts.used = 2;
    d.experts.ffn_width = d.ffn_width = 32;
  }
  if (architecture == "qwen2") d.tied_output = true;
  if (architecture == "gpt-oss") {
    d.window = 16;
    d.rope_scaling = {RopeScalingKind::yarn, 32, 1, 32, 64, yarn_magnitude(32), false};
  }
  if (architecture == "deepseek2") {
    d.kv_heads = 1;
    d.head_dim = 24;
    d.rope_dim = 8;
    d.value_dim = 12;
    d.latent = {40, 32};
    d.mtp_layers = 1;
    d.rope_scaling = {RopeScalingKind::yarn, 40, 1, 32, 64, 1.0f, true};
    d.attention_scale = yarn_magnitude(40) * yarn_magnitude(40) / std::sqrt(24.0f);
    Experts& e = d.experts;
    e.count = 8;
    e.used = 3;
    e.ffn_width = 32;
    e.shared_ffn_width = 64;
    e.dense_layers = 1;
    e.gating = Gating::sigmoid;
    e.scale = 2.5f;
    e.groups = 4;
    e.groups_used = 2;
  }
  return d;
}

inline ModelDescription tiny_mixtral() {
  ModelDescription d = tiny_description("llama");
  d.experts.count = 4;
  d.experts.used = 2;
  d.experts.ffn_width = d.ffn_width;
  return d;
}

// Exact in BF16: seven bits around 1.
inline float numbered_value(std::string_view tensor, std::uint64_t index) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ index;
  for (const char c : tensor) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9u;
  return (static_cast<float>((hash >> 40) % 255) - 127) / 64;
}

inline std::vector<float> numbered_values(const TensorShape& shape) {
  std::vector<float> values(shape.depth * shape.rows * shape.columns);
  for (std::uint64_t i = 0; i < values.size(); ++i) values[i] = numbered_value(shape.name, i);
  return values;
}

inline void add_tiny_vocabulary(GgufMetadata& metadata, std::uint32_t size) {
  const Vocabulary words = synthetic_vocabulary(static_cast<std::int32_t>(size));
  std::vector<std::int32_t> types;
  for (const TokenType type : words.types) types.push_back(static_cast<std::int32_t>(type));
  metadata.add("tokenizer.ggml.model", "llama");
  metadata.add("tokenizer.ggml.tokens", std::span<const std::string>(words.tokens));
  metadata.add("tokenizer.ggml.scores", std::span<const float>(words.scores));
  metadata.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
}

struct NumberedTensor {
  Tensor tensor;
  std::vector<float> values;
};

// F32 tensors of a description under GGUF's names, optional ones left out.
inline std::vector<NumberedTensor> numbered_tensors(const ModelDescription& description) {
  std::vector<NumberedTensor> list;
  for (const TensorShape& shape : model_tensors(description))
    if (!shape.optional) list.push_back({tensor_of(shape, Format::f32), numbered_values(shape)});
  return list;
}

inline std::string gguf_bytes(const GgufMetadata& metadata, const std::vector<NumberedTensor>& list) {
  std::vector<Tensor> tensors;
  for (const NumberedTensor& one : list) tensors.push_back(one.tensor);
  std::string bytes = metadata.header(tensors);
  for (const NumberedTensor& one : list) {
    bytes.append(reinterpret_cast<const char*>(one.values.data()), one.tensor.bytes);
    bytes.resize((bytes.size() + 31) / 32 * 32, '\0');
  }
  return bytes;
}

inline GgufMetadata tiny_metadata(const ModelDescription& description) {
  GgufMetadata metadata;
  metadata.add("general.name", description.name);
  add_description(description, metadata);
  add_tiny_vocabulary(metadata, description.vocabulary);
  return metadata;
}

// A tensor's rows in float, however it is held.
inline std::vector<float> values_of(const Model& model, std::string_view name) {
  const Tensor* tensor = model.weights->find(name);
  if (!tensor) return {};
  std::vector<std::byte> bytes(tensor->bytes);
  if (!model.weights->read(*tensor, bytes.data())) return {};
  const std::uint64_t rows = tensor->depth * tensor->rows,
                      stride = row_bytes(tensor->format, tensor->columns);
  std::vector<float> values(rows * tensor->columns);
  for (std::uint64_t row = 0; row < rows; ++row)
    dequantize_row(tensor->format, bytes.data() + row * stride, tensor->columns,
                   values.data() + row * tensor->columns);
  return values;
}

}  // namespace tokenmark
