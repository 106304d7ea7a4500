// One GPU as its driver offers it, the same for CUDA's driver, HIP's runtime and the emulation: memory, copies, kernels by
// name, captured graphs. All work goes to one stream in order and is asynchronous unless said otherwise; errors of
// asynchronous work come with a later call. Used from one thread at a time; several Gpus from as many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/gpu/device_types.h"

namespace tokenmark::gpu {

struct GpuFacts {
  std::string name;            // "NVIDIA H200"
  std::string architecture;    // "sm_90a", "gfx942", "emulated"
  std::string pci_id;          // "0000:65:00.0"
  std::uint32_t wave = 0, compute_units = 0;
  std::uint32_t shared_bytes = 0;   // a block may have at most
  std::uint64_t memory_bytes = 0;
  std::string driver;               // its version: "CUDA 13.0, module 580.65.06"
};

// The driver's own; graphs and events are released with their owner.
class Kernel;   // of the driver
class Graph {
 public:
  virtual ~Graph() = default;
};
class Event {
 public:
  virtual ~Event() = default;
};

class Gpu {
 public:
  virtual ~Gpu() = default;
  virtual const GpuFacts& facts() const = 0;
  virtual Result<std::uint64_t> free_memory() = 0;

  virtual Result<void*> allocate(std::size_t bytes) = 0;          // device memory, aligned to 256 bytes
  // What other GPUs read and write while kernels run.
  virtual Result<void*> allocate_shared(std::size_t bytes) { return allocate(bytes); }
  virtual void release(void* memory) = 0;
  virtual Result<void*> allocate_pinned(std::size_t bytes) = 0;   // host memory that copies do not wait for
  virtual void release_pinned(void* memory) = 0;

  virtual Status copy_in(void* device, const void* host, std::size_t bytes) = 0;
  virtual Status copy_out(void* host, const void* device, std::size_t bytes) = 0;
  virtual Status copy(void* to, const void* from, std::size_t bytes) = 0;  // within the device
  virtual Status fill(void* device, std::uint8_t byte, std::size_t bytes) = 0;

  // Kernels live as long as the Gpu. An error names the kernel and the modules that were looked through.
  virtual Result<const Kernel*> kernel(const std::string& name) = 0;
  virtual Status launch(const Kernel& kernel, Grid blocks, std::uint32_t shared_bytes, const void* args, std::size_t args_bytes) = 0;
  virtual Status wait() = 0;  // until all is done
  virtual void* stream() = 0;  // for the vendor's libraries: the driver's own

  // What is launched, copied and filled between the two becomes a graph instead of being done.
  virtual Status begin_capture() = 0;
  virtual Result<std::unique_ptr<Graph>> end_capture() = 0;
  virtual Status launch(const Graph& graph) = 0;

  virtual Result<std::unique_ptr<Event>> record() = 0;                  // reached when all before it is done
  virtual Status wait(const Event& event) = 0;
  virtual Result<double> seconds_between(const Event& begin, const Event& end) = 0;  // of reached ones
};

// Launches by name what takes `Args`.
template <class Args>
Status launch(Gpu& gpu, const std::string& kernel, Grid blocks, std::uint32_t shared_bytes, const Args& args) {
  TOKENMARK_TRY(const Kernel* found, gpu.kernel(kernel));
  return gpu.launch(*found, blocks, shared_bytes, &args, sizeof args);
}

// Device memory for `count` values of T.
template <class T>
class DeviceArray {
 public:
  static Result<DeviceArray> make(Gpu& gpu, std::size_t count) {
    TOKENMARK_TRY(void* memory, gpu.allocate(count * sizeof(T)));
    DeviceArray array;
    array.memory_ = {static_cast<T*>(memory), Release{&gpu}};
    array.count_ = count;
    return array;
  }
  // Done when the call returns.
  static Result<DeviceArray> of(Gpu& gpu, const std::vector<T>& values) {
    TOKENMARK_TRY(DeviceArray array, make(gpu, values.size()));
    TOKENMARK_CHECK(gpu.copy_in(array.get(), values.data(), values.size() * sizeof(T)));
    TOKENMARK_CHECK(gpu.wait());
    return array;
  }
  T* get() const { return memory_.get(); }
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }
  Result<std::vector<T>> values() const {
    std::vector<T> out(count_);
    Gpu& gpu = *memory_.get_deleter().gpu;
    TOKENMARK_CHECK(gpu.copy_out(out.data(), get(), bytes()));
    TOKENMARK_CHECK(gpu.wait());
    return out;
  }

 private:
  struct Release {
    Gpu* gpu;
    void operator()(T* memory) const { gpu->release(memory); }
  };
  std::unique_ptr<T, Release> memory_{nullptr, Release{nullptr}};
  std::size_t count_ = 0;
};

}  // namespace tokenmark::gpu
