// Which tables are compiled in and which of them this processor can run. Compiled without special machine
// flags.
#include <array>

#if defined(TOKENMARK_X86)
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(TOKENMARK_NEON)
#include <sys/auxv.h>
#endif

#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

constexpr std::array<std::string_view, 7> kIsaNames = {"portable", "avx2", "avx512",      "avx512_bf16",
                                                       "amx",      "neon", "neon_dotprod"};

constexpr const Kernels* kCompiled[] = {
    &kPortableKernels,
#if defined(TOKENMARK_X86)
    &kAvx2Kernels,     &kAvx512Kernels, &kAvx512Bf16Kernels, &kAmxKernels,
#elif defined(TOKENMARK_NEON)
    &kNeonKernels,     &kNeonDotprodKernels,
#endif
};

#ifdef TOKENMARK_X86
// Linux saves the tiles' 8 KiB only for processes that asked. The answer holds for all threads of the process.
bool tiles_granted() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA
  static const bool granted = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return granted;
}
#endif

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
  switch (isa) {
    case Isa::portable:
      return true;
#if defined(TOKENMARK_X86)
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case Isa::avx512:
      return isa_available(Isa::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vnni");
    case Isa::avx512_bf16:
      return isa_available(Isa::avx512) && __builtin_cpu_supports("avx512bf16") &&
             __builtin_cpu_supports("avx512vbmi");
    case Isa::amx:
      return isa_available(Isa::avx512_bf16) && __builtin_cpu_supports("amx-tile") &&
             __builtin_cpu_supports("amx-int8") && __builtin_cpu_supports("amx-bf16") && tiles_granted();
#elif defined(TOKENMARK_NEON)
    case Isa::neon:
      return true;
    case Isa::neon_dotprod:
      return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#endif
    default:
      return false;
  }
}

std::span<const Kernels* const> compiled_kernels() {
  return kCompiled;
}

Isa best_isa() {
  Isa best = Isa::portable;
  for (const Kernels* table : kCompiled)
    if (isa_available(table->isa)) best = table->isa;
#if defined(TOKENMARK_X86)
  // Intel's dot products of BF16 run at half the rate of its multiply-adds of floats (AMD's at twice).
  if (best == Isa::avx512_bf16 && __builtin_cpu_is("intel")) best = Isa::avx512;
#endif
  return best;
}

const Kernels& kernels(Isa isa) {
  for (const Kernels* table : kCompiled)
    if (table->isa == isa && isa_available(isa)) return *table;
  return kPortableKernels;
}

std::size_t kv_row_bytes(Format format, std::uint32_t dim) {
  const std::size_t values = kv_row_dim(format, dim);
  switch (format) {
    case Format::f32:
      return values * sizeof(float);
    case Format::fp8:
      return values + sizeof(float);
    case Format::q8_0:
      return values + values / 32 * sizeof(std::uint16_t);
    default:
      return values * 2;
  }
}

}  // namespace tokenmark::cpu
