#include "engine/runtime/kv_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tokenmark {
namespace {

// 32 KiB of f16 keys and values a token, as Llama 3.2 1B.
ModelDescription llama_1b() {
  ModelDescription model;
  model.layers = 16;
  model.kv_heads = 8;
  model.head_dim = 64;
  model.context = 131072;
  return model;
}

constexpr std::uint64_t kGib = 1ull << 30;

TEST(KvSize, bytes_follow_the_shape_and_the_format) {
  EXPECT_EQ(kv_bytes_per_token(llama_1b(), Format::f16), 32768u);
  EXPECT_EQ(kv_bytes_per_token(llama_1b(), Format::f32), 65536u);
}

TEST(KvSize, by_default_a_quarter_of_the_free_memory_is_the_most) {
  const auto size = size_kv(llama_1b(), {}, 4 * kGib);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->bytes, kGib);
  EXPECT_EQ(size->blocks, 2048);
  EXPECT_EQ(size->context, 8192) << "not the model's 131072";
}

TEST(KvSize, a_small_model_gets_all_its_contexts) {
  ModelDescription model = llama_1b();
  model.context = 500;
  const auto size = size_kv(model, {.max_sequences = 4}, 64 * kGib);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->blocks, 4 * 32);
  EXPECT_EQ(size->context, 500);
}

TEST(KvSize, the_default_context_shrinks_to_what_fits) {
  const auto size = size_kv(llama_1b(), {.kv_bytes = 100 * 16 * 32768 + 5}, kGib);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->blocks, 100);
  EXPECT_EQ(size->context, 1600);
}

TEST(KvSize, what_was_asked_for_and_cannot_be_is_an_error_with_the_numbers) {
  const auto message = [](const EngineOptions& options, std::uint64_t free_bytes) {
    const auto size = size_kv(llama_1b(), options, free_bytes);
    return size ? std::string("accepted") : size.error().message;
  };
  EXPECT_THAT(message({.context = 200000}, kGib), testing::HasSubstr("131072"));
  EXPECT_THAT(message({.context = 4096}, kGib / 4), testing::HasSubstr("4096 tokens takes 134217728 bytes"));
  EXPECT_THAT(message({}, 1000), testing::HasSubstr("no room"));
  EXPECT_THAT(message({.max_sequences = 0}, kGib), testing::HasSubstr("max_sequences"));
  EXPECT_THAT(message({.context = -1}, kGib), testing::HasSubstr("context"));
  EXPECT_THAT(message({.kv_format = Format::q4_0}, kGib), testing::HasSubstr("'q4_0'"));
  EXPECT_THAT(message({.admission_free = 1}, kGib), testing::HasSubstr("admission_free"));
  EXPECT_THAT(message({.chunk_slowdown = 0.5f}, kGib), testing::HasSubstr("chunk_slowdown"));
  EXPECT_THAT(message({.draft_tokens = 17}, kGib), testing::HasSubstr("draft_tokens"));
}

}  // namespace
}  // namespace tokenmark
