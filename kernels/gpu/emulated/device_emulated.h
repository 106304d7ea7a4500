// The emulation's side of device.h: threads of a block are fibers on one thread of the CPU (machine.h), which the names
// below reach through a pointer to the running one. Compiled once for each wave size (TOKENMARK_WAVE), in a namespace of
// its own so that both can be in one program.
#pragma once

#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/formats/format.h"
#include "kernels/gpu/emulated/machine.h"

#ifndef TOKENMARK_WAVE
#define TOKENMARK_WAVE 32
#endif
#define TM_CONCATENATED_(a, b) a##b
#define TM_CONCATENATED(a, b) TM_CONCATENATED_(a, b)
#define TM_DEVICE inline
#define TM_DEVICE_CALL inline
#define TM_UNROLL
#define TM_UNROLL_BY(n)

#define TM_GPU_NAMESPACE tokenmark::gpu::inline TM_CONCATENATED(wave, TOKENMARK_WAVE)

namespace TM_GPU_NAMESPACE {

inline constexpr int kWave = TOKENMARK_WAVE;

inline std::uint32_t thread_index() { return emulated::running().thread(); }
inline std::uint32_t block_threads() { return emulated::running().block_threads(); }
inline Index3 block_index() { return emulated::running().block_index(); }
inline Grid grid_blocks() { return emulated::running().grid_blocks(); }

inline void sync_block() { emulated::running().sync_block(); }
inline void sync_warp() { emulated::running().exchange(emulated::Collective::sync, 0); }

template <class T>
T shuffle(T value, int from) {
  static_assert(sizeof(T) == 4);
  const auto& lanes = emulated::running().exchange(emulated::Collective::shuffle, std::bit_cast<std::uint32_t>(value));
  return std::bit_cast<T>(emulated::running().lane_value(lanes, from));
}
template <class T>
T shuffle_xor(T value, int mask) {
  return shuffle(value, static_cast<int>(thread_index()) % kWave ^ mask);
}
inline std::uint64_t ballot(bool set) {
  const auto& lanes = emulated::running().exchange(emulated::Collective::ballot, set ? 1 : 0);
  std::uint64_t bits = 0;
  for (std::size_t l = 0; l < lanes.size(); ++l) bits |= std::uint64_t{lanes[l] & 1} << l;
  return bits;
}

template <class T>
T atomic_add(T* at, T value) {
  const T before = *at;  // blocks run one after the other, fibers give way at barriers alone
  *at = before + value;
  return before;
}
template <class T>
T atomic_max(T* at, T value) {
  const T before = *at;
  if (value > before) *at = value;
  return before;
}
inline void fence_device() {}
// Other GPUs are other threads of the CPU, who may have to run for what is looked for to be there.
inline void signal_system(std::uint32_t* at, std::uint32_t value) { std::atomic_ref(*at).store(value, std::memory_order_release); }
inline std::uint32_t observe_system(const std::uint32_t* at) {
  emulated::running().let_others_run();
  return std::atomic_ref(*const_cast<std::uint32_t*>(at)).load(std::memory_order_acquire);
}

template <class Kernel>
constexpr bool blocks_meet = requires { Kernel::kBlocksMeet; };

// An element of shared memory; reading and writing are looked at.
template <class T>
class SharedElement {
  static_assert(sizeof(T) >= 2, "shared memory is looked after in pieces of two bytes");

 public:
  explicit SharedElement(std::uint64_t at) : at_(at) {}
  SharedElement(const SharedElement&) = default;
  operator T() const {
    T value;
    std::memcpy(&value, emulated::running().read_shared(at_, sizeof(T)), sizeof(T));
    return value;
  }
  const SharedElement& operator=(const T& value) const {
    std::memcpy(emulated::running().write_shared(at_, sizeof(T)), &value, sizeof(T));
    return *this;
  }
  const SharedElement& operator=(const SharedElement& other) const { return *this = static_cast<T>(other); }
  const SharedElement& operator+=(const T& value) const { return *this = static_cast<T>(*this) + value; }
  const SharedElement& operator*=(const T& value) const { return *this = static_cast<T>(*this) * value; }

 private:
  std::uint64_t at_;
};

template <class T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(std::uint64_t at) : at_(at) {}
  SharedElement<T> operator[](std::int64_t i) const { return SharedElement<T>(place(i)); }
  Shared operator+(std::int64_t i) const { return Shared(place(i)); }
  Bytes16 load16(std::int64_t i) const {
    emulated::running().check_aligned(place(i), "shared memory");
    return SharedElement<Bytes16>(place(i));
  }
  void store16(std::int64_t i, const Bytes16& value) const {
    emulated::running().check_aligned(place(i), "shared memory");
    SharedElement<Bytes16>{place(i)} = value;
  }
  template <class U>
  Shared<U> as() const { return Shared<U>(at_); }
  // Not looked after, for the emulation's own code.
  const T* unchecked() const { return reinterpret_cast<const T*>(emulated::running().shared_bytes() + at_); }
  std::uint64_t place(std::int64_t i) const { return at_ + static_cast<std::uint64_t>(i) * sizeof(T); }

