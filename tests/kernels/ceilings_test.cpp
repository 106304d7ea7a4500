#include "kernels/cpu/ceilings.h"

#include <gtest/gtest.h>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {

TEST(Ceilings, are_measured_where_the_instructions_exist_and_stand_in_a_sane_order) {
  const Ceilings measured = measure_ceilings(1, {0, 100000});  // the second core is of nobody's use
  EXPECT_GT(measured.memory_gb_s, 0.1);
  EXPECT_LT(measured.memory_gb_s, 10000);
  EXPECT_GT(measured.f32_gflop_s, 0.1);
  // Even one multiply-add a cycle on one lane moves more operations than memory moves floats.
  EXPECT_GT(measured.f32_gflop_s, measured.memory_gb_s / 4);
  EXPECT_EQ(measured.int8_gop_s > 0, isa_available(Isa::avx512) || isa_available(Isa::neon_dotprod));
  EXPECT_EQ(measured.matrix_int8_gop_s > 0, isa_available(Isa::amx));
  if (isa_available(Isa::amx)) {
    EXPECT_GT(measured.matrix_int8_gop_s, measured.int8_gop_s);
    EXPECT_GT(measured.matrix_bf16_gflop_s, measured.bf16_gflop_s);
  }
  if (measured.bf16_gflop_s > 0) {
    EXPECT_GT(measured.int8_gop_s, 0);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
