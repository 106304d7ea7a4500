// Groups of GPUs through NVIDIA's plugin, with stand-ins for the driver (four devices) and for NCCL, as $TOKENMARK_FAKE_… make
// them (fake_driver.cpp, fake_sums.cpp).
#pragma once

#include <gmock/gmock.h>

#include "plugins/api/registry.h"
#include "tests/plugins/cpu/formula_weights.h"
#include "tests/plugins/cpu/plugin_runner.h"

namespace tokenmark::test {

// Wide enough that the sum over a prompt of 100 tokens is one of the library's.
inline tm_model wide_model() {
  tm_model m = small_model();
  m.layers = 1;
  m.width = 5504;
  m.ffn_width = 32;
  return m;
}

class DriverGroup : public testing::Test {
 protected:
  DriverGroup() {
    setenv("TOKENMARK_FAKE_DEVICES", "4", 1);
    play("");
    setenv("TOKENMARK_FAKE_SUMS", "", 1);
    const LoadedPlugin& plugin = registry_.load(TOKENMARK_FAKE_PLUGIN);
    EXPECT_NE(plugin.table, nullptr) << plugin.why;
    table_ = plugin.table;
  }
  static void play(const char* part) { setenv("TOKENMARK_FAKE_DRIVER", part, 1); }

  RunnerOptions on(const char* devices) const {
    RunnerOptions options;
    options.table = table_;
    options.device = devices;
    options.tokens_per_block = 16;
    options.max_step_tokens = 128;
    return options;
  }
  std::string why_not_opened(const char* devices) const {
    tm_device* device = nullptr;
    if (table_->open_device(devices, nullptr, &device) == TM_OK) {
      table_->close_device(device);
      return "it was opened";
    }
    return table_->last_error();
  }
  // A prompt of `tokens`, whose logits are all wanted, and tokens after it, on one device and on several.
  void expect_the_same(const tm_model& model, const char* devices, std::size_t tokens) const {
    FormulaWeights weights(model);
    Runner group(model, weights.source(), on(devices)), one(model, weights.source(), on("cuda:0"));
    Sequence in_group = group.sequence(0), on_one = one.sequence(0);
    Tokens prompt;
    for (std::size_t i = 0; i < tokens; ++i) prompt.push_back(static_cast<std::int32_t>(i * 37 % 96));
    EXPECT_LT(difference(group.feed(in_group, prompt), one.feed(on_one, prompt)), 0.05);
    for (const Tokens& next : {Tokens{3, 5}, Tokens{-1}, Tokens{-1}}) {
      Step step, same;
      group.add(step, in_group, next);
      one.add(same, on_one, next);
      Runner::sample_last_rows(step);
      Runner::sample_last_rows(same);
      ASSERT_EQ(group.run(step), TM_OK) << group.error();
      ASSERT_EQ(one.run(same), TM_OK) << one.error();
      EXPECT_EQ(group.sampled, one.sampled);
    }
  }

  PluginRegistry registry_;
  const tm_plugin* table_ = nullptr;
};

// A step of five sequences, until one fails.
inline std::string first_failure(Runner& runner) {
  std::vector<Sequence> sequences;
  for (std::int32_t id = 0; id < 5; ++id) sequences.push_back(runner.sequence(id));
  for (int round = 0; round < 40; ++round) {
    Step step;
    for (Sequence& sequence : sequences) runner.add(step, sequence, {round == 0 ? 3 : -1});
    Runner::sample_last_rows(step);
    if (runner.run(step) != TM_OK) return runner.error();
  }
  return "";
}

}  // namespace tokenmark::test
