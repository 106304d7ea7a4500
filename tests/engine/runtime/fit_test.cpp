#include "engine/runtime/fit.h"

#include <gmock/gmock.h>

#include "engine/runtime/kv_size.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kGb = 1'000'000'000;

ModelDescription shape(const std::string& specification) {
  auto model = open_model(specification);
  EXPECT_TRUE(model);
  return model->description;
}

TEST(Fit, needs_are_weights_and_keys_and_values) {
  const ModelDescription model = shape("shape:llama-3.1-8b:bf16");
  const Fit fit = fit_in_memory(model, 8192, Format::f16, 20 * kGb);
  EXPECT_TRUE(fit.fits());
  EXPECT_EQ(fit.weight_bytes, model.weight_bytes);
  EXPECT_EQ(fit.kv_bytes, 8192u * 131072);
  EXPECT_EQ(fit.most_tokens, (20 * kGb - model.weight_bytes) / 131072);
}

TEST(Fit, exactly_enough_is_enough) {
  const ModelDescription model = shape("shape:stories260k:f32");
  const std::uint64_t needed = fit_in_memory(model, 100, Format::f16, 0).needed_bytes();
  EXPECT_TRUE(fit_in_memory(model, 100, Format::f16, needed).fits());
  EXPECT_FALSE(fit_in_memory(model, 100, Format::f16, needed - 1).fits());
}

TEST(Fit, a_context_that_is_too_long_is_told_the_one_that_fits) {
  const Status checked = check_fit("m", shape("shape:llama-3.1-8b:bf16"), 131072, Format::f16, 20 * kGb);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("m: needs 33.2 GB: 16.1 GB of weights (bf16) and 17.2 "
                                                       "GB of keys and values (131072 tokens in f16)"),
                                             HasSubstr("20 GB of memory are free"),
                                             HasSubstr("30051 tokens of keys and values would fit")));
}

TEST(Fit, weights_that_are_too_large_are_told_the_format_that_fits) {
  const Status checked = check_fit("m", shape("shape:llama-3.1-8b:bf16"), 4096, Format::f16, 10 * kGb);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("in q8_0 the weights would take 8.53 GB and fit"),
                                             Not(HasSubstr("tokens of keys and values would fit"))));
}

TEST(Fit, what_fits_in_no_format_is_told_a_shape_that_does) {
  const Status checked = check_fit("m", shape("shape:deepseek-v3:fp8"), 4096, Format::f16, 6 * kGb);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message,
              HasSubstr("the largest known shape that fits is llama-3.1-8b in q4_0"));
}

TEST(Fit, absurd_numbers_overflow_nothing) {
  const ModelDescription model = shape("shape:llama-3.1-405b:bf16");
  const Fit fit = fit_in_memory(model, UINT64_MAX, Format::f32, UINT64_MAX);
  EXPECT_GT(fit.kv_bytes, 1ull << 60);
  EXPECT_FALSE(check_fit("m", model, UINT64_MAX, Format::f32, kGb));
}

TEST(BytesText, has_three_digits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(999'600), "1 MB");
  EXPECT_EQ(bytes_text(1'236'000'000), "1.24 GB");
}

}  // namespace
}  // namespace tokenmark
