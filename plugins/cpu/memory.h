// Large memory in huge pages where the system gives them: weights and caches are read front to back all the time, and
// small pages would cost a page walk every 4 KiB. Zeroed; pages appear when first touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/result.h"

namespace tokenmark::cpu_plugin {

class Memory {
 public:
  Memory() = default;
  static Result<Memory> allocate(std::uint64_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }

  std::byte* bytes() const { return begin_; }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(begin_);
  }
  std::uint64_t size() const { return size_; }

 private:
  void swap(Memory& other) {
    std::swap(mapping_, other.mapping_);
    std::swap(mapped_bytes_, other.mapped_bytes_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
  }

  void* mapping_ = nullptr;
  std::uint64_t mapped_bytes_ = 0;
  std::byte* begin_ = nullptr;  // aligned to a huge page where larger than one
  std::uint64_t size_ = 0;
};

}  // namespace tokenmark::cpu_plugin
