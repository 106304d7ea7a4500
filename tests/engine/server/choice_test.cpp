#include "engine/server/choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tokenmark::server {
namespace {

// Ids below 256 are bytes, so that a test can say exactly what comes with which token.
class ChoiceTest : public testing::Test {
 protected:
  Piece add(unsigned char byte, FinishReason finish = FinishReason::none) {
    return choice.add({.token = byte, .finish = finish, .logprob = -1.f * byte, .top_logprobs = {{byte, -0.5f}}});
  }
  static std::vector<TokenId> logprob_tokens(const Piece& piece) {
    std::vector<TokenId> tokens;
    for (const TokenLogprobs& entry : piece.logprobs) tokens.push_back(entry.chosen.token);
    return tokens;
  }

  std::shared_ptr<const Tokenizer> tokenizer = make_synthetic_tokenizer(300);
  Choice choice{*tokenizer, {"stop"}, true};
};

TEST_F(ChoiceTest, a_character_of_several_tokens_is_shown_when_it_is_whole) {
  EXPECT_EQ(add(0xC3).text, "");
  EXPECT_EQ(add(0xA9).text, "é");
  EXPECT_EQ(choice.tokens(), 2);
}

TEST_F(ChoiceTest, half_a_character_at_the_end_is_shown_as_replaced) {
  EXPECT_EQ(add(0xC3, FinishReason::length).text, "\xEF\xBF\xBD");
}

TEST_F(ChoiceTest, logprobs_come_with_their_text) {
  EXPECT_THAT(logprob_tokens(add('a')), testing::ElementsAre('a'));
  EXPECT_THAT(logprob_tokens(add('s')), testing::ElementsAre());
  const Piece piece = add('x');
  EXPECT_EQ(piece.text, "sx");
  EXPECT_THAT(logprob_tokens(piece), testing::ElementsAre('s', 'x'));
}

TEST_F(ChoiceTest, a_stop_string_takes_its_tokens_logprobs_with_it) {
  add('s');
  add('t');
  add('o');
  const Piece piece = add('p');
  EXPECT_EQ(piece.finish, FinishReason::stop);
  EXPECT_EQ(piece.text, "");
  EXPECT_THAT(logprob_tokens(piece), testing::ElementsAre());
  EXPECT_EQ(piece.tokens.size(), 1u);
  EXPECT_TRUE(choice.finished());
  EXPECT_EQ(add('z').text, "");
  EXPECT_EQ(choice.tokens(), 4);
}

TEST_F(ChoiceTest, what_was_held_back_comes_with_the_end) {
  add('s');
  const Piece piece = add('t', FinishReason::length);
  EXPECT_EQ(piece.text, "st");
  EXPECT_EQ(piece.finish, FinishReason::length);
  EXPECT_THAT(logprob_tokens(piece), testing::ElementsAre('s', 't'));
}

}  // namespace
}  // namespace tokenmark::server
