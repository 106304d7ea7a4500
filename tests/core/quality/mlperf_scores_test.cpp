#include "core/quality/mlperf_scores.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

TEST(MlperfScores, only_what_the_benchmark_has_targets_for_is_scored) {
  const MlperfBenchmark llama = *mlperf_round("v6.0")->benchmark("llama2-70b");
  const auto scores = mlperf_scores(llama, {"the cat sat", "a dog"}, {"the cat sat", "no match"}, {10, 20});
  EXPECT_NEAR(scores.at("ROUGE1"), 50, 1e-9);
  EXPECT_NEAR(scores.at("ROUGEL"), 50, 1e-9);
  EXPECT_EQ(scores.at("TOKENS_PER_SAMPLE"), 15);
  EXPECT_FALSE(scores.contains("exact_match"));
  EXPECT_FALSE(mlperf_scores(llama, {"a"}, {"a"}, {-1}).contains("TOKENS_PER_SAMPLE"));
  EXPECT_TRUE(mlperf_scores(llama, {}, {}, {}).empty());
}

TEST(MlperfScores, exact_matches_are_numbers_letters_or_boxes) {
  const MlperfBenchmark oss = *mlperf_round("v6.0")->benchmark("gpt-oss-120b");
  const auto scores = mlperf_scores(oss, {"so the answer is 42", "Answer: C", "\\boxed{1/2}", "no idea"}, {"42", "C", "0.5", "7"}, {1, 1, 1, 1});
  EXPECT_NEAR(scores.at("exact_match"), 75, 1e-9);
}

TEST(MlperfScores, generated_length_counts_characters) {
  const MlperfBenchmark llama = *mlperf_round("v6.0")->benchmark("llama3.1-8b");
  EXPECT_EQ(mlperf_scores(llama, {"zwölf", "elf"}, {"x", "y"}, {}).at("GEN_LEN"), 8);
}

}  // namespace
}  // namespace tokenmark
