// What a person adds to a file that does not say it (`--set gpus=8`), and how a run's identity is made of both. What
// neither says stays unknown: nothing is ever guessed from a file's name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/store/imported_run.h"

namespace tokenmark {

// What is known of the server that was measured and of the load on it. 0 and empty: unknown.
struct RunFacts {
  std::string model, hardware, framework, precision, node;
  std::int32_t gpus = 0, prefill_gpus = 0, decode_gpus = 0;  // the last two of a disaggregated server
  std::int32_t input = 0, output = 0, concurrency = 0;
  // Whatever else makes it another configuration: {"tp", "8"}, {"spec_decoding", "mtp"}.
  std::map<std::string, std::string> configuration;
};

using ImportSettings = std::map<std::string, std::string>;
// "gpus=8" and the like; an unknown key and an impossible value are errors.
Result<ImportSettings> parse_settings(const std::vector<std::string>& texts);

// Where a run is read from: the file's name for messages and the environment, and what the person set.
struct Source {
  std::string file;
  const ImportSettings& settings;
};

// Fills in `run` what follows from the facts: its point, series, names, and the figures per accelerator (÷ gpus;
// disaggregated: output ÷ decode GPUs, input ÷ prefill GPUs). What was set fills in what the file does not say, and
// names the model anew. Last step of every reader: figures, log and environment are there already.
void identify(ImportedRun& run, RunFacts facts, std::string_view format, const Source& source);

// "2026-06-11T05:58:59Z"; empty for a time that is no calendar time.
std::string iso_time(double unix_s);
// Seconds since 1970 of a date and time as if it were UTC; the fields as sscanf would take them.
std::optional<double> unix_of(int year, int month, int day, int hour, int minute, double second);

}  // namespace tokenmark
