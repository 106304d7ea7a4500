// Kernel threads: one operation after another is cut into chunks that the caller and the pool's threads take as they
// come, so that a thread which the machine takes away for a while holds up one chunk and not its whole share.
// Between operations threads spin for some microseconds, then sleep: nothing burns a core of a busy machine.
// `run` is called from one thread at a time; that thread is thread 0 of the work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace tokenmark::cpu_plugin {

class ThreadPool {
 public:
  // `threads` includes the caller. With `cores`, thread i > 0 is pinned to cores[i % cores.size()].
  ThreadPool(std::uint32_t threads, const std::vector<std::uint32_t>& cores);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::uint32_t threads() const { return static_cast<std::uint32_t>(workers_.size()) + 1; }

  // task(chunk, thread) for every chunk below `chunks`, in no order; returns when all are done. `task` must not throw.
  template <class Task>
  void run(std::uint32_t chunks, Task&& task) {
    const auto call = [](void* context, std::uint32_t chunk, std::uint32_t thread) {
      (*static_cast<std::remove_reference_t<Task>*>(context))(chunk, thread);
    };
    run_erased(chunks, call, const_cast<void*>(static_cast<const void*>(&task)));
  }

 private:
  using Call = void (*)(void* context, std::uint32_t chunk, std::uint32_t thread);
  void run_erased(std::uint32_t chunks, Call call, void* context);
  void work(std::uint32_t thread);
  void take_chunks(std::uint32_t thread);
  void wake_workers();
  void wait_for_work(std::uint32_t generation);
  void wait_for_end();

  // The operation in progress: its generation in the upper half, its chunks not yet taken in the lower one. A chunk is
  // taken by counting down with compare-and-swap, so a thread that comes late can never take one of the wrong
  // operation, and call_ and context_ stand still as long as a taken chunk is not done.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<std::uint32_t> unfinished_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<void*> context_{nullptr};

  alignas(64) std::atomic<std::uint32_t> sleeping_workers_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable work_ready_, work_done_;
  std::vector<std::thread> workers_;
};

// Pins the calling thread to a core while it lives, then gives it its old cores back.
class PinnedHere {
 public:
  explicit PinnedHere(const std::vector<std::uint32_t>& cores);  // to the first one; empty: nothing happens
  ~PinnedHere();
  PinnedHere(const PinnedHere&) = delete;
  PinnedHere& operator=(const PinnedHere&) = delete;

 private:
  std::vector<std::uint32_t> before_;
};

// The cores this process may run on.
std::vector<std::uint32_t> allowed_cores();

}  // namespace tokenmark::cpu_plugin
