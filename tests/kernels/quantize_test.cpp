// Number formats against their definitions (OCP MX 1.0, OCP FP8) and against ggml's own reading (golden/).
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <vector>

#include "kernels/formats/format.h"

namespace tokenmark {
namespace {

constexpr Format kBlockFormats[] = {Format::q8_0, Format::q4_0,  Format::q4_k,  Format::q5_k,
                                    Format::q6_k, Format::mxfp4, Format::mxfp6, Format::fp8};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> there_and_back(Format format, const std::vector<float>& values) {
  std::vector<std::byte> row(row_bytes(format, values.size()), std::byte{0xaa});
  std::vector<float> back(values.size());
  quantize_row(format, values.data(), values.size(), row.data());
  dequantize_row(format, row.data(), values.size(), back.data());
  return back;
}

std::vector<std::byte> bytes_of(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}
std::vector<float> floats_of(const std::string& hex) {
  const auto bytes = bytes_of(hex);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// A value of sign, exponent and fraction by the definition of a small float; all ones in the exponent are numbers.
double definition(int code, int exponent_bits, int fraction_bits, int bias) {
  const int fraction = code & ((1 << fraction_bits) - 1), exponent = code >> fraction_bits & ((1 << exponent_bits) - 1);
  const double part = std::ldexp(fraction, -fraction_bits);
  const double magnitude = exponent ? std::ldexp(1 + part, exponent - bias) : std::ldexp(part, 1 - bias);
  return code >> (fraction_bits + exponent_bits) & 1 ? -magnitude : magnitude;
}

TEST(Quantize, every_code_of_the_small_floats_reads_as_its_definition) {
  for (int code = 0; code < 256; ++code) {
    const float value = e4m3_to_float(static_cast<std::uint8_t>(code));
    if ((code & 127) == 127)
      EXPECT_TRUE(std::isnan(value)) << code;
    else
      EXPECT_EQ(value, definition(code, 4, 3, 7)) << code;
    EXPECT_EQ(float_to_e4m3(value), code) << code;
  }
  for (int code = 0; code < 16; ++code)
    EXPECT_EQ(e2m1_to_float(static_cast<std::uint8_t>(code)), definition(code, 2, 1, 1)) << code;
  for (int code = 0; code < 64; ++code)
    EXPECT_EQ(e2m3_to_float(static_cast<std::uint8_t>(code)), definition(code, 2, 3, 1)) << code;
  EXPECT_EQ(e2m1_to_float(7), 6);
  EXPECT_EQ(e2m3_to_float(31), 7.5f);
  EXPECT_EQ(e4m3_to_float(0x7e), 448);
  EXPECT_TRUE(std::signbit(e4m3_to_float(0x80)));
  for (int e = 0; e < 255; ++e) EXPECT_EQ(e8m0_to_float(static_cast<std::uint8_t>(e)), std::ldexp(1.0, e - 127)) << e;
  EXPECT_TRUE(std::isnan(e8m0_to_float(255)));
}

// What `round` makes of the middle between two neighbours and of the floats beside it, for all codes below `greatest`.
template <class ToFloat, class Round>
void expect_nearest_even(int greatest, ToFloat to_float, Round round) {
  for (int code = 0; code < greatest; ++code) {
    const float lower = to_float(code), upper = to_float(code + 1), middle = (lower + upper) / 2;
    ASSERT_EQ(round(middle), code % 2 == 0 ? lower : upper) << middle;
    ASSERT_EQ(round(std::nextafter(middle, 0.0f)), lower) << middle;
    ASSERT_EQ(round(std::nextafter(middle, 1e9f)), upper) << middle;
    ASSERT_EQ(round(-middle), code % 2 == 0 ? -lower : -upper) << middle;
    ASSERT_EQ(round(upper), upper);
  }
}

TEST(Quantize, a_float_becomes_the_nearest_small_float_and_the_even_one_in_the_middle) {
  expect_nearest_even(0x7e, [](int c) { return e4m3_to_float(static_cast<std::uint8_t>(c)); },
                      [](float value) { return e4m3_to_float(float_to_e4m3(value)); });
  for (const float scale : {0x1p-127f, 0x1p-100f, 1.0f, 0x1p100f}) {
    const auto in_block = [&](Format format, float greatest) {
      return [=](float value) {  // with the format's greatest value beside it, the block's scale is `scale`
        std::vector<float> block(32);
        block[9] = greatest * scale;
        block[20] = value * scale;
        return there_and_back(format, block)[20] / scale;
      };
    };
    if (scale == 0x1p-127f) {  // neighbours of middles have no float there
      EXPECT_EQ(in_block(Format::mxfp4, 6)(1.5f), 1.5f);
      EXPECT_EQ(in_block(Format::mxfp6, 7.5f)(0.125f), 0.125f);
      continue;
    }
    expect_nearest_even(7, [](int c) { return e2m1_to_float(static_cast<std::uint8_t>(c)); }, in_block(Format::mxfp4, 6));
    expect_nearest_even(31, [](int c) { return e2m3_to_float(static_cast<std::uint8_t>(c)); },
                        in_block(Format::mxfp6, 7.5f));
  }
}

// By definition: sign, four bits of exponent with bias 8, three of fraction.
TEST(Quantize, every_fnuz_number_is_half_of_ocps_and_0x80_is_nan) {
  for (int code = 0; code < 256; ++code) {
    const float value = e4m3fnuz_to_float(static_cast<std::uint8_t>(code));
    const int exponent = code >> 3 & 15, fraction = code & 7;
    const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -10) : std::ldexp(static_cast<float>(8 + fraction), exponent - 11);
    if (code == 0x80) EXPECT_TRUE(std::isnan(value));
    else EXPECT_EQ(value, code & 0x80 ? -magnitude : magnitude) << code;
    if (code != 0x80 && (code & 0x7f) != 0x7f) {
      EXPECT_EQ(2 * value, e4m3_to_float(static_cast<std::uint8_t>(code))) << code;
    }
  }
  EXPECT_EQ(e4m3fnuz_to_float(0x7f), 240);
}

TEST(Quantize, a_fnuz_block_becomes_ocps_with_the_same_numbers) {
  for (const int first : {0, 128}) {  // all codes of a sign
    std::uint8_t codes[128];
    for (int i = 0; i < 128; ++i) codes[i] = static_cast<std::uint8_t>(first + i);
    for (const bool with_greatest : {false, true}) {
      if (!with_greatest) codes[127] = 1;
      else codes[127] = static_cast<std::uint8_t>(first + 127);
      const BlockFp8 block = block_from_fnuz(codes, 0.75f);
      float values[128];
      dequantize_row(Format::fp8, &block, 128, values);
      for (int i = 0; i < 128; ++i) {
        const float expected = 0.75f * e4m3fnuz_to_float(codes[i]);
        if (codes[i] == 0x80) EXPECT_TRUE(std::isnan(values[i]));
        else if (with_greatest && std::fabs(expected) < 0.75f / 64) EXPECT_LE(std::fabs(values[i] - expected), 0.75f / 1024) << i;
        else EXPECT_EQ(values[i], expected) << i;
      }
    }
  }
}

TEST(Quantize, e4m3_saturates_and_keeps_nan) {
  for (const float value : {449.0f, 464.0f, 480.0f, 1e30f, kInfinity}) {
    EXPECT_EQ(float_to_e4m3(value), 0x7e) << value;
    EXPECT_EQ(float_to_e4m3(-value), 0xfe) << value;
  }
  EXPECT_EQ(float_to_e4m3(kNan), 0x7f);
  EXPECT_EQ(float_to_e4m3(std::bit_cast<float>(0xffc00000u)), 0xff);
  EXPECT_EQ(float_to_e4m3(0x1p-10f), 0);  // half the smallest subnormal
  EXPECT_EQ(float_to_e4m3(std::nextafter(0x1p-10f, 1.0f)), 1);
  EXPECT_EQ(float_to_e4m3(-0.0f), 0x80);
}

TEST(Quantize, the_shared_exponent_of_mx_is_that_of_the_greatest_value_less_two) {
  const auto scale_of = [](float greatest) {
    float block[32] = {};
    block[31] = -greatest;
    BlockMxfp4 four;
    BlockMxfp6 six;
    quantize_row(Format::mxfp4, block, 32, &four);
    quantize_row(Format::mxfp6, block, 32, &six);
    EXPECT_EQ(four.e, six.e);
    return static_cast<int>(four.e);
  };
  EXPECT_EQ(scale_of(4), 127);
  EXPECT_EQ(scale_of(std::nextafter(8.0f, 0.0f)), 127);
  EXPECT_EQ(scale_of(8), 128);
  EXPECT_EQ(scale_of(1), 125);
  EXPECT_EQ(scale_of(0), 0);
  EXPECT_EQ(scale_of(0x1p-126f), 0);                             // would be 2^-128
  EXPECT_EQ(scale_of(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(scale_of(std::numeric_limits<float>::max()), 252);
  EXPECT_EQ(scale_of(kInfinity), 255);
  EXPECT_EQ(scale_of(kNan), 255);
}

TEST(Quantize, values_above_the_greatest_element_saturate) {
  std::vector<float> values(32, 7.9f);
  for (const float value : there_and_back(Format::mxfp4, values)) EXPECT_EQ(value, 6);
  for (const float value : there_and_back(Format::mxfp6, values)) EXPECT_EQ(value, 7.5f);
  values.assign(32, -std::numeric_limits<float>::max());
  for (const float value : there_and_back(Format::mxfp6, values)) EXPECT_EQ(value, -7.5f * 0x1p125f);
}

TEST(Quantize, a_block_with_nan_is_nan_and_its_neighbours_are_not) {
  for (const Format format : {Format::mxfp4, Format::mxfp6}) {
    std::vector<float> values(96, 1.0f);
    values[40] = kNan;
    const auto back = there_and_back(format, values);
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(std::isnan(back[i]), i / 32 == 1) << format_name(format) << " " << i;
  }
  std::vector<float> values(256, 1.0f);
  values[3] = kNan;
  values[4] = kInfinity;
  values[5] = -kInfinity;
  const auto back = there_and_back(Format::fp8, values);  // whose elements have a NaN of their own
  EXPECT_TRUE(std::isnan(back[3]));
  EXPECT_EQ(back[4], 1);
  EXPECT_EQ(back[5], -1);
  EXPECT_EQ(back[0], 1);
  EXPECT_EQ(back[255], 1);
}

TEST(Quantize, mxfp6_lays_four_values_into_three_bytes_lowest_bits_first) {
  float values[32];
  for (int i = 0; i < 32; ++i) {
    BlockMxfp6 block{127, {}};
    block.q[6 * i / 8] = static_cast<std::uint8_t>(8 << (6 * i % 8));  // the code of 1 …
    if (6 * i % 8 > 4) block.q[6 * i / 8 + 1] = static_cast<std::uint8_t>(8 >> (8 - 6 * i % 8));  // … over two bytes
    dequantize_row(Format::mxfp6, &block, 32, values);
    for (int k = 0; k < 32; ++k) EXPECT_EQ(values[k], k == i ? 1 : 0) << i << " " << k;
  }
}

TEST(Quantize, fp8_scales_its_block_so_that_the_greatest_value_is_448) {
  std::vector<float> values(128);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) - 64;
  BlockFp8 block;
  quantize_row(Format::fp8, values.data(), values.size(), &block);
  EXPECT_EQ(block.d, 64.0f / 448);
  EXPECT_EQ(block.q[0], 0xfe);
  EXPECT_EQ(block.q[64], 0);
  const auto back = there_and_back(Format::fp8, values);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_LE(std::abs(back[i] - values[i]), std::abs(values[i]) / 16 * 1.0001f) << i;  // three bits of fraction
}

TEST(Quantize, blocks_read_as_ggml_reads_them) {
  std::ifstream file(TOKENMARK_SOURCE_DIR "/tests/kernels/golden/dequantized_blocks.txt");
  ASSERT_TRUE(file);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::istringstream words(line);
    std::string name, first, second;
    words >> name >> first >> second;
    if (name == "quantized") {
      const auto values = floats_of(first);
      const auto expected = bytes_of(second);
      BlockMxfp4 block;
      quantize_row(Format::mxfp4, values.data(), 32, &block);
      EXPECT_EQ(static_cast<std::byte>(block.e), expected[0]);
      float back[32], ggml[32];
      dequantize_row(Format::mxfp4, &block, 32, back);
      dequantize_row(Format::mxfp4, expected.data(), 32, ggml);
      for (int i = 0; i < 32; ++i) EXPECT_EQ(back[i], ggml[i]) << i;  // ggml has no negative zero
      continue;
    }
    const auto format = format_from_name(name);
    ASSERT_TRUE(format) << name;
    const auto block = bytes_of(first);
    const auto expected = floats_of(second);
    ASSERT_EQ(block.size(), block_bytes(*format));
    std::vector<float> values(expected.size());
    dequantize_row(*format, block.data(), values.size(), values.data());
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], expected[i]) << name << " " << i;
  }
  EXPECT_EQ(lines, 20);
}

