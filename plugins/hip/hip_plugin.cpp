#include "plugins/executor/plugin_table.h"
#include "plugins/gpu/gpu_plugin.h"
#include "plugins/hip/hip_vendor.h"

namespace {

struct Hip {
  static constexpr const char* kName = "hip";
  static constexpr const char* kTitle = "AMD GPUs (HIP)";
  static constexpr const char* kBuild = "kernels for " TOKENMARK_HIP_ARCHITECTURES ", for others compiled when first opened; compiler " __VERSION__;
  static std::unique_ptr<tokenmark::gpu::Vendor> make() { return tokenmark::gpu::make_hip_vendor(); }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const tm_plugin* tokenmark_plugin_query(std::uint32_t host_version) {
  using Table = tokenmark::executor::PluginTable<tokenmark::gpu::GpuPlugin<Hip>>;
  return host_version == TM_ABI_VERSION ? &Table::kTable : nullptr;
}
