// What the kernel driver (KFD) says of AMD's GPUs: /sys/class/kfd/kfd/topology/nodes/N/properties, lines of a name and a
// number (Linux, drivers/gpu/drm/amd/amdkfd/kfd_topology.c). Pure functions on files, any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace tokenmark::gpu {

struct TopologyNode {
  std::string architecture;           // "gfx942"
  std::uint32_t compute_units = 0, wave = 0, shared_bytes = 0;
  std::uint32_t clock_mhz = 0;
  std::uint32_t memory_bus_bits = 0, memory_clock_mhz = 0;  // of the first memory bank
};

// Where the driver says so; $TOKENMARK_HIP_TOPOLOGY: a folder to read instead, where /sys is not what it should be, and in tests.
std::filesystem::path driver_topology();

// By PCI id, "0000:c1:00.0". Nodes that are no GPUs are left out, and so is what cannot be read.
std::map<std::string, TopologyNode> read_topology(const std::filesystem::path& nodes);

// 90402 is gfx942, 90010 gfx90a: major, minor, stepping as two decimal digits each, named in hexadecimal.
std::string architecture_name(std::uint64_t gfx_target_version);

}  // namespace tokenmark::gpu
