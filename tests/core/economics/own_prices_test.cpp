#include "core/economics/own_prices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace tokenmark {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

PriceSet mine(const std::string& name = "mine", const std::string& date = "2026-10-01") {
  PriceSet set{name, date, "our invoices", {{"h200", 1.5, {{"hyperscaler", 2.5}, {"rental_3y", 3.5}}}}};
  set.own = true;
  return set;
}

class OwnPricesTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override {
    use_own_prices({});
    fs::remove_all(folder_);
  }
  void write(const std::string& text) { std::ofstream(file_, std::ios::binary) << text; }

  fs::path folder_ = fs::temp_directory_path() / ("own_prices_" + std::to_string(getpid()));
  fs::path file_ = folder_ / "deep" / "prices.json";
};

TEST_F(OwnPricesTest, what_is_written_is_read_again) {
  const OwnPrices prices{{mine(), mine("a \"second\" one", "2025-01")}, {{"EPYC 9654", 0.4, {{"neocloud", 0.9}}, true}}, "mine", "rental_3y"};
  ASSERT_TRUE(write_own_prices(file_, prices));
  const auto read = read_own_prices(file_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->devices, prices.devices);
  EXPECT_EQ(read->default_set, "mine");
  EXPECT_EQ(read->default_tier, "rental_3y");
  ASSERT_EQ(read->sets.size(), 2u);
  EXPECT_EQ(read->sets.back(), mine());   // newest last
  EXPECT_FALSE(fs::exists(file_.string() + ".new"));
}

TEST_F(OwnPricesTest, no_file_is_no_prices) {
  EXPECT_EQ(*read_own_prices(file_), OwnPrices{});
  EXPECT_TRUE(load_own_prices(file_));
}

TEST_F(OwnPricesTest, own_sets_stand_beside_the_projects_and_the_default_is_the_users) {
  const std::size_t before = price_sets().size();
  use_own_prices({{mine()}, {}, "", ""});
  EXPECT_EQ(price_sets().size(), before + 1);
  EXPECT_EQ(find_price_set("mine")->dollars_per_hour("h200", "rental_3y"), 3.5);
  EXPECT_FALSE(find_price_set("")->own) << "a set alone is no default";
  use_own_prices({{mine()}, {}, "mine", "rental_3y"});
  EXPECT_EQ(find_price_set("")->name, "mine");
  EXPECT_EQ(find_price_tier(""), "rental_3y");
  use_own_prices({{}, {}, "mine", "gone"});
  EXPECT_FALSE(find_price_set("")->own) << "a default that is no more";
  EXPECT_EQ(find_price_tier(""), "hyperscaler");
}

TEST_F(OwnPricesTest, an_own_device_has_its_price_in_every_set_that_does_not_have_it) {
  use_own_prices({{mine()}, {{"EPYC 9654", 0.4, {{"hyperscaler", 0.9}}, true}, {"h200", 9, {{"hyperscaler", 9}}, true}}, "", ""});
  for (const PriceSet& set : price_sets()) EXPECT_EQ(find_price_set(set.name)->kw("EPYC 9654"), 0.4) << set.name;
  EXPECT_TRUE(find_price_set("mine")->row("EPYC 9654")->own_device);
  EXPECT_EQ(find_price_set("mine")->dollars_per_hour("h200", "hyperscaler"), 2.5) << "the set's own price comes first";
}

