#include "engine/model/shapes.h"
#include "engine/model/weights.h"

namespace tokenmark {
namespace {

// As published files have it: routers stay in F32, and mixtures in MXFP4 hold only the experts in it, the rest in Q8_0.
Format format_of(const TensorShape& shape, Format wanted, bool mixture) {
  const auto fits = [&](Format format) { return shape.columns % static_cast<std::uint64_t>(block_values(format)) == 0; };
  if (shape.vector) return Format::f32;
  if (shape.name.ends_with("ffn_gate_inp.weight")) return Format::f32;
  const bool only_experts = wanted == Format::mxfp4 && mixture && shape.name.find("_exps.") == std::string::npos;
  if (fits(wanted) && !only_experts) return wanted;
  const bool quantised = only_experts || (block_values(wanted) > 1 && wanted != Format::q4_0);
  return quantised && fits(Format::q8_0) ? Format::q8_0 : Format::f16;
}

}  // namespace

std::vector<Tensor> shape_tensors(const ModelDescription& description, Format format) {
  std::vector<Tensor> tensors;
  for (const TensorShape& shape : model_tensors(description))
    if (!shape.optional) tensors.push_back(tensor_of(shape, format_of(shape, format, description.experts.count > 0)));
  return tensors;
}

}  // namespace tokenmark
