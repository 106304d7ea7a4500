#pragma once
#include "plugins/gpu/products.h"
#include "plugins/gpu/weights.h"
namespace tokenmark::gpu {
class ExpertProducts {
 public:
  static Result<ExpertProducts> make(Gpu&, const tm_model&, std::uint32_t) { return ExpertProducts{}; }
  static std::uint64_t bytes(const GpuFacts&, const tm_model&, std::uint32_t) { return 0; }
  Status route(Products&, const ProductInput&, std::uint32_t, const Experts&) { return fail(ErrorKind::internal, "no experts yet"); }
  Status add_experts(Products&, std::uint32_t, const Experts&, float*) { return fail(ErrorKind::internal, "no experts yet"); }
};
}
