// Kernels with a fault each, to see that the emulation finds it, and some without.
#pragma once

#include "kernels/gpu/cache.h"
#include "kernels/gpu/numbers.h"

namespace tokenmark::gpu {

struct PlantedArguments {
  const float* in = nullptr;
  float* out = nullptr;
  std::uint32_t n = 0;
};

}  // namespace tokenmark::gpu

namespace TM_GPU_NAMESPACE {

// The sum of the block's values, right for every wave size.
struct SoundSum {
  using Args = PlantedArguments;
  static constexpr int kThreads = 128;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto scratch = memory.take<float>(kThreads / kWave);
    const std::uint32_t i = block_index().x * kThreads + thread_index();
    const float sum = reduce_block(i < args.n ? args.in[i] : 0.0f, scratch, Sum<float>{});
    if (thread_index() == 0) args.out[block_index().x] = sum;
  }
};

// A row of 40 values as a cache keeps it in FP8, read back.
struct StoredFp8 {
  using Args = PlantedArguments;
  static constexpr int kThreads = kWave;
  static constexpr std::uint32_t kDim = 40;
  TM_DEVICE static void run(const Args& args) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(args.out + kDim);
    float* scale = args.out + 2 * kDim;
    store_fp8(bytes, scale, kDim, kDim, [&](std::uint32_t d) { return args.in[d]; });
    sync_block();
    for (std::uint32_t d = 2 * thread_index(); d < kDim; d += 2 * kThreads) {
      from_e4m3_pair(bytes[d] | std::uint32_t{bytes[d + 1]} << 8, args.out + d);
      for (std::uint32_t i = d; i < d + 2; ++i) args.out[i] *= *scale * kE4m3Unit;
    }
  }
};

// Every thread writes its value and reads its neighbour's; `kBarrier` says whether something lies between.
template <bool kBarrier>
struct Neighbour {
  using Args = PlantedArguments;
  static constexpr int kThreads = 128;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto values = memory.take<float>(kThreads);
    values[thread_index()] = args.in[thread_index()];
    if constexpr (kBarrier) sync_block();
    args.out[thread_index()] = values[(thread_index() + 1) % kThreads];
  }
};

// All threads write the same place.
struct SamePlace {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto place = memory.take<float>(1);
    place[0] = args.in[thread_index()];
    sync_block();
    args.out[thread_index()] = place[0];
  }
};

// What a read before it is written over again lacks: the second round writes what the first may still be reading.
struct WriteAfterRead {
  using Args = PlantedArguments;
  static constexpr int kThreads = 128;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto values = memory.take<float>(kThreads);
    float sum = 0;
    for (int round = 0; round < 2; ++round) {
      values[thread_index()] = args.in[thread_index()];
      sync_block();
      sum += values[kThreads - 1 - thread_index()];
    }
    args.out[thread_index()] = sum;
  }
};

struct NeverWritten {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto values = memory.take<float>(kThreads);
    if (thread_index() % 2 == 0) values[thread_index()] = 1;
    sync_block();
    args.out[thread_index()] = values[thread_index()];
  }
};

struct OutOfBounds {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) { args.out[args.n + thread_index()] = 1; }
};

struct OutOfBoundsBefore {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) { if (thread_index() == 3) args.out[-2] = 1; }
};

struct SharedOutOfBounds {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args&) {
    SharedMemory memory;
    const auto values = memory.take<float>(kThreads);
    values[thread_index() + 1] = 0;
  }
};

struct BarrierOfSome {
  using Args = PlantedArguments;
  static constexpr int kThreads = 128;
  TM_DEVICE static void run(const Args&) {
    if (thread_index() < 100) sync_block();
  }
};

struct DivergentWarp {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) {
    const float sum = lane() < 5 ? static_cast<float>(ballot(true)) : sum_lanes(1.0f);
    args.out[thread_index()] = sum;
  }
};

// Takes a warp to be 32 lanes: lane 0 alone adds up the two sums of a wavefront of 64.
struct AssumesWave32 {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args& args) {
    float sum = args.in[thread_index()];
    for (int step = 16; step > 0; step /= 2) sum += shuffle_xor(sum, step);
    if (lane() == 0) atomic_add(args.out, sum);
  }
};

// Reads what an asynchronous copy brings, without waiting for it.
template <bool kWaits>
struct AsyncCopy {
  using Args = PlantedArguments;
  static constexpr int kThreads = 32;
  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto values = memory.take<float>(4 * kThreads);
    copy16_async(values, 4 * thread_index(), args.in + 4 * thread_index());
    commit_copies();
    if constexpr (kWaits) wait_copies<0>();
    args.out[thread_index()] = values[4 * thread_index() + 1];
  }
};

// Doubles values that the kernel before may still be writing; `kEarly`: reads or writes them too early, or never waits.
enum class Early { no, reads, writes, never_waits, some_wait };
template <Early kEarly>
struct Behind {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  static constexpr bool kWaits = true;
  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    const std::uint32_t i = block_index().x * kThreads + thread_index();
    float value = kEarly == Early::reads ? args.in[i] : 0;
    if constexpr (kEarly == Early::writes) args.out[i] = 0;
    if (kEarly == Early::never_waits || (kEarly == Early::some_wait && i == 5)) return;
    wait_for_previous();
    if constexpr (kEarly != Early::reads) value = args.in[i];
    args.out[i] = 2 * value;
  }
};

// Waits, and does not say so.
struct WaitsUnnoted {
  using Args = PlantedArguments;
  static constexpr int kThreads = 64;
  TM_DEVICE static void run(const Args&) { wait_for_previous(); }
};

TM_KERNEL(behind, Behind<Early::no>)
TM_KERNEL(reads_early, Behind<Early::reads>)
TM_KERNEL(writes_early, Behind<Early::writes>)
TM_KERNEL(never_waits, Behind<Early::never_waits>)
TM_KERNEL(some_wait, Behind<Early::some_wait>)
TM_KERNEL(waits_unnoted, WaitsUnnoted)
TM_KERNEL(sound_sum, SoundSum)
TM_KERNEL(stored_fp8, StoredFp8)
TM_KERNEL(neighbour, Neighbour<true>)
TM_KERNEL(neighbour_without_barrier, Neighbour<false>)
TM_KERNEL(same_place, SamePlace)
TM_KERNEL(write_after_read, WriteAfterRead)
TM_KERNEL(never_written, NeverWritten)
TM_KERNEL(out_of_bounds, OutOfBounds)
TM_KERNEL(out_of_bounds_before, OutOfBoundsBefore)
TM_KERNEL(shared_out_of_bounds, SharedOutOfBounds)
TM_KERNEL(barrier_of_some, BarrierOfSome)
TM_KERNEL(divergent_warp, DivergentWarp)
TM_KERNEL(assumes_wave_32, AssumesWave32)
TM_KERNEL(async_copy, AsyncCopy<true>)
TM_KERNEL(async_copy_not_waited_for, AsyncCopy<false>)

}  // namespace TM_GPU_NAMESPACE
