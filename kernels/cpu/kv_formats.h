// A cache's formats over the including translation unit's Vector: how two neighbouring dimensions of the keys, or two
// neighbouring tokens of the values, become floats. A format with scales gives values to be multiplied by them: one a
// token (kBlock 0) or one a token and block of kBlock dimensions.
#pragma once

#include "kernels/cpu/kv_layout.h"
#include "kernels/cpu/rows.h"

namespace tokenmark::cpu {
namespace {

// `load` makes kLanes floats of as many values, anywhere in a group.
template <class Value, Vector (*kLoad)(const Value*), bool kHasScales, int kBlockDims>
struct CachedPlain {
  static constexpr bool kScaled = kHasScales;
  static constexpr std::uint32_t kBlock = kBlockDims, kValueBytes = sizeof(Value);

  // Tokens from `token` on, dimensions d and d + 1 (d even).
  static void keys(const std::byte* group, std::uint32_t d, std::uint32_t token, Vector& first, Vector& second) {
    const auto* at = reinterpret_cast<const Value*>(group) + std::size_t{d} * kKvGroup + token;
    first = kLoad(at);
    second = kLoad(at + kKvGroup);
  }
  // Dimensions from d on, tokens t and t + 1 (t even).
  static void values(const std::byte* group, std::uint32_t dim, std::uint32_t t, std::uint32_t d, Vector& first,
                     Vector& second) {
    const auto* at = reinterpret_cast<const Value*>(group) + std::size_t{t} * dim + d;
    first = kLoad(at);
    second = kLoad(at + dim);
  }
};

inline Vector load_f32(const float* p) {
  return Vector::load(p);
}
inline Vector load_f16(const std::uint16_t* p) {
  return Vector::load_half(p);
}

struct CachedF32 : CachedPlain<float, load_f32, false, 0> {};
struct CachedF16 : CachedPlain<std::uint16_t, load_f16, false, 0> {};

struct CachedBf16 {
  static constexpr bool kScaled = false;
  static constexpr std::uint32_t kBlock = 0, kValueBytes = 2;

  static void keys(const std::byte* group, std::uint32_t d, std::uint32_t token, Vector& first, Vector& second) {
    Vector::load_bf16_pairs(reinterpret_cast<const std::uint16_t*>(group) + std::size_t{d} * kKvGroup + token * 2, first, second);
  }
  static void values(const std::byte* group, std::uint32_t dim, std::uint32_t t, std::uint32_t d, Vector& first,
                     Vector& second) {
    Vector::load_bf16_pairs(reinterpret_cast<const std::uint16_t*>(group) + std::size_t{t} * dim + d * 2, first, second);
  }
};

// Tokens' scales in the cache for load_e4m3, which gives 2^-8 of the values.
struct ScalesFp8 {
  static Vector scales(const std::byte* scales, std::uint32_t, std::uint32_t token) {
    return Vector::load(reinterpret_cast<const float*>(scales) + token) * Vector::all(256);
  }
};
struct ScalesQ8 {
  static Vector scales(const std::byte* scales, std::uint32_t block, std::uint32_t token) {
    return Vector::load_half(reinterpret_cast<const std::uint16_t*>(scales) + block * kKvGroup + token);
  }
};
struct CachedFp8 : CachedPlain<std::uint8_t, Vector::load_e4m3, true, 0>, ScalesFp8 {};
struct CachedQ8 : CachedPlain<std::int8_t, Vector::load_int8, true, 32>, ScalesQ8 {};

// The same brought to floats once for many queries, still to be multiplied by the scales: the arithmetic stays.
struct ExpandedFp8 : CachedPlain<float, load_f32, true, 0>, ScalesFp8 {};
struct ExpandedQ8 : CachedPlain<float, load_f32, true, 32>, ScalesQ8 {};
template <class Cached>
struct ExpandedOf {
  using Type = CachedF32;
};
template <>
struct ExpandedOf<CachedFp8> {
  using Type = ExpandedFp8;
};
template <>
struct ExpandedOf<CachedQ8> {
  using Type = ExpandedQ8;
};

}  // namespace
}  // namespace tokenmark::cpu
