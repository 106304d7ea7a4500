// Kernels on the emulated GPU: device memory from vectors, launches by name, results as vectors.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "kernels/gpu/emulated/machine.h"

namespace tokenmark::gpu {

// Device memory that holds `values`, or `count` values that nobody wrote.
template <class T>
class OnDevice {
 public:
  explicit OnDevice(const std::vector<T>& values) : OnDevice(values.size()) {
    emulated::copy_in(allocation_.bytes(), values.data(), values.size() * sizeof(T));
  }
  explicit OnDevice(std::size_t count) : count_(count), allocation_(emulated::Allocation::make(count * sizeof(T)).value()) {}
  T* get() const { return reinterpret_cast<T*>(allocation_.bytes()); }
  operator T*() const { return get(); }
  std::vector<T> values() const { return {get(), get() + count_}; }

 private:
  std::size_t count_;
  emulated::Allocation allocation_;
};

// Runs a kernel with waves of 32 and of 64 lanes: `TEST_P(Suite, …) { launch("rms_norm", {rows}, shared, args); }`
class EmulatedGpu : public testing::TestWithParam<int> {
 protected:
  template <class Args>
  Status try_launch(const std::string& name, Grid blocks, std::uint32_t shared_bytes, const Args& args, std::uint64_t seed = 1) {
    TOKENMARK_TRY(const emulated::Kernel* kernel, emulated::find_kernel(name, GetParam()));
    EXPECT_EQ(kernel->args_bytes, sizeof args) << name;
    return emulated::run(*kernel, {blocks, shared_bytes, seed}, &args);
  }
  template <class Args>
  void launch(const std::string& name, Grid blocks, std::uint32_t shared_bytes, const Args& args, std::uint64_t seed = 1) {
    const Status done = try_launch(name, blocks, shared_bytes, args, seed);
    ASSERT_TRUE(done) << done.error().message;
  }
};
#define INSTANTIATE_WAVES(suite) \
  INSTANTIATE_TEST_SUITE_P(Wave, suite, testing::Values(32, 64), [](const auto& param) { return std::to_string(param.param); })

}  // namespace tokenmark::gpu
