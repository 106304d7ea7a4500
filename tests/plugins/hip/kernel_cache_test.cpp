#include "plugins/hip/kernel_cache.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace tokenmark::gpu {
namespace {

namespace fs = std::filesystem;

class Kernels : public testing::Test {
 protected:
  Kernels() {
    std::string pattern = (fs::temp_directory_path() / "tokenmark-kernels-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~Kernels() override { fs::remove_all(folder); }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path());
    return all;
  }
  fs::path folder;
};

TEST_F(Kernels, are_read_as_they_were_kept) {
  const KernelCache cache(folder / "not" / "there");
  EXPECT_FALSE(cache.read("gfx942", "kernels", 7));
  const std::string code("a\0b", 3);
  cache.keep("gfx942", "kernels", 7, code);
  EXPECT_EQ(cache.read("gfx942", "kernels", 7), code);
  EXPECT_FALSE(cache.read("gfx942", "kernels", 8));
  EXPECT_FALSE(cache.read("gfx950", "kernels", 7));
  EXPECT_FALSE(KernelCache({}).read("gfx942", "kernels", 7));
}

TEST_F(Kernels, of_other_keys_make_room) {
  const KernelCache cache(folder);
  cache.keep("gfx942", "kernels", 7, "old");
  cache.keep("gfx942", "kernels_gemm", 7, "another module");
  cache.keep("gfx942", "kernels", 8, "new");
  EXPECT_FALSE(cache.read("gfx942", "kernels", 7));
  EXPECT_EQ(cache.read("gfx942", "kernels", 8), "new");
  EXPECT_EQ(cache.read("gfx942", "kernels_gemm", 7), "another module");
  EXPECT_EQ(files().size(), 2u);  // nothing unfinished is left either
}

TEST_F(Kernels, in_damaged_files_are_not_used) {
  const KernelCache cache(folder);
  const std::string code(1000, 'x');
  for (int damage = 0; damage < 4; ++damage) {
    cache.keep("gfx942", "kernels", 7, code);
    const fs::path path = files().front();
    if (damage == 0) fs::resize_file(path, 500);
    if (damage == 1) fs::resize_file(path, 5);
    if (damage == 2) fs::resize_file(path, 2000);
    if (damage == 3) std::fstream(path).seekp(700).put('y');
    EXPECT_FALSE(cache.read("gfx942", "kernels", 7)) << damage;
  }
  cache.keep("gfx942", "kernels", 7, code);
  EXPECT_EQ(cache.read("gfx942", "kernels", 7), code);
}

}  // namespace
}  // namespace tokenmark::gpu
