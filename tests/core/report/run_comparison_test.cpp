// Runs against one of them: with event logs in a store, with stored figures alone, and what differs between them.
#include "core/report/run_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/report/run_difference.h"
#include "core/report/run_sides.h"
#include "tests/core/metrics/simulated_runs.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::Contains;
using testing::HasSubstr;

const ComparisonRow* row(const ComparisonTable& table, RunId run, std::string_view figure) {
  for (const ComparisonRow& r : table.rows)
    if (r.run == run && r.figure.key == figure) return &r;
  return nullptr;
}

class RunsInStore : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("tokenmark-run-comparison-{}", getpid());
    auto opened = Store::open(folder_ / "runs.db");
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    sweep_ = *store_->add_sweep("test", "name: test", "hash", 1);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A point's repeats, each with its log; the id of the first.
  RunId add(const std::string& device, double slower, int repeats, const char* host = "one") {
    RunId first = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      NewRun run;
      run.sweep = sweep_;
      run.point.target = EngineTarget{.model = "shape:llama-3.2-1b:q4_0", .device = device};
      run.point.load.concurrency = 8;
      run.point.repeat = repeat;
      run.series = "llama · " + device;
      run.model = "llama";
      run.device = device;
      run.hardware = "h200";
      run.gpus = 1;
      const RunId id = *store_->begin_run(run);
      const EventLog log =
          simulated_log({.slower = slower, .deviation = 0.05, .run_deviation = 0.005}, 1, static_cast<std::uint64_t>(100 * id + repeat));
      const auto finished = store_->finish_run(id, compute_figures(log, {}, 1), {{"host", host}, {"cores", 4}}, &log);
      EXPECT_TRUE(finished) << finished.error().message;
      if (first == 0) first = id;
    }
    return first;
  }
  Result<ComparisonTable> compare(const std::vector<RunId>& ids, const RunComparisonQuery& query = {}) {
    std::vector<RunRow> rows;
    for (const RunId id : ids) rows.push_back(*store_->run(id));
    return run_comparison(store_.get(), rows, query);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
  SweepId sweep_ = 0;
};

TEST_F(RunsInStore, each_run_stands_for_its_point_and_a_real_change_is_told_from_noise) {
  const RunId base = add("a", 1, 3), slow = add("b", 1.3, 3), same = add("c", 1, 3);
  const auto made = compare({base, slow, same});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->of_runs);
  EXPECT_EQ(made->runs, (std::vector<RunId>{base, slow, same}));
  EXPECT_EQ(made->baseline, "run 1 · llama · a · concurrency 8 (3 repeats)");
  const ComparisonRow* e2e = row(*made, slow, "e2e_s_p50");
  ASSERT_TRUE(e2e);
  EXPECT_EQ(e2e->verdict, ChangeVerdict::worse);
  EXPECT_NEAR(*e2e->change, 0.3, 0.05);
  EXPECT_LT(e2e->interval->low, *e2e->change);
  EXPECT_GT(e2e->interval->high, *e2e->change);
  EXPECT_EQ(row(*made, slow, "interactivity_tok_s_p50")->verdict, ChangeVerdict::worse) << "lower is worse here";
  EXPECT_EQ(row(*made, same, "e2e_s_p50")->verdict, ChangeVerdict::noise);
  EXPECT_THAT(row(*made, slow, "ttft_s_p99")->figure.definition, HasSubstr("first message with a token"));
  for (std::size_t i = 1; i < made->rows.size(); ++i)
    EXPECT_GE(std::abs(std::log1p(*made->rows[i - 1].change)) + 1e-12, std::abs(std::log1p(*made->rows[i].change)))
        << "the largest effect first";
  EXPECT_THAT(made->method, HasSubstr("Welch's t over 3 and 3 runs"));
  EXPECT_FALSE(made->price_set.empty());
  EXPECT_NEAR(*row(*made, slow, "dollars_per_mtok")->value * *row(*made, slow, "total_tok_s_gpu")->value,
              *row(*made, slow, "dollars_per_mtok")->baseline * *row(*made, slow, "total_tok_s_gpu")->baseline, 1e-9)
      << "one price: cost is 1 ÷ throughput";
  const auto pinned = compare({base, slow, same}, {.baseline = slow + 1});
  EXPECT_THAT(pinned->baseline, HasSubstr("run 4")) << "a repeat of it names it as well";
  EXPECT_EQ(row(*pinned, base, "e2e_s_p50")->verdict, ChangeVerdict::better);
  const auto significant = compare({base, slow, same}, {.only_significant = true});
  for (const ComparisonRow& r : significant->rows) EXPECT_EQ(r.run, slow);
}

