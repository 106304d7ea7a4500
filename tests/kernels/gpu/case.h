// Tests of kernels that run on any Gpu: on the emulated one with both wave sizes under ctest, and on real ones by
// tests/gpu (without GoogleTest). A case is a function that says what is wrong.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

struct Case {
  std::string kernel, format;  // the row of the table: "gemv", "q4_0" (or "" where there is none)
  std::string what;            // "odd columns"
  std::function<Status(Gpu&)> run;
};

// Each file of cases gives its own; case_list.cpp gathers them.
std::vector<Case> all_cases();
std::vector<Case> rows_cases();
std::vector<Case> attention_cases();
std::vector<Case> experts_cases();
std::vector<Case> heads_cases();
std::vector<Case> products_cases();
std::vector<Case> sampling_cases();
std::vector<Case> tile_cases();
std::vector<Case> all_reduce_cases();

// The first value that is further from what is expected than relative · |expected| + absolute (NaN is never near), by name.
inline Status check_near(const std::string& name, const std::vector<float>& found, const std::vector<float>& expected, double relative,
                         double absolute) {
  if (found.size() != expected.size()) return fail(ErrorKind::internal, "{}: {} values, not {}", name, found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!(std::abs(double{found[i]} - expected[i]) <= relative * std::abs(double{expected[i]}) + absolute))
      return fail(ErrorKind::internal, "{}: value {} is {} but must be {} (within {:g} of it and {:g})", name, i, found[i], expected[i], relative, absolute);
  return {};
}

}  // namespace tokenmark::gpu
