#include "plugins/hip/topology.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tokenmark::gpu {
namespace {

TEST(Topology, architectures_are_named_as_compilers_name_them) {
  EXPECT_EQ(architecture_name(90402), "gfx942");
  EXPECT_EQ(architecture_name(90010), "gfx90a");
  EXPECT_EQ(architecture_name(90500), "gfx950");
  EXPECT_EQ(architecture_name(110001), "gfx1101");
}

TEST(Topology, gpus_are_found_by_pci_id_and_cpus_and_broken_nodes_left_out) {
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "topology";
  std::filesystem::remove_all(root);
  const auto node = [&](const char* name, const char* properties, const char* bank = "") {
    std::filesystem::create_directories(root / name / "mem_banks" / "0");
    std::ofstream(root / name / "properties") << properties;
    std::ofstream(root / name / "mem_banks" / "0" / "properties") << bank;
  };
  node("0", "cpu_cores_count 64\nsimd_count 0\n");
  node("1", "simd_count 1216\nsimd_per_cu 4\nwave_front_size 64\nlds_size_in_kb 64\ngfx_target_version 90402\nlocation_id 49408\ndomain 0\n"
            "max_engine_clk_fcompute 2100\n",
       "heap_type 1\nwidth 8192\nmem_clk_max 2600\n");
  node("2", "garbage");
  const auto nodes = read_topology(root);
  ASSERT_EQ(nodes.size(), 1u);
  const auto& [pci, gpu] = *nodes.begin();
  EXPECT_EQ(pci, "0000:c1:00.0");
  EXPECT_EQ(gpu.architecture, "gfx942");
  EXPECT_EQ(gpu.compute_units, 304u);
  EXPECT_EQ(gpu.wave, 64u);
  EXPECT_EQ(gpu.shared_bytes, 65536u);
  EXPECT_EQ(gpu.memory_bus_bits, 8192u);
  EXPECT_TRUE(read_topology(root / "nowhere").empty());
}

}  // namespace
}  // namespace tokenmark::gpu
