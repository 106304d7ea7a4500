// tokenizer.json of every family against the ids that Hugging Face's own library gave (golden/make_golden.py), and
// files that say nonsense.
#include "engine/tokenizer/tokenizer_json.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string golden(const std::string& name) { return TOKENMARK_SOURCE_DIR "/tests/engine/tokenizer/golden/" + name; }

json read_json(const std::string& path) {
  std::ifstream file(path);
  return json::parse(file);
}

class GoldenTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTokenizer, gives_the_ids_and_texts_of_its_family) {
  const auto read = read_tokenizer_folder(golden(GetParam()));
  ASSERT_TRUE(read) << read.error().message;
  const Tokenizer& tokenizer = *read->tokenizer;
  const json given = read_json(golden(GetParam()) + "/cases.json");
  ASSERT_GT(given["cases"].size(), 90u);
  for (const json& entry : given["cases"]) {
    const auto text = entry[0].get<std::string>();
    const auto expected = entry[1].get<std::vector<TokenId>>();
    const auto ids = tokenizer.encode(text, false, true);
    EXPECT_EQ(ids, expected) << "text: " << entry[0];
    EXPECT_EQ(tokenizer.decode(expected), entry.size() > 2 ? entry[2].get<std::string>() : text) << "text: " << entry[0];
    auto whole = given["before"].get<std::vector<TokenId>>(), after = given["after"].get<std::vector<TokenId>>();
    whole.insert(whole.end(), expected.begin(), expected.end());
    whole.insert(whole.end(), after.begin(), after.end());
    EXPECT_EQ(tokenizer.encode(text, true, true), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTokenizer,
                         testing::Values("gpt2", "llama3", "qwen3", "gpt_oss", "deepseek_v3", "deepseek_coder", "smollm2",
                                         "llama2", "mixtral", "unigram", "unigram_bytes", "behaviours"),
                         [](const auto& given) { return std::string(given.param); });

// A byte-level tokenizer of a few tokens, open to change.
json small_tokenizer() {
  return json::parse(R"({"added_tokens": [{"id": 3, "content": "<s>", "special": true}, {"id": 4, "content": "<e>", "special": true},
      {"id": 5, "content": "<think>", "special": false}],
      "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}, "decoder": {"type": "ByteLevel"},
      "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})");
}
Result<FolderTokenizer> read_small(const json& tokenizer, const json& config = json::object(),
                                   const json& generation = json::object()) {
  return read_tokenizer_json({.tokenizer = tokenizer.dump(), .tokenizer_config = config.dump(),
                              .generation_config = generation.dump()});
}

TEST(TokenizerJson, special_tokens_come_from_the_files_beside_it) {
  const auto read = read_small(small_tokenizer(), {{"bos_token", "<s>"}, {"eos_token", {{"content", "<e>"}}}, {"chat_template", "T"}},
                               {{"eos_token_id", {4, 2, 4000}}});
  ASSERT_TRUE(read) << read.error().message;
  const Tokenizer& tokenizer = *read->tokenizer;
  EXPECT_EQ(read->chat_template, "T");
  EXPECT_EQ(tokenizer.bos(), 3);
  EXPECT_EQ(tokenizer.eos(), 4);
  EXPECT_EQ(end_tokens(tokenizer), (std::vector<TokenId>{2, 4}));
  EXPECT_TRUE(tokenizer.ends_generation(4));
  EXPECT_FALSE(tokenizer.ends_generation(3));
  EXPECT_TRUE(tokenizer.is_control(3));
  EXPECT_EQ(tokenizer.bytes(3), "");
  EXPECT_EQ(tokenizer.spelling(3), "<s>");
  EXPECT_FALSE(tokenizer.is_control(5));
  EXPECT_EQ(tokenizer.bytes(5), "<think>");
  EXPECT_EQ(tokenizer.encode("<think>ab", false, false), (std::vector<TokenId>{5, 2}));
}

TEST(TokenizerJson, the_template_s_own_file_goes_first_and_lists_have_a_default) {
  TokenizerFiles files{.tokenizer = small_tokenizer().dump(),
                       .tokenizer_config = R"({"chat_template": [{"name": "rag", "template": "R"}, {"name": "default", "template": "D"}]})"};
  EXPECT_EQ(read_tokenizer_json(files)->chat_template, "D");
  files.chat_template = "from the file";
  EXPECT_EQ(read_tokenizer_json(files)->chat_template, "from the file");
}

TEST(TokenizerJson, a_llama_tokenizer_s_settings_go_before_its_template) {
  const json config = {{"tokenizer_class", "LlamaTokenizerFast"}, {"bos_token", "<s>"}, {"add_bos_token", true}};
  EXPECT_EQ(read_small(small_tokenizer(), config)->tokenizer->encode("ab", true), (std::vector<TokenId>{3, 2}));
}

TEST(TokenizerJson, a_message_part_of_harmony_does_not_end_the_answer) {
  json tokenizer = small_tokenizer();
  TokenId id = 6;
  for (const char* name : {"<|end|>", "<|return|>", "<|call|>", "<|channel|>"})
    tokenizer["added_tokens"].push_back({{"id", id++}, {"content", name}, {"special", true}});
  const auto read = read_small(tokenizer);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->tokenizer->ends_generation(6));
  EXPECT_TRUE(read->tokenizer->ends_generation(7) && read->tokenizer->ends_generation(8));
}

