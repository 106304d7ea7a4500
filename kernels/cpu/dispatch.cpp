// Which tables are compiled in and which of them this processor can run. Compiled without special machine
// flags.
#include <array>

#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

constexpr std::array<std::string_view, 5> kIsaNames = {"portable", "avx2", "avx512", "avx512_bf16", "amx"};

}  // namespace

std::string_view isa_name(Isa isa) {
  return kIsaNames[static_cast<std::size_t>(isa)];
}

std::optional<Isa> isa_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kIsaNames.size(); ++i)
    if (kIsaNames[i] == name) return static_cast<Isa>(i);
  return std::nullopt;
}

// __builtin_cpu_supports also asks whether the operating system saves the wide registers.
bool isa_available(Isa isa) {
#ifdef TOKENMARK_X86
  if (isa == Isa::avx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (isa == Isa::avx512)
    return isa_available(Isa::avx2) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
#endif
  return isa == Isa::portable;
}

Isa best_isa() {
  if (isa_available(Isa::avx512)) return Isa::avx512;
  return isa_available(Isa::avx2) ? Isa::avx2 : Isa::portable;
}

const Kernels& kernels([[maybe_unused]] Isa isa) {
#ifdef TOKENMARK_X86
  if (isa == Isa::avx512 && isa_available(isa)) return kAvx512Kernels;
  if (isa == Isa::avx2 && isa_available(isa)) return kAvx2Kernels;
#endif
  return kPortableKernels;
}

std::size_t kv_row_bytes(Format format, std::uint32_t dim) {
  switch (format) {
    case Format::f32: return dim * 4;
    case Format::fp8: return dim + 4;
    case Format::q8_0: return (dim + 31) / 32 * 34;
    default: return dim * 2;
  }
}

}  // namespace tokenmark::cpu
