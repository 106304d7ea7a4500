// Random numbers that are the same on every machine and library: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast
// splittable pseudorandom number generators", 2014) as a counter-based generator. The n-th number depends on the
// seed and n alone, so a list can be extended or read from the middle without changing what stood before.
#pragma once

#include <cstdint>

namespace tokenmark {

constexpr std::uint64_t mix64(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// The number at `index` of the stream `stream` of `seed`.
constexpr std::uint64_t random_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return mix64(mix64(mix64(seed) ^ stream) ^ index);
}

// Uniform in [0, bound) from 64 random bits: the upper half of the product (D. Lemire, 2019, without the rejection
// step: for the bounds here, below 2^32, the bias is under 2^-32).
constexpr std::uint64_t below(std::uint64_t random, std::uint64_t bound) {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(random) * bound) >> 64);
}

// Uniform in (0, 1): the middles of 2^52 equal parts.
constexpr double unit(std::uint64_t random) { return (static_cast<double>(random >> 12) + 0.5) * 0x1p-52; }

}  // namespace tokenmark
