// Groups of GPUs through NVIDIA's plugin, with stand-ins for the driver (four devices) and for NCCL: sums by our kernels and by
// the library, and everything that can be missing or fail.
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <chrono>
#include <future>

#include "plugins/api/registry.h"
#include "tests/plugins/cpu/formula_weights.h"
#include "tests/plugins/cpu/plugin_runner.h"

namespace tokenmark::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Wide enough that the sum over a prompt is one of the library's.
tm_model wide_model() {
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
    const LoadedPlugin& plugin = registry_.load(TOKENMARK_FAKES "/plugins/tokenmark-plugin-cuda.so");
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
  // A prompt of `tokens` and two tokens after it, on one device and on several.
  void expect_the_same(const tm_model& model, const char* devices, std::size_t tokens) const {
    FormulaWeights weights(model);
    Runner group(model, weights.source(), on(devices)), one(model, weights.source(), on("cuda:0"));
    Sequence in_group = group.sequence(0), on_one = one.sequence(0);
    Tokens prompt;
    for (std::size_t i = 0; i < tokens; ++i) prompt.push_back(static_cast<std::int32_t>(i * 37 % 96));
    for (const Tokens& next : {prompt, Tokens{-1}, Tokens{-1}}) {
      Step step, same;
      group.add(step, in_group, next);
      one.add(same, on_one, next);
      Runner::sample_last_rows(step);
      Runner::sample_last_rows(same);
      ASSERT_EQ(group.run(step), TM_OK) << group.error();
      ASSERT_EQ(one.run(same), TM_OK) << one.error();
      EXPECT_EQ(group.sampled, one.sampled);
    }
    EXPECT_LT(difference(group.feed(in_group, {5, 6}), one.feed(on_one, {5, 6})), 0.05);
  }

  PluginRegistry registry_;
  const tm_plugin* table_ = nullptr;
};

// Defined first: a library that was opened stays.
using WithoutNccl = DriverGroup;

TEST_F(WithoutNccl, sums_are_our_kernels_alone_however_many_values_there_are) {
  expect_the_same(small_model(), "cuda:0,cuda:1,cuda:2,cuda:3", 20);
  expect_the_same(wide_model(), "cuda:1,cuda:3", 100);
}

TEST_F(WithoutNccl, devices_that_do_not_see_each_other_are_an_error_that_says_what_is_missing) {
  play("no-peers");
  EXPECT_THAT(why_not_opened("cuda:0,cuda:1"), AllOf(HasSubstr("cuda:0, cuda:1 do not see each other's memory"), HasSubstr("libnccl.so.2")));
}

TEST_F(WithoutNccl, ids_that_are_not_there_or_named_twice_are_errors) {
  EXPECT_THAT(why_not_opened("cuda:2,cuda:4"), HasSubstr("has no device 'cuda:4'; there are 4"));
  EXPECT_THAT(why_not_opened("cuda:1,cuda:1"), HasSubstr("names cuda:1 twice"));
}

// A step of five sequences, until one fails.
std::string first_failure(Runner& runner) {
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

TEST_F(WithoutNccl, a_device_that_is_lost_ends_the_step_and_holds_nobody_up) {
  play("lost:1");
  const tm_model model = small_model();
  FormulaWeights weights(model);
  Runner group(model, weights.source(), on("cuda:0,cuda:1,cuda:2"  ",cuda:3"));
  const auto begin = std::chrono::steady_clock::now();
  const std::string why = first_failure(group);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_THAT(why, AllOf(HasSubstr("cuda:1: "), HasSubstr("unspecified launch failure")));
  EXPECT_EQ(first_failure(group), why);  // and every step after it
}

class WithNccl : public DriverGroup {
 protected:
  void SetUp() override { ASSERT_NE(dlopen(TOKENMARK_FAKES "/nccl/libnccl.so.2", RTLD_NOW), nullptr) << dlerror(); }
};

TEST_F(WithNccl, many_values_are_summed_by_the_library) {
  expect_the_same(wide_model(), "cuda:0,cuda:1", 100);
  setenv("TOKENMARK_FAKE_SUMS", "no-sum", 1);
  const tm_model wide = wide_model(), small = small_model();
  FormulaWeights weights(wide), of_small(small);
  Runner runner(wide, weights.source(), on("cuda:0,cuda:1")), of_few(small, of_small.source(), on("cuda:0,cuda:1"));
  Step step, few;
  Sequence sequence = runner.sequence(0), short_one = of_few.sequence(0);
  runner.add(step, sequence, Tokens(100, 7));
  Runner::sample_last_rows(step);
  EXPECT_NE(runner.run(step), TM_OK);
  EXPECT_THAT(runner.error(), HasSubstr("NCCL: a sum failed on cuda:0, cuda:1: unhandled system error (2)"));
  of_few.add(few, short_one, Tokens(20, 7));
  Runner::sample_last_rows(few);
  EXPECT_EQ(of_few.run(few), TM_OK) << of_few.error();  // few values do not need it
}

TEST_F(WithNccl, devices_that_do_not_see_each_other_sum_everything_by_it) {
  play("no-peers");
  expect_the_same(small_model(), "cuda:0,cuda:1,cuda:2,cuda:3", 20);
}

TEST_F(WithNccl, a_lost_device_ends_its_sums_too) {
  play("no-peers");
  {
    FormulaWeights weights(small_model());
    Runner group(small_model(), weights.source(), on("cuda:2,cuda:3"));
    play("lost:3");
    EXPECT_THAT(first_failure(group), AllOf(HasSubstr("cuda:3: "), HasSubstr("unspecified launch failure")));
  }
}

TEST_F(WithNccl, a_library_that_fails_is_an_error_with_its_words) {
  setenv("TOKENMARK_FAKE_SUMS", "no-init", 1);
  EXPECT_THAT(why_not_opened("cuda:0,cuda:2"), HasSubstr("NCCL: connecting the GPUs failed on cuda:0, cuda:2: unhandled system error (2)"));
}

}  // namespace
}  // namespace tokenmark::test
