// Whether a model fits in a memory, and what would: said before loading, with numbers.
#pragma once

#include "base/result.h"
#include "engine/model/model.h"

namespace tokenmark {

struct Fit {
  std::uint64_t weight_bytes = 0, kv_bytes = 0, available_bytes = 0;
  std::uint64_t tokens = 0;  // asked for: of keys and values, in all sequences together
  std::uint64_t most_tokens =
      0;  // for which there is room beside the weights; 0: the weights alone are too large
  Format smaller = Format::f32;  // the largest format in which it would fit with `tokens`, where it does not
  std::uint64_t smaller_bytes = 0;  // weights in it; 0: in none
  std::string shape;  // else the largest known shape that fits in 4 bits with as many tokens; empty: none

  std::uint64_t needed_bytes() const { return weight_bytes + kv_bytes; }
  bool fits() const { return needed_bytes() <= available_bytes; }
};

Fit fit_in_memory(const ModelDescription& model, std::uint64_t tokens, Format kv_format,
                  std::uint64_t available_bytes);

// An error with what is needed and what would fit, where the model does not. `what` names the model.
Status check_fit(const std::string& what, const ModelDescription& model, std::uint64_t tokens,
                 Format kv_format, std::uint64_t available_bytes);

// Memory that this process may still take (base/available_memory.h); a gigabyte where the system does not say.
std::uint64_t available_host_bytes();

std::string bytes_text(std::uint64_t bytes);  // "1.24 GB": powers of ten, three digits

}  // namespace tokenmark
