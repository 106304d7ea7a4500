// Speculation by a model's own MTP layer, from the file to the tokens, on the CPU device.
//
// A trained layer is not to be had in a test, so one is made that must be right. A token is a pair (p, q) of numbers
// below 16, and after (p, q) the model expects (p + 1, q + 3): its blocks add nothing, embedding and head do it. The MTP
// layer takes p from the embedding of the token at hand and q, one step behind, from the hidden state of the token
// before it. A state of another token, or one from before the model's last norm (which turns q's sign), makes it wrong.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/runtime/engine.h"
#include "plugins/cpu/cpu_plugin.h"
#include "tests/engine/model/tiny_models.h"
#include "tests/engine/runtime/collector.h"

namespace tokenmark {
namespace {

constexpr std::uint32_t kNumbers = 16, kQ = kNumbers, kStepP = 1, kStepQ = 3;

// How far the layer moves p and q on.
struct LayerSteps {
  std::uint32_t p = 0, q = kStepQ;
};

void make_chain(std::vector<NumberedTensor>& tensors, LayerSteps layer) {
  for (auto& [tensor, values] : tensors) {
    const std::string& name = tensor.name;
    const std::uint64_t columns = tensor.columns;
    const auto at = [&, &values = values](std::uint64_t row, std::uint64_t column) -> float& { return values[row * columns + column]; };
    const auto clear = [&, &values = values] { std::fill(values.begin(), values.end(), 0.0f); };
    if (name.ends_with("attn_output.weight") || name.find("ffn_down") != std::string::npos) clear();
    if (name.ends_with("norm.weight")) std::fill(values.begin(), values.end(), 1.0f);
    if (name == "output_norm.weight" || name.ends_with("shared_head_norm.weight"))
      std::fill_n(values.begin() + kQ, kNumbers, -1.0f);
    if (name == "token_embd.weight") {
      clear();
      for (std::uint32_t t = 0; t < kNumbers * kNumbers; ++t) at(t, t / kNumbers) = at(t, kQ + t % kNumbers) = 1;
    }
    if (name == "output.weight") {
      clear();
      for (std::uint32_t t = 0; t < kNumbers * kNumbers; ++t) {
        at(t, (t / kNumbers + kNumbers - kStepP) % kNumbers) = 1;
        at(t, kQ + (t % kNumbers + kNumbers - kStepQ) % kNumbers) = -1;
      }
    }
    if (name.ends_with("eh_proj.weight")) {
      clear();
      for (std::uint32_t n = 0; n < kNumbers; ++n) {
        at((n + layer.p) % kNumbers, n) = 1;
        at(kQ + (n + layer.q) % kNumbers, columns / 2 + kQ + n) = -1;
      }
    }
  }
}

class MtpEngineTest : public testing::Test {
 protected:
  void SetUp() override { registry.add(tokenmark_cpu_plugin_query); }

  using Change = std::function<void(std::vector<NumberedTensor>&)>;
  // The outputs of eight requests at once.
  std::vector<std::vector<TokenId>> run(const Change& change, const SamplingParameters& sampling, const std::string& speculate) {
    const ModelDescription description = tiny_description("deepseek2");
    auto tensors = numbered_tensors(description);
    if (change) change(tensors);
    const TemporaryFile file(gguf_bytes(tiny_metadata(description), tensors));
    auto model = open_model(file.path());
    EXPECT_TRUE(model) << model.error().message;
    const auto engine = Engine::start(*std::move(model), registry,
                                      {.threads = 2, .max_sequences = 6, .step_tokens = 48, .tokens_per_block = 4,
                                       .kv_format = Format::f32, .speculate = speculate, .draft_tokens = 3});
    EXPECT_TRUE(engine) << engine.error().message;
    fake::Collector collector;
    for (std::int32_t i = 0; i < 8; ++i) {
      GenerationRequest request{.max_tokens = 60 + i, .sampling = sampling};
      // A chain itself, since drafts may be made of its last tokens already: it is cut as the requests happen to come.
      for (std::int32_t j = 0; j <= 5 * i; ++j) request.prompt.push_back((2 * i + j) % 16 * 16 + (5 * i + 3 * j) % 16);
      request.sampling.seed = 100 + static_cast<std::uint64_t>(i);
      EXPECT_TRUE((*engine)->submit(request, collector.sink(i)));
    }
    collector.wait_ended(8);
    std::vector<std::vector<TokenId>> results;
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(collector[i].error, "");
      results.push_back(collector[i].tokens);
    }
    counts = (*engine)->counts();
    return results;
  }

