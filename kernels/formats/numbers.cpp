#include "kernels/formats/numbers.h"

#include "kernels/formats/format.h"

namespace tokenmark {

float half_to_float(std::uint16_t half) { return decode_half(half); }
std::uint16_t float_to_half(float value) { return encode_half(value); }
float bf16_to_float(std::uint16_t bf16) { return decode_bf16(bf16); }
std::uint16_t float_to_bf16(float value) { return encode_bf16(value); }

float e8m0_to_float(std::uint8_t e) { return decode_e8m0(e); }
float e4m3_to_float(std::uint8_t e4m3) { return decode_e4m3(e4m3); }
float e4m3fnuz_to_float(std::uint8_t e4m3) { return decode_e4m3fnuz(e4m3); }
std::uint8_t float_to_e4m3(float value) { return encode_e4m3(value); }
float e2m1_to_float(std::uint8_t nibble) { return decode_e2m1(nibble); }
float e2m3_to_float(std::uint8_t bits) { return decode_e2m3(bits); }

}  // namespace tokenmark
