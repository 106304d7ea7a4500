// Known model shapes (resources/shapes.json) and what a model with random weights of one consists of.
#pragma once

#include <optional>

#include "engine/model/model.h"

namespace tokenmark {

// Marks a GGUF file whose weights are random: its speed is real, its text is not.
inline constexpr std::string_view kRandomWeightsKey = "tokenmark.random_weights";

// "shape:NAME:FORMAT[:SEED]", taken apart and checked.
struct ShapeSpecification {
  ModelDescription description;
  Format format = Format::f32;
  std::uint64_t seed = 0;
  std::string text;  // of the shape, from the resource: what its hash is made of
};

bool is_shape_specification(std::string_view specification);
Result<ShapeSpecification> parse_shape_specification(std::string_view specification);
Result<ShapeSpecification> make_shape_specification(std::string_view name, std::string_view format, std::uint64_t seed);

// The tensors of a shape in a format, without bytes. Vectors and routers are F32; a matrix whose columns do not fill
// whole blocks of `format` is Q8_0 or F16, as quantising tools do it.
std::vector<Tensor> shape_tensors(const ModelDescription& description, Format format);

}  // namespace tokenmark
