#include "engine/model/random_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace tokenmark {
namespace {

// Two 64-bit words in a register: the compilers' extension.
using Words = std::uint64_t __attribute__((vector_size(16)));

// xorshift128+ (Vigna 2014) on both words at once.
class Random {
 public:
  explicit Random(std::uint64_t key)
      : a_{mix_bits(key + kStep), mix_bits(key + 2 * kStep)}, b_{mix_bits(key + 3 * kStep), mix_bits(key + 4 * kStep)} {}
  Words next() {
    Words a = a_;
    const Words b = b_;
    a_ = b;
    a ^= a << 23;
    b_ = a ^ b ^ (a >> 18) ^ (b >> 5);
    return b_ + b;
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;  // SplitMix64's
  Words a_, b_;
};

constexpr std::uint64_t in_every_byte(std::uint64_t byte) { return byte * 0x0101010101010101u; }

template <class Block, std::size_t kSize>
void store(const Words (&words)[kSize], Block& destination) {
  static_assert(sizeof(words) == sizeof(destination));
  std::memcpy(&destination, words, sizeof(words));
}

// ---- scales ------------------------------------------------------------------------------------------------------

// Evenly from 0.75 to 1.25 times the mean; a byte chooses.
template <class T>
std::array<T, 256> scale_table(double mean, T (*convert)(float)) {
  std::array<T, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = convert(static_cast<float>(mean * (0.75 + 0.5 * static_cast<double>(i) / 255)));
  return table;
}
constexpr double kScaleDeviation = 1.0103629710818451;  // root of the mean square of such scales: √(1 + 1/48)

float same(float value) { return value; }

// Where scales are powers of two: one of two neighbours, as often as gives the deviation.
struct Exponents {
  int lower = 0;
  unsigned upper_share = 0;  // of 256
  explicit Exponents(double scale) : lower(static_cast<int>(std::floor(std::log2(scale)))) {
    const double square = std::pow(scale / std::exp2(lower), 2);  // 1 … 4
    upper_share = static_cast<unsigned>(std::lround((square - 1) / 3 * 256));
  }
  int choose(std::uint64_t random) const { return lower + ((random & 255) < upper_share ? 1 : 0); }
};

// ---- integers: sums of two random numbers, so that they crowd around the middle ----------------------------------

// 1 … 2^(bits + 1) - 1 around 2^bits in every byte, of `bits`-bit numbers.
Words triangle_bytes(Random& random, int bits) {
  const std::uint64_t mask = in_every_byte((1u << bits) - 1);
  const Words r = random.next();
  return (r & mask) + (random.next() & mask) + in_every_byte(1);
}
// Standard deviation of the sum of two numbers from 0 to n - 1.
double triangle_deviation(double n) { return std::sqrt((n * n - 1) / 6); }

// 1 … 15 around 8 in every nibble.
Words triangle_nibbles(Random& random) {
  constexpr std::uint64_t kLow3 = in_every_byte(0x77);
  const Words r = random.next();
  return (r & kLow3) + (random.next() & kLow3) + in_every_byte(0x11);
}

class Q8_0 {
 public:
  using Block = BlockQ8_0;
  explicit Q8_0(double deviation)
      : scales_(scale_table(deviation / triangle_deviation(128) / kScaleDeviation, float_to_half)) {}
  void fill(Random& random, Block& block) const {
    block.d = scales_[random.next()[0] >> 56];
    // 1 … 255 around 128; the sign bit turned over makes that -127 … 127.
    const Words words[2] = {triangle_bytes(random, 7) ^ in_every_byte(0x80), triangle_bytes(random, 7) ^ in_every_byte(0x80)};
    store(words, block.q);
  }

 private:
  std::array<std::uint16_t, 256> scales_;
};

class Q4_0 {
 public:
  using Block = BlockQ4_0;
  explicit Q4_0(double deviation)
      : scales_(scale_table(deviation / triangle_deviation(8) / kScaleDeviation, float_to_half)) {}
  void fill(Random& random, Block& block) const {
    block.d = scales_[random.next()[0] >> 56];
    const Words words[1] = {triangle_nibbles(random)};
    store(words, block.q);
  }

