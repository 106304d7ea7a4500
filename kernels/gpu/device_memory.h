// Memory as pointers, for compilers of real GPUs. Included by device_cuda.h and device_hip.h, which say what
// dynamic_shared_memory is.
#pragma once

namespace tokenmark::gpu {

template <class T>
class Shared {
 public:
  Shared() = default;
  TM_DEVICE explicit Shared(T* begin) : begin_(begin) {}
  TM_DEVICE T& operator[](std::int64_t i) const { return begin_[i]; }
  TM_DEVICE Shared operator+(std::int64_t i) const { return Shared(begin_ + i); }
  TM_DEVICE Bytes16 load16(std::int64_t i) const { return *reinterpret_cast<const Bytes16*>(begin_ + i); }
  TM_DEVICE void store16(std::int64_t i, const Bytes16& value) const { *reinterpret_cast<Bytes16*>(begin_ + i) = value; }
  template <class U>
  TM_DEVICE Shared<U> as() const {
    return Shared<U>(reinterpret_cast<U*>(begin_));
  }
  TM_DEVICE T* pointer() const { return begin_; }  // for this device's own code

 private:
  T* begin_;
};

class SharedMemory {
 public:
  template <class T>
  TM_DEVICE Shared<T> take(std::uint32_t count) {
    T* begin = reinterpret_cast<T*>(dynamic_shared_memory + used_);
    used_ += (count * static_cast<std::uint32_t>(sizeof(T)) + 15) / 16;
    return Shared<T>(begin);
  }

 private:
  std::uint32_t used_ = 0;  // of 16 bytes
};

TM_DEVICE Bytes16 load16(const void* from) { return *static_cast<const Bytes16*>(from); }
TM_DEVICE void store16(void* to, const Bytes16& value) { *static_cast<Bytes16*>(to) = value; }

}  // namespace tokenmark::gpu
