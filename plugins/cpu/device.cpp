#include "plugins/cpu/device.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "kernels/cpu/ceilings.h"
#include "plugins/cpu/cpu_plugin.h"
#include "plugins/executor/capabilities.h"

namespace tokenmark::cpu_plugin {
namespace {

using executor::copy_text;
using executor::format_bits;

constexpr std::uint32_t kMaxThreads = 1024;

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || !(line.starts_with("model name") || line.starts_with("Hardware"))) continue;
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return "CPU";
}

std::uint32_t vector_lanes(cpu::Isa isa) {
  switch (isa) {
    case cpu::Isa::portable: return 1;
    case cpu::Isa::neon:
    case cpu::Isa::neon_dotprod: return 4;
    case cpu::Isa::avx2: return 8;
    case cpu::Isa::avx512:
    case cpu::Isa::avx512_bf16:
    case cpu::Isa::amx: return 16;
  }
  return 1;
}

constexpr std::uint64_t kIntegerFormats = format_bits({TM_Q4_0, TM_Q8_0, TM_Q4_K, TM_Q5_K, TM_Q6_K, TM_MXFP4, TM_MXFP6});
constexpr std::uint64_t kAllFormats = kIntegerFormats | format_bits({TM_F32, TM_F16, TM_BF16, TM_FP8});

// Those whose values the instruction set multiplies as they are; the others become floats on the way.
std::uint64_t native_formats(cpu::Isa isa) {
  std::uint64_t bits = format_bits({TM_F32});
  if (isa != cpu::Isa::portable) bits |= kIntegerFormats;
  if (isa == cpu::Isa::avx512_bf16 || isa == cpu::Isa::amx) bits |= format_bits({TM_BF16});
  return bits;
}

Result<cpu::Isa> choose_isa(const char* name) {
  if (!name || !*name) return cpu::best_isa();
  const auto isa = cpu::isa_from_name(name);
  if (!isa)
    return fail(ErrorKind::invalid_input, "kernels '{}' are not known; there are: {}", name, kernel_names());
  if (!cpu::isa_available(*isa))
    return fail(ErrorKind::unavailable, "kernels '{}' cannot run on this processor; the best that can are '{}'", name,
                cpu::isa_name(cpu::best_isa()));
  return *isa;
}

Result<std::vector<std::uint32_t>> choose_cores(const tm_device_options* options) {
  if (!options || !options->cores || options->n_cores == 0) return std::vector<std::uint32_t>{};
  const auto allowed = allowed_cores();
  const std::vector<std::uint32_t> cores(options->cores, options->cores + options->n_cores);
  for (const auto core : cores)
    if (std::find(allowed.begin(), allowed.end(), core) == allowed.end())
      return fail(ErrorKind::invalid_input, "core {} is not one this process may run on ({} cores, the last is {})",
                  core, allowed.size(), allowed.back());
  return cores;
}

}  // namespace

std::string kernel_names() {
  std::string names;
  for (const cpu::Kernels* table : cpu::compiled_kernels())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", cpu::isa_name(table->isa));
  return names;
}

tm_device_capabilities capabilities() {
  tm_device_capabilities c{};
  c.size = sizeof c;
  c.version = TM_ABI_VERSION;
  const auto cores = static_cast<std::uint32_t>(allowed_cores().size());
  const cpu::Isa isa = cpu::best_isa();
  copy_text(c.id, "cpu");
  copy_text(c.name, fmt::format("{}, {} cores, {}", processor_name(), cores, cpu::isa_name(isa)));
  c.available = 1;
  c.memory_bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  c.native_formats = native_formats(isa);
  c.emulated_formats = kAllFormats & ~c.native_formats;
  c.wave_size = vector_lanes(isa);
  c.compute_units = cores;
  return c;
}

Result<std::unique_ptr<Device>> open_device(const std::string& id, const tm_device_options* options) {
  if (id != "cpu") return fail(ErrorKind::not_found, "the CPU plugin has no device '{}'; there is: cpu", id);
  if (options && options->threads > kMaxThreads)
    return fail(ErrorKind::invalid_input, "{} threads are asked for, {} at most are possible", options->threads,
                kMaxThreads);
  auto device = std::make_unique<Device>();
  TOKENMARK_TRY(device->cores, choose_cores(options));
  TOKENMARK_TRY(const cpu::Isa isa, choose_isa(options ? options->kernels : nullptr));
  device->kernels = &cpu::kernels(isa);
  const std::size_t cores = device->cores.empty() ? allowed_cores().size() : device->cores.size();
  device->threads = options && options->threads > 0 ? options->threads : static_cast<std::uint32_t>(cores);
  device->pool = std::make_unique<ThreadPool>(device->threads, device->cores);
  return device;
}

tm_ceilings calibrate(Device& device) {
  const std::lock_guard lock(device.busy);
  const auto measured = cpu::measure_ceilings(device.threads, device.cores);
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  ceilings.memory_gb_s = measured.memory_gb_s;
  ceilings.f32_gflop_s = measured.f32_gflop_s;
  ceilings.bf16_gflop_s = measured.bf16_gflop_s;
  ceilings.int8_gop_s = measured.int8_gop_s;
  ceilings.matrix_bf16_gflop_s = measured.matrix_bf16_gflop_s;
  ceilings.matrix_int8_gop_s = measured.matrix_int8_gop_s;
  return ceilings;
}

}  // namespace tokenmark::cpu_plugin
