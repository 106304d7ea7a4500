// Compiled with -march=armv8.2-a+dotprod; reached only where isa_available(Isa::neon_dotprod).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/bytes_neon.h"
#include "kernels/cpu/quantized.h"
// clang-format on

namespace tokenmark::cpu {
constinit const PackedProducts kNeonDotprodProducts = make_products();
}  // namespace tokenmark::cpu
