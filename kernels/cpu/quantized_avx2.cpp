// Compiled as avx2.cpp; reached only where isa_available(Isa::avx2).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/bytes_avx2.h"
#include "kernels/cpu/quantized.h"
// clang-format on

namespace tokenmark::cpu {
constinit const PackedProducts kAvx2Products = make_products();
}  // namespace tokenmark::cpu
