// Four floats with what every processor has: the compiler's own vectors.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/formats/format.h"

namespace tokenmark::cpu {
namespace {

struct Vector {
  typedef float Floats __attribute__((vector_size(16)));
  typedef std::int32_t Ints __attribute__((vector_size(16)));
  typedef std::uint16_t Halves __attribute__((vector_size(8)));
  typedef std::int8_t Bytes __attribute__((vector_size(4)));
  static constexpr int kLanes = 4;
  static constexpr int kTileRows = 2, kTileTokens = 4;  // register tile of a matrix product

  Floats v;

  static Vector all(float x) { return {Floats{x, x, x, x}}; }
  static Vector load(const float* p, int n = kLanes) {
    Vector x = all(0);
    std::memcpy(&x.v, p, static_cast<unsigned>(n) * sizeof(float));
    return x;
  }
  static Vector load_bf16(const std::uint16_t* p, int n = kLanes) {
    return {(Floats)(__builtin_convertvector(load_16_bits(p, n), Ints) << 16)};
  }
  // Exact for all but infinity and NaN, which become large: the exponent is moved over and rebased by a
  // product.
  static Vector load_half(const std::uint16_t* p, int n = kLanes) {
    const Ints bits = __builtin_convertvector(load_16_bits(p, n), Ints);
    const Floats magnitude = (Floats)((bits & 0x7fff) << 13) * 0x1p112f;
    return {(Floats)((Ints)magnitude | (bits & 0x8000) << 16)};
  }
  // The first and the second of kLanes pairs.
  static void load_bf16_pairs(const std::uint16_t* p, Vector& first, Vector& second) {
    Ints pairs;
    std::memcpy(&pairs, p, sizeof(pairs));
    first = {(Floats)(pairs << 16)};
    second = {(Floats)(pairs & static_cast<std::int32_t>(0xffff0000))};
  }
  static void load_pairs(const float* p, Vector& first, Vector& second) {
    const Floats a = load(p).v, b = load(p + 4).v;
    first = {__builtin_shufflevector(a, b, 0, 2, 4, 6)};
    second = {__builtin_shufflevector(a, b, 1, 3, 5, 7)};
  }
  static void store_pairs(float* p, Vector first, Vector second) {
    store(p, {__builtin_shufflevector(first.v, second.v, 0, 4, 1, 5)});
    store(p + 4, {__builtin_shufflevector(first.v, second.v, 2, 6, 3, 7)});
  }
  static Vector load_int8(const std::int8_t* p) {
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    return {__builtin_convertvector(bytes, Floats)};
  }
  // 2^-8 of the values; NaN becomes a number. The exponent is moved over and rebased by a product.
  static Vector load_e4m3(const std::uint8_t* p) {
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    const Ints bits = __builtin_convertvector(bytes, Ints);
    const Floats magnitude = (Floats)((bits & 0x7f) << 20) * 0x1p112f;
    return {(Floats)((Ints)magnitude | (bits & static_cast<std::int32_t>(0x80000000)))};
  }
  static void store(float* p, Vector x, int n = kLanes) {
    std::memcpy(p, &x.v, static_cast<unsigned>(n) * sizeof(float));
  }
  static void store_half(std::uint16_t* p, Vector x, int n = kLanes) {
    for (int i = 0; i < n; ++i) p[i] = float_to_half(x.v[i]);
  }
  // Rounded to the nearest; |x| <= 127. Adding 1.5 * 2^23 leaves the whole number in the low bits.
  static void store_bytes(std::int8_t* p, Vector x) {
    const Ints bits = (Ints)(x.v + 0x1.8p23f);
    for (int i = 0; i < kLanes; ++i) p[i] = static_cast<std::int8_t>(bits[i]);
  }

  friend Vector operator+(Vector a, Vector b) { return {a.v + b.v}; }
  friend Vector operator-(Vector a, Vector b) { return {a.v - b.v}; }
  friend Vector operator*(Vector a, Vector b) { return {a.v * b.v}; }
  friend Vector operator/(Vector a, Vector b) { return {a.v / b.v}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {a.v * b.v + c.v}; }
  static Vector max(Vector a, Vector b) { return {a.v > b.v ? a.v : b.v}; }  // b where a is NaN
  static Vector abs(Vector x) { return {(Floats)((Ints)x.v & 0x7fffffff)}; }
  static Vector round(Vector x) { return {(x.v + 0x1.8p23f) - 0x1.8p23f}; }  // |x| < 2^22
  static Vector times_power_of_2(Vector x, Vector n) {  // n whole, the result a normal number
    return {(Floats)((Ints)x.v + (__builtin_convertvector(n.v, Ints) << 23))};
  }
  static Vector zero_where_below(Vector x, Vector y, float limit) {  // y < limit ? 0 : x
    return {(Floats)((Ints)x.v & ~(Ints)(y.v < all(limit).v))};
  }
  static float sum(Vector x) { return (x.v[0] + x.v[2]) + (x.v[1] + x.v[3]); }
  static float greatest(Vector x) {
    const float a = x.v[0] > x.v[1] ? x.v[0] : x.v[1];
    const float b = x.v[2] > x.v[3] ? x.v[2] : x.v[3];
    return a > b ? a : b;
  }
  static void sum_4(const Vector x[4], float* out) {
    for (int i = 0; i < 4; ++i) out[i] = sum(x[i]);
  }

 private:
  static Halves load_16_bits(const std::uint16_t* p, int n) {
    Halves bits{};
    std::memcpy(&bits, p, static_cast<unsigned>(n) * 2);
    return bits;
  }
};

}  // namespace
}  // namespace tokenmark::cpu
