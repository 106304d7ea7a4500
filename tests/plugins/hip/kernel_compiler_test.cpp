// Kernels compiled by a real hiprtc, where a package brings one (it needs no GPU for that). What the plugin makes of them is in
// tests/app/cli/gpu_test.cpp.
#include "plugins/hip/kernel_compiler.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>

namespace tokenmark::gpu {
namespace {

TEST(KernelCompiler, compiles_by_a_real_hiprtc_once) {
  std::string folder = (std::filesystem::temp_directory_path() / "tokenmark-kernels-XXXXXX").string();
  ASSERT_TRUE(mkdtemp(folder.data()));
  KernelCompiler compiler{KernelCache(folder)}, second{KernelCache(folder)};
  if (const Status there = compiler.connect(); !there) GTEST_SKIP() << there.error().message;
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto codes = compiler.compile("gfx908");
  const auto compiled = Clock::now();
  const auto kept = second.compile("gfx908");
  const auto read = Clock::now();
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(codes) << codes.error().message;
  EXPECT_GT(codes->size(), 1u);
  EXPECT_EQ(kept.value(), *codes);
  EXPECT_LT((read - compiled) * 10, compiled - begin);
}

}  // namespace
}  // namespace tokenmark::gpu
