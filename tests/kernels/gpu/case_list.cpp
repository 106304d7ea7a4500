#include "tests/kernels/gpu/case.h"

namespace tokenmark::gpu {

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& cases : {rows_cases, attention_cases, all_reduce_cases, experts_cases, heads_cases, products_cases, sampling_cases, tile_cases}) {
    const std::vector<Case> some = cases();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace tokenmark::gpu
