// Which tables are compiled in and which of them this processor can run. Compiled without special machine
// flags.
#include <array>

#ifdef TOKENMARK_X86
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

constexpr std::array<std::string_view, 5> kIsaNames = {"portable", "avx2", "avx512", "avx512_bf16", "amx"};

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
#ifdef TOKENMARK_X86
  switch (isa) {
    case Isa::portable:
      return true;
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
  }
#endif
  return isa == Isa::portable;
}

Isa best_isa() {
  for (Isa isa : {Isa::amx, Isa::avx512_bf16, Isa::avx512, Isa::avx2})
    if (isa_available(isa)) return isa;
  return Isa::portable;
}

const Kernels& kernels([[maybe_unused]] Isa isa) {
#ifdef TOKENMARK_X86
  if (!isa_available(isa)) return kPortableKernels;
  switch (isa) {
    case Isa::portable:
      break;
    case Isa::avx2:
      return kAvx2Kernels;
    case Isa::avx512:
      return kAvx512Kernels;
    case Isa::avx512_bf16:
      return kAvx512Bf16Kernels;
    case Isa::amx:
      return kAmxKernels;
  }
#endif
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
