// Where the tables that a plugin's `tune` makes lie: a text file a kind of device in the user's cache. The host keeps the file
// and knows nothing of what is in it; whether it can be used says the plugin. Any thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark {

// $XDG_CACHE_HOME/tokenmark/tuning, or ~/.cache/tokenmark/tuning.
std::filesystem::path default_tuning_folder();

struct TuningFile {
  std::filesystem::path path;     // where it is or would be
  std::string text;               // the table; empty: there is none that can be used
  std::string why;                // a sentence, where there is one that cannot be used; empty: there is none, or it can
  tm_tuning_summary summary{};    // of the one that can be used
};

// The file's name is made of the plugin's and the device's. A device whose plugin does not tune has an empty path.
TuningFile read_tuning(const tm_plugin& plugin, const tm_device_capabilities& device, const std::filesystem::path& folder);

// Before much is measured: whether a table could be kept there. Makes the folders.
Status check_writable(const std::filesystem::path& path);

// Makes the folders; the file is the old one or the new one, never half of it.
Status write_tuning(const std::filesystem::path& path, const std::string& text);

}  // namespace tokenmark
