// tokenizer.json of every family against the ids that Hugging Face's own library gave (golden/make_golden.py), and
// files that say nonsense.
#include "engine/tokenizer/tokenizer_json.h"

#include <gmock/gmock.h>

#include "engine/tokenizer/pretokenizer.h"

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

// What GGUF's own keys say of each family, as another program would read them.
class GgufTerms : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(GgufTerms, give_the_same_ids) {
  const auto [family, pre] = GetParam();
  const auto files = read_tokenizer_files(golden(family));
  ASSERT_TRUE(files) << files.error().message;
  const auto vocabulary = gguf_vocabulary(*files);
  ASSERT_TRUE(vocabulary) << vocabulary.error().message;
  ASSERT_TRUE(*vocabulary) << "it can be said";
  EXPECT_EQ((*vocabulary)->model, "gpt2");
  EXPECT_EQ((*vocabulary)->pre, pre);
  const auto tokenizer = make_tokenizer(**vocabulary);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const json given = read_json(golden(family) + "/cases.json");
  for (const json& entry : given["cases"]) {
    const auto expected = entry[1].get<std::vector<TokenId>>();
    EXPECT_EQ((*tokenizer)->encode(entry[0].get<std::string>(), false, true), expected) << "text: " << entry[0];
    EXPECT_EQ((*tokenizer)->decode(expected), entry.size() > 2 ? entry[2].get<std::string>() : entry[0].get<std::string>());
  }
  EXPECT_EQ((*tokenizer)->encode("", true), given["before"].get<std::vector<TokenId>>());
}

INSTANTIATE_TEST_SUITE_P(All, GgufTerms,
                         testing::Values(std::pair{"gpt2", "gpt-2"}, std::pair{"llama3", "llama-bpe"}, std::pair{"qwen3", "qwen2"},
                                         std::pair{"gpt_oss", "gpt-4o"}, std::pair{"deepseek_v3", "deepseek-v3"},
                                         std::pair{"deepseek_coder", "deepseek-coder"}, std::pair{"smollm2", "smollm"}),
                         [](const auto& given) { return std::string(given.param.first); });

// Unigram, and steps that no name of GGUF's stands for.
TEST(GgufTerms, are_nothing_where_they_cannot_say_it) {
  for (const char* family : {"unigram", "unigram_bytes", "behaviours"}) {
    const auto vocabulary = gguf_vocabulary(*read_tokenizer_files(golden(family)));
    ASSERT_TRUE(vocabulary) << vocabulary.error().message;
    EXPECT_FALSE(*vocabulary) << family;
  }
}

// A SentencePiece vocabulary as transformers writes it: for each token the pairs that make it, in the order of scores.
json sentencepiece(const std::vector<std::string>& pieces) {
  json vocab = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  const auto add = [&](const std::string& token) { vocab.emplace(token, vocab.size()); };
  for (int byte = 0; byte < 256; ++byte) add(fmt::format("<0x{:02X}>", byte));
  for (const std::string& piece : pieces) add(piece);
  json merges = json::array();
  for (const std::string& piece : pieces)
    for (std::size_t at = 1; at < piece.size(); ++at)
      if (vocab.contains(piece.substr(0, at)) && vocab.contains(piece.substr(at)))
        merges.push_back({piece.substr(0, at), piece.substr(at)});
  return {{"added_tokens", {{{"id", 0}, {"content", "<unk>"}, {"special", true}}, {{"id", 1}, {"content", "<s>"}, {"special", true}},
                            {{"id", 2}, {"content", "</s>"}, {"special", true}}}},
          {"normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "Prepend"}, {"prepend", "▁"}},
                         {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}}}}},
          {"decoder", {{"type", "Sequence"}, {"decoders", {{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                       {{"type", "ByteFallback"}}, {{"type", "Fuse"}}, {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
          {"model", {{"type", "BPE"}, {"unk_token", "<unk>"}, {"fuse_unk", true}, {"byte_fallback", true}, {"vocab", vocab},
                     {"merges", merges}}}};
}

TEST(GgufTerms, sentencepiece_s_merges_are_its_scores) {
  const std::vector<std::string> pieces = {"▁", "a", "b", "c", "d", "e", "o", "w", "r", "l", "▁a", "ab", "wo", "or", "bc", "wor",
                                           "abc", "▁wo", "ld", "▁wor", "▁world", "rld"};
  const TokenizerFiles files{.tokenizer = sentencepiece(pieces).dump(),
                             .tokenizer_config = R"({"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "bos_token": "<s>", "eos_token": "</s>"})"};
  const auto original = read_tokenizer_json(files);
  ASSERT_TRUE(original) << original.error().message;
  const auto vocabulary = gguf_vocabulary(files);
  ASSERT_TRUE(vocabulary && *vocabulary);
  EXPECT_EQ((*vocabulary)->model, "llama");
  EXPECT_EQ((*vocabulary)->types[0], TokenType::unknown);
  EXPECT_EQ((*vocabulary)->types[70], TokenType::byte);
  const auto tokenizer = make_tokenizer(**vocabulary);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  for (const std::string text : {"a world abc", "world", "  abcd wo rld</s>abc", "über\n", "aabbcc", ""}) {
    EXPECT_EQ((*tokenizer)->encode(text, true, true), original->tokenizer->encode(text, true, true)) << text;
    EXPECT_EQ((*tokenizer)->decode((*tokenizer)->encode(text, false)), text);
  }

  json lacking = sentencepiece(pieces);
  auto& merges = lacking["model"]["merges"];
  merges.erase(merges.begin() + 2);  // SentencePiece would still make that token
  const auto none = gguf_vocabulary({.tokenizer = lacking.dump()});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(*none);
}

TEST(GgufTerms, the_probe_tells_all_named_pre_tokenizers_apart) {
  const auto names = pretokenizer_names();
  ASSERT_GT(names.size(), 10u);
  const auto cut = [](const NamedPretokenizer& named) {
    Pretokenizer::Pieces pieces;
    named.pretokenizer.split(kPretokenizerProbe, true, pieces);
    return pieces.list();
  };
  for (std::size_t a = 0; a < names.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const auto first = find_pretokenizer(names[a]), second = find_pretokenizer(names[b]);
      if (first->nfc != second->nfc || first->whole_pieces_first != second->whole_pieces_first) continue;
      EXPECT_NE(cut(*first), cut(*second)) << names[a] << " and " << names[b];
    }
}

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
