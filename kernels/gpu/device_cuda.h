// CUDA's side of device.h (sm_80 and later). Built in functions and PTX only, no header of CUDA's.
#pragma once

#define TM_DEVICE __device__ __forceinline__
#define TM_DEVICE_CALL __device__ __noinline__ static
#define TM_PRAGMA_(...) _Pragma(#__VA_ARGS__)
#define TM_UNROLL _Pragma("unroll")
#define TM_UNROLL_BY(n) TM_PRAGMA_(unroll n)
#define TM_GPU_NAMESPACE tokenmark::gpu

namespace tokenmark::gpu {

inline constexpr int kWave = 32;
inline constexpr unsigned kAllLanes = 0xffffffffu;

TM_DEVICE std::uint32_t thread_index() { return threadIdx.x; }
TM_DEVICE std::uint32_t block_threads() { return blockDim.x; }
TM_DEVICE Index3 block_index() { return {blockIdx.x, blockIdx.y, blockIdx.z}; }
TM_DEVICE Grid grid_blocks() { return {gridDim.x, gridDim.y, gridDim.z}; }

TM_DEVICE void sync_block() { __syncthreads(); }
TM_DEVICE void sync_warp() { __syncwarp(); }

template <class T>
TM_DEVICE T shuffle(T value, int from) {
  return __shfl_sync(kAllLanes, value, from);
}
template <class T>
TM_DEVICE T shuffle_xor(T value, int mask) {
  return __shfl_xor_sync(kAllLanes, value, mask);
}
TM_DEVICE std::uint64_t ballot(bool set) { return __ballot_sync(kAllLanes, set); }

template <class T>
TM_DEVICE T atomic_add(T* at, T value) {
  return atomicAdd(at, value);
}
template <class T>
TM_DEVICE T atomic_max(T* at, T value) {
  return atomicMax(at, value);
}
TM_DEVICE void fence_device() { __threadfence(); }
TM_DEVICE void signal_system(std::uint32_t* at, std::uint32_t value) {
  asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(at), "r"(value) : "memory");
}
TM_DEVICE std::uint32_t observe_system(const std::uint32_t* at) {
  std::uint32_t value;
  asm volatile("ld.acquire.sys.global.u32 %0, [%1];" : "=r"(value) : "l"(at) : "memory");
  return value;
}

// Tiles, whose sizes are multiples of 1024 bytes, are taken first: Hopper's matrix units want their addresses so.
extern __shared__ __align__(1024) Bytes16 dynamic_shared_memory[];

}  // namespace tokenmark::gpu

#include "kernels/gpu/device_memory.h"

namespace tokenmark::gpu {

TM_DEVICE Bytes16 load16_once(const void* from) {
  Bytes16 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.word[0]), "=r"(v.word[1]), "=r"(v.word[2]), "=r"(v.word[3]) : "l"(from));
  return v;
}
TM_DEVICE std::uint32_t load_early(const std::uint8_t* from) {
  std::uint32_t bits;
  asm volatile("ld.global.nc.u8 %0, [%1];" : "=r"(bits) : "l"(from));
  return bits;
}
TM_DEVICE std::uint32_t load_early(const std::uint16_t* from) {
  std::uint16_t bits;
  asm volatile("ld.global.nc.u16 %0, [%1];" : "=h"(bits) : "l"(from));
  return bits;
}
TM_DEVICE std::uint32_t load_early(const std::uint32_t* from) {
  std::uint32_t bits;
  asm volatile("ld.global.nc.u32 %0, [%1];" : "=r"(bits) : "l"(from));
  return bits;
}

template <class T>
TM_DEVICE void copy16_async(Shared<T> to, std::int64_t i, const void* from) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(to.pointer() + i));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
}
TM_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int left>
TM_DEVICE void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

TM_DEVICE void prefetch(const void* at) { asm volatile("prefetch.global.L2 [%0];" ::"l"(at)); }

#if __CUDA_ARCH__ >= 900
TM_DEVICE void wait_for_previous() { asm volatile("griddepcontrol.wait;" ::: "memory"); }
TM_DEVICE void let_next_begin() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }
#else
TM_DEVICE void wait_for_previous() {}
TM_DEVICE void let_next_begin() {}
#endif

TM_DEVICE int dot4(std::uint32_t x01, std::uint32_t x23, std::uint32_t bytes, int sum) {
  asm("dp2a.lo.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(x01), "r"(bytes));
  asm("dp2a.hi.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(x23), "r"(bytes));
  return sum;
}
// A selector of prmt is a nibble: three bits choose a byte of two words, the fourth asks for its sign instead.
TM_DEVICE void e2m1_bytes(std::uint32_t word, std::uint32_t* out) {
  const std::uint32_t magnitudes = word & 0x77777777u, low = word << 4;
  const std::uint32_t first = __byte_perm(low, word, 0xd9c8), second = __byte_perm(low, word, 0xfbea);  // 0xff where negative
  out[0] = (__byte_perm(0x03020100u, 0x0c080604u, magnitudes) ^ first) + (first & 0x01010101u);
  out[1] = (__byte_perm(0x03020100u, 0x0c080604u, magnitudes >> 16) ^ second) + (second & 0x01010101u);
}
inline constexpr float kE4m3Unit = 1;
TM_DEVICE float to_float_half(std::uint16_t bits);
#if __CUDA_ARCH__ >= 890
TM_DEVICE void from_e4m3_pair(std::uint32_t bits, float* out) {
  std::uint32_t halves;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(halves) : "h"(static_cast<std::uint16_t>(bits)));
  out[0] = to_float_half(static_cast<std::uint16_t>(halves));
  out[1] = to_float_half(static_cast<std::uint16_t>(halves >> 16));
}
#else
TM_DEVICE float from_e4m3(std::uint32_t bits);
TM_DEVICE void from_e4m3_pair(std::uint32_t bits, float* out) {
  out[0] = from_e4m3(bits & 0xffu);
  out[1] = from_e4m3(bits >> 8 & 0xffu);
}
#endif

TM_DEVICE std::uint32_t to_bf16_pair(float first, float second) {
  std::uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

TM_DEVICE float power_of_two(float x) {
  float value;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(value) : "f"(x));
  return value;
}
TM_DEVICE float exponential(float x) { return __expf(x); }
TM_DEVICE float reciprocal_root(float x) { return rsqrtf(x); }
TM_DEVICE float to_float_half(std::uint16_t bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
TM_DEVICE std::uint16_t from_float_half(float value) {
  std::uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}

}  // namespace tokenmark::gpu

// Beside the kernel stands what its launch must be: threads of a block, bytes of the argument, and whether it waits for the
// one before.
#define TM_KERNEL(name, ...)                                                                                                 \
  extern "C" __device__ std::uint32_t name##_facts[3] = {__VA_ARGS__::kThreads, sizeof(__VA_ARGS__::Args), tokenmark::gpu::kWaitsOf<__VA_ARGS__>}; \
  extern "C" __global__ void __launch_bounds__(__VA_ARGS__::kThreads, tokenmark::gpu::kBlocksOf<__VA_ARGS__>) \
      name(const __grid_constant__ __VA_ARGS__::Args args) {                                                                \
    __VA_ARGS__::run(args);                                                                                                  \
  }