// The two Comparisons of one table share Holm's correction: its p is that of all figures, so never smaller than alone.
TEST_F(RunsInStore, figures_are_those_of_runs_compare) {
  const RunId base = add("a", 1, 3), slow = add("b", 1.3, 3);
  const auto side = [&](RunId id) { return *compared_runs(*store_, *run_side(*store_, {id}, false)); };
  const Comparison two = *compare_runs(side(slow), side(base));
  const auto made = compare({base, slow});
  for (const FigureComparison& f : two.figures) {
    if (!f.compared) continue;
    const ComparisonRow* r = row(*made, slow, f.figure);
    ASSERT_TRUE(r) << f.figure;
    EXPECT_DOUBLE_EQ(*r->value, f.a);
    EXPECT_DOUBLE_EQ(*r->change, f.change);
    EXPECT_EQ(r->verdict != ChangeVerdict::noise, f.differs) << f.figure;
  }
}

TEST_F(RunsInStore, repeats_of_one_point_stand_alone_and_an_unfinished_run_is_said) {
  const RunId first = add("a", 1, 3);
  NewRun run;
  run.point.target = EngineTarget{.model = "shape:llama-3.2-1b:q4_0"};
  const RunId failed = *store_->begin_run(run);
  ASSERT_TRUE(store_->end_run(failed, RunState::failed, "no memory"));
  const auto made = compare({first, first + 1, first + 2, failed});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->series.size(), 3u);
  EXPECT_THAT(made->notes, Contains(HasSubstr("repeats of one point")));
  EXPECT_THAT(made->notes, Contains(HasSubstr("is failed and has nothing to compare")));
  EXPECT_THAT(made->notes, Contains(HasSubstr("Run-to-run variation is not covered")));
}

// Stored figures by hand: 200 against 100 and no repeats; then three of 98, 100, 102 against 198, 200, 202: logarithms
// −0.02020, 0, 0.01980 (deviation 0.02) and −0.01005, 0, 0.00995 (0.01), error √(0.0004/3 + 0.0001/3) = 0.0129,
// degrees 2.94, t 3.22.
TEST(RunComparison, without_logs_stored_figures_are_compared_with_an_interval_from_repeats) {
  const std::vector<RunRow> samples = {done_run(-1, "A", 1, 50, 100), done_run(-2, "B", 1, 50, 200)};
  const auto made = run_comparison(nullptr, samples, {});
  ASSERT_TRUE(made) << made.error().message;
  const ComparisonRow* throughput = row(*made, -2, "total_tok_s_gpu");
  EXPECT_NEAR(*throughput->change, 1, 1e-12);
  EXPECT_EQ(throughput->verdict, ChangeVerdict::unknown);
  EXPECT_EQ(throughput->why, "a published figure has no requests to judge by");
  EXPECT_NEAR(*row(*made, -2, "dollars_per_mtok")->change, -0.5, 1e-12);
  EXPECT_FALSE(row(*made, -2, "joules_per_total_token")) << "nobody measured it";
  EXPECT_TRUE(run_comparison(nullptr, {samples[0]}, {})->rows.empty());
  EXPECT_TRUE(run_comparison(nullptr, {}, {})->series.empty());
}

