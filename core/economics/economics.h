// Accelerator catalogue, price sets, and cost and power at a throughput. Data: resources/accelerators.json and
// resources/prices.json, with their sources. Computed from stored points on demand, never stored as truth.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct Accelerator {
  std::string key, name, vendor;
  std::optional<double> bf16_tflop_s, fp8_tflop_s, fp4_tflop_s, memory_gb, memory_tb_s, tdp_w;
};

struct PriceRow {
  std::string accelerator;                 // catalogue key
  double kw = 0;                           // all-in provisioned utility power of one accelerator
  std::vector<std::pair<std::string, double>> dollars_per_hour;  // by tier, in the set's order
};

struct PriceSet {
  std::string name, date, source;
  std::vector<PriceRow> rows;
  std::optional<double> dollars_per_hour(std::string_view accelerator, std::string_view tier) const;
  std::optional<double> kw(std::string_view accelerator) const;
};

const std::vector<Accelerator>& accelerators();
const std::vector<PriceSet>& price_sets();        // newest last
std::vector<std::string> price_tiers();

// $/h per GPU ÷ (tok/s/gpu · 3600) · 10^6
double dollars_per_million_tokens(double tok_s_gpu, double dollars_per_hour);
// tok/s/gpu · 3600 ÷ $/h
double tokens_per_dollar(double tok_s_gpu, double dollars_per_hour);
// tok/s/gpu · 1000 ÷ all-in kW per GPU
double tok_s_per_megawatt(double tok_s_gpu, double kw);

}  // namespace tokenmark
