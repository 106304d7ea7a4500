// Whether two configurations differ: runs A against runs B, with few false alarms before all else.
//
// Every figure is compared as the logarithm of its value in a run, so that a difference is a ratio.
// - With 3 runs or more on each side: Student's t over the runs' values, which holds the variation within and between
//   runs. Welch's for two groups; from 6 matched repeats on (same request list, same repeat number) that of the
//   differences of the pairs, so that a drift that both shared falls out.
// - With fewer, the variation between runs cannot be known: the verdict covers these runs alone, and says so.
//   Latencies: block bootstrap (400 resamples of 10 blocks, each a tenth of the run, drawn alike from A and B where their
//   request lists are the same, else apart). Rates: the run's time in 10 slices. Both with t of 9 degrees, and with the
//   variance that blocks of that length hide of requests that depend on their neighbours. Where a run's requests say as
//   much as fewer than 30 independent ones, a figure is not compared; a p99 needs 368, that of ITL 100.
// Holm's correction over the figures (S. Holm, Scand. J. Statist. 6, 65, 1979): the chance that equal systems are called
// different in any figure is at most 5 %. A figure that is 1 ÷ another one (interactivity, cost at one price) asks what that
// one asks: it has its p and is not counted. What a comparison could have found is stated: the smallest difference that it
// finds in 4 of 5 cases, at the strictest of Holm's levels.
//
// Measured (compare_simulation_test.cpp: closed loop of 8, equal lists, the logarithm of a request's latencies deviates by
// 0.2, at most 11 figures; 400 comparisons each). Equal systems called different in any figure:
//   1 run of 400 requests, autocorrelation 0, 0.7, 0.9: 1.5, 1.5, 3.0 %; of 1,600, 0.7: 1.5 %; other lists: 0.8 %; 2 runs:
//   0.5 % 3, 5, 6 (in pairs) runs of 150 requests that deviate by 2 % from run to run: 1.5, 1.2, 3.8 %
// A slower system found in the median of E2E (60 comparisons each; runs of 400, autocorrelation 0.7, 1 % from run to run):
//   slower by   1 run (no deviation of runs)   3 runs   5 runs   8 runs
//     1 %         2 %                            2 %      0 %      2 %
//     2 %         2 %                            2 %      3 %     10 %
//     5 %        17 %                            3 %     50 %     80 %
//    10 %        73 %                           38 %    100 %    100 %
// Pure functions, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/metrics/frontier.h"
#include "core/metrics/log_reading.h"
#include "core/statistics/statistics.h"

namespace tokenmark {

inline constexpr std::size_t kComparedParts = 10;  // blocks and slices of a run

// What a comparison needs of a run.
struct ComparedRun {
  struct Sample {
    double value = 0;
    std::uint32_t request = 0;       // number among the measured ones
  };
  std::int32_t repeat = 0;
  std::vector<std::pair<std::int32_t, std::int32_t>> requests;  // lengths asked for: the request list
  std::vector<Sample> ttft, tpot, itl, e2e;                     // s; a failed request is +∞
  double duration_s = 0;
  double output_tokens = 0;
  std::optional<double> input_tokens;                           // absent: unknown of some request
  std::int64_t good = 0;
  // kComparedParts, from the first to the last send; a prompt counts where its first token came.
  std::vector<double> tokens_in_slice, total_in_slice, good_in_slice;
  bool limited = false;                                         // there are limits, so there is goodput
  // What no log holds; the caller may set them.
  std::int32_t gpus = 1;                                        // accelerators used; 0: unknown
  std::optional<double> dollars_per_hour;                       // of one accelerator
  std::optional<double> joules_per_token;                       // metered, of input and output tokens
};
ComparedRun compared_run(const EventLog& log, const Limits& limits, std::int32_t repeat);

// What is compared of runs, in the order of Comparison::figures.
struct ComparableFigure {
  std::string_view key, name, unit;  // "ttft_s_p99", "TTFT p99", "s"
  std::string_view meaning;          // key of figure_meanings.h
  Better better;
};
const std::vector<ComparableFigure>& comparable_figures();

struct FigureComparison {
  std::string figure;                // "ttft_s_p99"; its name for people: "TTFT p99"
  std::string name, unit;
  double a = 0, b = 0;               // geometric mean over the runs
  double change = 0;                 // a/b − 1
  Interval interval;                 // of the change, 95 %
  double p_alone = 1, p = 1;         // as if it were the only one; corrected by Holm
  bool same_question = false;        // is 1 ÷ a figure before it, and has its p
  bool differs = false;
  double detectable = 0;             // smallest change that is found in 4 of 5 cases
  std::string verdict;               // "A is 4.1 % (2.9 to 5.3) lower", "no difference", or why there is none
  bool compared = false;
};

struct Comparison {
  std::size_t runs_a = 0, runs_b = 0;
  bool same_requests = false, covers_run_to_run = false;
  std::string method;                // a sentence
  std::vector<std::string> notes;    // what is not covered, and what to do
  std::vector<FigureComparison> figures;
};

Result<Comparison> compare_runs(const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b);

// Holm's correction over the figures of all of them, where several configurations are held against one.
void correct_together(const std::vector<Comparison*>& comparisons);

nlohmann::json to_json(const Comparison& comparison);

}  // namespace tokenmark