 private:
  std::array<std::uint16_t, 256> scales_;
};

// Six-bit scales from 36 to 60; each minimum is nearly `middle` steps of its block, so that the mean is 0.
constexpr double kKScaleSquare = 2356;  // mean of such scales' squares: 48² + (25² - 1)/12
template <class Block>
void fill_k_scales(Random& random, Block& block) {
  Words bits = random.next();
  for (int j = 0; j < 8; ++j) {
    const std::uint64_t draw = bits[j / 4] >> (16 * (j % 4)) & 0xffff;
    const std::uint64_t scale = 36 + (draw & 0xff) * 25 / 256, minimum = scale - 1 + (draw >> 8) * 3 / 256;
    if (j < 4) {
      block.scales[j] = static_cast<std::uint8_t>(scale);
      block.scales[j + 4] = static_cast<std::uint8_t>(minimum);
    } else {
      block.scales[j + 4] = static_cast<std::uint8_t>((scale & 15) | (minimum & 15) << 4);
      block.scales[j - 4] = static_cast<std::uint8_t>(block.scales[j - 4] | (scale >> 4) << 6);
      block.scales[j] = static_cast<std::uint8_t>(block.scales[j] | (minimum >> 4) << 6);
    }
  }
}

class Q4_K {
 public:
  using Block = BlockQ4_K;
  explicit Q4_K(double deviation)
      : scales_(scale_table(deviation / triangle_deviation(8) / std::sqrt(kKScaleSquare) / kScaleDeviation, same)) {}
  void fill(Random& random, Block& block) const {
    const float d = scales_[random.next()[0] >> 56];
    block.d = float_to_half(d);
    block.dmin = float_to_half(8 * d);
    fill_k_scales(random, block);
    Words words[8];
    for (Words& word : words) word = triangle_nibbles(random);
    store(words, block.q);
  }

 private:
  std::array<float, 256> scales_;
};

class Q5_K {
 public:
  using Block = BlockQ5_K;
  explicit Q5_K(double deviation)
      : scales_(scale_table(deviation / triangle_deviation(16) / std::sqrt(kKScaleSquare) / kScaleDeviation, same)) {}
  void fill(Random& random, Block& block) const {
    const float d = scales_[random.next()[0] >> 56];
    block.d = float_to_half(d);
    block.dmin = float_to_half(16 * d);
    fill_k_scales(random, block);
    Words low[8], high[2] = {};
    for (int pair = 0; pair < 4; ++pair)
      for (int i = 0; i < 2; ++i) {
        const Words first = triangle_bytes(random, 4), second = triangle_bytes(random, 4);  // 1 … 31
        low[2 * pair + i] = (first & in_every_byte(15)) | (second & in_every_byte(15)) << 4;
        high[i] |= ((first >> 4 & in_every_byte(1)) | (second >> 3 & in_every_byte(2))) << (2 * pair);
      }
    store(low, block.q);
    store(high, block.high);
  }

 private:
  std::array<float, 256> scales_;
};

class Q6_K {
 public:
  using Block = BlockQ6_K;
  // Scales as the bytes 48 … 79 and their negatives.
  explicit Q6_K(double deviation)
      : scales_(scale_table(deviation / triangle_deviation(32) / std::sqrt(4117.5) / kScaleDeviation, float_to_half)) {}
  void fill(Random& random, Block& block) const {
    block.d = scales_[random.next()[0] >> 56];
    const Words draw = random.next();
    const Words magnitude = (draw & in_every_byte(31)) + in_every_byte(48);
    const Words negative = (draw >> 7 & in_every_byte(1)) * 0xff;  // all bits of the bytes to be negated
    const Words scales[1] = {(magnitude ^ negative) + (negative & in_every_byte(1))};
    store(scales, block.scales);
    Words low[8], high[4];
    for (int half = 0; half < 2; ++half)
      for (int i = 0; i < 2; ++i) {
        Words q[4];
        for (Words& four_of_a_column : q) four_of_a_column = triangle_bytes(random, 5);  // 1 … 63
        low[4 * half + i] = (q[0] & in_every_byte(15)) | (q[2] & in_every_byte(15)) << 4;
        low[4 * half + 2 + i] = (q[1] & in_every_byte(15)) | (q[3] & in_every_byte(15)) << 4;
        high[2 * half + i] = (q[0] >> 4 & in_every_byte(3)) | (q[1] >> 2 & in_every_byte(3 << 2)) |
                             (q[2] & in_every_byte(3 << 4)) | (q[3] << 2 & in_every_byte(3 << 6));
      }
    store(low, block.low);
    store(high, block.high);
  }

 private:
  std::array<std::uint16_t, 256> scales_;
};

// ---- floats: all codes alike are crowded around zero already -----------------------------------------------------

class Mxfp4 {
 public:
  using Block = BlockMxfp4;
  explicit Mxfp4(double deviation) : exponents_(deviation / std::sqrt(8.5625)) {}
  void fill(Random& random, Block& block) const {
    block.e = static_cast<std::uint8_t>(std::clamp(127 + exponents_.choose(random.next()[0] >> 32), 0, 254));
    const Words words[1] = {random.next()};
    store(words, block.q);
  }

