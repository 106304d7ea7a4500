#include "tests/kernels/attention_fixture.h"

namespace tokenmark::cpu {
namespace {

using Attention = AttentionKernel;

std::vector<Range> all_of(std::uint32_t n, std::uint32_t end) {
  return std::vector<Range>(n, Range{0, end});
}

TEST_P(Attention, equals_the_definition_across_formats_blocks_heads_and_groups) {
  for (Format format : kCacheFormats)
    for (std::uint32_t dim : {8u, 64u, 80u, 100u, 128u, 256u})
      for (std::uint32_t length : {1u, 2u, 15u, 16u, 17u, 33u, 64u, 65u, 150u}) {
        const Sequence s = sequence({format, dim, dim, 16, 2}, length);
        for (std::uint32_t group : {1u, 3u, 4u, 9u}) expect_definition(s, 1, random(group * dim), all_of(group, length));
      }
}

TEST_P(Attention, keys_and_values_may_differ_in_size) {
  for (Format format : kCacheFormats)
    for (auto [key_dim, value_dim] : {std::pair{192u, 128u}, {40u, 72u}, {31u, 1u}, {1u, 33u}}) {
      const Sequence s = sequence({format, key_dim, value_dim, 16, 3}, 70);
      expect_definition(s, 2, random(5 * key_dim), all_of(5, 70));
    }
}

TEST_P(Attention, latent_values_are_the_first_of_the_key) {
  for (Format format : kCacheFormats)
    for (auto [key_dim, value_dim] : {std::pair{576u, 512u}, {24u, 16u}, {80u, 80u}, {50u, 7u}}) {
      const Sequence s = sequence({format, key_dim, value_dim, 16, 1, true}, 75);
      expect_definition(s, 0, random(key_dim), {{0, 75}});
      expect_definition(s, 0, random(17 * key_dim), all_of(17, 70));
    }
}

TEST_P(Attention, each_query_sees_only_its_own_range) {
  for (Format format : kCacheFormats)
    for (std::uint32_t tokens_per_block : {1u, 5u, 32u, 64u, 100u}) {
      const Sequence s = sequence({format, 64, 64, tokens_per_block, 3}, 130);
      std::vector<Range> prefill, window;
      for (std::uint32_t t = 0; t < 130; ++t) {
        prefill.push_back({0, t + 1});
        window.push_back({t < 20 ? 0 : t - 20, t + 1});
      }
      expect_definition(s, 2, random(130 * 64), prefill);
      expect_definition(s, 1, random(130 * 64), window);
      expect_definition(s, 0, random(6 * 64), {{0, 130}, {0, 1}, {63, 64}, {129, 130}, {64, 128}, {17, 99}});
    }
}

TEST_P(Attention, a_window_of_one_gives_that_value) {
  const Sequence s = sequence({Format::f32, 64, 48, 16, 1}, 100);
  for (std::uint32_t t : {0u, 15u, 16u, 63u, 64u, 99u}) {
    const auto out = attend(s, 0, random(64), {{t, t + 1}});
    for (std::uint32_t i = 0; i < 48; ++i) ASSERT_NEAR(out[i], s.plain_values[0][t * 48 + i], 1e-6) << t;
  }
}

TEST_P(Attention, a_sink_takes_its_share_of_the_denominator) {
  for (Format format : {Format::f16, Format::bf16}) {
    const Sequence s = sequence({format, 64, 64, 16, 1}, 90);
    const std::vector<float> sinks = {0, 3, -5, 50, -std::numeric_limits<float>::infinity(), 1};
    expect_definition(s, 0, random(6 * 64), {{0, 90}, {0, 1}, {20, 90}, {0, 90}, {3, 7}, {89, 90}}, sinks);
  }
}

TEST_P(Attention, ranges_side_by_side_merge_into_the_whole) {
  for (const CacheShape& shape : {CacheShape{Format::f16, 64, 64}, {Format::q8_0, 96, 40}, {Format::fp8, 96, 64, 16, 1, true}}) {
    const Sequence s = sequence(shape, 200);
    const auto query = random(s.cache.key_dim);
    for (float sink : {-std::numeric_limits<float>::infinity(), 2.0f}) {
      std::vector<float> queries;
      for (int i = 0; i < 4; ++i) queries.insert(queries.end(), query.begin(), query.end());
      AttentionPart parts[4];
      const auto outs = attend(s, 0, queries, {{0, 1}, {1, 64}, {64, 130}, {130, 200}}, {}, parts);
      std::vector<float> merged(s.cache.value_dim);
      k().merge_attention(outs.data(), parts, 4, s.cache.value_dim, sink, merged.data());
      const auto expected = reference(s, 0, query.data(), {0, 200}, sink);
      for (std::size_t i = 0; i < merged.size(); ++i) ASSERT_NEAR(merged[i], expected[i], tolerance(s, 0)) << i;
    }
  }
}

TEST_P(Attention, a_query_gives_the_same_alone_and_among_others) {
  for (Format format : kCacheFormats) {
    const Sequence s = sequence({format, 64, 80, 16, 1}, 300);
    std::vector<Range> ranges;
    for (std::uint32_t t = 0; t < 40; ++t) {
      const auto end = static_cast<std::uint32_t>(1 + below(300));
      ranges.push_back({t % 2 ? 0 : static_cast<std::uint32_t>(below(end)), end});
    }
    const auto queries = random(ranges.size() * 64);
    const auto together = attend(s, 0, queries, ranges);
    for (std::size_t q = 0; q < ranges.size(); ++q) {
      const std::vector<float> one(queries.begin() + static_cast<std::ptrdiff_t>(q * 64),
                                   queries.begin() + static_cast<std::ptrdiff_t>(q * 64 + 64));
      const auto alone = attend(s, 0, one, {ranges[q]});
      ASSERT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(q * 80))) << q;
    }
  }
}