// Expected: the mean square of what ggml's quantisation loses of 400,000 normal values of deviation 0.02, over 0.02².
TEST(Quantize, the_error_on_normal_values_is_not_above_that_of_ggml) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(1 << 17);
  for (float& value : values) value = 0.02f * normal(generator);
  const std::pair<Format, double> expected[] = {{Format::q8_0, 2.87e-5}, {Format::q4_0, 7.39e-3}, {Format::q4_k, 5.08e-3},
                                                {Format::q5_k, 1.302e-3}, {Format::q6_k, 3.158e-4}, {Format::mxfp4, 1.309e-2}};
  for (const auto& [format, ggml] : expected) {
    const auto back = there_and_back(format, values);
    double squares = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      squares += (static_cast<double>(values[i]) - back[i]) * (static_cast<double>(values[i]) - back[i]);
    const double error = squares / static_cast<double>(values.size()) / (0.02 * 0.02);
    EXPECT_LE(error, ggml * 1.01) << format_name(format);
    EXPECT_GE(error, ggml * 0.8) << format_name(format);  // better than the bits allow: the measure is wrong
  }
}

TEST(Quantize, what_a_block_can_hold_exactly_comes_back_exactly) {
  std::mt19937 generator(11);
  for (const Format format : kBlockFormats) {
    std::vector<float> values(512);
    // Whole steps of a power of two over the whole range of each block, with the ends in it.
    const int low = format == Format::q4_0 ? -8 : format == Format::q8_0 ? -127 : format == Format::q6_k ? -32 : 0;
    const int high = format == Format::q4_k ? 15 : format == Format::q5_k || format == Format::q6_k ? 31
                     : format == Format::q8_0 ? 127 : 7;
    if (format == Format::mxfp4 || format == Format::mxfp6 || format == Format::fp8) {
      for (float& value : values) value = e2m1_to_float(generator() % 16) / 4;
      for (std::size_t i = 0; i < values.size(); i += 32) values[i] = format == Format::fp8 ? 1.75f : -1.5f;
    } else {
      for (float& value : values)
        value = static_cast<float>(low + static_cast<int>(generator() % static_cast<unsigned>(high - low + 1))) / 4;
      for (std::size_t i = 0; i < values.size(); i += 16) {
        values[i] = static_cast<float>(low) / 4;
        values[i + 1] = static_cast<float>(high) / 4;
      }
    }
    const auto back = there_and_back(format, values);
    for (std::size_t i = 0; i < values.size(); ++i)  // 1/63 and the like round once in a half
      ASSERT_NEAR(back[i], values[i], std::abs(values[i]) * 0x1p-10f) << format_name(format) << " " << i;
  }
}

