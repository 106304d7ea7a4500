// The CPU device: a plugin like any other, only linked in. Give this function to PluginRegistry::add.
#pragma once

#include "plugins/api/plugin.h"

extern "C" const tm_plugin* tokenmark_cpu_plugin_query(uint32_t host_version);
