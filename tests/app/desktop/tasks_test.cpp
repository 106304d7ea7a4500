#include "app/desktop/tasks.h"

#include <gtest/gtest.h>

#include <QtTest>
#include <atomic>

namespace tokenmark {
namespace {

TEST(Tasks, a_result_comes_back_to_the_windows_thread) {
  Tasks tasks;
  std::thread::id worked, reported;
  int result = 0;
  tasks.start("sum", [&](std::stop_token) { worked = std::this_thread::get_id(); return 42; },
              [&](int value) { result = value; reported = std::this_thread::get_id(); });
  ASSERT_TRUE(QTest::qWaitFor([&] { return result != 0; }));
  EXPECT_EQ(result, 42);
  EXPECT_EQ(reported, std::this_thread::get_id());
  EXPECT_NE(worked, reported);
}

TEST(Tasks, a_newer_task_of_the_same_tag_stops_the_older_and_voids_its_result) {
  Tasks tasks;
  std::atomic<bool> stopped = false;
  QStringList results;
  tasks.start("tag", [&](std::stop_token stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    stopped = true;
    return 1;
  }, [&](int) { results << "old"; });
  tasks.start("tag", [](std::stop_token) { return 2; }, [&](int) { results << "new"; });
  ASSERT_TRUE(QTest::qWaitFor([&] { return stopped && !results.isEmpty(); }));
  QTest::qWait(20);
  EXPECT_EQ(results, QStringList{"new"});
}

TEST(Tasks, the_end_of_all_tasks_is_waited_for) {
  std::atomic<bool> ended = false;
  {
    Tasks tasks;
    tasks.start("long", [&](std::stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      ended = true;
      return 0;
    }, [](int) {});
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace tokenmark
