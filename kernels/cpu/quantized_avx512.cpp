// Compiled as avx512.cpp; reached only where isa_available(Isa::avx512), also from the tables of the sets above it.
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/bytes_avx512.h"
#include "kernels/cpu/quantized.h"
// clang-format on

namespace tokenmark::cpu {
constinit const PackedProducts kAvx512Products = make_products();
}  // namespace tokenmark::cpu
