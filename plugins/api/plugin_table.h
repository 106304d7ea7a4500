// From a shared library to a table that can be trusted to be complete. Used by the registry and, before it, by the
// probe in its own process. Nothing here survives a library that crashes: that is what the probe is for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark::plugin_table {

// Asks for the table and checks it: version, size, name, mandatory entries. The result is a copy as large as this
// host's struct, with null for what lies beyond the plugin's own size.
Result<tm_plugin> query(tm_plugin_query_fn query);

// The query function of an open library (a handle of dlopen), or an error that names the missing symbol.
Result<tm_plugin_query_fn> entry(void* library);

// The plugin's devices, whatever it says made safe to use: texts ended, a bounded count, no empty ids.
Result<std::vector<tm_device_capabilities>> enumerate(const tm_plugin& table);

}  // namespace tokenmark::plugin_table
