#include "engine/model/shapes.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/model/architecture.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "shape:";
constexpr std::string_view kFormats = "f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, mxfp4, fp8 and mxfp6";

// The resource is the project's own and checked by the tests: a mistake in it would be an empty list, not a crash.
json shape_list() {
  const json document = json::parse(resource("shapes.json"), nullptr, false);
  return document.is_object() && document.contains("shapes") ? document["shapes"] : json::array();
}

void read_scaling(const json& scaling, ModelDescription& model) {
  RopeScaling& rope = model.rope_scaling;
  const bool yarn = scaling.value("kind", "llama3") == "yarn";
  rope.kind = yarn ? RopeScalingKind::yarn : RopeScalingKind::llama3;
  rope.factor = scaling.value("factor", 1.0f);
  rope.low = scaling.value("low", 1.0f);
  rope.high = scaling.value("high", yarn ? 32.0f : 4.0f);
  rope.original_context = scaling.value("original_context", 0u);
  if (yarn) apply_yarn_magnitude(1, scaling.value("mscale_all", 0.0f), model);
}

void read_experts(const json& shape, ModelDescription& model) {
  Experts& experts = model.experts;
  experts.count = shape.value("count", 0u);
  experts.used = shape.value("used", 0u);
  experts.ffn_width = shape.value("ffn", 0u);
  experts.shared_ffn_width = shape.value("shared", 0u) * experts.ffn_width;
  experts.dense_layers = shape.value("dense_layers", 0u);
  experts.gating = shape.value("gating", "softmax") == "sigmoid" ? Gating::sigmoid : Gating::softmax;
  experts.scale = shape.value("scale", 1.0f);
  experts.groups = shape.value("groups", 0u);
  experts.groups_used = shape.value("groups_used", 0u);
}

ModelDescription description_of(const json& shape) {
  ModelDescription model;
  if (const Architecture* row = find_architecture(shape.value("architecture", ""))) apply_architecture(*row, model);
  model.name = shape.value("name", "");
  model.layers = shape.value("layers", 0u);
  model.width = shape.value("width", 0u);
  model.ffn_width = shape.value("ffn", 0u);
  model.heads = shape.value("heads", 0u);
  model.kv_heads = shape.value("kv_heads", 1u);
  model.head_dim = model.rope_dim = shape.value("head_dim", 0u);
  model.vocabulary = shape.value("vocab", 0u);
  model.context = shape.value("context", 0u);
  model.tied_output = shape.value("tied", false);
  model.rope_theta = shape.value("rope_theta", 10000.0f);
  model.rms_epsilon = shape.value("rms_eps", 1e-5f);
  model.window = shape.value("window", 0u);
  model.mtp_layers = shape.value("mtp", 0u);
  if (const auto latent = shape.find("latent"); latent != shape.end()) {
    model.latent = {latent->value("q_lora", 0u), latent->value("kv_lora", 0u)};
    model.rope_dim = latent->value("rope", 0u);
    model.head_dim = latent->value("nope", 0u) + model.rope_dim;
    model.value_dim = latent->value("value", 0u);
  }
  if (const auto scaling = shape.find("rope_scaling"); scaling != shape.end()) read_scaling(*scaling, model);
  if (const auto experts = shape.find("experts"); experts != shape.end()) read_experts(*experts, model);
  // A mixture's dense width counts in its dense layers only; files and programs want one in any case.
  if (model.ffn_width == 0) model.ffn_width = model.experts.ffn_width;
  return model;
}

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const json& shape : shape_list()) names.push_back(shape.value("name", ""));
  return names;
}

}  // namespace

std::vector<ModelDescription> known_shapes() {
  std::vector<ModelDescription> shapes;
  for (const json& shape : shape_list()) {
    shapes.push_back(description_of(shape));
    count_weights(shape_tensors(shapes.back(), Format::bf16), shapes.back());
  }
  return shapes;
}

bool is_shape_specification(std::string_view specification) { return specification.starts_with(kPrefix); }

Result<ShapeSpecification> parse_shape_specification(std::string_view specification) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = specification.substr(kPrefix.size());;) {
    const auto colon = rest.find(':');
    parts.push_back(rest.substr(0, colon));
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  if (parts.size() < 2 || parts.size() > 3)
    return fail(ErrorKind::invalid_input, "'{}': expected shape:NAME:FORMAT or shape:NAME:FORMAT:SEED, as in"
                " shape:llama-3.2-1b:q4_0", specification);
  std::uint64_t seed = 0;
  if (parts.size() == 3) {
    const auto [end, error] = std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), seed);
    if (error != std::errc() || end != parts[2].data() + parts[2].size())
      return fail(ErrorKind::invalid_input, "'{}': the seed '{}' is not a whole number", specification, parts[2]);
  }
  return make_shape_specification(parts[0], parts[1], seed);
}

Result<ShapeSpecification> make_shape_specification(std::string_view name, std::string_view format, std::uint64_t seed) {
  const auto known_format = format_from_name(format);
  if (!known_format)
    return fail(ErrorKind::invalid_input, "weight format '{}' is not known; known are {}", format, kFormats);
  for (const json& shape : shape_list()) {
    if (shape.value("name", "") != name) continue;
    return ShapeSpecification{description_of(shape), *known_format, seed, shape.dump()};
  }
  return fail(ErrorKind::invalid_input, "model shape '{}' is not known; known are {}", name, fmt::join(shape_names(), ", "));
}

}  // namespace tokenmark
