// Tables of measured choices as texts: what is written is read again, what is not for this device or is no table is refused.
#include "kernels/gpu/tuning/table_text.h"

#include <gmock/gmock.h>

#include <random>

namespace tokenmark::gpu {
namespace {

using testing::HasSubstr;

const TuningHead kHead{"NVIDIA H200", "sm_90", "CUDA 13.0, module 580.65.06", "0123456789abcdef"};

TuningTable table() {
  TuningTable t;
  t.products.push_back({kHead.device, 2, 8, 6144, 4096, {true, 8, 264, 2, 4096}, 1, {9.5e-6, 10e-6}});
  t.products.push_back({kHead.device, 30, 512, 4096, 14336, {false, 128, 0, 4, 0}, 1, {50e-6, 50e-6}});
  t.groups.push_back({kHead.device, 39, 64, 128, 4, 16, 2880, {81e-6, 162e-6}});
  t.attention.push_back({kHead.device, {1, 32, 32, 8, 128, 128}, 6, {20e-6, 22e-6}});
  return t;
}
std::string text() { return table_text(kHead, table()); }
Error refusal(const std::string& text, const TuningHead& head = kHead) {
  const auto read = read_table(text, head);
  return read ? Error{ErrorKind::internal, "it was read"} : read.error();
}
// The text with the first `from` replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string changed = text();
  return changed.replace(changed.find(from), from.size(), to);
}

TEST(TableText, what_was_written_is_read_again) {
  const auto read = read_table(text(), kHead);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(table_text(kHead, *read), text());
  ASSERT_EQ(read->products.size(), 2u);
  EXPECT_EQ(read->products[0].choice, table().products[0].choice);
  EXPECT_EQ(read->products[0].device, kHead.device);
  EXPECT_EQ(read->attention[0].parts, 6u);
  EXPECT_EQ(read->groups[0].width, 2880u);
}

TEST(TableText, a_table_of_another_device_driver_or_other_kernels_is_stale_and_says_of_what) {
  const auto stale = [](auto change) {
    TuningHead head = kHead;
    change(head);
    const Error error = refusal(text(), head);
    EXPECT_EQ(error.kind, ErrorKind::unavailable);
    return error.message;
  };
  EXPECT_EQ(stale([](TuningHead& h) { h.driver = "CUDA 13.1"; }), "it was measured with the driver 'CUDA 13.0, module 580.65.06', here is the driver 'CUDA 13.1'");
  EXPECT_THAT(stale([](TuningHead& h) { h.device = "NVIDIA H100"; }), HasSubstr("the device 'NVIDIA H200'"));
  EXPECT_THAT(stale([](TuningHead& h) { h.architecture = "sm_100"; }), HasSubstr("the architecture 'sm_90'"));
  EXPECT_THAT(stale([](TuningHead& h) { h.kernels = "ff"; }), HasSubstr("other kernels (0123456789abcdef), here is other kernels (ff)"));
}

TEST(TableText, a_line_that_is_none_is_named_with_its_value) {
  const auto refused = [](const std::string& text) {
    const Error error = refusal(text);
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.message;
  };
  EXPECT_THAT(refused("nonsense\n"), HasSubstr("line 1: 'nonsense' is not 'tokenmark tuning table 1'"));
  EXPECT_THAT(refused(""), HasSubstr("ends before"));
  EXPECT_EQ(refused(with("gemv 8", "gemv 8x")), "line 8: '8x' is not the rows of a block, a whole number from 1 to 1073741824");
  EXPECT_THAT(refused(with("6144", "-1")), HasSubstr("line 8: '-1' is not the matrix' rows"));
  EXPECT_THAT(refused(with("6144", "99999999999999999999")), HasSubstr("is not the matrix' rows"));
  EXPECT_THAT(refused(with("264 2", "264 0")), HasSubstr("'0' is not the split"));
  EXPECT_THAT(refused(with("q4_0", "q4_7")), HasSubstr("line 8: 'q4_7' is not a number format"));
  EXPECT_THAT(refused(with("gemv", "gemx")), HasSubstr("'gemx' is not a kernel, gemv or gemm"));
  EXPECT_THAT(refused(with("9.500 10.000", "9.500")), HasSubstr("'' is not the time by the rule"));
  EXPECT_THAT(refused(with("9.500 10.000", "nan 10.000")), HasSubstr("'nan' is not the time as chosen"));
  EXPECT_THAT(refused(with("9.500 10.000", "9.500 10.000 7")), HasSubstr("'7' is not the end of the line"));
  EXPECT_THAT(refused(with("groups ", "grouse ")), HasSubstr("'grouse' is not product, groups or attention"));
  EXPECT_THAT(refused(with("driver ", "# driver ")), HasSubstr("line 8: a choice stands before"));
  EXPECT_THAT(refused(std::string(5 << 20, '#')), HasSubstr("bytes, a table has"));
}

TEST(TableText, whatever_a_file_holds_is_read_or_refused) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string broken = text();
    for (std::uint32_t n = 1 + random() % 4; n > 0; --n) {
      const std::size_t at = random() % broken.size();
      if (random() % 3 == 0) broken.erase(at, random() % 30);
      else broken[at] = static_cast<char>(random() % 4 == 0 ? random() : " 0129\n#-."[random() % 9]);
    }
    const auto read = read_table(broken, kHead);
    if (!read) EXPECT_FALSE(read.error().message.empty());
    // What was read can be asked for: choices that cannot be launched are passed over.
    else for (const std::uint32_t rows : {1u, 8u, 500u}) {
      const Machine machine{kHead.device, 32, 132, 227 << 10};
      const ProductShape shape{2, rows, 6144, 4096, 1};
      EXPECT_LE(shared_bytes(choose_product(*read, machine, shape), shape, machine), machine.shared_bytes);
    }
  }
}

TEST(TableText, tables_are_merged_shape_by_shape) {
  TuningTable into = table(), more;
  more.products.push_back(table().products[0]);
  more.products[0].choice.split = 4;
  more.products.push_back({kHead.device, 2, 8, 9000, 4096, {true, 8, 264, 2, 4096}, 1, {}});
  merge(into, more);
  ASSERT_EQ(into.products.size(), 3u);
  EXPECT_EQ(into.groups.size(), 1u);
  const Machine machine{kHead.device, 32, 132, 227 << 10};
  EXPECT_EQ(choose_product(into, machine, {2, 8, 6144, 4096, 1}).split, 4u);
}

TEST(TableText, a_summary_tells_what_differs_from_the_rule) {
  const TuningSummary s = summarize(table());
  EXPECT_EQ(s.choices, 4u);
  EXPECT_EQ(s.changed, 3u);
  EXPECT_DOUBLE_EQ(s.largest_gain, 2);
  EXPECT_NEAR(s.mean_gain, std::cbrt(10 / 9.5 * 2 * 1.1), 1e-9);
  EXPECT_EQ(summarize({}).mean_gain, 1);
}

TEST(TableText, a_choice_that_was_measured_and_kept_is_the_rules_for_fewer_rows_too) {
  const Machine machine{kHead.device, 32, 132, 227 << 10};
  const ProductShape fewer{30, 300, 4096, 14336, 1};
  EXPECT_EQ(choose_product(table(), machine, fewer), choose_product({}, machine, fewer));
}

TEST(TableText, the_kernels_sources_have_a_hash) { EXPECT_THAT(kernel_sources(), testing::MatchesRegex("[0-9a-f]{16}")); }

}  // namespace
}  // namespace tokenmark::gpu
