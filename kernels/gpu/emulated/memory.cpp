#include "kernels/gpu/emulated/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "kernels/gpu/emulated/machine.h"

namespace tokenmark::gpu::emulated {
namespace {

// Allocations end where a page does; between the page's begin and theirs lies what nobody may change.
constexpr std::byte kUntouched{0xa5};

struct Mappings {
  std::mutex mutex;
  struct Size {
    std::size_t bytes, untouched;  // `untouched` before them
    std::size_t pages;             // bytes of the pages that hold both
    bool copied_in = false;        // by the host
  };
  std::map<std::uintptr_t, Size> sizes;  // by the first byte
};
Mappings& mappings() {
  static Mappings all;
  return all;
}

void protect(int what, int copied_in) {
  const std::lock_guard lock(mappings().mutex);
  for (const auto& [begin, size] : mappings().sizes)
    if (size.pages > 0) mprotect(reinterpret_cast<void*>(begin - size.untouched), size.pages, size.copied_in ? copied_in : what);
}

bool memory_guarded = false;

}  // namespace

std::atomic<int>& gpus_there() {
  static std::atomic<int> count = 0;
  return count;
}

std::unique_lock<std::mutex> guardable() {
  static std::mutex one_at_a_time;
  return gpus_there() > 1 ? std::unique_lock<std::mutex>() : std::unique_lock(one_at_a_time);
}

MemoryGuard::MemoryGuard() {
  protect(PROT_NONE, PROT_READ);
  memory_guarded = true;
}
MemoryGuard::~MemoryGuard() {
  protect(PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE);
  memory_guarded = false;
}

std::string written_before_allocations() {
  const std::lock_guard lock(mappings().mutex);
  for (const auto& [begin, size] : mappings().sizes) {
    const auto* const before = reinterpret_cast<const std::byte*>(begin) - size.untouched;
    for (std::size_t i = 0; i < size.untouched; ++i)
      if (before[i] != kUntouched) return fmt::format("wrote {} bytes before an allocation of {} bytes", size.untouched - i, size.bytes);
  }
  return {};
}

std::string describe_fault(std::uintptr_t address) {
  constexpr std::uintptr_t kFar = 1 << 20;
  const std::lock_guard lock(mappings().mutex);
  const auto next = mappings().sizes.upper_bound(address);
  const std::uintptr_t before_next = next == mappings().sizes.end() ? kFar : next->first - address;
  if (next != mappings().sizes.begin()) {
    const auto& [begin, size] = *std::prev(next);
    if (memory_guarded && address - begin < size.bytes)
      return fmt::format("touches byte {} of an allocation of {} bytes before wait_for_previous: only what the host copied in may be read there, and nothing written",
                         address - begin, size.bytes);
    const std::uintptr_t behind = address - begin < size.bytes ? 0 : address - begin - size.bytes;
    if (behind < std::min(kFar, before_next)) return fmt::format("accesses byte {} of an allocation of {} bytes", address - begin, size.bytes);
  }
  if (before_next < kFar) return fmt::format("accesses memory {} bytes before an allocation of {} bytes", before_next, next->second.bytes);
  return fmt::format("accesses address {:#x}, which belongs to no allocation", address);
}

void copy_in(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes);
  const std::lock_guard lock(mappings().mutex);
  auto& sizes = mappings().sizes;
  const auto next = sizes.upper_bound(reinterpret_cast<std::uintptr_t>(to));
  if (next == sizes.begin()) return;
  auto& [begin, size] = *std::prev(next);
  if (reinterpret_cast<std::uintptr_t>(to) - begin < size.bytes) size.copied_in = true;
}
void copy(void* to, const void* from, std::size_t bytes) {
  const auto lock = guardable();
  if (bytes > 0) std::memmove(to, from, bytes);
}
void fill(void* at, std::uint8_t byte, std::size_t bytes) {
  const auto lock = guardable();
  if (bytes > 0) std::memset(at, byte, bytes);
}

void Unmap::operator()(std::byte* begin) const {
  const std::lock_guard lock(mappings().mutex);
  auto& sizes = mappings().sizes;
  sizes.erase(sizes.lower_bound(reinterpret_cast<std::uintptr_t>(begin)));
  munmap(begin, mapped);
}

Result<Allocation> Allocation::make(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  Allocation allocation;
  allocation.size_ = (bytes + 15) / 16 * 16;
  const std::size_t pages = (allocation.size_ + page - 1) / page * page, mapped = pages + 2 * page;
  void* memory = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return fail(ErrorKind::exhausted, "{} bytes of memory cannot be had", bytes);
  auto* const begin = static_cast<std::byte*>(memory);
  allocation.mapping_ = std::unique_ptr<std::byte, Unmap>(begin, Unmap{mapped});
  allocation.begin_ = begin + page + (pages - allocation.size_);
  if (pages > 0 && mprotect(begin + page, pages, PROT_READ | PROT_WRITE) != 0)
    return fail(ErrorKind::exhausted, "{} bytes of memory cannot be had", bytes);
  const std::size_t untouched = pages - allocation.size_;
  std::fill_n(begin + page, untouched, kUntouched);
  std::memset(allocation.begin_, 0xff, allocation.size_);
  const std::lock_guard lock(mappings().mutex);
  mappings().sizes[reinterpret_cast<std::uintptr_t>(allocation.begin_)] = {bytes, untouched, pages};
  return allocation;
}

}  // namespace tokenmark::gpu::emulated
