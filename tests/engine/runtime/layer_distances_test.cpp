// Layers loaded one by one with the states they get as their embedding, against whole models that end earlier.
#include "engine/runtime/layer_distances.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numbers>
#include <numeric>

#include "engine/model/device_model.h"
#include "engine/model/layers.h"
#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "tests/engine/model/tiny_models.h"
#include "tests/plugins/cpu/plugin_runner.h"

namespace tokenmark {
namespace {

Model random_model(ModelDescription description) {
  Model model;
  auto tensors = shape_tensors(description, Format::f32);
  count_weights(tensors, description);
  model.description = std::move(description);
  model.weights = std::make_shared<const RandomWeights>(std::move(tensors), 1);
  model.source = "random";
  return model;
}

PluginRegistry& plugins() {
  static PluginRegistry registry;
  if (registry.plugins().empty()) registry.add(tokenmark_cpu_plugin_query);
  return registry;
}

// The hidden state after the last token, from a model that ends after `layers` layers.
std::vector<float> last_state(const Model& model, std::uint32_t layers, const std::vector<TokenId>& tokens) {
  std::vector<std::uint32_t> first(layers);
  std::iota(first.begin(), first.end(), 0);
  const auto truncated = with_layers(model, first);
  EXPECT_TRUE(truncated) << truncated.error().message;
  test::Runner runner(device_model(truncated->description), device_weights(*truncated));
  test::Step step;
  auto sequence = runner.sequence(0);
  runner.add(step, sequence, {tokens.begin(), tokens.end()});
  step.hidden_rows = {static_cast<std::int32_t>(tokens.size()) - 1};
  EXPECT_EQ(runner.run(step), TM_OK) << runner.error();
  return runner.hidden;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  const double ab = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
  const double bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
  return std::acos(ab / std::sqrt(aa * bb)) / std::numbers::pi;
}

TEST(LayerDistances, are_those_between_models_that_end_earlier) {
  for (const Architecture& row : architectures()) {
    ModelDescription description = tiny_description(row.name);
    description.layers = 4;
    const Model model = random_model(description);
    std::vector<TokenId> text;
    for (TokenId i = 0; i < 3 * 21; ++i) text.push_back(i * 37 % 200);
    const auto found = measure_layer_distances(model, text, plugins(), {.threads = 2, .sequence_tokens = 20, .sequences = 2});
    ASSERT_TRUE(found) << row.name << ": " << found.error().message;
    EXPECT_EQ(found->sequences, 2u);
    std::vector<std::vector<double>> expected(5, std::vector<double>(5, 0));
    for (std::size_t s = 0; s < 2; ++s) {
      const std::vector<TokenId> tokens(text.begin() + static_cast<std::ptrdiff_t>(20 * s),
                                        text.begin() + static_cast<std::ptrdiff_t>(20 * s + 20));
      std::vector<std::vector<float>> states(1);
      states[0].resize(description.width);
      ASSERT_TRUE(model.weights->read_rows(*model.weights->find("token_embd.weight"),
                                           static_cast<std::uint64_t>(tokens.back()), 1,
                                           reinterpret_cast<std::byte*>(states[0].data())));
      for (std::uint32_t layers = 1; layers <= 4; ++layers) states.push_back(last_state(model, layers, tokens));
      for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = a + 1; b < 5; ++b) expected[a][b] += distance(states[a], states[b]) / 2;
    }
    for (std::uint32_t first = 0; first < 4; ++first)
      for (std::uint32_t count = 1; first + count <= 4; ++count)
        EXPECT_NEAR(found->of(first, count), expected[first][first + count], 2e-5) << row.name << " " << first << " " << count;
  }
}

TEST(LayerDistances, the_run_that_changes_least_is_chosen_and_the_pattern_of_windows_kept) {
  LayerDistances distances;
  distances.layers = 4;
  distances.distances = {{0.3, 0.3, 0.5, 0.6}, {0.1, 0.2, 0.4}, {0.2, 0.3}, {0.4}};
  ModelDescription description = tiny_description("llama");
  description.layers = 4;
  const Model llama = random_model(description);
  EXPECT_EQ(least_important_layers(llama, distances, 1).value(), std::vector<std::uint32_t>{1});
  EXPECT_EQ(least_important_layers(llama, distances, 2).value(), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_FALSE(least_important_layers(llama, distances, 4));
  EXPECT_FALSE(least_important_layers(llama, distances, 0));
  description = tiny_description("gpt-oss");
  description.layers = 4;
  const Model oss = random_model(description);
  EXPECT_EQ(least_important_layers(oss, distances, 1).value(), std::vector<std::uint32_t>{3});  // nothing follows it
  EXPECT_EQ(least_important_layers(oss, distances, 2).value(), (std::vector<std::uint32_t>{1, 2}));
}

TEST(LayerDistances, a_text_without_tokens_and_a_stop_are_errors) {
  const Model model = random_model(tiny_description("llama"));
  EXPECT_FALSE(measure_layer_distances(model, std::vector<TokenId>{1}, plugins(), {}));
  std::stop_source stop;
  stop.request_stop();
  const std::vector<TokenId> text(30, 5);
  const auto stopped = measure_layer_distances(model, text, plugins(), {.stop = stop.get_token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tokenmark
