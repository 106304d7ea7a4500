#include "core/report/ticks.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tokenmark {
namespace {

// 1, 2 or 5 times a power of ten, at least `rough`.
double nice_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

AxisScale linear_scale(double low, double high) {
  if (low >= 0 && low <= 0.5 * high) low = 0;
  if (high <= low) {
    const double air = high != 0 ? 0.1 * std::abs(high) : 1;
    low -= air;
    high += air;
  }
  const double step = nice_step((high - low) / 7);
  AxisScale scale;
  scale.low = std::floor(low / step + 1e-9) * step;
  scale.high = std::ceil(high / step - 1e-9) * step;
  if (scale.high - high < 0.03 * (scale.high - scale.low)) scale.high += step;
  for (double k = std::round(scale.low / step); k <= std::round(scale.high / step); ++k) scale.ticks.push_back(k * step);
  return scale;
}

AxisScale log_scale(double low, double high) {
  AxisScale scale;
  scale.log = true;
  const double air = std::max(0.06 * std::log10(high / low), 0.08);
  scale.low = low * std::pow(10.0, -air);
  scale.high = high * std::pow(10.0, air);
  const double decades = std::log10(scale.high / scale.low);
  if (decades < 0.8) {  // too short for powers of ten: even steps
    const double step = nice_step((scale.high - scale.low) / 6);
    for (double k = std::ceil(scale.low / step); k * step <= scale.high; ++k) scale.ticks.push_back(k * step);
    return scale;
  }
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / 8)));
  for (int e = static_cast<int>(std::floor(std::log10(scale.low))); e <= std::log10(scale.high); ++e)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10.0, e);
      const bool wanted = decades <= 3.5 || (factor == 1 && e % stride == 0);
      if (wanted && tick >= scale.low && tick <= scale.high) scale.ticks.push_back(tick);
    }
  return scale;
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

double AxisScale::share(double value) const {
  return log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

AxisScale axis_scale(const std::vector<double>& values, bool log) {
  std::vector<double> shown;
  for (const double value : values)
    if (std::isfinite(value) && std::abs(value) < 1e100 && (!log || value > 1e-100)) shown.push_back(value);
  if (shown.empty()) return log ? log_scale(1, 10) : linear_scale(0, 1);
  const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
  return log ? log_scale(*low, *high) : linear_scale(*low, *high);
}

std::string tick_text(double tick, const AxisScale& scale) {
  tick *= scale.per;
  const double size = scale.log ? std::abs(tick) : std::max(std::abs(scale.low), std::abs(scale.high)) * scale.per;
  for (const auto& [unit, least, name] : {std::tuple(1e9, 1e9, "G"), std::tuple(1e6, 1e6, "M"), std::tuple(1e3, 2e4, "k")})
    if (size >= least * (1 - 1e-9)) return fmt::format("{:.4g}{}", tick / unit, tick == 0 ? "" : name);
  if (size < 1e-3) return tick == 0 ? "0" : fmt::format("{:.2g}", tick);
  return without_trailing_zeros(fmt::format("{:.6f}", tick));
}

std::string number_text(double value) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-4 || size >= 1e7) return fmt::format("{:.3e}", value);
  const int digits = std::max(0, 3 - static_cast<int>(std::floor(std::log10(size))));
  return without_trailing_zeros(fmt::format("{:.{}f}", value, digits));
}

}  // namespace tokenmark
