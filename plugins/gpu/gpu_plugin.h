// A plugin for the GPUs of one vendor, as plugins/executor/plugin_table.h wants it. `Maker` has kName, kTitle (for
// people), kBuild and
// `static std::unique_ptr<Vendor> make()`. The C table has no place for a context, so the vendor lives as long as the library.
#pragma once

#include "plugins/gpu/ceilings.h"
#include "plugins/gpu/group_executor.h"

namespace tokenmark::gpu {

template <class Maker>
struct GpuPlugin {
  static constexpr const char* kName = Maker::kName;
  static constexpr const char* kBuild = Maker::kBuild;
  using Device = gpu::Device;
  using Executor = gpu::GroupExecutor;

  static Result<std::vector<tm_device_capabilities>> capabilities() { return capabilities_of(kName, Maker::kTitle, vendor()); }
  static Result<std::unique_ptr<Device>> open(const std::string& id, const tm_device_options*) { return open_device(kName, vendor(), id); }
  static Result<tm_ceilings> calibrate(Device& device) { return measure_ceilings(device); }
  static Status tune(Device& device, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options, const tm_tuning_request& request) {
    return tune_device(device, model, source, options, request);
  }
  static Result<tm_tuning_summary> check_tuning(const std::string& id, const char* table) { return check_table(kName, vendor(), id, table); }

 private:
  static Vendor& vendor() {
    static const std::unique_ptr<Vendor> one = Maker::make();
    return *one;
  }
};

}  // namespace tokenmark::gpu
