// The GPU executor with the emulated GPU as a plugin: "emulated32:0" and "emulated64:0", by their waves.
#pragma once

#include "plugins/executor/plugin_table.h"
#include "plugins/gpu/emulated_gpu.h"
#include "plugins/gpu/gpu_plugin.h"

namespace tokenmark::test {

class EmulatedVendor final : public gpu::Vendor {
 public:
  explicit EmulatedVendor(int wave) : wave_(wave) {}
  Result<std::vector<gpu::VendorDevice>> devices() override {
    return std::vector(kDevices, gpu::VendorDevice{gpu::make_emulated_gpu(wave_)->facts(), 0, 0, ""});
  }
  Result<std::unique_ptr<gpu::Gpu>> open(std::size_t device) override { return gpu::make_emulated_gpu(wave_, device + 1); }
  Result<bool> let_see(std::size_t, std::size_t) override { return true; }
  Result<gpu::SumLibrary> sum_library() override { return fail(ErrorKind::unavailable, "emulated GPUs have no library"); }

 private:
  static constexpr std::size_t kDevices = 4;
  int wave_;
};

template <int wave>
struct EmulatedMaker {
  static constexpr const char* kName = wave == 32 ? "emulated32" : "emulated64";
  static constexpr const char* kTitle = "emulated GPUs";
  static constexpr const char* kBuild = "tests";
  static std::unique_ptr<gpu::Vendor> make() { return std::make_unique<EmulatedVendor>(wave); }
};

inline const tm_plugin* emulated_plugin(int wave) {
  if (wave == 32) return &executor::PluginTable<gpu::GpuPlugin<EmulatedMaker<32>>>::kTable;
  return &executor::PluginTable<gpu::GpuPlugin<EmulatedMaker<64>>>::kTable;
}

}  // namespace tokenmark::test
