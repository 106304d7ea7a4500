// Rows of random numbers made directly in a format, a register at a time: as fast as memory takes them, so that a model
// of random weights is ready when it is asked for. For random_weights.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/formats/format.h"

namespace tokenmark {

struct RandomRows {
  std::uint64_t stream = 0;  // a row depends on this and its number only
  std::uint64_t first = 0, count = 0, columns = 0;
};

// Rows with mean 0 and this standard deviation. Integers and scales take all their values (floats: within four
// octaves), blocks' scales differ, so that a kernel that mixes something up is noticed.
void fill_random_rows(Format format, double deviation, const RandomRows& rows, std::byte* out);

// SplitMix64's mixer (Steele, Lea, Flood 2014): every bit of the result depends on every bit of x.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace tokenmark
