#include "tests/engine/tokenizer/vocabularies.h"

namespace tokenmark {
namespace {

class RandomText : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tokenizer_ = GetParam() == "synthetic" ? make_synthetic_tokenizer(49152) : shared_tokenizer(GetParam());
    if (!tokenizer_) GTEST_SKIP() << "no test data at " << TOKENMARK_SHARED_DATA;
  }
  std::shared_ptr<const Tokenizer> tokenizer_;
};

TEST_P(RandomText, has_exactly_the_wanted_number_of_tokens) {
  for (const std::int32_t count : {0, 1, 2, 3, 5, 8, 13, 100, 128, 1000, 1024, 4096, 8192})
    for (std::uint64_t seed = 0; seed < 3; ++seed)
      EXPECT_EQ(tokenizer_->encode(random_text(*tokenizer_, count, seed), false).size(), static_cast<std::size_t>(count))
          << "seed " << seed;
  for (std::uint64_t seed = 100; seed < 300; ++seed) {
    const auto count = static_cast<std::int32_t>(1 + seed % 40);
    const std::string text = random_text(*tokenizer_, count, seed);
    const auto ids = tokenizer_->encode(text, false);
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(count)) << "seed " << seed << ": '" << text << "'";
    for (const TokenId id : ids) EXPECT_FALSE(tokenizer_->is_control(id));
  }
}

TEST_P(RandomText, depends_on_the_seed_alone) {
  EXPECT_EQ(random_text(*tokenizer_, 50, 7), random_text(*tokenizer_, 50, 7));
  EXPECT_NE(random_text(*tokenizer_, 50, 7), random_text(*tokenizer_, 50, 8));
}

INSTANTIATE_TEST_SUITE_P(All, RandomText,
                         testing::Values("llama-spm", "gpt-2", "deepseek-llm", "stories260K", "synthetic"),
                         [](const auto& given) {
                           std::string name = given.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RandomText, a_vocabulary_of_bytes_alone_gives_text_too) {
  const auto tokenizer = make_synthetic_tokenizer(258);
  const std::string text = random_text(*tokenizer, 300, 1);
  EXPECT_EQ(tokenizer->encode(text, false).size(), 300u);
}

}  // namespace
}  // namespace tokenmark