 private:
  Exponents exponents_;
};

class Mxfp6 {
 public:
  using Block = BlockMxfp6;
  explicit Mxfp6(double deviation) : exponents_(deviation / std::sqrt(11.34765625)) {}
  void fill(Random& random, Block& block) const {
    const Words first = random.next(), second = random.next();
    std::memcpy(block.q, &first, 16);
    std::memcpy(block.q + 16, &second, 8);
    block.e = static_cast<std::uint8_t>(std::clamp(127 + exponents_.choose(second[1] >> 32), 0, 254));
  }

 private:
  Exponents exponents_;
};

// Exponents 11 … 14 of E4M3: values from 16 to 240.
class Fp8 {
 public:
  using Block = BlockFp8;
  explicit Fp8(double deviation) : scales_(scale_table(deviation / (16 * std::sqrt(45.654296875)) / kScaleDeviation, same)) {}
  void fill(Random& random, Block& block) const {
    block.d = scales_[random.next()[0] >> 56];
    Words words[8];
    for (Words& word : words) word = (random.next() & in_every_byte(0x9f)) + in_every_byte(11 << 3);
    store(words, block.q);
  }

 private:
  std::array<float, 256> scales_;
};

// Sign, fraction and the two lowest bits of the exponent are random: values from 1 to 16 times a power of two.
template <class T, int kFractionBits, int kBias>
class Floats {
 public:
  struct Block {
    static constexpr int kValues = 32;
    T values[32];
  };
  explicit Floats(double deviation) : exponents_(deviation / std::sqrt(7.0 / 3 * 21.25)) {}
  void fill(Random& random, Block& block) const {
    constexpr int kBits = 8 * sizeof(T);
    constexpr std::uint64_t kOne = kBits == 16 ? 0x0001000100010001u : 0x0000000100000001u;
    constexpr std::uint64_t kRandom = kOne * ((std::uint64_t{1} << (kBits - 1)) | ((std::uint64_t{1} << (kFractionBits + 2)) - 1));
    const int exponent = std::max(kBias + exponents_.choose(random.next()[0] >> 32), 1);
    const std::uint64_t base = kOne * (static_cast<std::uint64_t>(exponent) << kFractionBits);
    Words words[sizeof(Block) / sizeof(Words)];
    for (Words& word : words) word = (random.next() & kRandom) + base;
    store(words, block.values);
  }

 private:
  Exponents exponents_;
};

template <class Maker>
void fill_rows(double deviation, const RandomRows& rows, std::byte* out) {
  using Block = typename Maker::Block;
  const Maker maker(deviation);
  Block block;
  for (std::uint64_t row = rows.first; row < rows.first + rows.count; ++row) {
    Random random(mix_bits(rows.stream ^ mix_bits(row)));
    for (std::uint64_t c = 0; c < rows.columns; c += Block::kValues) {
      maker.fill(random, block);
      const std::uint64_t values = std::min<std::uint64_t>(rows.columns - c, Block::kValues);  // fewer: plain floats only
      const std::size_t bytes = sizeof(Block) * values / Block::kValues;
      std::memcpy(out, &block, bytes);
      out += bytes;
    }
  }
}

}  // namespace

void fill_random_rows(Format format, double deviation, const RandomRows& rows, std::byte* out) {
  switch (format) {
    case Format::f32: return fill_rows<Floats<std::uint32_t, 23, 127>>(deviation, rows, out);
    case Format::f16: return fill_rows<Floats<std::uint16_t, 10, 15>>(deviation, rows, out);
    case Format::bf16: return fill_rows<Floats<std::uint16_t, 7, 127>>(deviation, rows, out);
    case Format::q8_0: return fill_rows<Q8_0>(deviation, rows, out);
    case Format::q4_0: return fill_rows<Q4_0>(deviation, rows, out);
    case Format::q4_k: return fill_rows<Q4_K>(deviation, rows, out);
    case Format::q5_k: return fill_rows<Q5_K>(deviation, rows, out);
    case Format::q6_k: return fill_rows<Q6_K>(deviation, rows, out);
    case Format::mxfp4: return fill_rows<Mxfp4>(deviation, rows, out);
    case Format::mxfp6: return fill_rows<Mxfp6>(deviation, rows, out);
    case Format::fp8: return fill_rows<Fp8>(deviation, rows, out);
  }
}

}  // namespace tokenmark
