#include "core/load/prompts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/engine/tokenizer/vocabularies.h"

namespace tokenmark {
namespace {

class Prompts : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tokenizer_ = GetParam() == "synthetic" ? make_synthetic_tokenizer(49152) : shared_tokenizer(GetParam());
    if (!tokenizer_) GTEST_SKIP() << "no test data at " << TOKENMARK_SHARED_DATA;
  }
  std::size_t tokens(const std::string& text, bool special) const { return tokenizer_->encode(text, special).size(); }
  std::shared_ptr<const Tokenizer> tokenizer_;
};

Point point_of(std::int32_t input, double ratio, std::int32_t requests) {
  Point point;
  point.workload.input = input;
  point.workload.range_ratio = ratio;
  point.load.requests = requests;
  return point;
}

TEST_P(Prompts, have_exactly_the_planned_number_of_tokens) {
  for (const std::int32_t input : {2, 3, 5, 40, 1024, 5000}) {
    const Plan plan = *plan_requests(point_of(input, 0.3, input < 1000 ? 60 : 4));
    const auto completion = make_prompts(plan, tokenizer_.get(), PromptForm::completion);
    const auto chat = make_prompts(plan, tokenizer_.get(), PromptForm::chat, 1);
    ASSERT_TRUE(completion && chat);
    const std::size_t added = tokens("", true);
    for (std::size_t i = 0; i < plan.requests.size(); ++i) {
      const auto wanted = static_cast<std::size_t>(plan.requests[i].input);
      EXPECT_EQ(tokens((*completion)[i].text, true), std::max(wanted, added + 1)) << input;
      EXPECT_EQ(tokens((*chat)[i].text, false), wanted) << input << ": " << (*chat)[i].text.substr(0, 80);
    }
  }
}

TEST_P(Prompts, shared_pieces_give_equal_leading_tokens) {
  Point point = point_of(100, 1, 60);
  point.workload.prefix = 200;
  point.workload.prefix_groups = 3;
  const Plan plan = *plan_requests(point);
  const auto prompts = *make_prompts(plan, tokenizer_.get(), PromptForm::completion);
  std::set<std::vector<TokenId>> beginnings;
  std::set<std::string> texts;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    std::vector<TokenId> ids = tokenizer_->encode(prompts[i].text, true);
    ASSERT_EQ(ids.size(), 300u);
    texts.insert(prompts[i].text);
    if (plan.requests[i].warmup) continue;
    ids.resize(198);  // stories260K has hardly any words: a token may reach over the border
    beginnings.insert(ids);
  }
  EXPECT_EQ(beginnings.size(), 3u);
  EXPECT_EQ(texts.size(), prompts.size());
}

TEST_P(Prompts, depend_on_the_plan_alone) {
  const Plan plan = *plan_requests(point_of(64, 1, 300));
  const auto one = *make_prompts(plan, tokenizer_.get(), PromptForm::chat, 1), many = *make_prompts(plan, tokenizer_.get(), PromptForm::chat, 3);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].text, many[i].text);
}

INSTANTIATE_TEST_SUITE_P(All, Prompts, testing::Values("llama-spm", "gpt-2", "deepseek-llm", "stories260K", "synthetic"),
                         [](const auto& given) {
                           std::string name = given.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(PromptIds, without_a_tokenizer_prompts_are_ids_and_share_their_pieces) {
  Point point = point_of(30, 1, 20);
  point.workload.prefix = 10;
  const Plan plan = *plan_requests(point);
  const auto prompts = *make_prompts(plan, nullptr, PromptForm::completion);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_TRUE(prompts[i].text.empty());
    ASSERT_EQ(prompts[i].ids.size(), 40u);
    const bool same = std::equal(prompts[i].ids.begin(), prompts[i].ids.begin() + 10, prompts.back().ids.begin());
    EXPECT_EQ(same, !plan.requests[i].warmup);
  }
  point.workload.turns = 2;
  const auto refused = make_prompts(*plan_requests(point), nullptr, PromptForm::completion);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("target.endpoint.tokenizer"), std::string::npos);
}

TEST(PromptIds, a_plain_request_s_ids_are_those_of_its_seed) {
  const Plan plan = *plan_requests(point_of(30, 0.5, 20));
  const auto ordinary = ordinary_tokens_of_any_vocabulary();
  for (std::size_t i = 0; i < plan.requests.size(); ++i)
    EXPECT_EQ(prompt_ids(plan, i, ordinary, nullptr), random_prompt(ordinary, plan.requests[i].input, plan.requests[i].prompt_seed));
}

}  // namespace
}  // namespace tokenmark
