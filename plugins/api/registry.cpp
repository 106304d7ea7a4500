#include "plugins/api/registry.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "plugins/api/device_ids.h"
#include "plugins/api/plugin_table.h"
#include "plugins/api/probe.h"

namespace tokenmark {
namespace {

bool plugin_file_name(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with("tokenmark-plugin-") && name.ends_with(".so");
}

// Plugin files of a folder in the order of their names; none if it cannot be read.
std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error))
    if (plugin_file_name(entry->path())) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::filesystem::path resolved(const std::filesystem::path& file) {
  std::error_code error;
  auto path = std::filesystem::canonical(file, error);
  return error ? std::filesystem::absolute(file, error) : path;
}

tm_device_capabilities unavailable(const LoadedPlugin& plugin, const std::string& why) {
  tm_device_capabilities device{};
  device.size = sizeof device;
  device.version = TM_ABI_VERSION;
  plugin.name.copy(device.id, sizeof device.id - 1);
  plugin.name.copy(device.name, sizeof device.name - 1);
  why.copy(device.why, sizeof device.why - 1);
  return device;
}

}  // namespace

PluginRegistry::PluginRegistry(const RegistryOptions& options) : options_(options) {
  if (options_.probe.empty()) options_.probe = default_probe_program();
  for (const auto& folder : options_.folders)
    for (const auto& file : plugin_files(folder)) pending_.push_back(file);
}

PluginRegistry::~PluginRegistry() {
  for (auto handle = handles_.rbegin(); handle != handles_.rend(); ++handle) dlclose(*handle);
}

void PluginRegistry::accept(LoadedPlugin& plugin, tm_plugin_query_fn query) {
  const std::string place = plugin.file.empty() ? "the linked-in plugin" : plugin.file.string();
  const auto table = plugin_table::query(query);
  if (!table) {
    plugin.why = fmt::format("{}: {}", place, table.error().message);
    return;
  }
  plugin.name = table->name;
  for (const auto& other : plugins_) {
    if (!other.table || other.name != plugin.name) continue;
    plugin.why = fmt::format("{}: a plugin named '{}' is there already ({})", place, plugin.name,
                             other.file.empty() ? "linked in" : other.file.string());
    return;
  }
  tables_.push_back(std::make_unique<tm_plugin>(*table));
  plugin.table = tables_.back().get();
}

void PluginRegistry::add(tm_plugin_query_fn query) {
  LoadedPlugin plugin;
  plugin.name = "linked-in";
  accept(plugin, query);
  plugins_.push_back(std::move(plugin));
}

LoadedPlugin PluginRegistry::try_load(const std::filesystem::path& file) {
  LoadedPlugin plugin;
  plugin.file = resolved(file);  // with a slash in it, or dlopen would search the system's folders
  plugin.name = file.stem().string();
  std::error_code error;
  if (!std::filesystem::is_regular_file(plugin.file, error)) {
    plugin.why = fmt::format("{}: there is no such file", plugin.file.string());
    return plugin;
  }
  if (const Status probed = probe_plugin(options_.probe, plugin.file, options_.probe_limit); !probed) {
    plugin.why = fmt::format("{}: {}", plugin.file.string(), probed.error().message);
    return plugin;
  }
  void* library = dlopen(plugin.file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    plugin.why = fmt::format("{}: it cannot be loaded: {}", plugin.file.string(), why ? why : "unknown");
    return plugin;
  }
  if (const auto query = plugin_table::entry(library)) accept(plugin, *query);
  else plugin.why = fmt::format("{}: {}", plugin.file.string(), query.error().message);
  if (plugin.table) handles_.push_back(library);
  else dlclose(library);
  return plugin;
}

const LoadedPlugin& PluginRegistry::load(const std::filesystem::path& file) {
  const auto path = resolved(file);
  const auto known = std::find_if(plugins_.begin(), plugins_.end(), [&](const auto& p) { return p.file == path; });
  if (known != plugins_.end()) return *known;
  plugins_.push_back(try_load(file));
  return plugins_.back();
}

void PluginRegistry::load_pending(const std::string& plugin) {
  const auto wanted = [&](const std::filesystem::path& file) { return plugin.empty() || file.stem() == "tokenmark-plugin-" + plugin; };
  for (const auto& file : pending_)
    if (wanted(file)) load(file);
  std::erase_if(pending_, wanted);
}

