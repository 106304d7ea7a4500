// For AArch64, which always has NEON.
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_neon.h"
#include "kernels/cpu/floats_fma.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kNeonKernels = make_table<kNeonProducts>(Isa::neon);
constinit const Kernels kNeonDotprodKernels = make_table<kNeonDotprodProducts>(Isa::neon_dotprod);
}  // namespace tokenmark::cpu
