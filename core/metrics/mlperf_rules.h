// The parts of an MLPerf report that follow from its figures (mlperf.h). Within this folder only.
#pragma once

#include "core/metrics/mlperf.h"

namespace tokenmark {

void add_mlperf_early_stopping(MlperfReport& report);
void add_mlperf_rules(MlperfReport& report);
void add_mlperf_checker(MlperfReport& report);
void add_mlperf_marks(const Point& point, std::int32_t dataset_rows, MlperfReport& report);

}  // namespace tokenmark
