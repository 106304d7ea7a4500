// What MLPerf LoadGen wrote about one run: a folder with mlperf_log_detail.txt (a JSON message a line behind
// ":::MLLOG"), mlperf_log_summary.txt, and where it was measured spl.txt (the power meter's samples) and accuracy.txt
// (the scores). Read whole, any thread. The files are foreign: sizes are checked before they are used, and a line that
// cannot be read is an error that names the file and the line; nothing of the folder is then used.
// Facts of the formats: LoadGen 5.1 and 6.0.17 (logging.cc, results.cc) and the submission checker of its rounds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

using LoadGenValues = std::map<std::string, std::string, std::less<>>;

// The mean of all samples above 0 W strictly between power_begin and power_end.
struct LoadGenPower {
  double watts = 0;
  double seconds = 0;           // power_end − power_begin
  std::size_t samples = 0;
};

struct LoadGenRun {
  std::string folder;
  // By the detail log's keys, the first of each; numbers as they were written, texts unquoted. Lists are left out. Where
  // the detail log is missing, what the summary says under the same keys, rounded as the summary rounds.
  LoadGenValues values;
  bool summary_alone = false;
  std::int64_t errors = 0, warnings = 0;  // messages marked so; a run with errors is none that MLPerf takes
  std::vector<std::string> error_texts;   // of the first few
  std::optional<LoadGenPower> power;
  std::map<std::string, double> scores;   // accuracy.txt, by the checker's names: "ROUGE1", "TOKENS_PER_SAMPLE", …
  std::vector<std::string> notes;         // what the folder lacks or says twice, in sentences

  std::string_view text(std::string_view key) const;            // empty: not there
  std::optional<double> number(std::string_view key) const;     // absent too where it is not finite
  std::optional<std::uint64_t> count(std::string_view key) const;  // exact: seeds have 64 bits
  std::optional<bool> truth(std::string_view key) const;

  std::string_view scenario() const { return text("effective_scenario"); }  // "Server", "Offline", …
  bool valid() const { return text("result_validity") == "VALID"; }
  bool tokens() const { return truth("requested_use_token_latencies").value_or(false); }
  std::optional<std::int64_t> began_unix_ns() const;            // power_begin
};

Result<LoadGenRun> read_loadgen_folder(const std::string& folder);

// The figure that is published for the run, under the checker's rules: which key, and its unit there.
struct LoadGenResult {
  std::string key;
  double value = 0;
  std::string unit;             // "tok/s", "samples/s", "queries/s", "ms", "s"
};
// `benchmark` ("wan-2.2-t2v-a14b") may be empty: two benchmarks have a rule of their own.
std::optional<LoadGenResult> loadgen_result(const LoadGenRun& run, std::string_view benchmark = {});

// MLPerf's power figure: watts where the result is a rate, else millijoules a query.
struct LoadGenPowerResult {
  double value = 0;
  std::string unit;             // "W", "mJ/query"
};
std::optional<LoadGenPowerResult> loadgen_power_result(const LoadGenRun& run);

// Parts of the above, for tests and for those who hold a text already; `name` is what errors call it.
Result<LoadGenPower> loadgen_power(std::string_view spl, std::string_view begin, std::string_view end, const std::string& name);
std::map<std::string, double> loadgen_scores(std::string_view accuracy_txt);
// "07-25-2025 15:30:43.020", UTC.
std::optional<std::int64_t> loadgen_time_ns(std::string_view text);

}  // namespace tokenmark
