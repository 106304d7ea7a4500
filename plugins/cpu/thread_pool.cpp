#include "plugins/cpu/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <chrono>

namespace tokenmark::cpu_plugin {
namespace {

// Longer than the pauses between a step's operations, shorter than it takes to notice that a thread is kept from running.
constexpr std::chrono::microseconds kSpinTime{40};
constexpr int kSpinsPerLook = 8;  // at the clock: a pause alone takes from 10 to 140 cycles

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

// True as soon as `done` is, false when the time is up.
template <class Done>
bool spin_until(Done&& done) {
  if (done()) return true;
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < kSpinsPerLook; ++i) {
      relax();
      if (done()) return true;
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

std::uint32_t generation_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 32); }
std::uint32_t left_in(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }

bool pin_this_thread(const std::vector<std::uint32_t>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const auto core : cores)
    if (core < CPU_SETSIZE) CPU_SET(core, &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

}  // namespace

std::vector<std::uint32_t> allowed_cores() {
  std::vector<std::uint32_t> cores;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (std::uint32_t core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &set)) cores.push_back(core);
  if (cores.empty()) cores.push_back(0);
  return cores;
}

PinnedHere::PinnedHere(const std::vector<std::uint32_t>& cores) {
  if (cores.empty()) return;
  auto before = allowed_cores();
  if (before.size() == 1 && before.front() == cores.front()) return;
  if (pin_this_thread({cores.front()})) before_ = std::move(before);
}

PinnedHere::~PinnedHere() {
  if (!before_.empty()) pin_this_thread(before_);
}

ThreadPool::ThreadPool(std::uint32_t threads, const std::vector<std::uint32_t>& cores) {
  for (std::uint32_t i = 1; i < threads; ++i)
    workers_.emplace_back([this, i, cores] {
      if (!cores.empty()) pin_this_thread({cores[i % cores.size()]});
      work(i);
    });
}

ThreadPool::~ThreadPool() {
  stop_.store(true);
  {
    const std::lock_guard lock(mutex_);
    work_ready_.notify_all();
  }
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::take_chunks(std::uint32_t thread) {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while (left_in(ticket) > 0) {
    if (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire))
      continue;
    const Call call = call_.load(std::memory_order_relaxed);
    call(context_.load(std::memory_order_relaxed), left_in(ticket) - 1, thread);
    if (unfinished_.fetch_sub(1) == 1 && caller_sleeps_.load()) {
      const std::lock_guard lock(mutex_);
      work_done_.notify_one();
    }
    ticket = ticket_.load(std::memory_order_acquire);
  }
}

void ThreadPool::run_erased(std::uint32_t chunks, Call call, void* context) {
  if (chunks == 0) return;
  if (workers_.empty() || chunks == 1) {
    for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) call(context, chunk, 0);
    return;
  }
  call_.store(call, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  unfinished_.store(chunks, std::memory_order_relaxed);
  const std::uint64_t generation = generation_of(ticket_.load(std::memory_order_relaxed)) + 1u;
  ticket_.store(generation << 32 | chunks);
  wake_workers();
  take_chunks(0);
  wait_for_end();
}

// The two sleeps below follow one pattern: who sleeps announces it and then looks once more; who changes the state
// then looks for sleepers. All sequentially consistent, so that one of them sees the other.
void ThreadPool::wake_workers() {
  if (sleeping_workers_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  work_ready_.notify_all();
}

void ThreadPool::wait_for_end() {
  if (spin_until([this] { return unfinished_.load(std::memory_order_acquire) == 0; })) return;
  std::unique_lock lock(mutex_);
  caller_sleeps_.store(true);
  work_done_.wait(lock, [this] { return unfinished_.load() == 0; });
  caller_sleeps_.store(false);
}

void ThreadPool::wait_for_work(std::uint32_t generation) {
  const auto changed = [&] { return stop_.load() || generation_of(ticket_.load()) != generation; };
  if (spin_until(changed)) return;
  std::unique_lock lock(mutex_);
  sleeping_workers_.fetch_add(1);
  work_ready_.wait(lock, changed);
  sleeping_workers_.fetch_sub(1);
}

void ThreadPool::work(std::uint32_t thread) {
  std::uint32_t generation = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    wait_for_work(generation);
    generation = generation_of(ticket_.load(std::memory_order_acquire));
    take_chunks(thread);
  }
}

}  // namespace tokenmark::cpu_plugin
