// Sixteen bytes of two rows of a matrix times what lies against them in x, for each format: brought to floats or signed
// bytes once, multiplied with every row of x.
#pragma once

#include "kernels/gpu/gemv_rows.h"

namespace TM_GPU_NAMESPACE {

template <WeightFormat format>
struct Pieces {
  static constexpr int kValues = 128 / static_cast<int>(value_bits(static_cast<std::uint32_t>(format)));  // of 16 bytes
  static constexpr bool kIntegers = is_integer(static_cast<std::uint32_t>(format)), kScaled = kIntegers || format == WeightFormat::fp8;

  // The scale that piece `piece` of a row is under, as it lies in memory, and as a number.
  TM_DEVICE static std::uint32_t load_scale(const std::uint8_t* scales, std::uint32_t piece) {
    if constexpr (format == WeightFormat::q8_0) return load_early(reinterpret_cast<const std::uint16_t*>(scales) + piece / 2);
    else if constexpr (format == WeightFormat::q4_0) return load_early(reinterpret_cast<const std::uint16_t*>(scales) + piece);
    else if constexpr (format == WeightFormat::mxfp4) return load_early(scales + piece);
    else if constexpr (format == WeightFormat::fp8) return load_early(reinterpret_cast<const std::uint32_t*>(scales) + piece / 8);
    else return 0;
  }
  TM_DEVICE static float scale(std::uint32_t bits) {
    if constexpr (format == WeightFormat::q8_0 || format == WeightFormat::q4_0) return to_float_half(static_cast<std::uint16_t>(bits));
    else if constexpr (format == WeightFormat::mxfp4) return from_e8m0(bits) * 0.5f;  // the bytes are doubled
    else if constexpr (format == WeightFormat::fp8) return bits_to_float(bits) * kE4m3Unit;
    else return 1;
  }

  // The piece's numbers in their order.
  TM_DEVICE static void to_numbers(const Bytes16& piece, float scale, float* out) {
    if constexpr (kIntegers) {
      std::uint32_t bytes[kValues / 4];
      to_bytes(piece, bytes);
      constexpr int kLess = format == WeightFormat::q4_0 ? 8 : 0;
      TM_UNROLL
      for (int i = 0; i < kValues; ++i) {
        const int at = format == WeightFormat::mxfp4 ? i % 16 * 2 + i / 16 : i;  // nibbles of a byte lie next to each other
        out[i] = scale * static_cast<float>(static_cast<std::int8_t>(bytes[at / 4] >> at % 4 * 8) - kLess);
      }
    } else {
      to_floats(piece, out);
      if constexpr (kScaled) {
        TM_UNROLL
        for (int i = 0; i < kValues; ++i) out[i] *= scale;
      }
    }
  }

  // sums[0], sums[1] += the piece of either row · x
  template <int R>
  TM_DEVICE static void multiply(const Bytes16* pieces, const float* scales, const GemvRows<format, R>& x, std::uint32_t piece, float (*sums)[2]) {
    if constexpr (kIntegers) multiply_integers(pieces, scales, x, piece, sums);
    else multiply_floats(pieces, scales, x, piece, sums);
  }

 private:
  template <int R>
  TM_DEVICE static void multiply_floats(const Bytes16* pieces, const float* scales, const GemvRows<format, R>& x, std::uint32_t piece, float (*sums)[2]) {
    constexpr int kPerChunk = GemvRows<format, R>::kPerChunk;
    float weights[2][kValues];
    TM_UNROLL
    for (int m = 0; m < 2; ++m) to_floats(pieces[m], weights[m]);
    TM_UNROLL
    for (int row = 0; row < R; ++row) {
      float products[2] = {};
      TM_UNROLL
      for (int c = 0; c < kValues / kPerChunk; ++c) {
        float values[8];
        to_values(x.chunk(row, piece * (kValues / kPerChunk) + static_cast<std::uint32_t>(c)), values);
        TM_UNROLL
        for (int i = 0; i < kPerChunk; ++i)
          TM_UNROLL
          for (int m = 0; m < 2; ++m) products[m] += weights[m][c * kPerChunk + i] * values[i];
      }
      TM_UNROLL
      for (int m = 0; m < 2; ++m) sums[row][m] += kScaled ? products[m] * scales[m] : products[m];
    }
  }
  TM_DEVICE static void to_values(const Bytes16& chunk, float* values) {
    if constexpr (format == WeightFormat::f32) {
      TM_UNROLL
      for (int i = 0; i < 4; ++i) values[i] = bits_to_float(chunk.word[i]);
    } else {
      unpack8_bf16(chunk, values);
    }
  }
  TM_DEVICE static void to_floats(const Bytes16& piece, float* out) {
    TM_UNROLL
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t word = piece.word[i];
      if constexpr (format == WeightFormat::f32) {
        out[i] = bits_to_float(word);
      } else if constexpr (format == WeightFormat::fp8) {
        from_e4m3_pair(word & 0xffffu, out + 4 * i);
        from_e4m3_pair(word >> 16, out + 4 * i + 2);
      } else if constexpr (format == WeightFormat::f16) {
        out[2 * i] = to_float_half(static_cast<std::uint16_t>(word));
        out[2 * i + 1] = to_float_half(static_cast<std::uint16_t>(word >> 16));
      } else {
        out[2 * i] = bits_to_float(word << 16);
        out[2 * i + 1] = bits_to_float(word & 0xffff0000u);
      }
    }
  }

  template <int R>
  TM_DEVICE static void multiply_integers(const Bytes16* pieces, const float* scales, const GemvRows<format, R>& x, std::uint32_t piece, float (*sums)[2]) {
    constexpr int kWords = kValues / 4;
    std::uint32_t bytes[2][kWords];
    TM_UNROLL
    for (int m = 0; m < 2; ++m) to_bytes(pieces[m], bytes[m]);
    const std::uint32_t block = piece * kValues / 32;
    TM_UNROLL
    for (int row = 0; row < R; ++row) {
      // Nibbles of q4_0 stand for 8 less.
      const int from = format == WeightFormat::q4_0 ? -8 * x.sum(row, block) : 0;
      int products[2] = {from, from};
      TM_UNROLL
      for (int c = 0; c < kValues / 8; ++c) {
        const Bytes16 values = x.chunk(row, piece * (kValues / 8) + static_cast<std::uint32_t>(c));
        TM_UNROLL
        for (int m = 0; m < 2; ++m) {
          products[m] = dot4(values.word[0], values.word[1], bytes[m][2 * c], products[m]);
          products[m] = dot4(values.word[2], values.word[3], bytes[m][2 * c + 1], products[m]);
        }
      }
      const float scale = x.scale(row, block);
      TM_UNROLL
      for (int m = 0; m < 2; ++m) sums[row][m] += static_cast<float>(products[m]) * (scales[m] * scale);
    }
  }
  // In the order that x has.
  TM_DEVICE static void to_bytes(const Bytes16& piece, std::uint32_t* out) {
    TM_UNROLL
    for (int i = 0; i < 4; ++i) {
      if constexpr (format == WeightFormat::q8_0) {
        out[i] = piece.word[i];
      } else if constexpr (format == WeightFormat::q4_0) {
        out[i] = piece.word[i] & 0x0f0f0f0fu;
        out[4 + i] = piece.word[i] >> 4 & 0x0f0f0f0fu;
      } else {
        e2m1_bytes(piece.word[i], out + 2 * i);
      }
    }
  }
};

}  // namespace TM_GPU_NAMESPACE
