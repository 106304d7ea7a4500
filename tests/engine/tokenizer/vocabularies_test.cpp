// Real vocabularies against the ids their own tokenizers gave, and round trips of anything.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "engine/tokenizer/normalizer.h"
#include "engine/tokenizer/vocabulary.h"
#include "tests/engine/tokenizer/vocabularies.h"

namespace tokenmark {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Inputs stand between lines "__ggml_vocab_test__"; the line break before such a line is not part of the input.
std::vector<std::string> read_inputs(const std::string& path) {
  const std::string separator = "\n__ggml_vocab_test__\n", text = read_file(path);
  std::vector<std::string> inputs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find(separator, at);
    if (end == std::string::npos) break;
    inputs.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return inputs;
}

std::vector<std::vector<TokenId>> read_expected(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::vector<TokenId>> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream numbers(line);
    lines.emplace_back(std::istream_iterator<TokenId>(numbers), std::istream_iterator<TokenId>());
  }
  return lines;
}

class RealVocabulary : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tokenizer_ = shared_tokenizer(GetParam());
    if (!tokenizer_) GTEST_SKIP() << "no test data at " << TOKENMARK_SHARED_DATA;
  }
  void expect_round_trip(const std::string& text) {
    const std::string back = tokenizer_->decode(tokenizer_->encode(text, false));
    EXPECT_TRUE(back == text) << "in:  " << testing::PrintToString(text.substr(0, 200))
                              << "\nout: " << testing::PrintToString(back.substr(0, 200));
  }
  // deepseek-llm has no tokens for bytes that no UTF-8 text contains; it uses their spellings for "ÿ" and its like.
  bool can_write(unsigned char byte) const {
    return GetParam() != "deepseek-llm" || (byte != 0xC0 && byte != 0xC1 && byte < 0xF5);
  }
  std::shared_ptr<const Tokenizer> tokenizer_;
};

TEST_P(RealVocabulary, gives_exactly_the_expected_ids_and_decodes_back) {
  const auto inputs = read_inputs(vocabulary_path(GetParam()) + ".inp");
  const auto expected = read_expected(vocabulary_path(GetParam()) + ".out");
  ASSERT_GT(inputs.size(), 40u);
  ASSERT_EQ(inputs.size(), expected.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(tokenizer_->encode(inputs[i], false), expected[i]) << "input " << i << ": '" << inputs[i] << "'";
    expect_round_trip(inputs[i]);
  }
}

TEST_P(RealVocabulary, any_unicode_text_comes_back) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      const char32_t limit = std::vector<char32_t>{0x80, 0x500, 0x3000, 0xD800, 0x110000}[random() % 5];
      const char32_t code = random() % limit;
      if (code >= 0xD800 && code < 0xE000) continue;
      if (code < 0x80) {
        text += static_cast<char>(code);
      } else if (code < 0x800) {
        text += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
      } else if (code < 0x10000) {
        text += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
                 static_cast<char>(0x80 | (code & 63))};
      } else {
        text += {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
                 static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
      }
    }
    expect_round_trip(text);
  }
}

TEST_P(RealVocabulary, any_bytes_come_back) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    while (bytes.size() < 60) {
      const auto byte = static_cast<unsigned char>(random() % 4 == 0 ? 0x80 | random() % 128 : random() % 256);
      if (can_write(byte)) bytes += static_cast<char>(byte);
    }
    expect_round_trip(bytes);
  }
}

