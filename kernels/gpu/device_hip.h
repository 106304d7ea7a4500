// AMD's side of device.h (gfx90a, gfx94x, gfx950: wavefronts of 64). The compiler's built in functions only, no header of
// HIP's: the same text is compiled by hipcc, by a newer clang, and by hiprtc on a user's machine.
#pragma once

#define TM_DEVICE __attribute__((device)) __attribute__((always_inline)) inline
#define TM_DEVICE_CALL __attribute__((device)) __attribute__((always_inline)) inline
#define TM_PRAGMA_(...) _Pragma(#__VA_ARGS__)
#define TM_UNROLL _Pragma("unroll")
#define TM_UNROLL_BY(n) TM_PRAGMA_(unroll n)
#define TM_GPU_NAMESPACE tokenmark::gpu

namespace tokenmark::gpu {

inline constexpr int kWave = 64;

TM_DEVICE std::uint32_t thread_index() { return __builtin_amdgcn_workitem_id_x(); }
TM_DEVICE std::uint32_t block_threads() { return __builtin_amdgcn_workgroup_size_x(); }
TM_DEVICE Index3 block_index() {
  return {__builtin_amdgcn_workgroup_id_x(), __builtin_amdgcn_workgroup_id_y(), __builtin_amdgcn_workgroup_id_z()};
}
TM_DEVICE Grid grid_blocks() {
  return {__builtin_amdgcn_grid_size_x() / __builtin_amdgcn_workgroup_size_x(), __builtin_amdgcn_grid_size_y(),
          __builtin_amdgcn_grid_size_z()};
}

TM_DEVICE void sync_block() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
TM_DEVICE void sync_warp() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "wavefront");
  __builtin_amdgcn_wave_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "wavefront");
}

template <class T>
TM_DEVICE T shuffle(T value, int from) {
  return __builtin_bit_cast(T, __builtin_amdgcn_ds_bpermute(from * 4, __builtin_bit_cast(int, value)));
}
template <class T>
TM_DEVICE T shuffle_xor(T value, int mask) {
  return shuffle(value, static_cast<int>(thread_index()) % kWave ^ mask);
}
TM_DEVICE std::uint64_t ballot(bool set) { return __builtin_amdgcn_uicmp(static_cast<unsigned>(set), 0u, 33 /* not equal */); }

