// A sequence in a paged cache whose blocks lie in random order among foreign ones, and beside it the plain rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "kernels/reference/reference.h"
#include "tests/kernels/kernels_fixture.h"

namespace tokenmark::cpu {

constexpr Format kCacheFormats[] = {Format::f32, Format::f16, Format::bf16, Format::fp8, Format::q8_0};

struct CacheShape {
  Format format = Format::f16;
  std::uint32_t key_dim = 64, value_dim = 64;
  std::uint32_t tokens_per_block = 16, kv_heads = 1;
  bool latent = false;
};

struct Sequence {
  KvCache cache;
  std::vector<std::byte> keys, values;
  std::vector<std::int32_t> block_table;
  std::vector<std::vector<float>> plain_keys, plain_values;  // [kv_head][length * dim], as the cache rounds them
};

struct Range {
  std::uint32_t begin, end;
};

class AttentionKernel : public Kernel {
 protected:
  // Whatever the cache holds beside the sequence is NaN.
  Sequence sequence(const CacheShape& shape, std::uint32_t length) {
    Sequence s;
    const std::uint32_t used = (length + shape.tokens_per_block - 1) / shape.tokens_per_block, blocks = used + 3;
    s.cache = {shape.format,  shape.tokens_per_block, blocks,  shape.kv_heads,
               shape.key_dim, shape.value_dim,        nullptr, nullptr};
    s.keys.resize(key_bytes(s.cache), std::byte{0xff});
    s.cache.keys = s.keys.data();
    if (!shape.latent) {
      s.values.resize(value_bytes(s.cache), std::byte{0xff});
      s.cache.values = s.values.data();
    }
    s.block_table.resize(blocks);
    std::iota(s.block_table.begin(), s.block_table.end(), 0);
    std::shuffle(s.block_table.begin(), s.block_table.end(), generator_);
    s.block_table.resize(used);
    s.plain_keys.resize(shape.kv_heads);
    s.plain_values.resize(shape.kv_heads);
    for (std::uint32_t t = 0; t < length; ++t)
      write_token(s, t, random(shape.kv_heads * shape.key_dim), random(shape.kv_heads * shape.value_dim));
    return s;
  }

  void write_token(Sequence& s, std::uint32_t t, const std::vector<float>& keys, const std::vector<float>& values) {
    const KvCache& c = s.cache;
    const auto block = static_cast<std::uint64_t>(s.block_table[t / c.tokens_per_block]);
    k().kv_write(c, block * c.tokens_per_block + t % c.tokens_per_block, keys.data(),
                 c.values != nullptr ? values.data() : nullptr);
    for (std::uint32_t h = 0; h < c.kv_heads; ++h) {
      const auto key = rounded(c.format, keys.data() + h * c.key_dim, c.key_dim);
      const auto value = c.values != nullptr ? rounded(c.format, values.data() + h * c.value_dim, c.value_dim)
                                             : std::vector(key.begin(), key.begin() + c.value_dim);
      s.plain_keys[h].insert(s.plain_keys[h].end(), key.begin(), key.end());
      s.plain_values[h].insert(s.plain_values[h].end(), value.begin(), value.end());
    }
  }

  // A row as the cache keeps it.
  static std::vector<float> rounded(Format format, const float* x, std::uint32_t n) {
    std::vector<float> row(x, x + n);
    if (format == Format::f16)
      for (float& value : row) value = half_to_float(float_to_half(value));
    if (format == Format::bf16)
      for (float& value : row) value = bf16_to_float(float_to_bf16(value));
    if (format == Format::fp8) {
      float greatest = 0;
      for (float value : row) greatest = std::max(greatest, std::fabs(value));
      const float scale = greatest / 448, inverse = scale > 0x1p-120f ? 1 / scale : 0;
      for (float& value : row) value = e4m3_to_float(float_to_e4m3(value * inverse)) * scale;
    }
    if (format == Format::q8_0)  // ties go to the even number, where the format's own quantize_row goes away from zero
      for (std::size_t b = 0; b < n; b += 32) {
        const std::size_t end = std::min<std::size_t>(b + 32, n);
        float greatest = 0;
        for (std::size_t i = b; i < end; ++i) greatest = std::max(greatest, std::fabs(row[i]));
        const float scale = std::min(greatest / 127, 65504.0f), inverse = scale > 0x1p-120f ? 1 / scale : 0;
        for (std::size_t i = b; i < end; ++i)
          row[i] = std::clamp(std::nearbyint(row[i] * inverse), -127.0f, 127.0f) * half_to_float(float_to_half(scale));
      }
    return row;
  }

