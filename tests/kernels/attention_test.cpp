#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/reference/reference.h"
#include "tests/kernels/kernels_fixture.h"

namespace tokenmark::cpu {
namespace {

// A sequence in a paged cache whose blocks lie in random order among foreign ones, and beside it the plain
// rows.
struct Sequence {
  KvCache cache;
  std::vector<std::byte> keys, values;
  std::vector<std::int32_t> block_table;
  std::uint32_t length = 0;
  std::vector<std::vector<float>> plain_keys,
      plain_values;  // [kv_head][length * head_dim], as the cache rounds them
};

class Attention : public Kernel {
 protected:
  Sequence sequence(Format format, std::uint32_t tokens_per_block, std::uint32_t kv_heads,
                    std::uint32_t head_dim, std::uint32_t length) {
    Sequence s;
    s.cache = {format, tokens_per_block, kv_heads, head_dim, head_dim, nullptr, nullptr};
    s.length = length;
    const std::uint32_t used = (length + tokens_per_block - 1) / tokens_per_block, blocks = used + 3;
    s.keys.resize(key_bytes(s.cache, blocks));
    s.values.resize(value_bytes(s.cache, blocks));
    s.cache.keys = s.keys.data();
    s.cache.values = s.values.data();
    s.block_table.resize(blocks);
    std::iota(s.block_table.begin(), s.block_table.end(), 0);
    std::shuffle(s.block_table.begin(), s.block_table.end(), generator_);
    s.block_table.resize(used);
    s.plain_keys.resize(kv_heads);
    s.plain_values.resize(kv_heads);
    for (std::uint32_t t = 0; t < length; ++t) write_token(s, t);
    return s;
  }

  void write_token(Sequence& s, std::uint32_t t) {
    const auto keys = random(s.cache.kv_heads * s.cache.key_dim),
               values = random(s.cache.kv_heads * s.cache.key_dim);
    const auto block = static_cast<std::uint64_t>(s.block_table[t / s.cache.tokens_per_block]);
    k().kv_write(s.cache, block * s.cache.tokens_per_block + t % s.cache.tokens_per_block, keys.data(),
                 values.data());
    const auto rounded = [&](float value) {
      return s.cache.format == Format::f16 ? half_to_float(float_to_half(value)) : value;
    };
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
      s.plain_keys[i / s.cache.key_dim].push_back(rounded(keys[i]));
      s.plain_values[i / s.cache.key_dim].push_back(rounded(values[i]));
    }
  }

  std::vector<float> attend(const Sequence& s, std::uint32_t kv_head, const std::vector<float>& queries,
                            const std::vector<std::uint32_t>& lengths) {
    std::vector<float> out(queries.size(), std::nanf(""));
    std::vector<AttentionQuery> list;
    for (std::size_t q = 0; q < lengths.size(); ++q)
      list.push_back({queries.data() + q * s.cache.key_dim, out.data() + q * s.cache.key_dim, 0, lengths[q]});
    k().attention(s.cache, kv_head, s.block_table.data(), list.data(),
                  static_cast<std::uint32_t>(list.size()),
                  1 / std::sqrt(static_cast<float>(s.cache.key_dim)), nullptr);
    return out;
  }

  void expect_definition(const Sequence& s, std::uint32_t kv_head, const std::vector<float>& queries,
                         const std::vector<std::uint32_t>& lengths) {
    const std::vector<float> out = attend(s, kv_head, queries, lengths);
    const std::uint32_t d = s.cache.key_dim;
    std::vector<float> expected(d);
    for (std::size_t q = 0; q < lengths.size(); ++q) {
      reference::attention(queries.data() + q * d, s.plain_keys[kv_head].data(),
                           s.plain_values[kv_head].data(), lengths[q], d,
                           1 / std::sqrt(static_cast<float>(d)), expected.data());
      // Scores of magnitude up to about 10 carry float rounding into e^score: 1e-5 relative to values of
      // order 1.
      for (std::uint32_t i = 0; i < d; ++i)
        ASSERT_NEAR(out[q * d + i], expected[i], 2e-5)
            << "head_dim " << d << " length " << lengths[q] << " query " << q;
    }
  }
};

TEST_P(Attention, equals_the_definition_across_blocks_heads_and_groups) {
  for (Format format : {Format::f16, Format::f32})
    for (std::uint32_t head_dim : {8u, 64u, 80u, 100u, 128u, 256u})
      for (std::uint32_t group : {1u, 3u, 4u, 9u})
        for (std::uint32_t length : {1u, 2u, 15u, 16u, 17u, 32u, 33u, 150u}) {
          const Sequence s = sequence(format, 16, 2, head_dim, length);
          expect_definition(s, 1, random(group * head_dim), std::vector<std::uint32_t>(group, length));
        }
}

TEST_P(Attention, each_query_sees_only_its_own_length) {
  for (std::uint32_t tokens_per_block : {1u, 5u, 32u, 64u}) {
    const Sequence s = sequence(Format::f16, tokens_per_block, 3, 64, 130);
    std::vector<std::uint32_t> prefill(130);
    std::iota(prefill.begin(), prefill.end(), 1);
    expect_definition(s, 2, random(130 * 64), prefill);
    expect_definition(s, 0, random(5 * 64), {130, 1, 64, 33, 2});
  }
}

TEST_P(Attention, a_query_gives_the_same_alone_and_among_others) {
  const Sequence s = sequence(Format::f16, 16, 1, 64, 90);
  const std::vector<std::uint32_t> lengths = {90, 3, 40, 64, 65, 89, 7};
  const auto queries = random(lengths.size() * 64);
  const auto together = attend(s, 0, queries, lengths);
  for (std::size_t q = 0; q < lengths.size(); ++q) {
    const std::vector<float> one(queries.begin() + static_cast<std::ptrdiff_t>(q * 64),
                                 queries.begin() + static_cast<std::ptrdiff_t>(q * 64 + 64));
    const auto alone = attend(s, 0, one, {lengths[q]});
    ASSERT_TRUE(
        std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(q * 64)))
        << q;
  }
}

TEST_P(Attention, great_scores_neither_overflow_nor_lose_the_winner) {
  const Sequence s = sequence(Format::f32, 16, 1, 64, 100);
  auto query = random(64);
  for (float& value : query) value *= 1000;
  expect_definition(s, 0, query, {100});
}

TEST_P(Attention, the_result_may_take_the_place_of_the_query) {
  const Sequence s = sequence(Format::f16, 16, 1, 80, 50);
  auto queries = random(3 * 80);
  const auto expected = attend(s, 0, queries, {50, 49, 48});
  std::vector<AttentionQuery> list;
  for (std::uint32_t q = 0; q < 3; ++q)
    list.push_back({queries.data() + q * 80, queries.data() + q * 80, 0, 50 - q});
  k().attention(s.cache, 0, s.block_table.data(), list.data(), 3, 1 / std::sqrt(80.0f), nullptr);
  EXPECT_EQ(queries, expected);
}

INSTANTIATE_TEST_SUITE_P(Isa, Attention, every_isa(), isa_of);

}  // namespace
}  // namespace tokenmark::cpu
