// For AArch64, which always has NEON.
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/bytes_neon.h"
#include "kernels/cpu/quantized.h"
// clang-format on

namespace tokenmark::cpu {
constinit const PackedProducts kNeonProducts = make_products();
}  // namespace tokenmark::cpu
