// An opened GPU, or a group of them that one model is split over, and what the plugins' tables need of it. One step at a time
// is launched on a device, whichever executor it is of.
#pragma once

#include <memory>
#include <mutex>

#include "plugins/api/plugin.h"
#include "plugins/gpu/rank_sums.h"
#include "plugins/gpu/vendor.h"

namespace tokenmark::gpu {

struct Device {
  std::vector<std::unique_ptr<Gpu>> gpus;  // by rank
  std::unique_ptr<RankSums> sums;          // of a group; null: one GPU
  std::mutex busy;  // held while something is launched or waited for
};

// "cuda:0" for device 0 of the plugin "cuda". Where the vendor has no driver there is one entry, not available, that says why.
std::vector<tm_device_capabilities> capabilities_of(const char* plugin, const char* title, Vendor& vendor);
// `id`: one device or several (plugins/api/device_ids.h).
Result<std::unique_ptr<Device>> open_device(const char* plugin, Vendor& vendor, const std::string& id);

// The entries tune and check_tuning of plugins/api/plugin.h.
Status tune_device(Device& device, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options, const tm_tuning_request& request);
Result<tm_tuning_summary> check_table(const char* plugin, Vendor& vendor, const std::string& id, const char* table);

}  // namespace tokenmark::gpu