TEST(Quantize, constant_and_zero_blocks_keep_their_value) {
  for (const Format format : kBlockFormats)
    for (const float value : {0.0f, 0.75f, -0.75f, 0.0625f}) {
      const auto back = there_and_back(format, std::vector<float>(256, value));
      const float coarse = format == Format::mxfp4 ? 0.04f : format == Format::mxfp6 ? 0.03f : 0x1p-9f;
      for (const float found : back) ASSERT_NEAR(found, value, std::abs(value) * coarse) << format_name(format);
    }
}

TEST(Quantize, hostile_values_write_their_own_block_alone) {
  const float hostile[] = {kNan, kInfinity, -kInfinity, 3e38f, -3e38f, 1e-45f, -1e-45f, 0.0f, -0.0f, 1e-30f};
  for (const Format format : kBlockFormats) {
    const std::size_t count = 256, bytes = row_bytes(format, count);
    for (const float first : hostile)
      for (const float second : hostile) {
        std::vector<float> values(count, first);
        for (std::size_t i = 1; i < count; i += 3) values[i] = second;
        std::vector<std::byte> row(bytes + 1, std::byte{0x5a});
        std::vector<float> back(count + 1, 17.0f);
        quantize_row(format, values.data(), count, row.data());
        dequantize_row(format, row.data(), count, back.data());
        ASSERT_EQ(row[bytes], std::byte{0x5a}) << format_name(format);
        ASSERT_EQ(back[count], 17.0f) << format_name(format);
      }
  }
}

}  // namespace
}  // namespace tokenmark
