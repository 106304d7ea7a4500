// Accelerator catalogue, price sets, and cost and power at a throughput. Data: resources/accelerators.json and
// resources/prices.json, with their sources; price sets of the user's own stand beside them (own_prices.h). Computed from
// stored points on demand, never stored as truth. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct Accelerator {
  std::string key, name, vendor;
  std::optional<double> bf16_tflop_s, fp8_tflop_s, fp4_tflop_s, memory_gb, memory_tb_s, tdp_w;  // dense; absent: unknown
};

struct PriceRow {
  std::string accelerator;                 // catalogue key
  double kw = 0;                           // all-in provisioned utility power of one accelerator
  std::vector<std::pair<std::string, double>> dollars_per_hour;  // by tier, in the set's order
  bool own_device = false;                 // the user's answer for a device that the set does not have
  bool operator==(const PriceRow&) const = default;
};

struct PriceSet {
  std::string name, date, source;
  std::vector<PriceRow> rows;
  bool own = false;                        // the user's, not the project's
  bool operator==(const PriceSet&) const = default;
  const PriceRow* row(std::string_view accelerator) const;  // null: not in the set
  std::optional<double> dollars_per_hour(std::string_view accelerator, std::string_view tier) const;
  std::optional<double> kw(std::string_view accelerator) const;
};

struct PriceTier {
  std::string key, meaning;                // "rental_3y", "3-year rental, 25 % upfront"
};

// A file of price sets as resources/prices.json has it: unknown tiers and prices that are not positive are errors.
struct PriceBook {
  std::vector<PriceTier> tiers;
  std::vector<PriceSet> sets;              // newest last
};
Result<PriceBook> parse_prices(std::string_view json);
Result<std::vector<Accelerator>> parse_accelerators(std::string_view json);

// "InferenceX 2026-07", "my prices (2026-11-02)": a set's name with its date, where the name does not say it already.
std::string dated_name(std::string_view name, std::string_view date);

const std::vector<Accelerator>& accelerators();
const Accelerator* find_accelerator(std::string_view key);  // null: not in the catalogue
std::vector<PriceSet> price_sets();                         // the project's and the user's, newest last
std::vector<std::string> price_tiers();
std::string price_tier_meaning(std::string_view tier);      // empty: no such tier

// An empty name: the user's default, else the project's newest set; an empty tier: the user's default, else the first.
// The set has the user's own devices as further rows. Errors name what there is.
Result<PriceSet> find_price_set(std::string_view name);
Result<std::string> find_price_tier(std::string_view tier);

// Three unit conversions. A throughput or price that is not positive gives infinity or NaN: callers leave it out.
// $/h per GPU ÷ (tok/s/gpu · 3600) · 10^6
double dollars_per_million_tokens(double tok_s_gpu, double dollars_per_hour);
// tok/s/gpu · 3600 ÷ $/h
double tokens_per_dollar(double tok_s_gpu, double dollars_per_hour);
// tok/s/gpu · 1000 ÷ all-in kW per GPU
double tok_s_per_megawatt(double tok_s_gpu, double kw);

}  // namespace tokenmark