const std::vector<LoadedPlugin>& PluginRegistry::plugins() {
  load_pending();
  return plugins_;
}

std::vector<FoundDevice> PluginRegistry::devices_of(const LoadedPlugin& plugin) const {
  if (!plugin.table) return {};
  const auto devices = plugin_table::enumerate(*plugin.table);
  if (!devices) return {{plugin.table, unavailable(plugin, devices.error().message), {}}};
  std::vector<FoundDevice> found;
  for (const auto& device : *devices) found.push_back({plugin.table, device, {device}});
  return found;
}

std::vector<FoundDevice> PluginRegistry::devices() {
  load_pending();
  std::vector<FoundDevice> found;
  for (const auto& plugin : plugins_)
    for (const FoundDevice& device : devices_of(plugin)) found.push_back(device);
  return found;
}

// "cuda:0" belongs to the plugin "cuda", which alone is asked; where it is not, everything is.
Result<FoundDevice> PluginRegistry::one_device(const std::string& id) {
  const std::string plugin_name = id.substr(0, id.find(':'));
  load_pending(plugin_name);
  for (const LoadedPlugin& plugin : plugins_) {
    if (plugin.name != plugin_name) continue;
    for (const FoundDevice& found : devices_of(plugin))
      if (id == found.capabilities.id && found.capabilities.available) return found;
  }
  std::string known;
  for (const auto& found : devices()) {
    if (id == found.capabilities.id) {
      if (found.capabilities.available) return found;
      return fail(ErrorKind::unavailable, "device '{}' cannot be used: {}", id, found.capabilities.why);
    }
    if (found.capabilities.available) known += (known.empty() ? "" : ", ") + std::string(found.capabilities.id);
  }
  return fail(ErrorKind::not_found, "there is no device '{}'; there is: {}", id, known.empty() ? "none" : known);
}

namespace {

// Together they have what the least of them has, times their number.
tm_device_capabilities together(const std::vector<tm_device_capabilities>& members, const std::vector<std::string>& ids) {
  const auto n = static_cast<double>(members.size());
  tm_device_capabilities all = members.front();
  all.compute_units *= static_cast<std::uint32_t>(members.size());
  for (const tm_device_capabilities& one : members) {
    all.memory_bytes = std::min(all.memory_bytes, one.memory_bytes);
    all.peak_memory_gb_s = std::min(all.peak_memory_gb_s, one.peak_memory_gb_s);
    all.peak_bf16_tflop_s = std::min(all.peak_bf16_tflop_s, one.peak_bf16_tflop_s);
  }
  all.memory_bytes *= members.size();
  all.peak_memory_gb_s *= n;
  all.peak_bf16_tflop_s *= n;
  const std::string id = joined(ids), name = fmt::format("{} × {}", members.size(), members.front().name);
  all.id[id.copy(all.id, sizeof all.id - 1)] = 0;
  all.name[name.copy(all.name, sizeof all.name - 1)] = 0;
  all.pci_id[0] = 0;
  return all;
}

}  // namespace

Result<FoundDevice> PluginRegistry::device(const std::string& id) {
  TOKENMARK_TRY(const std::vector<std::string> ids, device_ids(id));
  TOKENMARK_TRY(FoundDevice found, one_device(ids.front()));
  if (ids.size() == 1) return found;
  if (joined(ids).size() >= sizeof found.capabilities.id)
    return fail(ErrorKind::invalid_input, "'{}' are {} devices, more than can compute one model together", id, ids.size());
  for (std::size_t i = 1; i < ids.size(); ++i) {
    TOKENMARK_TRY(const FoundDevice other, one_device(ids[i]));
    found.members.push_back(other.capabilities);
  }
  found.capabilities = together(found.members, ids);
  return found;
}

std::vector<std::filesystem::path> default_plugin_folders() {
  const auto program = program_folder();
  std::vector<std::filesystem::path> folders{program, program.parent_path() / "lib/tokenmark/plugins"};
  const char* named = std::getenv("TOKENMARK_PLUGINS");
  for (std::string_view rest = named ? named : ""; !rest.empty();) {
    const auto colon = rest.find(':');
    if (const auto folder = rest.substr(0, colon); !folder.empty()) folders.emplace_back(folder);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return folders;
}

}  // namespace tokenmark