TEST(TokenizerJson, ids_without_a_token_have_no_bytes) {
  json tokenizer = small_tokenizer();
  tokenizer["added_tokens"].push_back({{"id", 20}, {"content", "<far>"}, {"special", false}});
  const auto read = read_small(tokenizer);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tokenizer->vocabulary_size(), 21);
  EXPECT_EQ(read->tokenizer->bytes(12), "");
  EXPECT_EQ(read->tokenizer->bytes(20), "<far>");
}

TEST(TokenizerJson, nonsense_is_named) {
  const auto message = [](const std::string& pointer, const json& value) {
    json tokenizer = small_tokenizer();
    tokenizer[json::json_pointer(pointer)] = value;
    const auto read = read_small(tokenizer);
    return read ? std::string("no error") : read.error().message;
  };
  EXPECT_THAT(message("/model/type", "WordPiece"), HasSubstr("'WordPiece' is not known; known are BPE and Unigram"));
  EXPECT_THAT(message("/model/vocab", json::array()), HasSubstr("'vocab'"));
  EXPECT_THAT(message("/model/vocab/a", -3), HasSubstr("is -3"));
  EXPECT_THAT(message("/model/vocab/a", 4e9), HasSubstr("id of a token"));
  EXPECT_THAT(message("/model/merges", {"ab"}), HasSubstr("merge 0"));
  EXPECT_THAT(message("/model/end_of_word_suffix", "</w>"), HasSubstr("end_of_word_suffix"));
  EXPECT_THAT(message("/normalizer", {{"type", "NFKC"}}), HasSubstr("normalizer 'NFKC'"));
  EXPECT_THAT(message("/pre_tokenizer", {{"type", "Bert"}}), HasSubstr("pre_tokenizer 'Bert'"));
  EXPECT_THAT(message("/pre_tokenizer", {{"type", "Split"}, {"behavior", "Isolated"}}), HasSubstr("pattern"));
  EXPECT_THAT(message("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}}),
              HasSubstr("'(a' is wrong at byte 2"));
  EXPECT_THAT(message("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "[a&&[b]]"}}}, {"behavior", "Isolated"}}),
              HasSubstr("set within a set"));
  EXPECT_THAT(message("/decoder", {{"type", "CTC"}}), HasSubstr("decoder 'CTC'"));
  EXPECT_THAT(message("/post_processor", {{"type", "Else"}}), HasSubstr("post_processor 'Else'"));
  json deep = {{"type", "NFC"}};
  for (int i = 0; i < 30; ++i) deep = {{"type", "Sequence"}, {"normalizers", {deep}}};
  EXPECT_THAT(message("/normalizer", deep), HasSubstr("nested too deeply"));
  const auto text = read_tokenizer_json({.tokenizer = "{"});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("tokenizer.json: is not a JSON object"));
  const auto folder = read_tokenizer_folder("/nowhere");
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("/nowhere: has no tokenizer.json"));
}

}  // namespace
}  // namespace tokenmark
