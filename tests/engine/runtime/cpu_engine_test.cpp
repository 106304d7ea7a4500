// The engine on the CPU device with a real model: what is generated does not depend on what else runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/model/device_model.h"
#include "engine/runtime/engine.h"
#include "plugins/cpu/cpu_plugin.h"
#include "tests/engine/runtime/collector.h"
#include "tests/plugins/cpu/reference_forward.h"

namespace tokenmark {
namespace {

class CpuEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    auto opened = open_model(path);
    ASSERT_TRUE(opened) << opened.error().message;
    model = *std::move(opened);
    registry.add(tokenmark_cpu_plugin_query);
  }

  std::unique_ptr<Engine> start(const EngineOptions& options) {
    auto engine = Engine::start(model, registry, options);
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }

  GenerationRequest request(const std::string& prompt, std::int32_t max_tokens, SamplingParameters sampling) const {
    return {.prompt = model.tokenizer->encode(prompt, true), .max_tokens = max_tokens, .sampling = sampling};
  }

  // All at once; results in their order.
  std::vector<std::vector<TokenId>> run(Engine& engine, const std::vector<GenerationRequest>& requests) {
    fake::Collector collector;
    for (std::size_t i = 0; i < requests.size(); ++i)
      EXPECT_TRUE(engine.submit(requests[i], collector.sink(static_cast<int>(i))));
    collector.wait_ended(requests.size());
    std::vector<std::vector<TokenId>> results;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(collector[static_cast<int>(i)].error, "");
      results.push_back(collector[static_cast<int>(i)].tokens);
    }
    return results;
  }

  std::vector<std::vector<TokenId>> run_alone(const std::vector<GenerationRequest>& requests) {
    const auto engine = start({.threads = 1, .max_sequences = 1, .kv_format = Format::f32});
    std::vector<std::vector<TokenId>> results;
    for (const GenerationRequest& one : requests) results.push_back(run(*engine, {one}).at(0));
    return results;
  }

  std::vector<GenerationRequest> stories(SamplingParameters sampling) const {
    std::vector<GenerationRequest> requests;
    const std::vector<std::string> beginnings = {"Once upon a time", "The little dog was", "One day", "Lily and Ben went to the park.",
                                                 "Tom had a big red ball", "A", "She said, \"I want to play", "In the"};
    for (std::size_t i = 0; i < beginnings.size(); ++i) {
      sampling.seed = 100 + i;
      requests.push_back(request(beginnings[i], 40 + static_cast<std::int32_t>(5 * i), sampling));
    }
    return requests;
  }

  Model model;
  PluginRegistry registry{RegistryOptions{}};
};

