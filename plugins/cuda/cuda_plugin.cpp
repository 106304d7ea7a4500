#include "plugins/cuda/cuda_vendor.h"
#include "plugins/executor/plugin_table.h"
#include "plugins/gpu/gpu_plugin.h"

namespace {

struct Cuda {
  static constexpr const char* kName = "cuda";
  static constexpr const char* kTitle = "NVIDIA GPUs (CUDA)";
  static constexpr const char* kBuild = "kernels for " TOKENMARK_CUDA_KERNELS ", compiler " __VERSION__;
  static std::unique_ptr<tokenmark::gpu::Vendor> make() { return tokenmark::gpu::make_cuda_vendor(); }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const tm_plugin* tokenmark_plugin_query(std::uint32_t host_version) {
  using Table = tokenmark::executor::PluginTable<tokenmark::gpu::GpuPlugin<Cuda>>;
  return host_version == TM_ABI_VERSION ? &Table::kTable : nullptr;
}
