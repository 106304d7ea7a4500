// Sweeps that are paused, gone on with, given up in the middle of a point, and of which only failed points are repeated.
#include "core/sweep/pause.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "core/sweep/runner.h"
#include "tests/core/node/fake_agent.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class PauseTest : public FakeAgentTest {
 protected:
  Sweep sweep() {
    return *parse_sweep("target: {engine: {model: m.gguf}}\nload: {requests_per_concurrency: 2}\naxes: {concurrency: [1, 2, 4]}\n", "p.yaml");
  }
  std::unique_ptr<Store> store() { return std::move(*Store::open(folder / "runs.db")); }
  int count(Store& from, RunState state) {
    const auto rows = from.runs();
    return static_cast<int>(std::count_if(rows->begin(), rows->end(), [&](const RunRow& row) { return row.state == state; }));
  }
};

TEST_F(PauseTest, a_paused_sweep_stands_still_between_points_without_an_agent_and_goes_on_to_the_same_points) {
  const auto into = store();
  SweepPause pause;
  std::atomic<bool> still = false;
  SweepObserver observer;
  observer.run_stored = [&](RunId) { pause.pause(); };  // after each point
  observer.paused = [&](bool paused) { still = paused; };
  std::thread resumer([&] {
    for (int times = 0; times < 2; ++times) {
      while (!still) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::size_t done = Store::open(folder / "runs.db").value()->runs()->size();
      std::this_thread::sleep_for(std::chrono::milliseconds(60));  // a point of this agent takes 40 ms
      EXPECT_EQ(Store::open(folder / "runs.db").value()->runs()->size(), done) << "nothing is measured meanwhile";
      pid_t agent = 0;
      std::ifstream(folder / "file") >> agent;
      EXPECT_NE(kill(agent, 0), 0) << "no agent holds memory or a device";
      still = false;
      pause.resume();
    }
  });
  const auto outcome = run_sweep(sweep(), *into, {.agent_program = program("slow"), .pause = &pause}, observer, {});
  resumer.join();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->runs.size(), 3u);
  EXPECT_EQ(into->runs()->size(), 3u);
}

TEST_F(PauseTest, a_point_given_up_is_measured_again_and_its_row_replaced) {
  const auto into = store();
  SweepPause pause;
  SweepObserver observer;
  bool given_up = false;
  observer.progress = [&](const SweepProgress& progress) {
    if (progress.phase != "measuring" || std::exchange(given_up, true)) return;
    pause.pause(true);
  };
  observer.paused = [&](bool paused) {
    if (!paused) return;
    EXPECT_EQ(count(*into, RunState::cancelled), 1);
    std::filesystem::rename(program("good"), folder / "agent-until_cancelled");
    pause.resume();
  };
  const auto outcome = run_sweep(sweep(), *into, {.agent_program = program("until_cancelled"), .pause = &pause}, observer, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(given_up);
  EXPECT_EQ(count(*into, RunState::done), 3);
  EXPECT_EQ(into->runs()->size(), 3u) << "the row of the point given up is gone";
}

TEST_F(PauseTest, a_paused_sweep_can_be_cancelled) {
  const auto into = store();
  SweepPause pause;
  std::stop_source stop;
  SweepObserver observer;
  observer.run_stored = [&](RunId) { pause.pause(); };
  observer.paused = [&](bool) { stop.request_stop(); };
  const auto outcome = run_sweep(sweep(), *into, {.agent_program = program("good"), .pause = &pause}, observer, stop.get_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(count(*into, RunState::done), 1);
}

TEST_F(PauseTest, failed_points_only_leaves_the_others_alone) {
  const auto into = store();
  ASSERT_TRUE(run_sweep(sweep(), *into, {.agent_program = program("failed_at_2")}, {}, {}));
  const auto before = into->runs();
  EXPECT_EQ(points_left(sweep(), *into, true)->size(), 1u);
  std::vector<RunId> stored;
  SweepObserver observer;
  observer.run_stored = [&](RunId id) { stored.push_back(id); };
  const auto again = run_sweep(sweep(), *into, {.agent_program = program("good"), .failed_only = true}, observer, {});
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(into->run(stored[0])->concurrency, 2);
  EXPECT_EQ(again->runs.size(), 3u);
  EXPECT_EQ(count(*into, RunState::failed), 0);
  EXPECT_EQ(into->runs()->size(), before->size());
}

TEST_F(PauseTest, an_interrupted_sweep_is_not_measured_where_only_failed_points_are_wanted) {
  const auto into = store();
  std::stop_source stop;
  SweepObserver observer;
  observer.run_stored = [&](RunId) { stop.request_stop(); };
  EXPECT_FALSE(run_sweep(sweep(), *into, {.agent_program = program("failed_at_2")}, observer, stop.get_token()));
  const auto again = run_sweep(sweep(), *into, {.agent_program = program("good"), .failed_only = true}, {}, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->runs.size(), 1u) << "the point that was done; the others were not failed";
}

TEST_F(PauseTest, failed_points_of_a_sweep_that_never_ran_are_an_error) {
  const auto into = store();
  const auto outcome = run_sweep(sweep(), *into, {.agent_program = program("good"), .failed_only = true}, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("no earlier run"));
}

}  // namespace
}  // namespace tokenmark