TEST_P(RealVocabulary, a_very_long_run_of_one_character_is_no_trap) {
  for (const char* unit : {"a", " ", "\n", "7", "'", "\xE4\xBD\xA0", "\x81", " \n", "  x"}) {
    std::string text;
    while (text.size() < 300'000) text += unit;
    expect_round_trip(text);
  }
  expect_round_trip(std::string(300'000, ' ') + "\xE4\xBD\xA0");
  expect_round_trip(std::string(300'000, ' ') + "x");
}

TEST_P(RealVocabulary, control_spellings_are_plain_text_unless_asked_for) {
  const TokenId eos = tokenizer_->eos();
  ASSERT_GE(eos, 0);
  EXPECT_TRUE(tokenizer_->ends_generation(eos));
  EXPECT_TRUE(tokenizer_->is_control(eos));
  EXPECT_EQ(tokenizer_->bytes(eos), "");
  const std::string spelling = GetParam() == "llama-spm" ? "</s>" : GetParam() == "gpt-2"
                                   ? "<|endoftext|>" : "<\xEF\xBD\x9C" "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>";
  const auto plain = tokenizer_->encode("x" + spelling, false, false);
  EXPECT_EQ(std::count(plain.begin(), plain.end(), eos), 0);
  EXPECT_EQ(tokenizer_->decode(plain), "x" + spelling);
  const auto parsed = tokenizer_->encode("x" + spelling, false, true);
  EXPECT_EQ(std::count(parsed.begin(), parsed.end(), eos), 1);
  EXPECT_EQ(parsed.back(), eos);
}

TEST_P(RealVocabulary, ids_outside_have_no_bytes) {
  for (const TokenId token : {-1, -100, tokenizer_->vocabulary_size(), 1 << 30}) {
    EXPECT_EQ(tokenizer_->bytes(token), "");
    EXPECT_FALSE(tokenizer_->is_control(token));
    EXPECT_FALSE(tokenizer_->ends_generation(token));
  }
}

INSTANTIATE_TEST_SUITE_P(All, RealVocabulary, testing::Values("llama-spm", "gpt-2", "deepseek-llm"),
                         [](const auto& given) {
                           std::string name = given.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Tokenizer, a_prompt_gets_its_bos_as_the_file_says) {
  const auto llama = shared_tokenizer("llama-spm"), gpt2 = shared_tokenizer("gpt-2");
  if (!llama || !gpt2) GTEST_SKIP() << "no test data at " << TOKENMARK_SHARED_DATA;
  EXPECT_EQ(llama->encode("Hello", true).front(), llama->bos());
  EXPECT_NE(llama->encode("Hello", false).front(), llama->bos());
  EXPECT_EQ(gpt2->encode("Hello", true), gpt2->encode("Hello", false));
  EXPECT_EQ(llama->kind(), "spm");
  EXPECT_EQ(gpt2->kind(), "bpe:gpt-2");
}

// A vocabulary of the 256 byte tokens and what is added.
Vocabulary byte_level(std::string pre) {
  Vocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = std::move(pre);
  for (int byte = 0x21; byte < 0x7F; ++byte) vocabulary.tokens.push_back(std::string(1, static_cast<char>(byte)));
  vocabulary.tokens.push_back("\xC4\xA0");  // 'Ġ', a space
  vocabulary.tokens.push_back("\xC4\x8A");  // 'Ċ', a line break
  return vocabulary;
}

std::vector<std::string> pieces(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> pieces;
  for (const TokenId token : tokenizer.encode(text, false)) pieces.push_back(tokenizer.bytes(token));
  return pieces;
}


TEST(LlamaBpe, digits_go_in_threes_and_whole_pieces_need_no_merges) {
  Vocabulary vocabulary = byte_level("llama-bpe");
  for (const char* token : {"12", "123", "1234", "\xC4\xA0whole"}) vocabulary.tokens.push_back(token);
  vocabulary.merges = {"1 2", "12 3", "123 4"};
  const auto tokenizer = make_tokenizer(std::move(vocabulary));
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->kind(), "bpe:llama-bpe");
  EXPECT_EQ(pieces(**tokenizer, "12341234"), (std::vector<std::string>{"123", "4", "12", "3", "4"}));
  EXPECT_EQ(pieces(**tokenizer, " whole wh"), (std::vector<std::string>{" whole", " ", "w", "h"}));
  EXPECT_EQ(pieces(**tokenizer, "I'LL\n\n"), (std::vector<std::string>{"I", "'", "L", "L", "\n", "\n"}));
}

TEST(Bpe, the_earlier_merge_wins_and_then_the_leftmost) {
  Vocabulary vocabulary = byte_level("gpt-2");
  for (const char* token : {"ab", "bc", "aa", "aaa"}) vocabulary.tokens.push_back(token);
  vocabulary.merges = {"b c", "a b", "a a", "aa a"};
  const auto tokenizer = make_tokenizer(std::move(vocabulary));
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ(pieces(**tokenizer, "abc"), (std::vector<std::string>{"a", "bc"}));
  EXPECT_EQ(pieces(**tokenizer, "aaaaa"), (std::vector<std::string>{"aa", "aaa"}));
}

// A piece that reaches into the next word keeps a text from being cut at its words.
TEST(Spm, a_piece_may_reach_into_the_next_word) {
  const std::string mark = "\xE2\x96\x81";
  Vocabulary vocabulary;
  vocabulary.model = "llama";
  vocabulary.tokens = {"<unk>", mark, "a", "b", mark + "a", mark + "b"};
  vocabulary.scores = {0, -9, -9, -9, -2, -3};
  vocabulary.types = {TokenType::unknown};
  vocabulary.types.resize(6, TokenType::normal);
  vocabulary.unknown = 0;
  vocabulary.add_bos = false;
  const auto apart = make_tokenizer(vocabulary);
  ASSERT_TRUE(apart) << apart.error().message;
  EXPECT_EQ((*apart)->encode("a b  a b", false), (std::vector<TokenId>{4, 5, 1, 4, 5}));
  vocabulary.tokens.push_back("a" + mark);
  vocabulary.scores.push_back(-1);
  vocabulary.types.push_back(TokenType::normal);
  const auto reaching = make_tokenizer(vocabulary);
  ASSERT_TRUE(reaching) << reaching.error().message;
  EXPECT_EQ((*reaching)->encode("a b  a b", false), (std::vector<TokenId>{1, 6, 3, 1, 1, 6, 3}));
}

// Of "▁a|b" and "▁|ab" the second has the higher sum.
TEST(Unigram, the_way_with_the_highest_sum_of_scores_is_taken) {
  Vocabulary vocabulary;
  vocabulary.model = "t5";
  vocabulary.tokens = {"<unk>", "</s>", "\xE2\x96\x81", "\xE2\x96\x81" "a", "b", "ab", "<x>"};
  vocabulary.scores = {0, 0, -1, -2, -3, -3.5, 0};
  vocabulary.types = {TokenType::unknown, TokenType::control, TokenType::normal, TokenType::normal,
                      TokenType::normal, TokenType::normal, TokenType::user_defined};
  vocabulary.unknown = 0;
  vocabulary.eos = 1;
  vocabulary.merge_spaces = true;
  const auto tokenizer = make_tokenizer(vocabulary);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->kind(), "unigram");
  EXPECT_EQ((*tokenizer)->encode("ab", true), (std::vector<TokenId>{2, 5, 1}));
  EXPECT_EQ((*tokenizer)->encode("  a  ab<x>b", false), (std::vector<TokenId>{3, 2, 5, 6, 2, 4}));
  EXPECT_EQ((*tokenizer)->encode("a??b", false), (std::vector<TokenId>{3, 0, 4}));
  EXPECT_EQ((*tokenizer)->decode({3, 2, 5}), "a ab");
  vocabulary.charsmap = "abcd";
  EXPECT_THAT(make_tokenizer(vocabulary).error().message, testing::HasSubstr("charsmap"));
}

TEST(Normalization, canonical_forms_are_unicode_s) {
  EXPECT_EQ(nfc("e\xCC\x81"), "\xC3\xA9");
  EXPECT_EQ(nfd("\xC3\xA9"), "e\xCC\x81");
  EXPECT_EQ(nfc("a\xCC\xA7\xCC\x81"), "\xC3\xA1\xCC\xA7");  // the acute goes past the cedilla
  EXPECT_EQ(nfc("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "\xED\x95\x9C");
  EXPECT_EQ(nfc("\xE2\x84\xAB"), "\xC3\x85");                   // the Ångström sign
  EXPECT_EQ(nfc("\xFF" "e\xCC\x81\xCC"), "\xFF\xC3\xA9\xCC");  // stray bytes pass
}

TEST(Vocabulary, nonsense_is_named) {
  const auto message = [](Vocabulary vocabulary) {
    const auto tokenizer = make_tokenizer(std::move(vocabulary));
    return tokenizer ? std::string("no error") : tokenizer.error().message;
  };
  EXPECT_THAT(message({}), testing::HasSubstr("no tokens"));
  Vocabulary vocabulary = byte_level("gpt-2");
  vocabulary.eos = 4000;
  EXPECT_THAT(message(vocabulary), testing::HasSubstr("EOS token is 4000"));
  vocabulary.eos = -1;
  vocabulary.pre = "made-up";
  EXPECT_THAT(message(vocabulary), testing::HasSubstr("'made-up'"));
  for (const char* known : {"gpt-2", "llama-bpe", "qwen2", "gpt-4o", "deepseek-v3", "smollm", "default"})
    EXPECT_THAT(message(vocabulary), testing::HasSubstr(known));
  vocabulary.model = "rwkv";
  EXPECT_THAT(message(vocabulary), testing::HasSubstr("'rwkv'"));
  vocabulary.model = "llama";
  EXPECT_THAT(message(vocabulary), testing::HasSubstr("0 scores"));
  vocabulary.types.resize(3);
  EXPECT_THAT(message(vocabulary), testing::HasSubstr("3 token types"));
}

}  // namespace
}  // namespace tokenmark