TEST_F(CpuEngineTest, greedy_ids_are_those_of_the_scalar_reference_and_tell_a_story) {
  const GenerationRequest wanted = request("Once upon a time", 60, {.temperature = 0});
  const auto engine = start({.kv_format = Format::f32});
  const std::vector<TokenId> tokens = run(*engine, {wanted}).at(0);

  test::ReferenceForward reference(device_model(model.description), device_weights(model));
  std::vector<TokenId> expected;
  std::vector<float> logits = reference.run(wanted.prompt).back();
  for (int i = 0; i < 60; ++i) {
    expected.push_back(static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    logits = reference.next(expected.back());
  }
  EXPECT_EQ(tokens, expected);
  EXPECT_TRUE(model.tokenizer->decode(tokens).starts_with(", there was a little girl named Lily. She loved to play outside"))
      << model.tokenizer->decode(tokens);
}

TEST_F(CpuEngineTest, requests_at_once_in_small_chunks_get_what_they_get_alone) {
  const auto requests = stories({.temperature = 0});
  const auto engine = start({.max_sequences = 6, .step_tokens = 9, .tokens_per_block = 4, .kv_format = Format::f32});
  EXPECT_EQ(run(*engine, requests), run_alone(requests));
}

TEST_F(CpuEngineTest, seeded_sampling_is_the_same_in_any_batch) {
  const auto requests = stories({.temperature = 0.8f, .top_p = 0.95f, .min_p = 0.01f, .top_k = 50});
  const auto engine = start({.max_sequences = 8, .step_tokens = 64, .kv_format = Format::f32});
  const auto together = run(*engine, requests);
  EXPECT_EQ(together, run_alone(requests));
  EXPECT_NE(together[0], run(*engine, {request("Once upon a time", 40, {.temperature = 0.8f, .seed = 1})}).at(0));
}

TEST_F(CpuEngineTest, preempted_requests_get_what_they_get_alone) {
  const auto requests = stories({.temperature = 0});
  const std::uint64_t block_bytes = 2ull * model.description.layers * model.description.kv_heads * model.description.head_dim * 4 * 8;
  const auto engine = start({.tokens_per_block = 8, .context = 96, .kv_bytes = 20 * block_bytes, .kv_format = Format::f32});
  EXPECT_EQ(run(*engine, requests), run_alone(requests));
  EXPECT_GT(engine->counts().scheduler.preemptions, 0u);
}

// A story that is asked for twice is found in the prefix cache the second time.
TEST_F(CpuEngineTest, prompts_from_the_prefix_cache_get_what_cold_ones_get) {
  auto requests = stories({.temperature = 0.8f});
  for (GenerationRequest& one : requests) one.prompt = request("Once upon a time there was a little girl", 1, {}).prompt;
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].prompt.push_back(static_cast<TokenId>(300 + i));
  const auto engine = start({.max_sequences = 2, .tokens_per_block = 4, .kv_format = Format::f32});
  const auto alone = run_alone(requests);
  EXPECT_EQ(run(*engine, requests), alone);
  EXPECT_EQ(run(*engine, requests), alone);
  EXPECT_GT(engine->counts().scheduler.cached_prompt_tokens, 10 * requests.size());
}

// In F32 a row's logits do not depend on how many rows are computed with it, so speculation changes nothing at all.
TEST_F(CpuEngineTest, speculation_gives_what_plain_decoding_gives) {
  const std::string self = "draft:" + model.source;
  for (const SamplingParameters& sampling : {SamplingParameters{.temperature = 0}, SamplingParameters{.temperature = 0.8f, .top_p = 0.95f}}) {
    const auto requests = stories(sampling);
    const auto alone = run_alone(requests);
    for (const std::string& method : {std::string("ngram"), self}) {
      const auto engine = start({.max_sequences = 4, .kv_format = Format::f32, .speculate = method});
      EXPECT_EQ(run(*engine, requests), alone) << method;
      const SchedulerCounts counts = engine->counts().scheduler;
      EXPECT_GT(counts.accepted_tokens, 10u) << method;
      if (method == self) {
        EXPECT_GT(counts.accepted_tokens * 20, counts.drafted_tokens * 19) << "it drafts for itself, up to stop and length";
      }
    }
  }
}

TEST_F(CpuEngineTest, logprobs_are_those_of_the_reference) {
  GenerationRequest wanted = request("Once upon a time", 1, {.temperature = 0});
  wanted.logprobs = 2;
  fake::Collector collector;
  const auto engine = start({.kv_format = Format::f32});
  ASSERT_TRUE(engine->submit(wanted, collector.sink(0)));
  collector.wait_ended(1);
  test::ReferenceForward reference(device_model(model.description), device_weights(model));
  const std::vector<float> logits = reference.run(wanted.prompt).back();
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  const TokenEvent event = collector[0].events.at(0);
  EXPECT_NEAR(event.logprob, logits[static_cast<std::size_t>(event.token)] - std::log(sum), 1e-3);
  ASSERT_EQ(event.top_logprobs.size(), 2u);
  EXPECT_EQ(event.top_logprobs[0].token, event.token);
  EXPECT_LT(event.top_logprobs[1].logprob, event.logprob);
}

}  // namespace
}  // namespace tokenmark
