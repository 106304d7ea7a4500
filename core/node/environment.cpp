#include "core/node/environment.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/version.h"
#include "core/telemetry/readings.h"

namespace tokenmark {
namespace {

using nlohmann::json;

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t\""));
  text.erase(text.find_last_not_of(" \t\"") + 1);
  return text;
}

// The value of the first line "key<separator>value" of a file like /proc/cpuinfo or /etc/os-release.
std::string value_in(const std::string& file, const std::string& key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return {};
}

void put(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

void put_number(json& object, const char* key, const std::string& value) {
  try {
    if (!value.empty()) object[key] = std::stoull(value);
  } catch (const std::exception&) {  // not a number: absent
  }
}

const std::string kCpus = "/sys/devices/system/cpu/";

// Sizes of the caches as the first core sees them: {"l1d": "48K", "l2": "2048K", …}.
json caches() {
  json sizes = json::object();
  for (int index = 0; index < 8; ++index) {
    const std::string folder = kCpus + "cpu0/cache/index" + std::to_string(index) + "/";
    const std::string level = first_line(folder + "level"), type = first_line(folder + "type");
    if (level.empty()) break;
    const std::string suffix = type == "Data" ? "d" : type == "Instruction" ? "i" : "";
    put(sizes, ("l" + level + suffix).c_str(), first_line(folder + "size"));
  }
  return sizes;
}

// Physical cores: distinct sets of sibling threads.
std::size_t physical_cores() {
  std::set<std::string> cores;
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) {
    const std::string siblings =
        first_line(kCpus + "cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    if (!siblings.empty()) cores.insert(siblings);
  }
  return cores.size();
}

json cpu() {
  json found;
  put(found, "model", value_in("/proc/cpuinfo", "model name", ':'));
  put(found, "vendor", value_in("/proc/cpuinfo", "vendor_id", ':'));
  put(found, "microcode", value_in("/proc/cpuinfo", "microcode", ':'));
  found["threads"] = sysconf(_SC_NPROCESSORS_ONLN);
  if (const std::size_t cores = physical_cores(); cores > 0) found["cores"] = cores;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) found["threads_allowed"] = CPU_COUNT(&allowed);
  if (json sizes = caches(); !sizes.empty()) found["caches"] = std::move(sizes);
  put(found, "governor", first_line(kCpus + "cpu0/cpufreq/scaling_governor"));
  put(found, "boost", first_line(kCpus + "cpufreq/boost"));
  put(found, "smt", first_line(kCpus + "smt/control"));
  return found;
}

}  // namespace

json gpu_software(const std::filesystem::path& root) {
  json found = json::object();
  put(found, "nvidia_driver", first_line(root / "sys/module/nvidia/version"));
  put(found, "amdgpu_driver", first_line(root / "sys/module/amdgpu/version"));
  put(found, "rocm_version", first_line(root / "opt/rocm/.info/version"));
  return found;
}

json environment() {
  json found;
  found["cpu"] = cpu();
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0) found["memory_bytes"] = static_cast<std::int64_t>(pages) * page_bytes;
  put_number(
      found, "numa_nodes", std::to_string([] {
        std::error_code error;
        std::size_t nodes = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/sys/devices/system/node", error)) {
          const std::string name = entry.path().filename();
          nodes += name.starts_with("node") && name.size() > 4 && name[4] >= '0' && name[4] <= '9' ? 1 : 0;
        }
        return nodes;
      }()));
  if (utsname system{}; uname(&system) == 0) {
    found["kernel"] = std::string(system.sysname) + " " + system.release;
    found["machine"] = system.machine;
    found["host"] = system.nodename;
  }
  put(found, "transparent_hugepages", first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  put(found, "distribution", value_in("/etc/os-release", "PRETTY_NAME", '='));
  if (json software = gpu_software(); !software.empty()) found["gpu_software"] = std::move(software);
  found["tokenmark"] = {{"version", version()}, {"commit", commit()}, {"build", build_description()}};
  return found;
}

json metering_environment(const Metering& metering) {
  json found = {{"metered", json::array()}, {"not_metered", json::array()}};
  if (metering.every_s > 0) found["every_s"] = metering.every_s;
  for (const auto& [device, computes, readings] : metering.series) {
    json one = {{"source", device.source}, {"id", device.id}, {"kind", metered_kind_name(device.kind)}, {"computes", computes},
                {"readings", readings.size()}};
    put(one, "name", device.name);
    put(one, "note", device.note);
    if (device.shared) one["shared"] = true;
    found["metered"].push_back(std::move(one));
  }
  for (const auto& [source, why] : metering.missing) found["not_metered"].push_back({{"source", source}, {"why", why}});
  return found;
}

}  // namespace tokenmark