TEST_F(RunsInStore, imported_repeats_without_logs_have_welchs_interval) {
  for (const auto& [name, middle] : {std::pair("a", 100.0), std::pair("b", 200.0)})
    for (int repeat = 0; repeat < 3; ++repeat) {
      NewRun run;
      run.sweep = sweep_;
      run.point.target = EngineTarget{.model = "m", .device = name};
      run.point.repeat = repeat;
      run.series = name;
      run.gpus = 1;
      Figures figures;
      figures.completed = 10;
      figures.total_tok_s = figures.total_tok_s_gpu = middle + 2 * (repeat - 1);
      ASSERT_TRUE(store_->finish_run(*store_->begin_run(run), figures, {{"host", "one"}}, nullptr));
    }
  const auto made = compare({1, 4});
  ASSERT_TRUE(made) << made.error().message;
  const ComparisonRow* throughput = row(*made, 4, "total_tok_s_gpu");
  ASSERT_TRUE(throughput->interval) << throughput->why;
  const double ratio = 1 + *throughput->change;
  EXPECT_NEAR(ratio, std::cbrt(198.0 * 200 * 202 / (98.0 * 100 * 102)), 1e-12);
  EXPECT_NEAR(std::log1p(throughput->interval->high) - std::log(ratio), 3.22 * 0.01291, 0.0005);
  EXPECT_EQ(throughput->verdict, ChangeVerdict::better);
}

TEST_F(RunsInStore, what_differs_stands_side_by_side_in_every_format) {
  const RunId a = add("a", 1, 1, "one|two"), b = add("b", 1, 1);
  const auto difference = run_difference(store_.get(), {*store_->run(a), *store_->run(b)});
  ASSERT_TRUE(difference) << difference.error().message;
  EXPECT_EQ(difference_header(*difference), (std::vector<std::string>{"section", "name", "run 1", "run 2"}));
  EXPECT_THAT(difference_cells(*difference, false),
              Contains(testing::ElementsAre("Configuration", "target.engine.device", "a", "b")));
  EXPECT_THAT(difference_cells(*difference, false),
              testing::Not(Contains(testing::ElementsAre("Environment", "cores", "4", "4"))));
  EXPECT_THAT(difference_cells(*difference, true), Contains(testing::ElementsAre("Environment", "cores", "4", "4")));
  EXPECT_THAT(difference_markdown(*difference, false), HasSubstr("| Environment | host | one\\|two | one |"));
  EXPECT_THAT(difference_csv(*difference, false), HasSubstr("Configuration,target.engine.device,a,b\n"));
  const nlohmann::json json = to_json(*difference, false);
  EXPECT_EQ(json["runs"], (nlohmann::json{a, b}));
  EXPECT_FALSE(json["sections"]["Environment"][0]["equal"].get<bool>());
}

TEST_F(RunsInStore, a_table_of_runs_is_written_in_every_format) {
  const RunId base = add("a", 1, 3), slow = add("b", 1.3, 3);
  const ComparisonTable made = *compare({base, slow});
  EXPECT_THAT(comparison_heading(made), HasSubstr("against run 1"));
  EXPECT_EQ(comparison_header(made)[0], "run");
  EXPECT_THAT(comparison_csv(made), HasSubstr("\nrun,name,figure,unit,value,"));
  EXPECT_THAT(comparison_csv(made), HasSubstr("\n4,run 4 · llama · b"));
  EXPECT_THAT(comparison_markdown(made), HasSubstr("| run | figure |"));
  const nlohmann::json json = to_json(made);
  EXPECT_EQ(json["runs"], (nlohmann::json{1, 4}));
  EXPECT_EQ(json["rows"][0]["run"], 4);
  EXPECT_FALSE(json.contains("equal"));
}

}  // namespace
}  // namespace tokenmark