TEST_P(Attention, paged_equals_contiguous_to_the_bit) {
  for (Format format : kCacheFormats) {
    Sequence paged = sequence({format, 64, 64, 16, 2}, 0), whole = sequence({format, 64, 64, 256, 2}, 0);
    paged = sequence({format, 64, 64, 16, 2}, 1), whole = sequence({format, 64, 64, 256, 2}, 1);
    paged.block_table = {7, 2, 9, 0, 4, 1, 3, 8, 6, 5, 10};
    for (auto* s : {&paged, &whole}) {
      s->cache.blocks = 11;
      s->keys.resize(key_bytes(s->cache));
      s->values.resize(value_bytes(s->cache));
      s->cache.keys = s->keys.data();
      s->cache.values = s->values.data();
    }
    for (std::uint32_t t = 0; t < 170; ++t) {
      const auto keys = random(128), values = random(128);
      write_token(paged, t, keys, values);
      write_token(whole, t, keys, values);
    }
    const auto queries = random(5 * 64);
    ASSERT_EQ(attend(paged, 1, queries, all_of(5, 170)), attend(whole, 1, queries, all_of(5, 170)));
  }
}

TEST_P(Attention, great_scores_neither_overflow_nor_lose_the_winner) {
  const Sequence s = sequence({Format::f32, 64, 64, 16, 1}, 100);
  auto query = random(64);
  for (float& value : query) value *= 1000;
  expect_definition(s, 0, query, {{0, 100}});
}

TEST_P(Attention, the_result_may_take_the_place_of_the_query) {
  const Sequence s = sequence({Format::f16, 80, 80, 16, 1}, 50);
  auto queries = random(3 * 80);
  const auto expected = attend(s, 0, queries, {{0, 50}, {0, 49}, {0, 48}});
  std::vector<AttentionQuery> list;
  for (std::uint32_t q = 0; q < 3; ++q) list.push_back({queries.data() + q * 80, queries.data() + q * 80, 0, 50 - q});
  run(s, 0, list);
  EXPECT_EQ(queries, expected);
}

TEST_P(Attention, rows_of_zeros_and_of_great_numbers_stay_what_they_are) {
  for (Format format : kCacheFormats) {
    const float great = format == Format::f16 ? 65504.0f : 3e9f;
    Sequence s = sequence({format, 32, 32, 16, 1}, 0);
    s = sequence({format, 32, 32, 16, 1}, 16);
    for (auto* plain : {&s.plain_keys, &s.plain_values}) (*plain)[0].clear();
    for (std::uint32_t t = 0; t < 16; ++t) {
      std::vector<float> values(32, 0.0f);
      if (t == 5)
        for (std::uint32_t i = 0; i < 32; ++i) values[i] = great * (i % 2 ? 1.0f : -0.25f);
      write_token(s, t, std::vector<float>(32, 0.0f), values);
    }
    const auto out = attend(s, 0, random(2 * 32), {{0, 5}, {5, 6}});
    for (std::uint32_t i = 0; i < 32; ++i) {
      ASSERT_EQ(out[i], 0) << format_name(format);
      const float expected = s.plain_values[0][5 * 32 + i];
      ASSERT_NEAR(out[32 + i], expected, std::fabs(expected) * (rounds_to_bf16(s) ? 0x1p-8f : 1e-6f)) << format_name(format);
    }
  }
}

TEST_P(Attention, fp8_rounds_as_the_format_does) {
  Sequence s = sequence({Format::fp8, 256, 256, 16, 1}, 1);
  for (int power = -12; power < 9; ++power) {
    std::vector<float> values(256);
    for (std::size_t i = 0; i < 256; ++i)  // numbers, and what lies halfway or nearly between two
      values[i] = std::ldexp(1 + static_cast<float>(i % 32) / 32 + (i >= 128 ? 0x1p-12f : 0), power) * (i % 64 < 32 ? 1.0f : -1.0f);
    values[0] = 448;  // the scale is 1
    for (float& value : values) value = std::clamp(value, -448.0f, 448.0f);
    k().kv_write(s.cache, static_cast<std::uint64_t>(s.block_table[0]) * 16, values.data(), values.data());
    const auto out = attend(s, 0, random(256), {{0, 1}});
    for (std::size_t i = 0; i < 256; ++i) {
      const float expected = e4m3_to_float(float_to_e4m3(values[i]));
      ASSERT_NEAR(out[i], expected, std::fabs(expected) * (rounds_to_bf16(s) ? 0x1p-12f : 1e-6f)) << values[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Attention, every_isa(), isa_of);

}  // namespace
}  // namespace tokenmark::cpu