  double accepted_share(std::size_t place) const {
    const SchedulerCounts& c = counts.scheduler;
    return c.drafted_at[place] == 0 ? -1 : static_cast<double>(c.accepted_at[place]) / static_cast<double>(c.drafted_at[place]);
  }

  PluginRegistry registry{RegistryOptions{}};
  EngineCounts counts;  // of the last run
};

TEST_F(MtpEngineTest, a_layer_that_is_right_has_every_draft_accepted_and_changes_no_token) {
  const auto chain = [](auto& tensors) { make_chain(tensors, {}); };
  const SamplingParameters greedy{.temperature = 0};
  const auto plain = run(chain, greedy, "");
  EXPECT_EQ(counts.scheduler.drafted_tokens, 0u);
  EXPECT_EQ(plain[0][0], 1 * 16 + 3) << "after (0, 0)";
  EXPECT_EQ(plain[0][1], 2 * 16 + 6);
  EXPECT_EQ(run(chain, greedy, "mtp"), plain);
  EXPECT_GT(counts.draft_steps, 0u);
  for (std::size_t place = 0; place < 3; ++place) EXPECT_EQ(accepted_share(place), 1) << place;
  EXPECT_GT(counts.scheduler.accepted_tokens, 300u) << "of 508 generated, three of four";
}

// The states and embeddings of neighbours, as a wrong convention would have them, are not mistaken for right ones.
TEST_F(MtpEngineTest, a_layer_made_for_another_place_has_no_draft_accepted_and_changes_no_token) {
  const SamplingParameters greedy{.temperature = 0};
  const auto plain = run([](auto& tensors) { make_chain(tensors, {}); }, greedy, "");
  for (const LayerSteps steps : {LayerSteps{.q = 0}, LayerSteps{.q = 2 * kStepQ}, LayerSteps{.p = kStepP}}) {
    EXPECT_EQ(run([&](auto& tensors) { make_chain(tensors, steps); }, greedy, "mtp"), plain);
    EXPECT_GT(counts.scheduler.drafted_tokens, 0u);
    EXPECT_EQ(counts.scheduler.accepted_tokens, 0u);
  }
}

TEST_F(MtpEngineTest, sampled_tokens_are_those_of_plain_decoding) {
  const auto chain = [](auto& tensors) { make_chain(tensors, {}); };
  const SamplingParameters sampled{.temperature = 1.1f, .top_p = 0.98f};
  const auto plain = run(chain, sampled, "");
  EXPECT_NE(plain, run(chain, {.temperature = 0}, ""));
  EXPECT_EQ(run(chain, sampled, "mtp"), plain);
  EXPECT_GT(accepted_share(0), 0.5) << "the same random numbers for both";
  EXPECT_LT(accepted_share(0), 1) << "after a token that nobody expected the layer is wrong";
  EXPECT_GT(accepted_share(2), 0.5);
}

// Attention and experts take part: numbers that mean nothing.
TEST_F(MtpEngineTest, a_layer_of_random_weights_changes_no_token) {
  for (const SamplingParameters& sampling : {SamplingParameters{.temperature = 0}, SamplingParameters{.temperature = 1.5f}}) {
    const auto plain = run({}, sampling, "");
    EXPECT_EQ(run({}, sampling, "mtp"), plain);
    EXPECT_GT(counts.scheduler.drafted_tokens, 0u);
  }
}

}  // namespace
}  // namespace tokenmark
