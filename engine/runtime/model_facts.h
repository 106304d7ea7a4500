// A model explained: its description in words, for people who look at a file before they use it.
#pragma once

#include <string>
#include <vector>

#include "engine/runtime/fit.h"

namespace tokenmark {

struct ModelFact {
  std::string name, text;  // "attention", "32 heads of 64 values, 8 for keys and values"
};

// In the order in which one would ask. `available_bytes`: of the memory the fit is judged against.
std::vector<ModelFact> model_facts(const Model& model, std::uint64_t available_bytes);

struct FormatShare {
  Format format = Format::f32;
  std::uint64_t tensors = 0, values = 0, bytes = 0;
};
std::vector<FormatShare> formats_of(const Model& model);  // most bytes first

std::string count_text(std::uint64_t count);  // "1.24B", "135M", "260K"

}  // namespace tokenmark
