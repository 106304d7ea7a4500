#include "core/metrics/compare.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/metrics/figures.h"
#include "tests/core/metrics/simulated_runs.h"

namespace tokenmark {
namespace {

const FigureComparison& figure(const Comparison& comparison, const std::string& key) {
  for (const FigureComparison& f : comparison.figures)
    if (f.figure == key) return f;
  throw std::out_of_range(key);
}

TEST(Compare, values_are_those_of_the_figures) {
  const EventLog log = simulated_log({}, 1, 1);
  const Figures f = compute_figures(log, {}, 1);
  const std::vector<ComparedRun> runs(3, compared_run(log, {}, 0));
  const Comparison c = *compare_runs(runs, runs);
  EXPECT_NEAR(figure(c, "ttft_s_mean").a, *f.ttft_s.mean, 1e-12);
  EXPECT_NEAR(figure(c, "ttft_s_p99").a, *f.ttft_s.p99.value, 1e-12);
  EXPECT_NEAR(figure(c, "tpot_s_p50").a, *f.tpot_s.p50.value, 1e-12);
  EXPECT_NEAR(figure(c, "itl_s_p99").a, *f.itl_s.p99.value, 1e-12);
  EXPECT_NEAR(figure(c, "e2e_s_p50").a, *f.e2e_s.p50.value, 1e-12);
  EXPECT_NEAR(figure(c, "output_tok_s").a, *f.output_tok_s, 1e-9);
  EXPECT_NEAR(figure(c, "total_tok_s_gpu").a, *f.total_tok_s_gpu, 1e-9);
  EXPECT_NEAR(figure(c, "interactivity_tok_s_p50").a, *f.interactivity_p50.value, 1e-9);
}

TEST(Compare, a_run_does_not_differ_from_itself) {
  const auto run = simulated_runs({}, 1, 1, 1);
  const Comparison c = *compare_runs(run, run);
  EXPECT_TRUE(figure(c, "e2e_s_p50").compared && figure(c, "output_tok_s").compared && figure(c, "goodput_req_s").compared);
  for (const FigureComparison& f : c.figures) {
    if (!f.compared) continue;
    EXPECT_EQ(f.verdict, "no difference") << f.figure;
    EXPECT_EQ(f.change, 0) << f.figure;
    EXPECT_EQ(f.p, 1) << f.figure;
  }
  EXPECT_FALSE(c.covers_run_to_run);
  ASSERT_FALSE(c.notes.empty());
  EXPECT_NE(c.notes[0].find("Run-to-run variation is not covered"), std::string::npos);
  EXPECT_EQ(c.method, "paired block bootstrap within the runs");
}

TEST(Compare, a_large_difference_is_found_with_its_size_and_direction) {
  for (const int runs : {1, 3, 6}) {
    const Comparison c = *compare_runs(simulated_runs({.slower = 1.2, .run_deviation = 0.005}, runs, 1, 1),
                                       simulated_runs({.run_deviation = 0.005}, runs, 1, 2));
    const FigureComparison& e2e = figure(c, "e2e_s_p50");
    EXPECT_TRUE(e2e.differs) << runs << " runs: p = " << e2e.p;
    EXPECT_GT(e2e.change, 0.12);
    EXPECT_LT(e2e.change, 0.28);
    EXPECT_LE(e2e.interval.low, e2e.change);
    EXPECT_GE(e2e.interval.high, e2e.change);
    EXPECT_NE(e2e.verdict.find("higher"), std::string::npos) << e2e.verdict;
    const FigureComparison& output = figure(c, "output_tok_s");
    EXPECT_TRUE(output.differs) << runs << " runs: p = " << output.p;
    EXPECT_NE(output.verdict.find("lower"), std::string::npos) << output.verdict;
    EXPECT_EQ(c.covers_run_to_run, runs >= 3);
  }
}

// Welch's t by hand. Logarithms of A: 0, 2, 4 (mean 2, variance 4), of B: 5, 6, 7 (mean 6, variance 1): difference −4, error
// √(4/3 + 1/3) = 1.29099, t = −3.09839, degrees (5/3)²/((4/3)²/2 + (1/3)²/2) = 2.94118.
TEST(Compare, three_runs_are_compared_by_welchs_t) {
  const auto run = [](double log_value, std::int32_t repeat) {
    ComparedRun out;
    out.repeat = repeat;
    out.duration_s = 1;
    out.requests.assign(30, {1, 1});
    for (std::uint32_t i = 0; i < 30; ++i) out.e2e.push_back({std::exp(log_value), i});
    return out;
  };
  const Comparison c = *compare_runs({run(0, 0), run(2, 1), run(4, 2)}, {run(5, 0), run(6, 1), run(7, 2)});
  const FigureComparison& e2e = figure(c, "e2e_s_p50");  // the only one that can be compared: no correction
  EXPECT_NEAR(e2e.change, std::exp(-4) - 1, 1e-12);
  EXPECT_NEAR(e2e.p, 0.0549, 0.0005);
  EXPECT_NEAR(std::log1p(e2e.interval.high) - std::log1p(e2e.interval.low), 2 * 1.29099 * 3.2199, 0.005);
  EXPECT_EQ(figure(c, "ttft_s_p50").verdict, "a run has 0 samples, 20 are needed");
  EXPECT_EQ(figure(c, "e2e_s_p99").verdict, "a run has 30 samples, 100 are needed");
  EXPECT_EQ(figure(c, "goodput_req_s").verdict, "no limits were given");
}

// Interactivity is 1 ÷ TPOT, the cost at one price is 1 ÷ the throughput: they ask nothing new, and cost no certainty.
TEST(Compare, an_inverse_figure_has_the_p_of_the_one_that_it_is_made_of) {
  auto a = simulated_runs({.slower = 1.1, .run_deviation = 0.005}, 3, 1, 1),
       b = simulated_runs({.run_deviation = 0.005}, 3, 1, 2);
  const Comparison without = *compare_runs(a, b);
  EXPECT_EQ(figure(without, "dollars_per_mtok").verdict, "its hardware has no price");
  EXPECT_EQ(figure(without, "joules_per_total_token").verdict, "no energy was measured");
  for (auto* runs : {&a, &b})
    for (ComparedRun& run : *runs) run.dollars_per_hour = 3.6;
  const Comparison c = *compare_runs(a, b);
  EXPECT_EQ(figure(c, "total_tok_s_gpu").p, figure(without, "total_tok_s_gpu").p) << "a price changes no other figure's p";
  EXPECT_EQ(figure(c, "interactivity_tok_s_p50").p, figure(c, "tpot_s_p50").p);
  EXPECT_EQ(figure(c, "dollars_per_mtok").p, figure(c, "total_tok_s_gpu").p);
  EXPECT_NEAR(1 + figure(c, "dollars_per_mtok").change, 1 / (1 + figure(c, "total_tok_s_gpu").change), 1e-12);
  EXPECT_NEAR(figure(c, "dollars_per_mtok").b, 3.6 / (figure(c, "total_tok_s_gpu").b * 3600) * 1e6, 1e-9);
  EXPECT_NEAR(1 + figure(c, "dollars_per_mtok").interval.low, 1 / (1 + figure(c, "total_tok_s_gpu").interval.high), 1e-12);
  // Another price is another question: it is asked for itself.
  for (ComparedRun& run : a) run.dollars_per_hour = 1.8;
  const Comparison cheaper = *compare_runs(a, b);
  EXPECT_FALSE(figure(cheaper, "dollars_per_mtok").same_question);
  EXPECT_NEAR(1 + figure(cheaper, "dollars_per_mtok").change, (1 + figure(c, "dollars_per_mtok").change) / 2, 1e-12);
}

TEST(Compare, energy_needs_repeats_and_accelerators_divide_the_throughput) {
  auto one = simulated_runs({}, 1, 1, 1), other = simulated_runs({}, 1, 1, 2);
  one[0].joules_per_token = other[0].joules_per_token = 2;
  one[0].gpus = 4;
  const Comparison c = *compare_runs(one, other);
  EXPECT_FALSE(figure(c, "joules_per_total_token").compared);
  EXPECT_NE(figure(c, "joules_per_total_token").verdict.find("3 repeats on each side"), std::string::npos);
  EXPECT_NEAR(1 + figure(c, "total_tok_s_gpu").change, (1 + figure(c, "output_tok_s").change) / 4, 0.02);
  auto a = simulated_runs({}, 3, 1, 1), b = simulated_runs({}, 3, 1, 2);
  for (std::size_t i = 0; i < 3; ++i)
    a[i].joules_per_token = 3 + 0.01 * static_cast<double>(i), b[i].joules_per_token = 2 + 0.01 * static_cast<double>(i);
  const Comparison repeated = *compare_runs(a, b);
  EXPECT_TRUE(figure(repeated, "joules_per_total_token").differs);
  EXPECT_NEAR(figure(repeated, "joules_per_total_token").b, std::cbrt(2 * 2.01 * 2.02), 1e-12);
}

// p of 0.01 and 0.04 in one comparison of two figures are 0.02 and 0.04; of two such comparisons 0.04 and 0.08.
TEST(Compare, several_comparisons_are_corrected_together) {
  const auto two = [] {
    Comparison c;
    for (const double p : {0.01, 0.04}) {
      c.figures.push_back({});
      c.figures.back().compared = true;
      c.figures.back().change = 0.1;
      c.figures.back().p_alone = p;
    }
    return c;
  };
  Comparison first = two(), second = two();
  correct_together({&first});
  EXPECT_DOUBLE_EQ(first.figures[0].p, 0.02);
  EXPECT_DOUBLE_EQ(first.figures[1].p, 0.04);
  EXPECT_TRUE(first.figures[1].differs);
  correct_together({&first, &second});
  EXPECT_DOUBLE_EQ(first.figures[0].p, 0.04);
  EXPECT_DOUBLE_EQ(second.figures[1].p, 0.08);
  EXPECT_FALSE(first.figures[1].differs);
  EXPECT_EQ(first.figures[1].verdict, "no difference");
}

// A drift of 3 % a repeat hides a difference of 2 % in groups, not in pairs.
TEST(Compare, pairs_of_six_repeats_leave_a_common_drift_out) {
  std::vector<ComparedRun> a, b;
  for (int r = 0; r < 6; ++r) {
    const double drift = std::pow(1.03, r);
    a.push_back(simulated_runs({.slower = drift * 1.02, .deviation = 0.01}, 1, 1, 100 + static_cast<std::uint64_t>(r))[0]);
    b.push_back(simulated_runs({.slower = drift, .deviation = 0.01}, 1, 1, 200 + static_cast<std::uint64_t>(r))[0]);
    a.back().repeat = b.back().repeat = r;
  }
  const Comparison pairs = *compare_runs(a, b);
  EXPECT_EQ(pairs.method, "t over 6 pairs of repeats");
  EXPECT_TRUE(figure(pairs, "e2e_s_p50").differs);
  b.back().repeat = 7;
  const Comparison groups = *compare_runs(a, b);
  EXPECT_EQ(groups.method, "Welch's t over 6 and 6 runs");
  EXPECT_FALSE(figure(groups, "e2e_s_p50").differs);
}

TEST(Compare, a_tail_is_not_compared_within_one_run_whose_requests_depend_on_their_neighbours) {
  const auto verdict = [](double autocorrelation) {
    const SimulatedServer server = {.autocorrelation = autocorrelation, .requests = 1000};
    const Comparison c = *compare_runs(simulated_runs(server, 1, 1, 1), simulated_runs(server, 1, 1, 2));
    return std::pair(figure(c, "ttft_s_p99").verdict, figure(c, "ttft_s_p50").compared);
  };
  EXPECT_EQ(verdict(0), std::pair(std::string("no difference"), true));
  EXPECT_NE(verdict(0.8).first.find("independent ones, 368 are needed within one run"), std::string::npos) << verdict(0.8).first;
  EXPECT_TRUE(verdict(0.8).second);
}

TEST(Compare, different_request_lists_are_compared_unpaired_and_said) {
  const Comparison c = *compare_runs(simulated_runs({}, 1, 1, 1), simulated_runs({}, 1, 2, 2));
  EXPECT_FALSE(c.same_requests);
  EXPECT_EQ(c.method, "unpaired block bootstrap within the runs");
  EXPECT_NE(c.notes.back().find("did not ask for the same list"), std::string::npos);
}

TEST(Compare, many_failures_leave_a_percentile_out_with_the_reason) {
  EventLog log = simulated_log({}, 1, 1);
  for (std::size_t i = 0; i < 40; ++i) log.requests.error[i * 10] = RequestError::closed;
  const auto broken = compared_run(log, {}, 0);
  const Comparison c = *compare_runs({broken}, {compared_run(simulated_log({}, 1, 2), {}, 0)});
  EXPECT_FALSE(figure(c, "e2e_s_p99").compared);
  EXPECT_EQ(figure(c, "e2e_s_p99").verdict, "it is infinite in a run: too many requests failed");
  EXPECT_TRUE(figure(c, "e2e_s_p50").compared);
}

TEST(Compare, nothing_to_compare_is_an_error) {
  EXPECT_FALSE(compare_runs({}, simulated_runs({}, 1, 1, 1)));
  EXPECT_EQ(compare_runs({ComparedRun{}}, {ComparedRun{}}).error().message, "a run without requests cannot be compared");
}

TEST(Compare, json_holds_every_figure_or_the_reason) {
  const nlohmann::json json = to_json(*compare_runs(simulated_runs({}, 3, 1, 1), simulated_runs({}, 3, 1, 2)));
  EXPECT_EQ(json["figures"].size() + json["withheld"].size(), comparable_figures().size());
  EXPECT_TRUE(json["figures"]["ttft_s_p50"].contains("change_ci"));
  EXPECT_EQ(json["covers_run_to_run"], true);
}

}  // namespace
}  // namespace tokenmark
