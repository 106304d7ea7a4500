#include "engine/model/write_model.h"

#include <cstring>

#include "engine/model/description_gguf.h"
#include "engine/model/random_weights.h"
#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {
namespace {

constexpr std::string_view kRopeFreqs = "rope_freqs.weight";

void add_vocabulary(const Vocabulary& vocabulary, GgufMetadata& metadata) {
  std::vector<std::int32_t> types;
  for (const TokenType type : vocabulary.types) types.push_back(static_cast<std::int32_t>(type));
  metadata.add("tokenizer.ggml.model", vocabulary.model);
  metadata.add("tokenizer.ggml.pre", "default");
  metadata.add("tokenizer.ggml.tokens", std::span<const std::string>(vocabulary.tokens));
  metadata.add("tokenizer.ggml.scores", std::span<const float>(vocabulary.scores));
  metadata.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
  if (vocabulary.bos >= 0) metadata.add("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(vocabulary.bos));
  if (vocabulary.eos >= 0) metadata.add("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(vocabulary.eos));
  metadata.add("tokenizer.ggml.add_bos_token", *vocabulary.add_bos);
  metadata.add("tokenizer.ggml.add_eos_token", *vocabulary.add_eos);
  metadata.add("tokenizer.ggml.add_space_prefix", *vocabulary.add_space_prefix);
}

}  // namespace

Status write_random_model(const ShapeSpecification& shape, const std::string& path, const WriteProgress& progress) {
  GgufMetadata metadata;
  add_description(shape.description, metadata);
  metadata.add("general.name", fmt::format("{} (random weights, seed {})", shape.description.name, shape.seed));
  metadata.add(kRandomWeightsKey, true);
  add_vocabulary(synthetic_vocabulary(static_cast<std::int32_t>(shape.description.vocabulary)), metadata);

  const RandomWeights weights(shape_tensors(shape.description, shape.format), shape.seed);
  std::vector<Tensor> tensors = weights.tensors();
  std::vector<float> divisors;
  if (shape.description.rope_scaling.kind == RopeScalingKind::llama3) {
    divisors = llama3_rope_divisors(shape.description);
    tensors.push_back({std::string(kRopeFreqs), Format::f32, 1, divisors.size(), divisors.size() * sizeof(float), nullptr});
  }
  std::vector<Tensor> written = tensors;
  for (Tensor& tensor : written) tensor.name = file_tensor_name(shape.description, tensor.name);
  const auto rows = [&](const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    const Tensor& own = tensors[static_cast<std::size_t>(&tensor - written.data())];
    if (own.name == kRopeFreqs)
      std::memcpy(out, divisors.data(), own.bytes);
    else
      return weights.read_rows(own, first, count, out);
    return {};
  };
  return write_gguf(path, metadata, written, rows, progress);
}

}  // namespace tokenmark
