// The CPU as a device: its threads and its kernels. One step at a time runs on a device, whichever executor it is of.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/cpu/kernels.h"
#include "plugins/api/plugin.h"
#include "plugins/cpu/thread_pool.h"

namespace tokenmark::cpu_plugin {

tm_device_capabilities capabilities();

struct Device {
  std::vector<std::uint32_t> cores;  // to pin to; empty: not pinned
  std::uint32_t threads = 1;
  const cpu::Kernels* kernels = nullptr;
  std::unique_ptr<ThreadPool> pool;
  std::mutex busy;  // held for a step
};

// `options` may be null.
Result<std::unique_ptr<Device>> open_device(const std::string& id, const tm_device_options* options);

tm_ceilings calibrate(Device& device);

}  // namespace tokenmark::cpu_plugin
