// clang-format off: each of these is written over what the ones before it define.
#include "kernels/cpu/vector_portable.h"
#include "kernels/cpu/quantized_portable.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kPortableKernels = make_table(Isa::portable);
}  // namespace tokenmark::cpu
