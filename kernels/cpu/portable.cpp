// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_portable.h"
#include "kernels/cpu/floats_fma.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kPortableKernels = make_table<kPortableProducts>(Isa::portable);
}  // namespace tokenmark::cpu
