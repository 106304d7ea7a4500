#include "plugins/api/plugin_table.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tokenmark::plugin_table {
namespace {

constexpr std::uint32_t kMaxDevices = 1024;  // more is a plugin's mistake, not a machine
constexpr std::size_t kMandatoryBytes = offsetof(tm_plugin, calibrate);

template <std::size_t N>
void end_text(char (&text)[N]) {
  text[N - 1] = 0;
}

// The first mandatory entry that is null, or null if none is.
const char* missing_entry(const tm_plugin& table) {
  if (!table.last_error) return "last_error";
  if (!table.enumerate) return "enumerate";
  if (!table.open_device) return "open_device";
  if (!table.close_device) return "close_device";
  if (!table.create_executor) return "create_executor";
  if (!table.destroy_executor) return "destroy_executor";
  if (!table.memory_needed) return "memory_needed";
  if (!table.step) return "step";
  if (!table.wait) return "wait";
  return nullptr;
}

bool good_name(const char* name) {
  if (!name) return false;
  const std::size_t length = strnlen(name, 33);
  return length > 0 && length < 33 && std::all_of(name, name + length, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace

Result<tm_plugin_query_fn> entry(void* library) {
  void* symbol = dlsym(library, TM_PLUGIN_ENTRY);
  if (!symbol) return fail(ErrorKind::unavailable, "it does not export the symbol {}", TM_PLUGIN_ENTRY);
  return reinterpret_cast<tm_plugin_query_fn>(symbol);
}

Result<tm_plugin> query(tm_plugin_query_fn query) {
  const tm_plugin* offered = query(TM_ABI_VERSION);
  if (!offered)
    return fail(ErrorKind::unavailable, "it cannot serve this program's plugin version {}", TM_ABI_VERSION);
  if (offered->version != TM_ABI_VERSION)
    return fail(ErrorKind::unavailable, "its plugin version is {}, this program's is {}", offered->version,
                TM_ABI_VERSION);
  if (offered->size < kMandatoryBytes)
    return fail(ErrorKind::unavailable, "its table has {} bytes, the mandatory entries alone take {}", offered->size,
                kMandatoryBytes);
  tm_plugin table{};
  std::memcpy(&table, offered, std::min<std::size_t>(offered->size, sizeof table));
  table.size = sizeof table;
  if (!good_name(table.name))
    return fail(ErrorKind::unavailable, "its name is not 1 to 32 of the characters a-z, 0-9, '_' and '-'");
  if (const char* missing = missing_entry(table))
    return fail(ErrorKind::unavailable, "the mandatory entry '{}' of its table is null", missing);
  return table;
}

Result<std::vector<tm_device_capabilities>> enumerate(const tm_plugin& table) {
  std::vector<tm_device_capabilities> devices(16);
  for (;;) {
    tm_device_capabilities blank{};
    blank.size = sizeof blank;
    blank.version = TM_ABI_VERSION;
    std::fill(devices.begin(), devices.end(), blank);
    std::uint32_t count = 0;
    if (table.enumerate(devices.data(), static_cast<std::uint32_t>(devices.size()), &count) != TM_OK) {
      const char* why = table.last_error();
      return fail(ErrorKind::unavailable, "it could not list its devices: {}", why ? why : "it gives no reason");
    }
    if (count > kMaxDevices)
      return fail(ErrorKind::unavailable, "it lists {} devices, {} at most are believed", count, kMaxDevices);
    const bool complete = count <= devices.size();
    devices.resize(count);
    if (complete) break;
  }
  for (auto& device : devices) {
    end_text(device.id);
    end_text(device.name);
    end_text(device.pci_id);
    end_text(device.why);
    if (!device.id[0]) return fail(ErrorKind::unavailable, "it lists a device without an id");
  }
  return devices;
}

}  // namespace tokenmark::plugin_table
