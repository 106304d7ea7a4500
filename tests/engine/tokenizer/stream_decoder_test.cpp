#include <gtest/gtest.h>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

// With the synthetic vocabulary ids 0–255 are bytes.
std::vector<std::string> stream(std::string_view bytes) {
  const auto tokenizer = make_synthetic_tokenizer(300);
  StreamDecoder decoder(*tokenizer);
  std::vector<std::string> parts;
  for (const char byte : bytes) parts.push_back(decoder.add(static_cast<unsigned char>(byte)));
  parts.push_back(decoder.finish());
  return parts;
}

using Parts = std::vector<std::string>;

TEST(StreamDecoder, a_character_comes_out_whole) {
  EXPECT_EQ(stream("a\xC3\xA9"), (Parts{"a", "", "\xC3\xA9", ""}));
  EXPECT_EQ(stream("\xF0\x9F\xA6\x99!"), (Parts{"", "", "", "\xF0\x9F\xA6\x99", "!", ""}));
}

TEST(StreamDecoder, an_unfinished_character_is_shown_as_a_replacement_at_the_end) {
  EXPECT_EQ(stream("\xE4\xBD"), (Parts{"", "", "\xEF\xBF\xBD"}));
}

TEST(StreamDecoder, bytes_that_cannot_become_a_character_do_not_hold_back_the_rest) {
  EXPECT_EQ(stream("\xFFz"), (Parts{"\xEF\xBF\xBD", "z", ""}));
  EXPECT_EQ(stream("\xE4z"), (Parts{"", "\xEF\xBF\xBDz", ""}));
  EXPECT_EQ(stream("\xED\xA0"), (Parts{"", "\xEF\xBF\xBD\xEF\xBF\xBD", ""}));  // half of a surrogate
  EXPECT_EQ(stream("\xF4\x90"), (Parts{"", "\xEF\xBF\xBD\xEF\xBF\xBD", ""}));  // beyond U+10FFFF
}

TEST(StreamDecoder, control_tokens_are_silent) {
  const auto tokenizer = make_synthetic_tokenizer(300);
  StreamDecoder decoder(*tokenizer);
  EXPECT_EQ(decoder.add(tokenizer->bos()), "");
  EXPECT_EQ(decoder.add('x'), "x");
  EXPECT_EQ(decoder.add(tokenizer->eos()), "");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(SyntheticTokenizer, bytes_and_words_come_back_as_their_own_ids) {
  const auto tokenizer = make_synthetic_tokenizer(128256);
  EXPECT_EQ(tokenizer->kind(), "synthetic");
  EXPECT_EQ(tokenizer->vocabulary_size(), 128256);
  EXPECT_EQ(tokenizer->encode("A\xFF", true), (std::vector<TokenId>{'A', 0xFF}));
  std::vector<TokenId> ids;
  for (TokenId id = 258; id < 128256; id += 13) ids.push_back(id);
  EXPECT_EQ(tokenizer->encode(tokenizer->decode(ids), false), ids);
  EXPECT_TRUE(tokenizer->ends_generation(tokenizer->eos()));
}

TEST(SyntheticTokenizer, any_bytes_come_back_also_in_a_tiny_vocabulary) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  text += " ba bada <s> \xE2\x96\x81";
  for (const std::int32_t size : {256, 258, 259, 400}) {
    const auto tokenizer = make_synthetic_tokenizer(size);
    const auto ids = tokenizer->encode(text, true, false);
    EXPECT_EQ(tokenizer->decode(ids), text) << size;
    for (const TokenId id : ids) EXPECT_LT(id, size);
  }
}

}  // namespace
}  // namespace tokenmark
