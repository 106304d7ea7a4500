// The one border between kernels and what compiles them. A kernel is written against the names here and nothing else,
// and is compiled three times: by nvcc for CUDA, by a HIP compiler, and by any C++ compiler for the emulation on the CPU
// (emulated/), which runs the same source with every thread as a fiber and finds races, missing barriers, reads of what
// nobody wrote, and accesses outside of their memory.
//
//   kWave                              threads that run in lockstep (a warp, a wavefront): 32 or 64. Never assume one
//   thread_index() block_threads()     in the block; blocks have one dimension of threads
//   block_index() grid_blocks()        Index3 and Grid {x, y, z}
//   lane() warp() warps()              of this thread's warp
//   sync_block()                       all threads of the block
//   sync_warp()                        all lanes: what they wrote to shared memory before is seen after
//   shuffle(v, l) shuffle_xor(v, m)    v of 4 bytes; all lanes take part
//   ballot(p)                          bit l: p of lane l
//   atomic_add(p, v) atomic_max(p, v)  global memory, gives the value before; 32 bits
//   fence_device()                     what was written before is seen by other blocks before what is written after
//   signal_system(p, v)                v to a word that another GPU may be waiting for: it sees what this thread knows to be
//                                      written (the block, after sync_block) when it sees v
//   observe_system(p)                  reads such a word
//   Shared<T>                          an array in shared memory: s[i], s.load16(i), s.store16(i, v) (i in T, address
//                                      aligned to 16 bytes)
//   SharedMemory::take<T>(n)           the next n T of the launch's shared memory, aligned to 16 bytes, in the same order
//                                      and number in all threads
//   load16(p) load16_once(p)           16 bytes of global memory, aligned; _once: read by nobody else soon (weights)
//   load_early(p)                      1, 2 or 4 bytes of global memory as the low bits of a word, loaded where it stands: like
//                                      load16_once it is not put off until the value is used
//   store16(p, v)
//   copy16_async(s, i, p)              16 bytes from global to shared memory in the background, s a Shared<T> and i in T
//   commit_copies()                    what was begun since the last commit is one group
//   wait_copies<n>()                   until at most n of this thread's groups are under way (then sync_block() for the
//                                      other threads' ones)
//   prefetch(p)                        16 bytes or more of global memory around p are brought into the cache
//   wait_for_previous()                where a kernel may begin before the one launched ahead of it has ended: until it has, and
//                                      its results are seen. Before it only what no kernel writes may be read (weights), and
//                                      nothing written. All threads of a kernel with kWaits come here before they end, so that
//                                      a kernel that has ended says that all before it have
//   let_next_begin()                   the kernel launched behind may begin, if it has kWaits
//   dot4(x01, x23, bytes, sum)         sum + two words of two 16-bit integers each · the four signed bytes of a word
//   e2m1_bytes(word, out)              8 numbers of E2M1 doubled, as signed bytes in two words, in the order of nibbles;
//                                      no number may be −0
//   from_e4m3_pair(bits, out)          two numbers of E4M3, the first in the low byte, divided by kE4m3Unit; neither −0 nor NaN,
//                                      which some hardware reads as something else
//   to_bf16_pair(first, second)        rounded to BF16, the first in the word's low half
//   exponential(x) power_of_two(x) reciprocal_root(x) sine, cosine    of float; sines from tables where they must be exact
//   to_float_half(bits) from_float_half(x)            conversions that hardware has
//
// TM_KERNEL(name, Kernel) makes a kernel that is launched by its name with one argument, a Kernel::Args by value:
//   struct Kernel { using Args = …; static constexpr int kThreads = …; TM_DEVICE static void run(const Args&); };
// and optionally `static constexpr int kBlocks`: so many blocks are to fit a multiprocessor, which bounds the registers; and
// `static constexpr bool kWaits = true`: it calls wait_for_previous, and may be launched so that it begins early.
// TM_DEVICE is a function that becomes part of its callers, TM_DEVICE_CALL one that may be called: what is rarely run.
// TM_UNROLL before a loop of a constant number of rounds: arrays that it indexes stay in registers; TM_UNROLL_BY(n): n
// rounds at a time (1: no addresses are made ahead).
#pragma once

#include "kernels/gpu/device_types.h"

#if defined(__CUDACC__)
#include "kernels/gpu/device_cuda.h"
#elif defined(__HIP__)
#include "kernels/gpu/device_hip.h"
#else
#include "kernels/gpu/emulated/device_emulated.h"
#endif

namespace tokenmark::gpu {
template <class Kernel>
inline constexpr int kBlocksOf = 1;
template <class Kernel>
  requires requires { Kernel::kBlocks; }
inline constexpr int kBlocksOf<Kernel> = Kernel::kBlocks;
template <class Kernel>
inline constexpr bool kWaitsOf = false;
template <class Kernel>
  requires requires { Kernel::kWaits; }
inline constexpr bool kWaitsOf<Kernel> = Kernel::kWaits;
}  // namespace tokenmark::gpu

// What all have in common, made of the above. Kernels stand in this namespace, which names the wave size where both kinds
// can be in one program.
namespace TM_GPU_NAMESPACE {

TM_DEVICE int lane() { return static_cast<int>(thread_index()) % kWave; }
TM_DEVICE int warp() { return static_cast<int>(thread_index()) / kWave; }
TM_DEVICE int warps() { return (static_cast<int>(block_threads()) + kWave - 1) / kWave; }

template <class T>
struct Sum {
  TM_DEVICE T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct Maximum {
  TM_DEVICE T operator()(T a, T b) const { return a > b ? a : b; }
};

// Over groups of `width` neighbouring lanes (a power of two); every lane gets the result.
template <int width = kWave, class T, class Operation>
TM_DEVICE T reduce_lanes(T value, Operation operation) {
  for (int step = width / 2; step > 0; step /= 2) value = operation(value, shuffle_xor(value, step));
  return value;
}
template <int width = kWave, class T>
TM_DEVICE T sum_lanes(T value) {
  return reduce_lanes<width>(value, Sum<T>{});
}
template <int width = kWave, class T>
TM_DEVICE T maximum_lanes(T value) {
  return reduce_lanes<width>(value, Maximum<T>{});
}

// Over the block; every thread gets the result. `scratch`: warps() values, free again after the call's last barrier,
// which is its end.
template <class T, class Operation>
TM_DEVICE T reduce_block(T value, Shared<T> scratch, Operation operation) {
  value = reduce_lanes(value, operation);
  if (lane() == 0) scratch[warp()] = value;
  sync_block();
  T all = scratch[0];
  for (int w = 1; w < warps(); ++w) all = operation(all, static_cast<T>(scratch[w]));
  sync_block();
  return all;
}

TM_DEVICE float bits_to_float(std::uint32_t bits) { return __builtin_bit_cast(float, bits); }
TM_DEVICE std::uint32_t float_to_bits(float value) { return __builtin_bit_cast(std::uint32_t, value); }

}  // namespace TM_GPU_NAMESPACE
