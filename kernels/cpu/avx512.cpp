// Compiled with -mavx512f, bw, vl, dq and vnni; reached only where isa_available(Isa::avx512).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_avx512.h"
#include "kernels/cpu/floats_fma.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kAvx512Kernels = make_table<kAvx512Products>(Isa::avx512);
}  // namespace tokenmark::cpu
