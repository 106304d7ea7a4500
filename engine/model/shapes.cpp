#include "engine/model/shapes.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/model/architecture.h"
#include "engine/model/weights.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "shape:";
constexpr std::string_view kFormats = "f32, f16, bf16, q8_0, q4_0";

// The resource is the project's own and checked by the tests: a mistake in it would be an empty list, not a crash.
json shape_list() {
  const json document = json::parse(resource("shapes.json"), nullptr, false);
  return document.is_object() && document.contains("shapes") ? document["shapes"] : json::array();
}

ModelDescription description_of(const json& shape) {
  ModelDescription model;
  model.name = shape.value("name", "");
  model.architecture = shape.value("architecture", "llama");
  model.layers = shape.value("layers", 0u);
  model.width = shape.value("width", 0u);
  model.ffn_width = shape.value("ffn", 0u);
  model.heads = shape.value("heads", 0u);
  model.kv_heads = shape.value("kv_heads", 0u);
  model.head_dim = model.rope_dim = shape.value("head_dim", 0u);
  model.vocabulary = shape.value("vocab", 0u);
  model.context = shape.value("context", 0u);
  model.tied_output = shape.value("tied", false);
  model.rope_theta = shape.value("rope_theta", 10000.0f);
  model.rms_epsilon = shape.value("rms_eps", 1e-5f);
  if (const auto scaling = shape.find("rope_scaling"); scaling != shape.end()) {
    model.rope_scaling.kind = RopeScalingKind::llama3;
    model.rope_scaling.factor = scaling->value("factor", 1.0f);
    model.rope_scaling.low = scaling->value("low", 1.0f);
    model.rope_scaling.high = scaling->value("high", 4.0f);
    model.rope_scaling.original_context = scaling->value("original_context", 0u);
  }
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

namespace {

// Published files of gpt-oss hold the experts in MXFP4 and the other matrices in Q8_0; Q8_0 where MXFP4 does not fit.
Format format_of(const TensorShape& shape, Format wanted) {
  const auto fits = [&](Format format) { return shape.columns % static_cast<std::uint64_t>(block_values(format)) == 0; };
  if (shape.vector) return Format::f32;
  if (wanted == Format::mxfp4 && shape.name.find("_exps.") == std::string::npos)
    return shape.name.ends_with("ffn_gate_inp.weight") ? Format::f32 : fits(Format::q8_0) ? Format::q8_0 : Format::f16;
  return fits(wanted) ? wanted : Format::f16;
}

}  // namespace

std::vector<Tensor> shape_tensors(const ModelDescription& description, Format format) {
  std::vector<Tensor> tensors;
  for (const TensorShape& shape : model_tensors(description))
    if (!shape.optional) tensors.push_back(tensor_of(shape, format_of(shape, format)));
  return tensors;
}

}  // namespace tokenmark
