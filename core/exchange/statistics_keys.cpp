#include "core/exchange/statistics_keys.h"

#include <cmath>

namespace tokenmark {
namespace {

constexpr std::pair<const char*, std::optional<double> Distribution::*> kNumbers[] = {
    {"mean_", &Distribution::mean}, {"std_", &Distribution::deviation}, {"min_", &Distribution::minimum}, {"max_", &Distribution::maximum}};
constexpr std::pair<const char*, Percentile Distribution::*> kPercentiles[] = {
    {"median_", &Distribution::p50}, {"p50_", &Distribution::p50}, {"p25_", &Distribution::p25}, {"p75_", &Distribution::p75},
    {"p90_", &Distribution::p90},    {"p95_", &Distribution::p95}, {"p99_", &Distribution::p99}, {"p99.9_", &Distribution::p999}};

}  // namespace

void read_statistics(const Fields& fields, const std::string& metric, double scale, Distribution& out) {
  const auto scaled = [&](const std::string& key) {
    const auto value = fields.positive(key);
    return value ? std::optional(*value * scale) : std::nullopt;
  };
  for (const auto& [key, member] : kNumbers)
    if (const auto value = scaled(key + metric)) out.*member = value;
  for (const auto& [key, member] : kPercentiles)
    if (const auto value = scaled(key + metric)) out.*member = Percentile{value, {}, {}};
}

void write_statistics(nlohmann::json& out, const std::string& metric, double unit, const Distribution& distribution) {
  const auto put = [&](const std::string& key, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) out[key] = *value * unit;
  };
  for (const auto& [key, member] : kNumbers) put(key + metric, distribution.*member);
  for (const auto& [key, member] : kPercentiles) put(key + metric, (distribution.*member).value);
}

}  // namespace tokenmark
