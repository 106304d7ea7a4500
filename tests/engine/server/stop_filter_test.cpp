#include "engine/server/stop_filter.h"

#include <gtest/gtest.h>

#include <random>

namespace tokenmark::server {
namespace {

TEST(StopFilter, what_may_become_a_stop_string_is_held_back) {
  StopFilter filter({"END"});
  EXPECT_EQ(filter.add("some E"), "some ");
  EXPECT_EQ(filter.add("N"), "");
  EXPECT_EQ(filter.add("D and more"), "");
  EXPECT_TRUE(filter.stopped());
  EXPECT_EQ(filter.add("after"), "");
  EXPECT_EQ(filter.finish(), "");
}

TEST(StopFilter, what_did_not_become_one_is_given_out) {
  StopFilter filter({"END"});
  EXPECT_EQ(filter.add("EN"), "");
  EXPECT_EQ(filter.add("EN"), "EN");
  EXPECT_EQ(filter.finish(), "EN");
  EXPECT_FALSE(filter.stopped());
}

TEST(StopFilter, the_first_stop_string_in_the_text_counts) {
  StopFilter filter({"ccc", "b"});
  EXPECT_EQ(filter.add("aaabccc"), "aaa");
  EXPECT_TRUE(filter.stopped());
}

TEST(StopFilter, without_stop_strings_everything_passes) {
  StopFilter filter({});
  EXPECT_EQ(filter.add("anything"), "anything");
}

// However the text is cut into pieces, the result is that of the whole text.
TEST(StopFilter, pieces_do_not_change_the_result) {
  std::mt19937 random(1);
  const auto letters = [&](std::size_t most) {
    std::string text(1 + random() % most, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 2);
    return text;
  };
  int stopped = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = letters(40);
    const std::vector<std::string> stops = {letters(7), letters(7)};
    const std::size_t first = std::min(text.find(stops[0]), text.find(stops[1]));
    StopFilter filter(stops);
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = 1 + random() % 5;
      shown += filter.add(text.substr(at, length));
      at += length;
    }
    shown += filter.finish();
    ASSERT_EQ(filter.stopped(), first != std::string::npos);
    // A match that is complete only later may begin earlier than one already found; text before both is what counts.
    if (filter.stopped()) ASSERT_EQ(shown, text.substr(0, shown.size()));
    else ASSERT_EQ(shown, text);
    for (const std::string& stop : stops) ASSERT_EQ(shown.find(stop), std::string::npos);
    stopped += filter.stopped();
  }
  EXPECT_GT(stopped, 500);
  EXPECT_LT(stopped, 2900);
}

}  // namespace
}  // namespace tokenmark::server