 private:
  std::uint64_t at_ = 0;  // bytes from the beginning of the block's shared memory
};

class SharedMemory {
 public:
  template <class T>
  Shared<T> take(std::uint32_t count) {
    const std::uint64_t begin = used_;
    used_ += (std::uint64_t{count} * sizeof(T) + 15) / 16 * 16;
    emulated::running().check_shared_size(used_);
    return Shared<T>(begin);
  }

 private:
  std::uint64_t used_ = 0;
};

inline Bytes16 load16(const void* from) {
  emulated::running().check_aligned(reinterpret_cast<std::uint64_t>(from), "global memory");
  Bytes16 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline Bytes16 load16_once(const void* from) { return load16(from); }
template <class T>
std::uint32_t load_early(const T* from) {
  return *from;
}
inline void store16(void* to, const Bytes16& value) {
  emulated::running().check_aligned(reinterpret_cast<std::uint64_t>(to), "global memory");
  std::memcpy(to, &value, sizeof value);
}

// The bytes arrive as late as they may: at the wait for them.
template <class T>
void copy16_async(Shared<T> to, std::int64_t i, const void* from) {
  emulated::running().check_aligned(to.place(i), "shared memory");
  emulated::running().check_aligned(reinterpret_cast<std::uint64_t>(from), "global memory");
  emulated::running().begin_copy(to.place(i), from);
}
inline void commit_copies() { emulated::running().commit_copies(); }
template <int left>
void wait_copies() { emulated::running().wait_copies(left); }

inline void prefetch(const void*) {}
inline void wait_for_previous() { emulated::running().wait_for_previous(); }
inline void let_next_begin() {}

inline int dot4(std::uint32_t x01, std::uint32_t x23, std::uint32_t bytes, int sum) {
  for (int i = 0; i < 4; ++i)
    sum += static_cast<std::int16_t>((i < 2 ? x01 : x23) >> 16 * (i % 2)) * static_cast<std::int8_t>(bytes >> 8 * i);
  return sum;
}
inline void e2m1_bytes(std::uint32_t word, std::uint32_t* out) {
  out[0] = out[1] = 0;
  for (int i = 0; i < 8; ++i) {
    const float number = 2 * e2m1_to_float(static_cast<std::uint8_t>(word >> 4 * i & 15));
    if (number == 0 && std::signbit(number)) emulated::running().refuse("e2m1_bytes is given -0");
    out[i / 4] |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(static_cast<int>(number))) << 8 * (i % 4);
  }
}
// Waves of 64 convert as CDNA 3 does (device_hip.h).
inline constexpr float kE4m3Unit = kWave == 64 ? 2 : 1;
inline void from_e4m3_pair(std::uint32_t bits, float* out) {
  for (int i = 0; i < 2; ++i) {
    const auto one = static_cast<std::uint8_t>(bits >> 8 * i);
    if (one == 0x80 || (one & 0x7f) == 0x7f) emulated::running().refuse("from_e4m3_pair is given -0 or NaN");
    out[i] = kE4m3Unit == 2 ? e4m3fnuz_to_float(one) : e4m3_to_float(one);
  }
}

// numbers.h
inline std::uint16_t to_bf16(float value);
inline std::uint32_t to_bf16_pair(float first, float second) {
  return std::uint32_t{to_bf16(first)} | std::uint32_t{to_bf16(second)} << 16;
}

inline float power_of_two(float x) { return std::exp2(x); }
inline float exponential(float x) { return std::exp(x); }
inline float reciprocal_root(float x) { return 1 / std::sqrt(x); }
inline float to_float_half(std::uint16_t bits) { return half_to_float(bits); }
inline std::uint16_t from_float_half(float value) { return float_to_half(value); }

}  // namespace TM_GPU_NAMESPACE

#define TM_KERNEL(name, ...)                                                                                         \
  static const tokenmark::gpu::emulated::Registration TM_CONCATENATED(kernel_registration_, __COUNTER__)(            \
      {#name, TOKENMARK_WAVE, __VA_ARGS__::kThreads, sizeof(__VA_ARGS__::Args), tokenmark::gpu::kWaitsOf<__VA_ARGS__>,    \
       [](const void* args) { __VA_ARGS__::run(*static_cast<const __VA_ARGS__::Args*>(args)); }, blocks_meet<__VA_ARGS__>});
