#include "core/sweep/runner.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "core/sweep/estimate.h"
#include "core/sweep/quick_sweep.h"
#include "core/workload/point_json.h"
#include "tests/core/node/fake_agent.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class RunnerTest : public FakeAgentTest {
 protected:
  Sweep sweep(int repeats = 2) {
    auto parsed = parse_sweep(
        fmt::format("target: {{engine: {{model: m.gguf}}}}\nload: {{requests_per_concurrency: 2}}\n"
                    "axes: {{concurrency: [1, 2, 4]}}\nrepeats: {}\n",
                    repeats),
        "r.yaml");
    EXPECT_TRUE(parsed);
    return *parsed;
  }
  std::unique_ptr<Store> store() { return std::move(*Store::open(folder / "runs.db")); }
  Result<SweepOutcome> run(const std::string& mode, Store& into, bool resume = false,
                           std::stop_token stop = {}, const SweepObserver& observer = {}) {
    return run_sweep(sweep(), into, {.agent_program = program(mode), .resume = resume}, observer, stop);
  }
  // The points of a sweep that are done, each as often as it is there.
  std::multiset<std::pair<std::string, int>> done(Store& from) {
    std::multiset<std::pair<std::string, int>> keys;
    const auto rows = from.runs();
    for (const RunRow& row : *rows)
      if (row.state == RunState::done) keys.emplace(row.configuration_key, row.repeat);
    return keys;
  }
  std::multiset<std::pair<std::string, int>> all_points() {
    std::multiset<std::pair<std::string, int>> keys;
    for (const Point& point : sweep().points) keys.emplace(configuration_key(point), point.repeat);
    return keys;
  }
  // Two points of each of two targets.
  static auto two_targets_with_quality() {
    return parse_sweep("target: {engine: {model: m.gguf}}\naxes: {concurrency: [1, 2], threads: [1, 2]}\n"
                       "quality: {name: made, kind: exact, file: q.jsonl}\n", "q.yaml");
  }
};

TEST_F(RunnerTest, quality_is_asked_once_for_a_target_and_stored_with_each_of_its_runs) {
  const auto parsed = two_targets_with_quality();
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto into = store();
  const auto outcome = run_sweep(*parsed, *into, {.agent_program = program("good")}, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  const auto rows = into->runs();
  ASSERT_EQ(rows->size(), 4u);
  for (const RunRow& row : *rows)
    EXPECT_THAT(row.quality, testing::ElementsAre(QualityFigure{"made", "accuracy", 0.25, {}, 4})) << row.configuration_key;
}

TEST_F(RunnerTest, a_quality_task_that_fails_costs_no_measurement_and_is_stored_and_told_once_a_target) {
  const auto parsed = two_targets_with_quality();
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto into = store();
  const auto outcome = run_sweep(*parsed, *into, {.agent_program = program("quality_fails")}, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->failed, 0);
  EXPECT_THAT(outcome->quality_errors, testing::ElementsAre("quality task made of fake: q.jsonl: cannot be opened",
                                                            "quality task made of fake: q.jsonl: cannot be opened"));
  const auto rows = into->runs();
  ASSERT_EQ(rows->size(), 4u);
  for (const RunRow& row : *rows) {
    EXPECT_EQ(row.state, RunState::done);
    EXPECT_TRUE(row.output_tok_s);
    EXPECT_THAT(row.quality_failures, testing::ElementsAre(QualityFailure{"made", "q.jsonl: cannot be opened"}));
  }
}

TEST_F(RunnerTest, every_point_is_measured_and_stored_with_its_facts) {
  const auto into = store();
  std::vector<RunId> stored;
  double share = 0;
  SweepObserver observer;
  observer.run_stored = [&](RunId id) { stored.push_back(id); };
  observer.progress = [&](const SweepProgress& progress) {
    EXPECT_GE(progress.share, share);
    share = progress.share;
  };
  const auto outcome = run("good", *into, false, {}, observer);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->runs, stored);
  EXPECT_EQ(outcome->failed, 0);
  EXPECT_EQ(share, 1.0);
  EXPECT_EQ(done(*into), all_points());
  const auto row = into->run(stored[1]);
  EXPECT_EQ(row->model, "fake");
  EXPECT_EQ(row->hardware, "Fake CPU");
  EXPECT_EQ(row->completed, 4);
  EXPECT_THAT(row->series, HasSubstr("fake · f32 · Fake CPU · fake 1"));
  EXPECT_EQ(into->run(stored[0])->series, row->series);  // one line of a chart over concurrency
}

TEST_F(RunnerTest, a_failed_point_is_stored_failed_and_the_sweep_goes_on) {
  const auto into = store();
  const auto outcome = run("failed_at_2", *into);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->runs.size(), 4u);
  EXPECT_EQ(outcome->failed, 2);
  EXPECT_THAT(outcome->errors.at(0), HasSubstr("concurrency 2, repeat 1 of 2: not enough memory"));
  EXPECT_EQ(into->run(outcome->failed_runs.at(0))->state, RunState::failed);
}

TEST_F(RunnerTest, too_many_failed_requests_fail_the_point) {
  const auto into = store();
  const auto outcome = run("half_failed", *into);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->failed, 2);
  EXPECT_THAT(outcome->errors.at(0),
              HasSubstr("2 of 4 requests failed (2 engine); stop.failed_share allows 0.05"));
}

TEST_F(RunnerTest, a_local_agent_that_dies_once_is_started_again_and_nothing_is_missing) {
  const auto into = store();
  const auto outcome = run("die_once", *into);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->failed, 0);
  EXPECT_EQ(done(*into), all_points());
}

