#include "plugins/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>

namespace tokenmark::cpu_plugin {
namespace {

TEST(ThreadPool, every_chunk_is_done_exactly_once) {
  for (const std::uint32_t threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads, {});
    ASSERT_EQ(pool.threads(), threads);
    for (int round = 0; round < 500; ++round) {
      const std::uint32_t chunks = static_cast<std::uint32_t>(round % 23);
      std::vector<int> done(chunks, 0);  // plain: each chunk is its own, and `run` orders them before what follows
      pool.run(chunks, [&](std::uint32_t chunk, std::uint32_t thread) {
        ASSERT_LT(thread, threads);
        ++done[chunk];
      });
      ASSERT_EQ(done, std::vector<int>(chunks, 1));
    }
  }
}

TEST(ThreadPool, threads_that_sleep_are_woken) {
  ThreadPool pool(3, {});
  std::atomic<int> done{0};
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // longer than any spinning
    pool.run(3, [&](std::uint32_t, std::uint32_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ++done;
    });
    ASSERT_EQ(done.load(), 3 * (round + 1));
  }
}

TEST(ThreadPool, a_thread_is_pinned_only_while_asked) {
  const auto before = allowed_cores();
  {
    const PinnedHere pinned({before.back()});
    EXPECT_EQ(allowed_cores(), std::vector<std::uint32_t>{before.back()});
  }
  EXPECT_EQ(allowed_cores(), before);
}

}  // namespace
}  // namespace tokenmark::cpu_plugin
