#include "kernels/cpu/ceilings.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <functional>
#include <thread>

#include "kernels/cpu/peaks.h"

namespace tokenmark::cpu {
namespace {

using Clock = std::chrono::steady_clock;

// Anonymous memory in huge pages where the system gives them; touched before it is measured.
class Buffer {
 public:
  explicit Buffer(std::size_t bytes) : bytes_(bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    madvise(memory, bytes, MADV_HUGEPAGE);
    begin_ = static_cast<std::byte*>(memory);
  }
  ~Buffer() {
    if (begin_ != nullptr) munmap(begin_, bytes_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::byte* begin() const { return begin_; }

 private:
  std::size_t bytes_;
  std::byte* begin_ = nullptr;
};

// A quarter of what is free now, at most 1 GiB.
std::size_t buffer_bytes() {
  const long pages = sysconf(_SC_AVPHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::size_t{64} << 20;
  return std::min(std::size_t{1} << 30,
                  static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes) / 4);
}

std::uint32_t cores_of_process() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

// A core that does not exist leaves the thread where it is.
void pin(std::uint32_t core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (core < CPU_SETSIZE) CPU_SET(core, &set);
  pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

struct Team {
  std::uint32_t threads;
  const std::vector<std::uint32_t>& cores;
};

// Runs `work(thread)` on all threads at once, `passes` times after one that does not count. Returns the
// seconds of the shortest pass: what stands in the way of a pass is other programs.
double shortest_pass(const Team& team, int passes, const std::function<void(std::uint32_t)>& work) {
  std::vector<Clock::time_point> ends;
  std::barrier meet(team.threads, [&]() noexcept { ends.push_back(Clock::now()); });
  ends.reserve(static_cast<std::size_t>(passes) + 2);
  const auto run = [&](std::uint32_t thread) {
    if (!team.cores.empty()) pin(team.cores[thread % team.cores.size()]);
    for (int pass = 0; pass < passes + 1; ++pass) {
      work(thread);
      meet.arrive_and_wait();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::uint32_t i = 0; i < team.threads; ++i) others.emplace_back(run, i);
  }
  double shortest = 0;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    const double seconds = std::chrono::duration<double>(ends[i] - ends[i - 1]).count();
    if (i == 1 || seconds < shortest) shortest = seconds;
  }
  return shortest;
}

double measure_memory(const Team& team) {
  const std::size_t share = buffer_bytes() / team.threads / 4096 * 4096;
  const Buffer buffer(share * team.threads);
  if (buffer.begin() == nullptr || share == 0) return 0;
  const Peaks& peaks = best_peaks();
  std::vector<char> touched(team.threads, 0);
  const double seconds = shortest_pass(team, 7, [&](std::uint32_t thread) {
    std::byte* begin = buffer.begin() + thread * share;
    if (touched[thread] ==
        0)  // the pass that does not count; by its own thread, so that it lies in its own memory
      for (std::size_t i = 0; i < share; i += 4096) begin[i] = std::byte{1};
    touched[thread] = 1;
    peaks.read(begin, share);
  });
  return static_cast<double>(share * team.threads) / seconds / 1e9;
}

// Operations of `kernel` by all threads, 10^9 a second; `kernel(rounds)` returns the operations that it did.
double measure_rate(const Team& team, double (*kernel)(std::uint64_t rounds)) {
  if (kernel == nullptr) return 0;
  std::uint64_t rounds = 1 << 14;
  for (double seconds = 0; seconds < 2e-3;
       rounds *= 2) {  // long enough that starting together does not count
    const auto start = Clock::now();
    kernel(rounds);
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  rounds *= 8;
  std::vector<double> operations(team.threads, 0);
  const double seconds =
      shortest_pass(team, 5, [&](std::uint32_t thread) { operations[thread] = kernel(rounds); });
  double sum = 0;
  for (double count : operations) sum += count;
  return sum / seconds / 1e9;
}

}  // namespace

Ceilings measure_ceilings(std::uint32_t threads, const std::vector<std::uint32_t>& cores) {
  const Team team{threads != 0 ? threads : cores_of_process(), cores};
  const Peaks& peaks = best_peaks();
  return {.memory_gb_s = measure_memory(team),
          .f32_gflop_s = measure_rate(team, peaks.f32),
          .bf16_gflop_s = measure_rate(team, peaks.bf16),
          .int8_gop_s = measure_rate(team, peaks.int8),
          .matrix_bf16_gflop_s = measure_rate(team, peaks.matrix_bf16),
          .matrix_int8_gop_s = measure_rate(team, peaks.matrix_int8)};
}

}  // namespace tokenmark::cpu
