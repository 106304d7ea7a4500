#include "tests/plugins/cpu/golden.h"

#include <gtest/gtest.h>

#include "tests/plugins/cpu/formula_weights.h"

namespace tokenmark::test {
namespace {

TEST(Golden, a_gqa_model_with_llama3_rope_scaling_gives_the_logits_of_transformers) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  expect_golden(model, weights.source(), golden("tiny_gqa_llama3"));
}

}  // namespace
}  // namespace tokenmark::test
