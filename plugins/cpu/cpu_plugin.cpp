#include "plugins/cpu/cpu_plugin.h"

#include "plugins/cpu/device.h"
#include "plugins/cpu/executor.h"
#include "plugins/executor/plugin_table.h"

using namespace tokenmark;

namespace {

struct CpuPlugin {
  static constexpr const char* kName = "cpu";
  static constexpr const char* kBuild = "compiler " __VERSION__;
  using Device = cpu_plugin::Device;
  using Executor = cpu_plugin::Executor;

  static Result<std::vector<tm_device_capabilities>> capabilities() { return std::vector{cpu_plugin::capabilities()}; }
  static Result<std::unique_ptr<Device>> open(const std::string& id, const tm_device_options* options) {
    return cpu_plugin::open_device(id, options);
  }
  static Result<tm_ceilings> calibrate(Device& device) { return cpu_plugin::calibrate(device); }
};

}  // namespace

const tm_plugin* tokenmark_cpu_plugin_query(std::uint32_t host_version) {
  return host_version == TM_ABI_VERSION ? &executor::PluginTable<CpuPlugin>::kTable : nullptr;
}
