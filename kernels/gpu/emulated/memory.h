// Device memory as the machine looks after it: which allocations there are, a guard over them for the part of a kernel that
// may begin early, and what a fault or a stray write was. Any thread; what the host does while a kernel runs waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace tokenmark::gpu::emulated {

// How many GPUs there are in this program. Several run their kernels at the same time, on threads of their own, and touch each
// other's memory: then no guard lies on any.
std::atomic<int>& gpus_there();
// Held while a kernel runs, and by the host's copies, since a guard may lie on all memory; nothing where there are several GPUs.
std::unique_lock<std::mutex> guardable();

// While it lives, what the host copied in can be read and nothing else touched.
class MemoryGuard {
 public:
  MemoryGuard();
  ~MemoryGuard();
  MemoryGuard(const MemoryGuard&) = delete;
};

// What an access to this address, which faulted, was: by the nearest allocation.
std::string describe_fault(std::uintptr_t address);

// What lies between a page's begin and an allocation is as it was; else by whom not. Empty: it is.
std::string written_before_allocations();

}  // namespace tokenmark::gpu::emulated
