// Packed weights (packed.h) as the products of bytes take them: bytes that are weight_bias(format) too much each, and
// float scales. Written once over the including translation unit's Vector and Bytes. Unpack<format> has:
//   Input     the kind of prepared input (quantized_input.h)
//   kScales   scales of a block of 32 columns: 1, or 2 for 16 columns each
//   kMinima   whether a block has a minimum to take away
//   scales    the scales (and minima) of a chunk of `blocks` blocks
//   groups    a block's eight groups: of each the Bytes that begin at `block` (a group is 64 bytes: AVX2 takes two halves)
#pragma once

#include "kernels/cpu/quantized_input.h"

namespace tokenmark::cpu {
namespace {

struct alignas(64) ChunkScales {
  float scales[16][16];         // of each row, block after block
  std::int16_t minima[4][16][2];  // of each row in blocks 2 i and 2 i + 1
  float minimum_step[16];       // times a minimum
};

inline void load_halves(const std::byte* from, float* to) {
  for (int r = 0; r < 16; r += Vector::kLanes)
    Vector::store(to + r, Vector::load_half(reinterpret_cast<const std::uint16_t*>(from) + r));
}

inline void load_half_scales(const std::byte* header, std::uint64_t blocks, ChunkScales& to) {
  for (std::uint64_t b = 0; b < blocks; ++b) load_halves(header + 32 * b, to.scales[b]);
}

// Powers of two, times a factor that makes up for whole-number elements.
inline void load_e8m0_scales(const std::byte* header, std::uint64_t blocks, float factor, ChunkScales& to) {
  for (std::uint64_t b = 0; b < blocks; ++b)
    for (std::uint64_t r = 0; r < 16; ++r) {
      const auto e = static_cast<std::uint32_t>(header[16 * b + r]);
      const std::uint32_t bits = e == 0 ? 0x00400000 : e == 255 ? 0x7fc00000 : e << 23;  // 2^-127: subnormal
      to.scales[b][r] = __builtin_bit_cast(float, bits) * factor;
    }
}

struct BlockScales {
  using Input = BlockInput;
  static constexpr int kScales = 1;
  static constexpr bool kMinima = false;
};

[[gnu::always_inline]] inline void load_nibbles(const std::byte* block, Bytes* to) {
  const Bytes low = Bytes::all(15);
  for (int i = 0; i < 4; ++i) {
    const Bytes pair = Bytes::load(block + 64 * i);
    to[i] = pair & low;
    to[4 + i] = Bytes::right(pair, 4) & low;
  }
}

template <Format kFormat>
struct Unpack;

template <>
struct Unpack<Format::q4_0> : BlockScales {
  static void scales(const std::byte* header, std::uint64_t blocks, ChunkScales& to) { load_half_scales(header, blocks, to); }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) { load_nibbles(block, to); }
};

template <>
struct Unpack<Format::q8_0> : BlockScales {
  static void scales(const std::byte* header, std::uint64_t blocks, ChunkScales& to) { load_half_scales(header, blocks, to); }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) {
    for (int i = 0; i < 8; ++i) to[i] = Bytes::load(block + 64 * i) ^ Bytes::all(weight_bias(Format::q8_0));  // 128 or 0
  }
};

// Elements doubled are whole numbers up to 12.
template <>
struct Unpack<Format::mxfp4> : BlockScales {
  static void scales(const std::byte* header, std::uint64_t blocks, ChunkScales& to) {
    load_e8m0_scales(header, blocks, 0.5f, to);
  }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) {
    static constexpr std::uint8_t kElements[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};
    const Bytes elements = Bytes::repeat_16(kElements);
    load_nibbles(block, to);
    for (int i = 0; i < 8; ++i) to[i] = Bytes::lookup(elements, to[i]);
  }
};

// Elements times eight are whole numbers up to 60: of the lower four bits m, m itself where bit 4 is clear, else 16 + 2 m
// for m below 8 and 4 m from there on.
template <>
struct Unpack<Format::mxfp6> : BlockScales {
  static void scales(const std::byte* header, std::uint64_t blocks, ChunkScales& to) {
    load_e8m0_scales(header, blocks, 0.125f, to);
  }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) {
    static constexpr std::uint8_t kLarge[16] = {16, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40, 44, 48, 52, 56, 60};
    const Bytes large = Bytes::repeat_16(kLarge), bias = Bytes::all(weight_bias(Format::mxfp6));
    load_nibbles(block, to);
    for (int i = 0; i < 8; ++i) {
      const Bytes upper = Bytes::load(block + 256 + i / 4 * 64);
      const Bytes magnitude = Bytes::where(upper, 1 << i % 4 * 2, Bytes::lookup(large, to[i]), to[i]);
      to[i] = Bytes::where(upper, 2 << i % 4 * 2, bias - magnitude, bias + magnitude);
    }
  }
};

