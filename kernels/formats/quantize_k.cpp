#include "kernels/formats/quantize_k.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/formats/numbers.h"

namespace tokenmark {
namespace {

// Four floats in a vector register: the compilers' extension, so that sums need not be in one order.
using Lanes = float __attribute__((vector_size(16)));

Lanes lanes_at(const float* x) {
  Lanes lanes;
  std::memcpy(&lanes, x, sizeof(lanes));
  return lanes;
}
float sum(Lanes v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// The nearest whole number from `low` to `high`; NaN gives `low`.
Lanes nearest(Lanes v, float low, float high) {
  constexpr float kRounder = 0x1.8p23f;  // its last bit is 1
  v = v > low ? v : Lanes{} + low;
  v = v < high ? v : Lanes{} + high;
  return (v + kRounder) - kRounder;
}
int nearest_code(float v, int low, int high) {
  return static_cast<int>(nearest(Lanes{} + v, static_cast<float>(low), static_cast<float>(high))[0]);
}

// ---- Q4_K and Q5_K: value = scale * q - minimum ------------------------------------------------------------------

constexpr int kAffineValues = 32;

struct Affine {
  float scale = 0, minimum = 0;  // neither is negative
};

struct Fit {
  Affine affine;
  float error = 0;  // sum of squares; of fit_affine: less the sum of the values' squares
};

// The least-squares scale and minimum of the codes that (x + minimum) * inverse rounds to.
Fit fit_affine(const float* x, float minimum, float inverse, int levels) {
  Lanes sum_q{}, sum_qq{}, sum_x{}, sum_xq{};
  for (int i = 0; i < kAffineValues; i += 4) {
    const Lanes value = lanes_at(x + i), q = nearest((value + minimum) * inverse, 0, static_cast<float>(levels));
    sum_q += q;
    sum_qq += q * q;
    sum_x += value;
    sum_xq += value * q;
  }
  const float n = kAffineValues, sq = sum(sum_q), sqq = sum(sum_qq), sx = sum(sum_x), sxq = sum(sum_xq);
  const float determinant = n * sqq - sq * sq;
  if (!(determinant > 0)) return {};  // all codes are equal
  float scale = (n * sxq - sx * sq) / determinant;
  float offset = (sx - scale * sq) / n;
  if (offset > 0) {
    offset = 0;
    scale = sxq / sqq;
  }
  if (!(scale > 0)) return {};
  return {{scale, -offset}, -scale * sxq - offset * sx};
}

Affine search_affine(const float* x, int levels) {
  const auto [least, greatest] = std::minmax_element(x, x + kAffineValues);
  const float minimum = std::max(-*least, 0.0f);
  const float range = *greatest + minimum;
  if (!(range > 0)) return {0, minimum};
  Fit best = {{range / static_cast<float>(levels), minimum}, 0};
  const auto consider = [&](float offset, float inverse) {
    const Fit fit = fit_affine(x, offset, inverse, levels);
    if (fit.error < best.error) best = fit;
  };
  for (int step = -10; step <= 10; ++step)
    consider(minimum, (static_cast<float>(levels) + 0.1f * static_cast<float>(step)) / range);
  for (int round = 0; round < 2; ++round) consider(best.affine.minimum, 1 / best.affine.scale);
  return best.affine;
}

// Error of a block with the scale and minimum that it will be read with, and the minimum its codes would like best.
Fit rounding_error(const float* x, Affine affine, int levels) {
  const float inverse = affine.scale > 0 ? 1 / affine.scale : 0;
  Lanes squares{}, rest{};
  for (int i = 0; i < kAffineValues; i += 4) {
    const Lanes value = lanes_at(x + i);
    const Lanes q = nearest((value + affine.minimum) * inverse, 0, static_cast<float>(levels));
    const Lanes scaled = affine.scale * q - value;
    rest += scaled;
    squares += (scaled - affine.minimum) * (scaled - affine.minimum);
  }
  return {{affine.scale, sum(rest) / kAffineValues}, sum(squares)};
}

// The six-bit scale and minimum of a block with the least error, around those nearest to the searched ones.
KScale choose_scale(const float* x, Affine wanted, float d, float dmin, int levels) {
  const auto code = [](float value, float unit) { return unit > 0 ? nearest_code(value / unit, 0, 63) : 0; };
  const int scale = code(wanted.scale, d);
  KScale best{static_cast<std::uint8_t>(scale), static_cast<std::uint8_t>(code(wanted.minimum, dmin))};
  const auto error_of = [&](KScale k) { return rounding_error(x, {d * k.scale, dmin * k.minimum}, levels); };
  float least = error_of(best).error;
  for (int s = std::max(scale - 1, 0); s <= std::min(scale + 1, 63); ++s) {
    KScale k{static_cast<std::uint8_t>(s), best.minimum};
    for (int round = 0; round < 2; ++round) {
      const Fit fit = error_of(k);
      if (fit.error < least) {
        least = fit.error;
        best = k;
      }
      k.minimum = static_cast<std::uint8_t>(code(fit.affine.minimum, dmin));
    }
  }
  return best;
}

// The inverse of k_scale.
void store_k_scale(std::uint8_t* scales, int j, KScale k) {
  if (j < 4) {
    scales[j] = k.scale;
    scales[j + 4] = k.minimum;
  } else {
    scales[j + 4] = static_cast<std::uint8_t>((k.scale & 15) | (k.minimum & 15) << 4);
    scales[j - 4] = static_cast<std::uint8_t>(scales[j - 4] | (k.scale >> 4) << 6);
    scales[j] = static_cast<std::uint8_t>(scales[j] | (k.minimum >> 4) << 6);
  }
}

// d, dmin and scales of a super-block, and its 256 codes.
template <class Block>
void quantize_affine(const float* x, int levels, Block& block, std::uint8_t* codes) {
  Affine wanted[8];
  Affine greatest;
  for (int j = 0; j < 8; ++j) {
    wanted[j] = search_affine(x + kAffineValues * j, levels);
    greatest.scale = std::max(greatest.scale, wanted[j].scale);
    greatest.minimum = std::max(greatest.minimum, wanted[j].minimum);
  }
  block.d = encode_half(greatest.scale / 63);
  block.dmin = encode_half(greatest.minimum / 63);
  const float d = decode_half(block.d), dmin = decode_half(block.dmin);
  for (int j = 0; j < 8; ++j, x += kAffineValues, codes += kAffineValues) {
    const KScale k = choose_scale(x, wanted[j], d, dmin, levels);
    store_k_scale(block.scales, j, k);
    const float scale = d * k.scale, inverse = scale > 0 ? 1 / scale : 0;
    for (int i = 0; i < kAffineValues; ++i)
      codes[i] = static_cast<std::uint8_t>(nearest_code((x[i] + dmin * k.minimum) * inverse, 0, levels));
  }
}

void store_nibbles(const std::uint8_t* codes, std::uint8_t* q) {
  for (int pair = 0; pair < 4; ++pair, codes += 64, q += 32)
    for (int i = 0; i < 32; ++i) q[i] = static_cast<std::uint8_t>((codes[i] & 15) | (codes[i + 32] & 15) << 4);
}

// ---- Q6_K: value = scale * q, q from -32 to 31 -------------------------------------------------------------------

constexpr int kSymmetricValues = 16;

struct SymmetricFit {
  float scale = 0, gain = 0;  // gain: the sum of squares that the fit explains
};

SymmetricFit fit_symmetric(const float* x, float inverse) {
  Lanes sum_xq{}, sum_qq{};
  for (int i = 0; i < kSymmetricValues; i += 4) {
    const Lanes value = lanes_at(x + i), q = nearest(value * inverse, -32, 31);
    sum_xq += value * q;
    sum_qq += q * q;
  }
  const float xq = sum(sum_xq), qq = sum(sum_qq);
  return qq > 0 ? SymmetricFit{xq / qq, xq / qq * xq} : SymmetricFit{};
}

float search_symmetric(const float* x) {
  const float farthest =
      *std::max_element(x, x + kSymmetricValues, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  if (!(std::fabs(farthest) > 0)) return 0;
  SymmetricFit best{farthest / -32, 0};
  const auto consider = [&](float inverse) {
    const SymmetricFit fit = fit_symmetric(x, inverse);
    if (fit.gain > best.gain) best = fit;
  };
  for (int step = -10; step <= 10; ++step) consider((-32 + 0.1f * static_cast<float>(step)) / farthest);
  for (int round = 0; round < 2; ++round) consider(1 / best.scale);
  return best.scale;
}

float symmetric_error(const float* x, float scale) {
  const float inverse = scale != 0 ? 1 / scale : 0;
  Lanes squares{};
  for (int i = 0; i < kSymmetricValues; i += 4) {
    const Lanes value = lanes_at(x + i), rest = value - scale * nearest(value * inverse, -32, 31);
    squares += rest * rest;
  }
  return sum(squares);
}

// The eight-bit scale with the least error, around the nearest to the searched one.
std::int8_t choose_symmetric(const float* x, float wanted, float d) {
  if (d == 0) return 0;
  const int middle = nearest_code(wanted / d, -128, 127);
  int best = middle;
  float least = symmetric_error(x, d * static_cast<float>(middle));
  for (int s = std::max(middle - 1, -128); s <= std::min(middle + 1, 127); ++s) {
    const float error = symmetric_error(x, d * static_cast<float>(s));
    if (error < least) {
      least = error;
      best = s;
    }
  }
  return static_cast<std::int8_t>(best);
}

}  // namespace

void quantize(const float* values, BlockQ4_K& block) {
  std::uint8_t codes[256];
  quantize_affine(values, 15, block, codes);
  store_nibbles(codes, block.q);
}

void quantize(const float* values, BlockQ5_K& block) {
  std::uint8_t codes[256];
  quantize_affine(values, 31, block, codes);
  store_nibbles(codes, block.q);
  for (int i = 0; i < 32; ++i) {
    int bits = 0;
    for (int j = 0; j < 8; ++j) bits |= (codes[32 * j + i] >> 4) << j;
    block.high[i] = static_cast<std::uint8_t>(bits);
  }
}

void quantize(const float* values, BlockQ6_K& block) {
  float wanted[16];
  float farthest = 0;
  for (int part = 0; part < 16; ++part) {
    wanted[part] = search_symmetric(values + kSymmetricValues * part);
    if (std::fabs(wanted[part]) > std::fabs(farthest)) farthest = wanted[part];
  }
  block.d = encode_half(farthest / -128);
  const float d = decode_half(block.d);
  std::uint8_t codes[256];
  for (int part = 0; part < 16; ++part) {
    const float* x = values + kSymmetricValues * part;
    block.scales[part] = choose_symmetric(x, wanted[part], d);
    const float scale = d * block.scales[part], inverse = scale != 0 ? 1 / scale : 0;
    for (int i = 0; i < kSymmetricValues; ++i)
      codes[kSymmetricValues * part + i] = static_cast<std::uint8_t>(nearest_code(x[i] * inverse, -32, 31) + 32);
  }
  for (int half = 0; half < 2; ++half)
    for (int i = 0; i < 32; ++i) {
      const std::uint8_t* c = codes + 128 * half + i;
      block.low[64 * half + i] = static_cast<std::uint8_t>((c[0] & 15) | (c[64] & 15) << 4);
      block.low[64 * half + 32 + i] = static_cast<std::uint8_t>((c[32] & 15) | (c[96] & 15) << 4);
      block.high[32 * half + i] =
          static_cast<std::uint8_t>(c[0] >> 4 | (c[32] >> 4) << 2 | (c[64] >> 4) << 4 | (c[96] >> 4) << 6);
    }
}

}  // namespace tokenmark
