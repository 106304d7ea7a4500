#include "plugins/cpu/memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kHugePage = 2u << 20;

}  // namespace

Result<Memory> Memory::allocate(std::uint64_t bytes) {
  Memory memory;
  if (bytes == 0) return memory;
  const bool huge = bytes >= kHugePage;
  const std::uint64_t wanted = bytes + (huge ? kHugePage : 0);
  void* mapping = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return fail(ErrorKind::exhausted, "{} bytes of memory are not to be had: {}", bytes, strerror(errno));
  memory.mapping_ = mapping;
  memory.mapped_bytes_ = wanted;
  auto address = reinterpret_cast<std::uintptr_t>(mapping);
  if (huge) address = (address + kHugePage - 1) / kHugePage * kHugePage;
  memory.begin_ = reinterpret_cast<std::byte*>(address);
  memory.size_ = bytes;
  if (huge) madvise(memory.begin_, bytes, MADV_HUGEPAGE);  // advice: without it everything works, slower
  return memory;
}

Memory::~Memory() {
  if (mapping_) munmap(mapping_, mapped_bytes_);
}

}  // namespace tokenmark::cpu_plugin
