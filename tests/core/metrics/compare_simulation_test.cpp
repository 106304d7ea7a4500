// How often equal systems are called different, and how often a real difference is found.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/core/metrics/simulated_runs.h"

namespace tokenmark {
namespace {

bool any_differs(const Comparison& comparison) {
  return std::any_of(comparison.figures.begin(), comparison.figures.end(), [](const FigureComparison& f) { return f.differs; });
}

// The share of `rounds` comparisons in which any figure of A and B is called different.
double alarms(const SimulatedServer& server, int runs, int rounds, bool same_list = true) {
  int alarms = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto seed = static_cast<std::uint64_t>(round) * 2 + 1;
    alarms += any_differs(*compare_runs(simulated_runs(server, runs, 1, seed), simulated_runs(server, runs, same_list ? 1 : 2, seed + 1)));
  }
  return static_cast<double>(alarms) / rounds;
}

TEST(CompareSimulation, equal_systems_are_called_different_in_at_most_5_of_100_comparisons) {
  struct Case {
    const char* what;
    SimulatedServer server;
    int runs;
    bool same_list;
  };
  const Case cases[] = {{"1 run, independent requests", {.autocorrelation = 0}, 1, true},
                        {"1 run, autocorrelation 0.7", {}, 1, true},
                        {"1 run, autocorrelation 0.9", {.autocorrelation = 0.9}, 1, true},
                        {"1 run of 1600, autocorrelation 0.7", {.requests = 1600}, 1, true},
                        {"1 run, other requests", {}, 1, false},
                        {"2 runs, autocorrelation 0.7", {}, 2, true},
                        {"3 runs, 2 % from run to run", {.run_deviation = 0.02, .requests = 150}, 3, true},
                        {"5 runs, 2 % from run to run", {.run_deviation = 0.02, .requests = 150}, 5, true},
                        {"6 pairs, 2 % from run to run", {.run_deviation = 0.02, .requests = 150}, 6, true}};
  for (const Case& one : cases) {
    const double share = alarms(one.server, one.runs, 400, one.same_list);
    fmt::print("{:35}: {:.1f} % false alarms\n", one.what, 100 * share);
    std::fflush(stdout);
    EXPECT_LE(share, 0.05) << one.what;
  }
}

TEST(CompareSimulation, how_often_a_difference_of_a_size_is_found) {
  fmt::print("found in the E2E median, of 60 comparisons each; 1 % from run to run (none with 1 run)\n{:>10}", "slower by");
  const int runs[] = {1, 3, 5, 8};
  for (const int r : runs) fmt::print("{:>9} runs", r);
  double found_large = 1;
  for (const double slower : {1.01, 1.02, 1.05, 1.10}) {
    fmt::print("\n{:>8.0f} %", 100 * (slower - 1));
    for (const int r : runs) {
      const double run_deviation = r == 1 ? 0 : 0.01;
      int found = 0;
      double detectable = 0;
      for (std::uint64_t round = 0; round < 60; ++round) {
        const Comparison c = *compare_runs(simulated_runs({.slower = slower, .run_deviation = run_deviation}, r, 1, 2 * round + 1),
                                           simulated_runs({.run_deviation = run_deviation}, r, 1, 2 * round + 2));
        for (const FigureComparison& f : c.figures) {
          if (f.figure != "e2e_s_p50") continue;
          found += f.differs;
          detectable += f.detectable / 60;
        }
      }
      std::fflush(stdout);
      fmt::print("{:>5.0f} % ({:.1f})", 100 * found / 60.0, 100 * detectable);
      if (slower == 1.10 && r >= 5) found_large = std::min(found_large, found / 60.0);
    }
  }
  fmt::print("\n(in brackets: the change that the comparison says it finds in 4 of 5 cases, %)\n");
  EXPECT_GE(found_large, 0.8);  // with 5 runs or more
}

}  // namespace
}  // namespace tokenmark
