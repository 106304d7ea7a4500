// The plugins of this process: the linked-in CPU and those found as shared libraries. A plugin that cannot be
// loaded is data too, with the reason, so that a Devices page can show it; a shared library is first probed in a
// child process with a time limit, so that one that crashes or hangs at load takes nothing down. Libraries are loaded when
// somebody asks for all there are, or for a device of theirs: a measurement on the CPU wakes no GPU's driver.
// Owned by whoever opens devices and outlives them; used from one thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugins/api/plugin.h"
#include "plugins/api/tuning_file.h"

namespace tokenmark {

struct LoadedPlugin {
  std::string name;               // the table's name, or the file's stem where there is no table
  std::filesystem::path file;     // empty: linked in
  const tm_plugin* table = nullptr;  // null: not usable, `why` says why
  std::string why;                // one sentence that names the file and the cause
};

// A device, or several of one plugin that compute together: `capabilities` are then all of theirs together, under the id that
// opens them all.
struct FoundDevice {
  const tm_plugin* plugin = nullptr;
  tm_device_capabilities capabilities{};
  std::vector<tm_device_capabilities> members;  // one by one
};

struct RegistryOptions {
  // Searched for files named tokenmark-plugin-*.so; programs give default_plugin_folders(). A folder that does not
  // exist is passed over.
  std::vector<std::filesystem::path> folders;
  std::chrono::milliseconds probe_limit{5000};
  // The program that tries a library first; empty: tokenmark-plugin-probe beside this one.
  std::filesystem::path probe;
  std::filesystem::path tuning = default_tuning_folder();  // tables of measured choices
};

class PluginRegistry {
 public:
  explicit PluginRegistry(const RegistryOptions& options = {});
  ~PluginRegistry();
  PluginRegistry(const PluginRegistry&) = delete;
  PluginRegistry& operator=(const PluginRegistry&) = delete;

  // Adds a linked-in plugin; the CPU's query function is given by the program, so nothing here depends on it.
  void add(tm_plugin_query_fn query);
  // Loads one shared library; the outcome, good or bad, is in plugins(). The reference holds until the next one.
  const LoadedPlugin& load(const std::filesystem::path& file);

  const std::vector<LoadedPlugin>& plugins();
  std::vector<FoundDevice> devices();              // of all usable plugins, unavailable ones included
  // "cpu", "cuda:0", "cuda:0-3" (device_ids.h); an error lists what there is.
  Result<FoundDevice> device(const std::string& id);
  // The device's table of measured choices; each call reads the file.
  TuningFile tuning(const FoundDevice& device) const { return read_tuning(*device.plugin, device.capabilities, options_.tuning); }

 private:
  LoadedPlugin try_load(const std::filesystem::path& file);
  void accept(LoadedPlugin& plugin, tm_plugin_query_fn query);

  Result<FoundDevice> one_device(const std::string& id);
  void load_pending(const std::string& plugin = "");  // those of this name, or all
  std::vector<FoundDevice> devices_of(const LoadedPlugin& plugin) const;

  RegistryOptions options_;
  std::vector<std::filesystem::path> pending_;
  std::vector<LoadedPlugin> plugins_;
  std::vector<std::unique_ptr<tm_plugin>> tables_;  // copies of this host's size, see plugin_table.h
  std::vector<void*> handles_;
};

// The folders a program searches for plugins: its own, ../lib/tokenmark/plugins beside it, and those that
// $TOKENMARK_PLUGINS names, separated by colons.
std::vector<std::filesystem::path> default_plugin_folders();

}  // namespace tokenmark
