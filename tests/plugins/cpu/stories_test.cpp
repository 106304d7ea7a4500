// A real model from its file: logits of another implementation, token ids of the scalar reference.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/model/device_model.h"
#include "tests/plugins/cpu/golden.h"

namespace tokenmark::test {
namespace {

std::string stories_path() { return std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf"; }

TEST(Stories, stories260K_gives_the_logits_of_transformers) {
  if (!std::filesystem::exists(stories_path())) GTEST_SKIP() << stories_path() << " is not here";
  const auto model = open_model(stories_path());
  ASSERT_TRUE(model) << model.error().message;
  expect_golden(device_model(model->description), device_weights(*model), golden("stories260K"));
}

TEST(Stories, greedy_stories_have_the_references_token_ids) {
  if (!std::filesystem::exists(stories_path())) GTEST_SKIP() << stories_path() << " is not here";
  const auto model = open_model(stories_path());
  ASSERT_TRUE(model) << model.error().message;
  ReferenceForward reference(device_model(model->description), device_weights(*model));
  RunnerOptions options;
  options.tokens_per_block = 16;
  Runner runner(device_model(model->description), device_weights(*model), options);
  Sequence s = runner.sequence(0);
  Tokens expected, got;
  for (std::int32_t token = 1, i = 0; i < 100; ++i) {  // from the start-of-text token
    const auto logits = reference.next(token);
    expected.push_back(token = static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    Step step;
    runner.add(step, s, {i == 0 ? 1 : -1});
    Runner::sample_last_rows(step);
    ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
    got.push_back(runner.sampled[0]);
  }
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace tokenmark::test
