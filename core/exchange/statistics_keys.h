// The statistics of a latency under the keys that most tools share: {mean,median,std,p25,…,p99.9}_{ttft,tpot,…}{_ms}.
// Their std is that of the population (÷ n); it is kept as they give it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/exchange/fields.h"
#include "core/statistics/statistics.h"

namespace tokenmark {

// `scale` turns the file's unit into seconds.
void read_statistics(const Fields& fields, const std::string& metric, double scale, Distribution& out);
// The other way; only what is there. `unit` is what a second is in the file's unit.
void write_statistics(nlohmann::json& out, const std::string& metric, double unit, const Distribution& distribution);

}  // namespace tokenmark
