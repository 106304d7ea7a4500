#include "engine/model/random_weights.h"

#include <array>
#include <cmath>
#include <cstring>

namespace tokenmark {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): a counter put through a mixer, so a stream can start anywhere.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

struct Random {
  std::uint64_t state;
  std::uint64_t next() { return mix(state += 0x9e3779b97f4a7c15u); }
};

std::uint64_t stream_of(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ mix(seed + 1);  // FNV-1a over the name
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(hash);
}

constexpr std::size_t kTableSize = 4096;

// Values of a normal distribution at even steps of probability (sum of the logistic's inverse: close enough and in
// closed form), scaled to the wanted deviation; drawing one is a look-up.
template <class T, class Convert>
std::array<T, kTableSize> normal_table(double deviation, Convert convert) {
  constexpr double kLogisticDeviation = 1.8137993642342178;  // π/√3
  std::array<T, kTableSize> table;
  for (std::size_t i = 0; i < kTableSize; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / kTableSize;
    table[i] = convert(static_cast<float>(std::log(p / (1 - p)) / kLogisticDeviation * deviation));
  }
  return table;
}

template <class T>
void fill_from_table(const std::array<T, kTableSize>& table, Random random, std::uint64_t columns, std::byte* out) {
  for (std::uint64_t c = 0; c < columns; c += 4) {
    const std::uint64_t bits = random.next();
    T four[4];
    for (int i = 0; i < 4; ++i) four[i] = table[(bits >> (16 * i)) % kTableSize];
    std::memcpy(out + c * sizeof(T), four, std::min<std::uint64_t>(4, columns - c) * sizeof(T));
  }
}

// Block scales vary by a quarter around their mean, so that a kernel that mixes them up is noticed.
std::array<std::uint16_t, 256> scale_table(double mean) {
  std::array<std::uint16_t, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = float_to_half(static_cast<float>(mean * (0.75 + 0.5 * static_cast<double>(i) / 255)));
  return table;
}

// Sixteen nibbles at once: the sum of two 3-bit numbers and 1 is a triangle over 1…15 around 8, the zero of Q4_0.
constexpr double kQ4Deviation = 3.2403703492039302;  // √(2 · 63/12)
void fill_q4_0(const std::array<std::uint16_t, 256>& scales, Random random, std::uint64_t columns, std::byte* out) {
  constexpr std::uint64_t kLow3 = 0x7777777777777777u, kOne = 0x1111111111111111u;
  for (std::uint64_t c = 0; c < columns; c += 32, out += sizeof(BlockQ4_0)) {
    BlockQ4_0 block;
    std::uint64_t halves[2];
    std::uint64_t spare = 0;  // the bits that the masks leave over choose the scale
    for (std::uint64_t& half : halves) {
      const std::uint64_t bits = random.next(), more = mix(bits);
      half = (bits & kLow3) + (more & kLow3) + kOne;
      spare = spare * 16 + ((bits >> 3) & 1) + 2 * ((bits >> 7) & 1) + 4 * ((more >> 3) & 1) + 8 * ((more >> 7) & 1);
    }
    block.d = scales[spare];
    std::memcpy(block.q, halves, sizeof(block.q));
    std::memcpy(out, &block, sizeof(block));
  }
}

// Bytes likewise: two 7-bit numbers minus 127, a triangle over -127…127.
constexpr double kQ8Deviation = 52.254186429425705;  // √(2 · (128² - 1)/12)
void fill_q8_0(const std::array<std::uint16_t, 256>& scales, Random random, std::uint64_t columns, std::byte* out) {
  constexpr std::uint64_t kLow7 = 0x7f7f7f7f7f7f7f7fu;
  for (std::uint64_t c = 0; c < columns; c += 32, out += sizeof(BlockQ8_0)) {
    BlockQ8_0 block;
    block.d = scales[random.next() >> 56];
    for (std::size_t part = 0; part < 32; part += 8) {
      const std::uint64_t bits = random.next();
      const std::uint64_t sums = (bits & kLow7) + (mix(bits) & kLow7);
      for (std::size_t i = 0; i < 8; ++i)
        block.q[part + i] = static_cast<std::int8_t>(static_cast<int>((sums >> (8 * i)) & 0xff) - 127);
    }
    std::memcpy(out, &block, sizeof(block));
  }
}

}  // namespace

RandomWeights::RandomWeights(std::vector<Tensor> tensors, std::uint64_t seed) : tensors_(std::move(tensors)), seed_(seed) {
  for (const Tensor& tensor : tensors_) by_name_.emplace(tensor.name, &tensor);
}

const Tensor* RandomWeights::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Status RandomWeights::read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count,
                                std::byte* destination) const {
  const std::uint64_t stream = stream_of(seed_, tensor.name);
  const std::uint64_t bytes = row_bytes(tensor.format, tensor.columns);
  const double deviation = 1 / std::sqrt(static_cast<double>(tensor.columns));
  const auto each_row = [&](auto fill) {
    for (std::uint64_t row = 0; row < count; ++row)
      fill(Random{mix(stream ^ mix(first + row))}, destination + row * bytes);
  };
  if (tensor.rows == 1) {  // a norm: ones, in F32 (shapes.cpp)
    const std::vector<float> ones(tensor.columns, 1.0f);
    std::memcpy(destination, ones.data(), ones.size() * sizeof(float));
    return {};
  }
  const std::uint64_t columns = tensor.columns;
  switch (tensor.format) {
    case Format::f32: {
      const auto table = normal_table<float>(deviation, [](float value) { return value; });
      each_row([&](Random random, std::byte* out) { fill_from_table(table, random, columns, out); });
      break;
    }
    case Format::f16: {
      const auto table = normal_table<std::uint16_t>(deviation, float_to_half);
      each_row([&](Random random, std::byte* out) { fill_from_table(table, random, columns, out); });
      break;
    }
    case Format::bf16: {
      const auto table = normal_table<std::uint16_t>(deviation, float_to_bf16);
      each_row([&](Random random, std::byte* out) { fill_from_table(table, random, columns, out); });
      break;
    }
    case Format::q8_0: {
      const auto scales = scale_table(deviation / kQ8Deviation);
      each_row([&](Random random, std::byte* out) { fill_q8_0(scales, random, columns, out); });
      break;
    }
    case Format::q4_0: {
      const auto scales = scale_table(deviation / kQ4Deviation);
      each_row([&](Random random, std::byte* out) { fill_q4_0(scales, random, columns, out); });
      break;
    }
    default:
      return fail(ErrorKind::invalid_input, "random weights of '{}' cannot be made in {} yet", tensor.name,
                  format_name(tensor.format));
  }
  return {};
}

}  // namespace tokenmark