  float scale(const Sequence& s) const { return 1 / std::sqrt(static_cast<float>(s.cache.key_dim)); }

  // [queries * value_dim]
  std::vector<float> attend(const Sequence& s, std::uint32_t kv_head, const std::vector<float>& queries,
                            const std::vector<Range>& ranges, const std::vector<float>& sinks = {},
                            AttentionPart* parts = nullptr) {
    EXPECT_EQ(queries.size(), ranges.size() * s.cache.key_dim) << "a query for each range";
    std::vector<float> out(ranges.size() * s.cache.value_dim, std::nanf(""));
    std::vector<AttentionQuery> list;
    for (std::size_t q = 0; q < ranges.size(); ++q) {
      list.push_back({queries.data() + q * s.cache.key_dim, out.data() + q * s.cache.value_dim, ranges[q].begin,
                      ranges[q].end});
      if (!sinks.empty()) list.back().sink = sinks[q];
      if (parts != nullptr) list.back().part = parts + q;
    }
    run(s, kv_head, list);
    return out;
  }

  void run(const Sequence& s, std::uint32_t kv_head, const std::vector<AttentionQuery>& list) {
    const std::size_t bytes = k().attention_scratch(s.cache);
    std::vector<std::byte> scratch(bytes + 128, std::byte{0xff});  // NaN
    void* begin = scratch.data();
    std::size_t space = scratch.size();
    std::align(64, bytes, begin, space);
    k().attention(s.cache, kv_head, s.block_table.data(), list.data(), static_cast<std::uint32_t>(list.size()),
                  scale(s), begin);
    const auto* end = static_cast<std::byte*>(begin) + bytes;
    ASSERT_TRUE(std::all_of(end, static_cast<const std::byte*>(scratch.data()) + scratch.size(),
                            [](std::byte b) { return b == std::byte{0xff}; }));
  }

  std::vector<float> reference(const Sequence& s, std::uint32_t kv_head, const float* query, Range range,
                               float sink = -std::numeric_limits<float>::infinity()) {
    std::vector<float> out(s.cache.value_dim);
    reference::attention(query, s.plain_keys[kv_head].data(), s.plain_values[kv_head].data(),
                         {s.cache.key_dim, s.cache.value_dim, range.begin, range.end, scale(s), sink}, out.data());
    return out;
  }

  // Scores of magnitude up to about 10 carry float rounding into e^score: 1e-5 relative to values of order 1. With BF16
  // queries, keys, weights and values carry 2^-9 each.
  bool rounds_to_bf16(const Sequence& s) const { return GetParam() == Isa::amx && s.cache.format != Format::f32; }
  double tolerance(const Sequence& s, std::uint32_t kv_head) const {
    float greatest = 0;
    for (float value : s.plain_values[kv_head]) greatest = std::max(greatest, std::fabs(value));
    return rounds_to_bf16(s) ? greatest * 0x1p-7 : 2e-5;
  }

  void expect_definition(const Sequence& s, std::uint32_t kv_head, const std::vector<float>& queries,
                         const std::vector<Range>& ranges, const std::vector<float>& sinks = {}) {
    const std::vector<float> out = attend(s, kv_head, queries, ranges, sinks);
    for (std::size_t q = 0; q < ranges.size(); ++q) {
      const auto expected = reference(s, kv_head, queries.data() + q * s.cache.key_dim, ranges[q],
                                      sinks.empty() ? -std::numeric_limits<float>::infinity() : sinks[q]);
      const double bound = tolerance(s, kv_head);
      for (std::uint32_t i = 0; i < s.cache.value_dim; ++i)
        ASSERT_NEAR(out[q * s.cache.value_dim + i], expected[i], bound)
            << format_name(s.cache.format) << " dims " << s.cache.key_dim << " " << s.cache.value_dim << " range "
            << ranges[q].begin << " " << ranges[q].end << " query " << q << " of " << ranges.size() << " value " << i;
    }
  }
};

}  // namespace tokenmark::cpu
