// The CPU device: a plugin like any other, only linked in. Give this function to PluginRegistry::add.
#pragma once

#include <string>

#include "plugins/api/plugin.h"

namespace tokenmark::cpu_plugin {
std::string kernel_names();  // that this build has, for tm_device_options::kernels: "portable, avx2, …"
}

extern "C" const tm_plugin* tokenmark_cpu_plugin_query(uint32_t host_version);
