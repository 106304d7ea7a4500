// The kernels' cases on a GPU, in child processes: after an access outside of memory a driver answers no more, and a kernel
// that waits for ever never does; the next case gets a process of its own then.
#pragma once

#include <string>
#include <vector>

#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

struct CaseResult {
  std::string kernel, format, what;
  std::string problem;  // empty: passed
};

// `program` with `device` and "--run-cases N" is to call run_cases_here. Tells of each failure on the terminal.
std::vector<CaseResult> run_cases(const std::string& program, const std::string& device, const std::string& only);
// From case `first` on, of those whose kernel begins with `only`; what becomes of each goes to standard output.
int run_cases_here(Gpu& gpu, const std::string& only, std::size_t first);

}  // namespace tokenmark::gpu
