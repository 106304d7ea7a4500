// Writes a measured run as the folder of logs that MLPerf LoadGen would have left: mlperf_log_summary.txt,
// mlperf_log_detail.txt, mlperf_log_accuracy.json, mlperf_log_trace.json, in its formats (6.0.17; for rounds before v6
// with v5.1's words), so that tools made for them read it. loadgen_version says whose logs they are. Failed samples and
// those without a TPOT are messages marked as errors: such a run is none that MLPerf takes. The accuracy log holds the
// texts of the answers, as UTF-8 (harnesses of LLM benchmarks write token ids there), in accuracy mode alone.
#pragma once

#include <string>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/metrics/mlperf.h"

namespace tokenmark {

struct LoadGenNames {
  std::string sut, qsl;   // of the system and of the dataset
};

// Creates the folder; what is there of these four files is replaced.
Status write_loadgen_folder(const std::string& folder, const EventLog& log, const MlperfReport& report, const LoadGenNames& names);

// The texts of the files.
std::string loadgen_summary(const MlperfReport& report, const LoadGenNames& names);
Result<std::string> loadgen_detail(const EventLog& log, const MlperfReport& report, const LoadGenNames& names);
std::string loadgen_accuracy(const EventLog& log, const MlperfReport& report);
std::string loadgen_trace(const EventLog& log);

}  // namespace tokenmark
