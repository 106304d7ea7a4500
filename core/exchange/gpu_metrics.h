// Power of GPUs over time, as nvidia-smi writes it into a CSV, joined to runs by time: mean power, energy (trapezoid),
// joules per token. Invalid, with a reason, if the samples do not enclose the run or leave a gap of more than 3 s.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <map>
#include <vector>

#include "core/exchange/csv_table.h"
#include "core/store/imported_run.h"

namespace tokenmark {

struct GpuMetrics {
  struct Sample {
    double at_s = 0;                 // on the wall clock of that machine, as if it were UTC
    double watts = 0;
  };
  std::map<std::int32_t, std::vector<Sample>> by_gpu;  // in the order of time
};

bool is_gpu_metrics(const CsvTable& table);
Result<GpuMetrics> read_gpu_metrics(const CsvTable& table, const std::string& file);

// Energy of one GPU between two times, or why there is none. Ends are interpolated.
Result<double> energy_between(const std::vector<GpuMetrics::Sample>& samples, double begin_s, double end_s);

// Sets the run's power, or the reason why it has none.
void join_power(const GpuMetrics& metrics, ImportedRun& run);

}  // namespace tokenmark