template <class T>
TM_DEVICE T atomic_add(T* at, T value) {
  return __hip_atomic_fetch_add(at, value, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
template <class T>
TM_DEVICE T atomic_max(T* at, T value) {
  return __hip_atomic_fetch_max(at, value, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
TM_DEVICE void fence_device() { __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent"); }
TM_DEVICE void signal_system(std::uint32_t* at, std::uint32_t value) {
  __hip_atomic_store(at, value, __ATOMIC_RELEASE, __HIP_MEMORY_SCOPE_SYSTEM);
}
TM_DEVICE std::uint32_t observe_system(const std::uint32_t* at) {
  return __hip_atomic_load(at, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_SYSTEM);
}

extern __attribute__((shared)) Bytes16 dynamic_shared_memory[];

}  // namespace tokenmark::gpu

#include "kernels/gpu/device_memory.h"

namespace tokenmark::gpu {

TM_DEVICE Bytes16 load16_once(const void* from) {
  typedef std::uint32_t Vector __attribute__((ext_vector_type(4)));
  const Vector v = __builtin_nontemporal_load(static_cast<const Vector*>(from));
  return {{v.x, v.y, v.z, v.w}};
}
template <class T>
TM_DEVICE std::uint32_t load_early(const T* from) {
  return *from;
}

// No copies in the background before gfx950: through registers, there when the call returns.
template <class T>
TM_DEVICE void copy16_async(Shared<T> to, std::int64_t i, const void* from) {
  to.store16(i, load16(from));
}
TM_DEVICE void commit_copies() {}
template <int left>
TM_DEVICE void wait_copies() {}

TM_DEVICE void prefetch(const void*) {}  // there is no such instruction before gfx12
TM_DEVICE void wait_for_previous() {}
TM_DEVICE void let_next_begin() {}

TM_DEVICE int dot4(std::uint32_t x01, std::uint32_t x23, std::uint32_t bytes, int sum) {
  for (int i = 0; i < 4; ++i)
    sum += static_cast<std::int16_t>((i < 2 ? x01 : x23) >> 16 * (i % 2)) * static_cast<std::int8_t>(bytes >> 8 * i);
  return sum;
}
// A selector of v_perm is a byte: 0 … 3 choose one of the second word, 4 … 7 of the first, 8 … 11 the sign of a 16-bit half,
// so signs come by a multiplication.
TM_DEVICE void e2m1_bytes(std::uint32_t word, std::uint32_t* out) {
  std::uint32_t signed_bytes[2];
  for (int half = 0; half < 2; ++half) {
    const std::uint32_t nibbles = word >> 4 * half, negative = (nibbles >> 3 & 0x01010101u) * 0xffu;
    signed_bytes[half] = (__builtin_amdgcn_perm(0x0c080604u, 0x03020100u, nibbles & 0x07070707u) ^ negative) + (negative & 0x01010101u);
  }
  out[0] = __builtin_amdgcn_perm(signed_bytes[1], signed_bytes[0], 0x05010400u);
  out[1] = __builtin_amdgcn_perm(signed_bytes[1], signed_bytes[0], 0x07030602u);
}
// CDNA 3 converts E4M3 of the FNUZ kind, where a byte stands for half of what it does in OCP's; CDNA 4 converts OCP's.
#if defined(__gfx940__) || defined(__gfx941__) || defined(__gfx942__)
inline constexpr float kE4m3Unit = 2;
#else
inline constexpr float kE4m3Unit = 1;
#endif
#if defined(__gfx940__) || defined(__gfx941__) || defined(__gfx942__) || defined(__gfx950__)
TM_DEVICE void from_e4m3_pair(std::uint32_t bits, float* out) {
  const auto pair = __builtin_amdgcn_cvt_pk_f32_fp8(static_cast<int>(bits), false);
  out[0] = pair[0];
  out[1] = pair[1];
}
#else
TM_DEVICE float from_e4m3(std::uint32_t bits);
TM_DEVICE void from_e4m3_pair(std::uint32_t bits, float* out) {
  out[0] = from_e4m3(bits & 0xffu);
  out[1] = from_e4m3(bits >> 8 & 0xffu);
}
#endif

// numbers.h
TM_DEVICE std::uint16_t to_bf16(float value);
TM_DEVICE std::uint32_t to_bf16_pair(float first, float second) {
  return std::uint32_t{to_bf16(first)} | std::uint32_t{to_bf16(second)} << 16;
}

TM_DEVICE float power_of_two(float x) { return __builtin_exp2f(x); }
TM_DEVICE float exponential(float x) { return __builtin_exp2f(x * 1.4426950408889634f); }
TM_DEVICE float reciprocal_root(float x) { return __builtin_amdgcn_rsqf(x); }
TM_DEVICE float to_float_half(std::uint16_t bits) { return static_cast<float>(__builtin_bit_cast(_Float16, bits)); }
TM_DEVICE std::uint16_t from_float_half(float value) { return __builtin_bit_cast(std::uint16_t, static_cast<_Float16>(value)); }

}  // namespace tokenmark::gpu

// Beside the kernel stands what its launch must be: threads of a block, bytes of the argument, and whether it waits for the
// one before.
#define TM_KERNEL(name, ...)                                                                                              \
  extern "C" __attribute__((device, used)) std::uint32_t name##_facts[3] = {__VA_ARGS__::kThreads, sizeof(__VA_ARGS__::Args), tokenmark::gpu::kWaitsOf<__VA_ARGS__>}; \
  extern "C" __attribute__((global, amdgpu_flat_work_group_size(__VA_ARGS__::kThreads, __VA_ARGS__::kThreads))) void name( \
      const __VA_ARGS__::Args args) {                                                                                     \
    __VA_ARGS__::run(args);                                                                                               \
  }
