// As avx512.cpp with -mavx512bf16 and -mavx512vbmi; reached only where isa_available(Isa::avx512_bf16).
// Each header is written over what the ones before it define: the order stays.
// clang-format off
#include "kernels/cpu/vector_avx512.h"
#include "kernels/cpu/floats_bf16.h"
#include "kernels/cpu/table.h"
// clang-format on

namespace tokenmark::cpu {
constinit const Kernels kAvx512Bf16Kernels = make_table<kAvx512Products>(Isa::avx512_bf16);
}  // namespace tokenmark::cpu
