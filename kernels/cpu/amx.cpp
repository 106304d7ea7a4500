// As avx512_bf16.cpp with -mamx-tile, int8 and bf16; reached only where isa_available(Isa::amx).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_avx512.h"
#include "kernels/cpu/floats_amx.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kAmxKernels = make_table<kAmxProducts>(Isa::amx);
}  // namespace tokenmark::cpu