TEST_F(RunnerTest, a_point_that_kills_agents_fails_and_the_others_are_measured) {
  const auto into = store();
  const auto outcome = run("die_at_2", *into);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->runs.size(), 4u);
  EXPECT_EQ(outcome->failed, 2);
  EXPECT_THAT(outcome->errors.at(0), HasSubstr("killed by signal 9"));
}

TEST_F(RunnerTest, garbage_from_the_agent_fails_points_by_name) {
  const auto into = store();
  const auto outcome = run("garbage", *into);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->failed, 6);
  EXPECT_THAT(outcome->errors.at(0), HasSubstr("Segmentation fault, sorry"));
}

TEST_F(RunnerTest, without_an_agent_the_sweep_ends_and_the_run_is_not_left_running) {
  const auto into = store();
  const auto outcome = run_sweep(sweep(), *into, {.agent_program = "/nowhere/agent"}, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("/nowhere/agent"));
  EXPECT_EQ(into->runs()->at(0).state, RunState::interrupted);
}

TEST_F(RunnerTest, a_cancelled_sweep_resumes_to_exactly_its_points) {
  const auto into = store();
  std::stop_source stop;
  SweepObserver observer;
  int stored = 0;
  observer.run_stored = [&](RunId) {
    if (++stored == 2) stop.request_stop();
  };
  const auto cancelled = run("good", *into, false, stop.get_token(), observer);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(done(*into).size(), 2u);
  const auto resumed = run("good", *into, true);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(resumed->runs.size(), 6u);
  EXPECT_EQ(done(*into), all_points());
  EXPECT_EQ(into->sweeps()->size(), 1u);
}

TEST_F(RunnerTest, resuming_measures_failed_points_again_and_replaces_their_rows) {
  const auto into = store();
  ASSERT_TRUE(run("failed_at_2", *into));
  const auto resumed = run("good", *into, true);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(done(*into), all_points());
  EXPECT_EQ(into->runs()->size(), 6u);
}

// The whole program is killed in the middle of a sweep; resumed, the sweep has exactly the points of an
// undisturbed one.
TEST_F(RunnerTest, a_killed_program_loses_at_most_the_point_in_flight) {
  const std::string agent = program("slow");
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto into = store();
    SweepObserver observer;
    observer.run_stored = [&](RunId id) { (void)!write(told[1], &id, sizeof id); };
    (void)run_sweep(sweep(), *into, {.agent_program = agent}, observer, {});
    _exit(0);
  }
  close(told[1]);
  RunId id = 0;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(read(told[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
  std::this_thread::sleep_for(std::chrono::milliseconds(15));  // into the next point
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(told[0]);

  const auto into = store();
  EXPECT_GE(done(*into).size(), 3u);
  EXPECT_LT(done(*into).size(), 6u);
  const auto resumed = run("good", *into, true);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(done(*into), all_points());
  EXPECT_EQ(into->runs()->size(), 6u);  // the interrupted row was replaced

  pid_t agent_pid = 0;  // and the killed program's agent has left by itself
  std::ifstream(folder / "file") >> agent_pid;
  for (int i = 0; i < 500 && kill(agent_pid, 0) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_NE(kill(agent_pid, 0), 0);
}

TEST(TimeEstimate, knows_nothing_at_first_and_then_what_was_measured) {
  using namespace std::chrono_literals;
  const TimeEstimate::Clock::time_point start{};
  TimeEstimate estimate({"a", "b", "a", "b"});
  estimate.begin(0, start);
  EXPECT_FALSE(estimate.seconds_left(0, start + 1s));
  EXPECT_DOUBLE_EQ(*estimate.seconds_left(0.5, start + 5s), 35.0);  // half in 5 s: 10 s a point
  estimate.finish(start + 10s);
  estimate.begin(1, start + 10s);
  estimate.finish(start + 30s);
  estimate.begin(2, start + 30s);
  EXPECT_DOUBLE_EQ(*estimate.seconds_left(0, start + 34s), 26.0);  // 6 left of a's 10, and b's 20
}

TEST(TimeEstimate, an_open_loop_takes_as_long_as_its_schedule) {
  using namespace std::chrono_literals;
  const TimeEstimate::Clock::time_point start{};
  TimeEstimate estimate({"a", "b"}, {60.0, 30.0});
  estimate.begin(0, start);
  EXPECT_DOUBLE_EQ(*estimate.seconds_left(0, start + 2s), 88.0);
}

TEST(QuickSweep, the_shape_fits_the_machine_and_every_plan_is_a_good_sweep) {
  std::set<std::string> models;
  for (const double seconds : {1000.0, 10.0, 1.0, 0.3, 0.05, 0.001}) {
    const Sweep sweep = plan_quick_sweep({seconds, 3 * seconds});
    ASSERT_EQ(sweep.points.size(), 4u);
    for (const Point& point : sweep.points) {
      EXPECT_GE(point.workload.output, 32);
      EXPECT_GE(
          std::max(point.load.min_requests, point.load.concurrency * point.load.requests_per_concurrency),
          12);
      models.insert(std::get<EngineTarget>(point.target).model);
    }
  }
  EXPECT_EQ(std::get<EngineTarget>(plan_quick_sweep({1000, 3000}).points[0].target).model,
            "shape:smollm2-135m:q8_0");
  EXPECT_EQ(std::get<EngineTarget>(plan_quick_sweep({0.001, 0.003}).points[0].target).model,
            "shape:llama-3.2-1b:q4_0");
  EXPECT_EQ(models.size(), 3u);
}

}  // namespace
}  // namespace tokenmark
