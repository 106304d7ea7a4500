#include "plugins/hip/topology.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace tokenmark::gpu {
namespace {

std::map<std::string, std::uint64_t> read_properties(const std::filesystem::path& file) {
  std::map<std::string, std::uint64_t> properties;
  std::ifstream in(file);
  std::string name;
  std::uint64_t value = 0;
  while (in >> name >> value) properties[name] = value;
  return properties;
}

}  // namespace

std::filesystem::path driver_topology() {
  const char* folder = std::getenv("TOKENMARK_HIP_TOPOLOGY");
  return folder && *folder ? folder : "/sys/class/kfd/kfd/topology/nodes";
}

std::string architecture_name(std::uint64_t version) {
  return fmt::format("gfx{}{:x}{:x}", version / 10000, version / 100 % 100, version % 100);
}

std::map<std::string, TopologyNode> read_topology(const std::filesystem::path& nodes) {
  std::map<std::string, TopologyNode> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(nodes, none)) {
    auto p = read_properties(entry.path() / "properties");
    if (p["simd_count"] == 0 || p["gfx_target_version"] == 0) continue;  // a CPU
    TopologyNode node;
    node.architecture = architecture_name(p["gfx_target_version"]);
    node.compute_units = static_cast<std::uint32_t>(p["simd_count"] / std::max<std::uint64_t>(p["simd_per_cu"], 1));
    node.wave = static_cast<std::uint32_t>(p["wave_front_size"]);
    node.shared_bytes = static_cast<std::uint32_t>(p["lds_size_in_kb"] << 10);
    node.clock_mhz = static_cast<std::uint32_t>(p["max_engine_clk_fcompute"]);
    auto bank = read_properties(entry.path() / "mem_banks" / "0" / "properties");
    node.memory_bus_bits = static_cast<std::uint32_t>(bank["width"]);
    node.memory_clock_mhz = static_cast<std::uint32_t>(bank["mem_clk_max"]);
    const std::uint64_t location = p["location_id"];
    found[fmt::format("{:04x}:{:02x}:{:02x}.{:x}", p["domain"], location >> 8 & 255, location >> 3 & 31, location & 7)] = node;
  }
  return found;
}

}  // namespace tokenmark::gpu
