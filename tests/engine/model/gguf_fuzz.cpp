// Mutated and truncated model files: each ends in an error or in a model that can be used, never in a crash or a
// hang. Seeds are fixed. Run it under the sanitizers' preset to see what it is worth.
#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/tiny_gguf.h"

namespace tokenmark {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Uses what was opened the way a caller would: every tensor's bytes, the tokenizer both ways.
void use(const Tokenizer& tokenizer) {
  const std::string text = "Once upon a time, 123 \xF0\x9F\xA6\x99 \xFF<s>";
  const auto ids = tokenizer.encode(text, true, true);
  for (const TokenId id : ids) ASSERT_LT(id, tokenizer.vocabulary_size());
  tokenizer.decode(ids);
  for (const TokenId id : {0, 1, tokenizer.vocabulary_size() - 1}) tokenizer.bytes(id);
}

void use(const Model& model) {
  use(*model.tokenizer);
  for (const Tensor& tensor : model.weights->tensors()) {
    std::vector<std::byte> bytes(tensor.bytes);
    ASSERT_TRUE(model.weights->read(tensor, bytes.data()));
  }
}

// One to four changes within the first `region` bytes: bits, bytes, interesting numbers, or a cut.
std::string mutate(std::string bytes, std::size_t region, std::mt19937_64& random) {
  static constexpr std::uint64_t kNumbers[] = {0, 1, 7, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 1ull << 32, 1ull << 62,
                                               0x7fffffffffffffff, ~0ull, ~0ull - 31};
  region = std::min(region, bytes.size());
  for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
    const std::size_t at = random() % region;
    switch (random() % 5) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
      case 1: bytes[at] = static_cast<char>(random()); break;
      case 2:
      case 3: {
        const std::uint64_t number = kNumbers[random() % std::size(kNumbers)];
        const std::size_t width = std::min<std::size_t>(random() % 2 ? 8 : 4, bytes.size() - at);
        std::memcpy(bytes.data() + at, &number, width);
        break;
      }
      default:
        if (random() % 8 == 0) {
          bytes.resize(at + 1);
          region = at + 1;
        } else {
          bytes[at] = static_cast<char>(bytes[at] + 1);
        }
    }
  }
  return bytes;
}

struct Outcome {
  int errors = 0, opened = 0;
};

template <class Open>
Outcome fuzz(const std::string& original, std::size_t region, int rounds, std::uint64_t seed, const Open& open) {
  std::mt19937_64 random(seed);
  Outcome outcome;
  const TemporaryFile file({}, "fuzz.gguf");
  for (int round = 0; round < rounds; ++round) {
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
