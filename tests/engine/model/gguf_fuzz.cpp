// Mutated and truncated model files: each ends in an error or in a model that can be used, never in a crash
// or a hang. Seeds are fixed. Run it under the sanitizers' preset to see what it is worth.
#include <gtest/gtest.h>

#include "tests/engine/model/mutation.h"
#include "tests/engine/model/tiny_models.h"

namespace tokenmark {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Open>
Outcome fuzz(const std::string& original, std::size_t region, int rounds, std::uint64_t seed,
             const Open& open) {
  std::mt19937_64 random(seed);
  Outcome outcome;
  const TemporaryFile file({}, "fuzz.gguf");
  for (int round = fuzz_rounds(rounds); round > 0; --round) {
    // Written anew each time: a file that shrinks under an old mapping would be another matter.
    std::filesystem::remove(file.path());
    file.write(mutate(original, region, random));
    const auto opened = open(file.path());
    if (!opened) {
      EXPECT_FALSE(opened.error().message.empty());
      ++outcome.errors;
    } else {
      ++outcome.opened;
    }
  }
  return outcome;
}

Result<Model> open_and_use(const std::string& path) {
  auto model = open_model(path);
  if (model) use(*model);
  return model;
}

Result<std::shared_ptr<const Tokenizer>> open_and_use_tokenizer(const std::string& path) {
  auto tokenizer = open_tokenizer(path);
  if (tokenizer) use(**tokenizer);
  return tokenizer;
}

TEST(FuzzGguf, a_tiny_model_anywhere_in_its_header) {
  const TinyGguf tiny;
  const std::string bytes = tiny.bytes();
  const std::size_t header = tiny.metadata().header(tiny.tensors()).size();
  const Outcome outcome = fuzz(bytes, header, 3000, 1, open_and_use);
  EXPECT_GT(outcome.errors, 500);
  EXPECT_GT(outcome.opened, 50);
}

TEST(FuzzGguf, the_numbers_before_the_vocabulary_and_the_tensor_list) {
  const TinyGguf tiny;
  const std::string bytes = tiny.bytes();
  const std::size_t vocabulary = bytes.find("tokenizer.ggml.tokens");
  EXPECT_GT(fuzz(bytes, vocabulary + 60, 1500, 2, open_and_use).errors, 500);
}

TEST(FuzzGguf, every_truncation_of_the_header_is_an_error) {
  const TinyGguf tiny;
  const std::string bytes = tiny.bytes();
  const TemporaryFile file({}, "cut.gguf");
  for (std::size_t size = 0; size < bytes.size(); size += size < 600 ? 1 : 97) {
    std::filesystem::remove(file.path());
    file.write(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(open_model(file.path())) << size;
  }
}

TEST(FuzzGguf, every_architecture) {
  std::uint64_t seed = 10;
  for (const Architecture& row : architectures()) {
    const ModelDescription description = tiny_description(row.name);
    const GgufMetadata metadata = tiny_metadata(description);
    const std::string bytes = gguf_bytes(metadata, numbered_tensors(description));
    const std::size_t vocabulary = bytes.find("tokenizer.ggml.tokens");
    EXPECT_GT(fuzz(bytes, vocabulary, 200, ++seed, open_and_use).errors, 50) << row.name;
    const Outcome outcome = fuzz(bytes, bytes.find("blk.1.attn_norm"), 150, ++seed, open_and_use);
    EXPECT_GT(outcome.errors + outcome.opened, 149) << row.name;
  }
}

TEST(FuzzGguf, parts_of_a_split_model) {
  const ModelDescription description = tiny_description("qwen3moe");
  const auto folder =
      std::filesystem::temp_directory_path() / ("tokenmark-fuzz-split-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto path = [&](int part) {
    return (folder / fmt::format("m-{:05}-of-00002.gguf", part + 1)).string();
  };
  const auto list = numbered_tensors(description);
  std::string bytes[2];
  for (std::uint32_t part = 0; part < 2; ++part) {
    std::vector<NumberedTensor> own;
    for (std::size_t i = part; i < list.size(); i += 2) own.push_back(list[i]);
    GgufMetadata metadata;
    metadata.add("split.no", part);
    metadata.add("split.count", 2u);
    metadata.add("split.tensors.count", static_cast<std::uint32_t>(list.size()));
    if (part == 0) {
      add_description(description, metadata);
      add_tiny_vocabulary(metadata, description.vocabulary);
    }
    bytes[part] = gguf_bytes(metadata, own);
    std::ofstream(path(static_cast<int>(part)), std::ios::binary) << bytes[part];
  }
  std::mt19937_64 random(6);
  Outcome outcome;
  for (int round = fuzz_rounds(400); round > 0; --round) {
    const int part = static_cast<int>(random() % 2);
    std::filesystem::remove(path(part));
    std::ofstream(path(part), std::ios::binary) << mutate(bytes[part], part == 0 ? 600 : 900, random);
    const auto opened = open_and_use(path(static_cast<int>(random() % 2)));
    ++(opened ? outcome.opened : outcome.errors);
    std::filesystem::remove(path(part));
    std::ofstream(path(part), std::ios::binary) << bytes[part];
  }
  std::filesystem::remove_all(folder);
  EXPECT_GT(outcome.errors, 150);
  EXPECT_GT(outcome.opened, 5);
}

TEST(FuzzGguf, a_real_model) {
  const std::string path = std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no test data at " << path;
  const std::string bytes = read_file(path);
  EXPECT_GT(fuzz(bytes, 14152, 600, 3, open_and_use).errors, 100);
}

TEST(FuzzGguf, real_vocabularies) {
  const std::string folder = std::string(TOKENMARK_SHARED_DATA) + "/tokenizers/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data at " << folder;
  for (const char* name : {"llama-spm", "gpt-2"}) {
    const std::string bytes = read_file(folder + name + ".gguf");
    fuzz(bytes, bytes.size(), 12, 4, open_and_use_tokenizer);
    EXPECT_GT(fuzz(bytes, 1200, 20, 5, open_and_use_tokenizer).errors, 1);
  }
}

}  // namespace
}  // namespace tokenmark
