// Compiled with -mavx2 -mfma -mf16c; reached only where isa_available(Isa::avx2).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_avx2.h"
#include "kernels/cpu/floats_fma.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kAvx2Kernels = make_table<kAvx2Products>(Isa::avx2);
}  // namespace tokenmark::cpu