TEST_F(OwnPricesTest, a_damaged_file_is_named_with_place_and_value_and_set_aside) {
  fs::create_directories(file_.parent_path());
  const std::pair<const char*, const char*> cases[] = {
      {"", "byte"},
      {"{\"version\": 1, \"sets\": [", "byte"},
      {"\xff\xfe garbage", "byte"},
      {"[]", "sets"},
      {R"({"version": 1, "sets": 7})", "sets"},
      {R"({"version": 9, "sets": []})", "it is 9"},
      {R"({"sets": []})", "version"},
      {R"({"version": 1, "sets": [], "default_set": 4})", "it is 4"},
      {R"({"version": 1, "sets": [], "devices": {"x": {"kw": -2}}})", "-2"},
      {R"({"version": 1, "tiers": {"spot": "s"}, "sets": []})", "spot"},
      {R"({"version": 1, "sets": [{"name": "InferenceX 2026-07", "date": "", "source": "", "rows": {}}]})", "of Tokenmark"},
      {R"({"version": 1, "sets": [{"name": "", "date": "", "source": "", "rows": {}}]})", "1 to 200"},
      {R"({"version": 1, "sets": [{"name": "a", "date": "", "source": "", "rows": {}}, {"name": "a", "date": "", "source": "", "rows": {}}]})", "two"},
      {R"({"version": 1, "sets": [{"name": "a", "date": "", "source": "", "rows": {"h200": {"kw": 1, "hyperscaler": 1e999}}}]})", "1e999"},
  };
  std::size_t aside = 0;
  for (const auto& [text, expected] : cases) {
    write(text);
    const Status status = load_own_prices(file_);
    ASSERT_FALSE(status) << text;
    EXPECT_THAT(status.error().message, HasSubstr(file_.string()));
    EXPECT_THAT(status.error().message, HasSubstr(expected)) << text;
    EXPECT_THAT(status.error().message, HasSubstr(".damaged"));
    EXPECT_FALSE(fs::exists(file_)) << text;
    EXPECT_TRUE(own_prices()->sets.empty());
    ++aside;
  }
  EXPECT_EQ(static_cast<std::size_t>(std::distance(fs::directory_iterator(file_.parent_path()), fs::directory_iterator())), aside)
      << "none of them was lost";
  std::ifstream first(file_.string() + ".damaged-2");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(first), {}), cases[1].first);
}

TEST_F(OwnPricesTest, a_folder_in_the_files_place_is_set_aside_too) {
  fs::create_directories(file_ / "inside");
  EXPECT_FALSE(load_own_prices(file_));
  EXPECT_TRUE(fs::exists(file_.string() + ".damaged/inside"));
}

TEST_F(OwnPricesTest, random_damage_is_refused_or_read_and_never_crashes) {
  const std::string good = own_prices_json({{mine()}, {{"cpu", 0.1, {{"neocloud", 1}}, true}}, "mine", ""});
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      if (random() % 2) text[at] = static_cast<char>(random());
      else text.erase(at, 1 + random() % 20);
      if (text.empty()) text = "x";
    }
    const auto parsed = parse_own_prices(text, "p");
    if (parsed) {
      EXPECT_TRUE(parse_own_prices(own_prices_json(*parsed), "p")) << text;
    }
  }
}

TEST_F(OwnPricesTest, sets_go_out_to_a_file_and_come_in_from_one) {
  const fs::path out = folder_ / "sets.json";
  std::ofstream(out) << price_sets_json({mine(), price_sets().front()});
  const auto sets = read_price_sets(out);
  ASSERT_TRUE(sets) << sets.error().message;
  ASSERT_EQ(sets->size(), 2u);
  EXPECT_EQ(sets->back(), mine());
  EXPECT_EQ(sets->front().rows, price_sets().front().rows);
  EXPECT_THAT(read_price_sets(folder_ / "none.json").error().message, HasSubstr("none.json"));
}

TEST_F(OwnPricesTest, names_are_found_that_are_free) {
  const OwnPrices prices{{mine()}, {}, "", ""};
  EXPECT_EQ(free_set_name(prices, "other"), "other");
  EXPECT_EQ(free_set_name(prices, "mine"), "mine 2");
  EXPECT_EQ(free_set_name(prices, "InferenceX 2026-07"), "InferenceX 2026-07 2");
  EXPECT_EQ(free_set_name(prices, ""), "prices 2");
  EXPECT_FALSE(why_not_set_name(prices, std::string(300, 'x')).empty());
}

TEST_F(OwnPricesTest, a_file_that_cannot_be_written_is_named_and_the_old_one_stays) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "x";
  const Status status = write_own_prices(folder_ / "file" / "prices.json", {});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr((folder_ / "file").string()));
}

TEST_F(OwnPricesTest, readers_in_other_threads_see_one_state_or_the_other) {
  const std::size_t project = price_sets().size();
  std::jthread writer([](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) use_own_prices(i % 2 ? OwnPrices{{mine(), mine("b")}, {}, "", ""} : OwnPrices{});
  });
  for (int i = 0; i < 2000; ++i) {
    const std::size_t seen = price_sets().size();
    ASSERT_TRUE(seen == project || seen == project + 2) << seen;
  }
}

TEST(DatedName, says_the_date_once) {
  EXPECT_EQ(dated_name("InferenceX 2026-07", "2026-07"), "InferenceX 2026-07");
  EXPECT_EQ(dated_name("mine", "2026-10-01"), "mine (2026-10-01)");
  EXPECT_EQ(dated_name("mine", ""), "mine");
}

}  // namespace
}  // namespace tokenmark
