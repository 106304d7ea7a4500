// Mutated tokenizer.json files give a tokenizer that works or an error, whatever they say.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {
namespace {

constexpr const char* kPieces[] = {"null", "-1", "4194303", "1e99", "\"\"", "[]", "{}", "true", "\"type\":\"Sequence\"", "\"Split\"", "\"Regex\"", "\"Metaspace\"",
                                   "\"ByteLevel\"", "\"Unigram\"", "\"BPE\"", "\"MergedWithNext\"", "\"Removed\"", "(?=", "[^", "\\\\p{L}+", "\\\\s*", "|", "\"normalized\":true",
                                   "\"single_word\":true", "\"lstrip\":true", "\"ignore_merges\":true", "\"byte_fallback\":true", "\"NFC\"", "\xFF", "\"id\":0"};

void mutate(std::string& text, std::mt19937& random) {
  for (std::uint32_t left = 1 + random() % 4; left > 0 && !text.empty(); --left) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0: text[at] = static_cast<char>(random() % 128); break;
      case 1: text.erase(at, 1 + random() % 20); break;
      case 2: {  // instead of a value
        const std::size_t colon = text.find(':', at), end = text.find_first_of(",}]", colon);
        if (end != std::string::npos) text.replace(colon + 1, end - colon - 1, kPieces[random() % std::size(kPieces)]);
        break;
      }
      case 3: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
    }
  }
}

TEST(TokenizerJsonFuzz, any_file_gives_a_tokenizer_or_an_error) {
  std::vector<std::string> sources;
  for (const auto& folder : std::filesystem::directory_iterator(TOKENMARK_SOURCE_DIR "/tests/engine/tokenizer/golden")) {
    std::ifstream file(folder.path() / "tokenizer.json", std::ios::binary);
    if (file) sources.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  ASSERT_GT(sources.size(), 8u);
  std::mt19937 random(41);
  int read = 0, refused = 0, said = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = sources[random() % sources.size()];
    // Most of a file is its vocabulary; what says how text is treated stands before and behind it.
    if (random() % 2) {
      const std::size_t model = std::min(text.find("\"vocab\""), text.size());
      std::string head = text.substr(0, model);
      mutate(head, random);
      text.replace(0, model, head);
    } else {
      mutate(text, random);
    }
    const TokenizerFiles files{.tokenizer = text, .tokenizer_config = R"({"bos_token": "<s>", "eos_token": "</s>"})"};
    const auto made = read_tokenizer_json(files);
    if (!made) {
      EXPECT_FALSE(made.error().message.empty());
      ++refused;
      continue;
    }
    ++read;
    const auto ids = made->tokenizer->encode("<s>Hello  W\xC3\xB6rld's 123\n\t \xFF <extra> x", true, true);
    for (const TokenId id : ids) ASSERT_TRUE(id >= 0 && id < made->tokenizer->vocabulary_size());
    made->tokenizer->decode(ids);
    if (read % 8 == 0 && made->tokenizer->vocabulary_size() < 5000) said += gguf_vocabulary(files).value().has_value();
  }
  EXPECT_GT(read, 200);
  EXPECT_GT(refused, 500);
  EXPECT_GT(said, 5) << "in GGUF's terms";
}

}  // namespace
}  // namespace tokenmark
