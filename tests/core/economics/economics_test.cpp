#include "core/economics/economics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tokenmark {
namespace {

using testing::HasSubstr;

TEST(Economics, the_formulas_give_what_a_hand_gives) {
  // An H200 at 1.22 $/h and 1000 tok/s/gpu: 3.6 million tokens an hour.
  EXPECT_NEAR(dollars_per_million_tokens(1000, 1.22), 1.22 / 3.6, 1e-12);
  EXPECT_NEAR(tokens_per_dollar(1000, 1.22), 2950819.672131, 1e-6);
  EXPECT_NEAR(tok_s_per_megawatt(1000, 1.37), 729927.007299, 1e-6);
}

TEST(Economics, cost_and_tokens_per_dollar_are_each_others_inverse) {
  for (const double tok_s : {0.5, 17.0, 4260.0})
    EXPECT_NEAR(dollars_per_million_tokens(tok_s, 1.5) * tokens_per_dollar(tok_s, 1.5), 1e6, 1e-6);
}

TEST(Economics, the_published_h200_prices_are_there) {
  const auto newest = find_price_set("");
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->name, "InferenceX 2026-07");
  EXPECT_EQ(newest->dollars_per_hour("h200", "hyperscaler"), 1.22);
  EXPECT_EQ(newest->dollars_per_hour("h200", "rental_3y"), 2.05);
  EXPECT_EQ(newest->kw("h200"), 1.37);
  const auto older = find_price_set("InferenceMAX 2025-08");
  ASSERT_TRUE(older);
  EXPECT_EQ(older->dollars_per_hour("h200", "hyperscaler"), 1.41);
}

TEST(Economics, tiers_keep_the_files_order_and_the_first_is_the_default) {
  EXPECT_EQ(price_tiers(), (std::vector<std::string>{"hyperscaler", "neocloud", "rental_3y"}));
  EXPECT_EQ(find_price_tier(""), "hyperscaler");
  EXPECT_EQ(price_tier_meaning("rental_3y"), "3-year rental, 25 % upfront");
}

TEST(Economics, unknown_names_are_absent_or_errors_that_name_what_there_is) {
  EXPECT_FALSE(price_sets().back().dollars_per_hour("cpu", "hyperscaler"));
  EXPECT_FALSE(price_sets().back().dollars_per_hour("h200", "spot"));
  EXPECT_FALSE(price_sets().back().kw("cpu"));
  EXPECT_THAT(find_price_set("2019").error().message, HasSubstr("InferenceX 2026-07"));
  EXPECT_THAT(find_price_tier("spot").error().message, HasSubstr("neocloud"));
  EXPECT_EQ(find_accelerator("abacus"), nullptr);
}

TEST(Economics, every_priced_accelerator_is_in_the_catalogue_and_every_key_occurs_once) {
  std::set<std::string> keys;
  for (const Accelerator& a : accelerators()) EXPECT_TRUE(keys.insert(a.key).second) << a.key;
  EXPECT_GE(keys.size(), 10u);
  for (const PriceSet& set : price_sets())
    for (const PriceRow& row : set.rows) {
      EXPECT_TRUE(keys.count(row.accelerator)) << row.accelerator;
      EXPECT_EQ(row.dollars_per_hour.size(), price_tiers().size()) << row.accelerator;
    }
  EXPECT_EQ(find_accelerator("h200")->memory_tb_s, 4.8);
  EXPECT_FALSE(find_accelerator("h100")->fp4_tflop_s);
}

TEST(Economics, a_wrong_price_file_is_refused_with_the_place) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "sets"},
      {"[]", "sets"},
      {R"({"sets": []})", "tiers"},
      {R"({"tiers": {"a": 1}, "sets": []})", "tier 'a'"},
      {R"({"tiers": {"a": "x"}, "sets": [3]})", "object"},
      {R"({"tiers": {"a": "x"}, "sets": [{"name": "n", "date": "d"}]})", "source"},
      {R"({"tiers": {"a": "x"}, "sets": [{"name": "n", "date": "d", "source": "s", "rows": {"g": {"kw": 0}}}]})", "above 0"},
      {R"({"tiers": {"a": "x"}, "sets": [{"name": "n", "date": "d", "source": "s", "rows": {"g": {"kw": 1, "a": "2"}}}]})", "'a'"},
      {R"({"tiers": {"a": "x"}, "sets": [{"name": "n", "date": "d", "source": "s", "rows": {"g": {"kw": 1, "b": 2}}}]})", "tier"},
  };
  for (const auto& [json, expected] : cases) {
    const auto book = parse_prices(json);
    ASSERT_FALSE(book) << json;
    EXPECT_THAT(book.error().message, HasSubstr(expected)) << json;
  }
  EXPECT_FALSE(parse_accelerators(R"({"accelerators": [{"key": "g", "name": "G", "vendor": "V", "bf16": -1}]})"));
}

}  // namespace
}  // namespace tokenmark
