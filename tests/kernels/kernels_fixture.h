// Every kernel test runs on every instruction set that this machine has.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {

class Kernel : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_available(GetParam())) GTEST_SKIP() << "this processor has no " << isa_name(GetParam());
    ASSERT_EQ(kernels(GetParam()).isa, GetParam());
  }
  const Kernels& k() const { return kernels(GetParam()); }

  std::vector<float> random(std::uint64_t n, float spread = 1) {
    std::normal_distribution<float> distribution(0, spread);
    std::vector<float> values(n);
    for (float& value : values) value = distribution(generator_);
    return values;
  }
  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(generator_);
  }

  std::mt19937_64 generator_{12345};
};

inline auto every_isa() {
  std::vector<Isa> all;
  for (const Kernels* table : compiled_kernels()) all.push_back(table->isa);
  return testing::ValuesIn(all);
}
inline std::string isa_of(const testing::TestParamInfo<Isa>& info) {
  return std::string(isa_name(info.param));
}

}  // namespace tokenmark::cpu