// --- K formats ---

// Minima of four blocks, [block][row], into two pairs of blocks.
inline void store_minima(const std::uint8_t* four, std::int16_t (*to)[16][2]) {
  for (int i = 0; i < 2; ++i)
    for (int r = 0; r < 16; ++r) {
      to[i][r][0] = four[32 * i + r];
      to[i][r][1] = four[32 * i + 16 + r];
    }
}

inline void load_six_bit_scales(const std::byte* header, ChunkScales& to) {
  alignas(64) std::uint8_t scales[128], minima[128];
  const Bytes six = Bytes::all(63);
  for (int i = 0; i < 64; i += Bytes::kBytes) {
    const Bytes a = Bytes::load(header + 64 + i), b = Bytes::load(header + 128 + i), c = Bytes::load(header + 192 + i);
    Bytes::store(scales + i, a & six);
    Bytes::store(scales + 64 + i, b & six);
    Bytes::store(minima + i, c & six);
    Bytes::store(minima + 64 + i, (Bytes::right(a, 6) & Bytes::all(3)) | (Bytes::right(b, 4) & Bytes::all(12)) |
                                      (Bytes::right(c, 2) & Bytes::all(48)));
  }
  float d[16];
  load_halves(header, d);
  load_halves(header + 32, to.minimum_step);
  for (int b = 0; b < 8; ++b)
    for (int r = 0; r < 16; r += Vector::kLanes)
      Vector::store(to.scales[b] + r, Vector::load(d + r) * load_unsigned(scales + 16 * b + r));
  store_minima(minima, to.minima);
  store_minima(minima + 64, to.minima + 2);
}

template <>
struct Unpack<Format::q4_k> {
  using Input = ChunkInput;
  static constexpr int kScales = 1;
  static constexpr bool kMinima = true;
  static void scales(const std::byte* header, std::uint64_t, ChunkScales& to) { load_six_bit_scales(header, to); }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) { load_nibbles(block, to); }
};

template <>
struct Unpack<Format::q5_k> {
  using Input = ChunkInput;
  static constexpr int kScales = 1;
  static constexpr bool kMinima = true;
  static void scales(const std::byte* header, std::uint64_t, ChunkScales& to) { load_six_bit_scales(header, to); }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) {
    const Bytes low = Bytes::all(15), fifth = Bytes::all(16), upper = Bytes::load(block + 256);
    for (int i = 0; i < 4; ++i) {
      const Bytes pair = Bytes::load(block + 64 * i);
      to[i] = Bytes::and_or(pair, low, Bytes::left(upper, 4 - i) & fifth);
      to[4 + i] = Bytes::and_or(Bytes::right(pair, 4), low, Bytes::right(upper, i) & fifth);
    }
  }
};

template <>
struct Unpack<Format::q6_k> {
  using Input = ChunkInput;
  static constexpr int kScales = 2;
  static constexpr bool kMinima = false;
  static void scales(const std::byte* header, std::uint64_t, ChunkScales& to) {
    float d[16];
    load_halves(header + 256, d);
    for (int i = 0; i < 16; ++i)
      for (int r = 0; r < 16; r += Vector::kLanes)
        Vector::store(to.scales[i] + r,
                      Vector::load(d + r) * load_signed(reinterpret_cast<const std::int8_t*>(header) + 16 * i + r));
  }
  [[gnu::always_inline]] static void groups(const std::byte* block, Bytes* to) {
    const Bytes low = Bytes::all(15), two = Bytes::all(48);
    for (int half = 0; half < 2; ++half) {
      const Bytes upper = Bytes::load(block + 256 + 64 * half);
      const Bytes places[4] = {Bytes::left(upper, 4), Bytes::left(upper, 2), upper, Bytes::right(upper, 2)};
      for (int i = 0; i < 4; ++i) {
        const Bytes pair = Bytes::load(block + 64 * i);
        to[4 * half + i] = Bytes::and_or(half == 0 ? pair : Bytes::right(pair, 4), low, places[i] & two);
      }
    }
  }
};

}  // namespace
}  // namespace tokenmark::cpu
