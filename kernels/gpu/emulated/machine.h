// A GPU on the CPU, for tests: runs kernels (device.h) block after block, every thread of a block as a fiber, in an order
// that a seed shuffles at every barrier. It finds and names, with kernel, block and thread:
//   - two threads of a block that touch the same shared memory, one of them writing, with nothing between that orders them
//     (sync_block, or sync_warp and other operations of the warp between lanes of one warp)
//   - shared memory read that nobody wrote in this block
//   - barriers and warp operations that not all threads or lanes come to, or lanes that come to different ones
//   - accesses outside of an allocation (right behind it lies a page that cannot be touched; before it writes are found, when
//     the kernel has ended, and reads more than a page away) or of the shared memory, and unaligned 16-byte accesses
//   - in kernels that may begin before the one ahead has ended (kWaits): before wait_for_previous, reading memory that the host
//     did not copy in (all that kernels write) or writing any; threads that end without having come to it. Each launch's
//     first blocks are looked at so
// Fresh device memory and shared memory are filled with NaNs. What it cannot show: the layout of matrix fragments, memory
// ordering between blocks, and speed.
//
// A launch is run to its end by the thread of the CPU that makes it. Several may be under way on as many threads: GPUs that
// see each other's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/gpu/device_types.h"

namespace tokenmark::gpu::emulated {

enum class Collective : std::uint8_t { none, sync, shuffle, ballot };

// What a thread of a kernel may ask. Breaking a rule throws Violation through the kernel, which ends the launch.
class Thread {
 public:
  virtual std::uint32_t thread() const = 0;
  virtual std::uint32_t block_threads() const = 0;
  virtual Index3 block_index() const = 0;
  virtual Grid grid_blocks() const = 0;
  virtual void sync_block() = 0;
  // Every lane of the warp gives a value and gets all of them; lanes that the block does not have give 0.
  virtual const std::vector<std::uint32_t>& exchange(Collective kind, std::uint32_t value) = 0;
  virtual std::uint32_t lane_value(const std::vector<std::uint32_t>& lanes, int lane) = 0;
  virtual const std::byte* read_shared(std::uint64_t at, std::size_t bytes) = 0;
  virtual std::byte* write_shared(std::uint64_t at, std::size_t bytes) = 0;
  virtual const std::byte* shared_bytes() = 0;   // all of them, not looked after: what was read_shared before
  virtual void check_shared_size(std::uint64_t bytes) = 0;
  [[noreturn]] virtual void refuse(const char* why) = 0;  // a rule of device.h was broken
  virtual void check_aligned(std::uint64_t address, const char* where) = 0;
  virtual void begin_copy(std::uint64_t to, const void* from) = 0;
  virtual void commit_copies() = 0;
  virtual void wait_copies(int left) = 0;
  virtual void let_others_run() = 0;  // threads of the block, and of the CPU, for which this one looks out
  virtual void wait_for_previous() = 0;

 protected:
  ~Thread() = default;
};
Thread& running();  // the thread of a kernel that runs now

// ---- kernels by name ------------------------------------------------------------------------------------------------

struct Kernel {
  std::string name;
  int wave = 0;
  std::uint32_t threads = 0;
  std::size_t args_bytes = 0;
  bool waits = false;   // has kWaits
  void (*run)(const void* args) = nullptr;
  bool in_order = false;  // its blocks wait for those of other GPUs, and run in the order of their numbers
};

// Made by TM_KERNEL before main.
class Registration {
 public:
  explicit Registration(Kernel kernel);
};

Result<const Kernel*> find_kernel(const std::string& name, int wave);
std::vector<std::string> kernel_names(int wave);

// ---- the machine ----------------------------------------------------------------------------------------------------

struct Launch {
  Grid blocks;
  std::uint32_t shared_bytes = 0;
  std::uint64_t seed = 0;     // of the threads' and blocks' order
};

// `args`: the kernel's Args. An error is a rule that was broken.
Status run(const Kernel& kernel, const Launch& launch, const void* args);

// The host's, on device memory, while no kernel runs. What was copied in, kernels may read before wait_for_previous.
void copy_in(void* to, const void* from, std::size_t bytes);
void copy(void* to, const void* from, std::size_t bytes);
void fill(void* at, std::uint8_t byte, std::size_t bytes);

struct Unmap {
  std::size_t mapped = 0;
  void operator()(std::byte* begin) const;
};

// Device memory with guard pages: exactly so many bytes, rounded up to 16, filled with 0xff.
class Allocation {
 public:
  static Result<Allocation> make(std::size_t bytes);
  Allocation() = default;
  std::byte* bytes() const { return begin_; }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte, Unmap> mapping_;
  std::byte* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tokenmark::gpu::emulated
