#include "plugins/executor/rope_table.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "plugins/executor/model_check.h"

namespace tokenmark::executor {
namespace {

double llama3_scaled(double frequency, const tm_model& m) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  const double original = m.rope_original_context, low = m.rope_low, high = m.rope_high;
  if (wavelength < original / high) return frequency;
  if (wavelength > original / low) return frequency / m.rope_factor;
  const double smooth = (original / wavelength - low) / (high - low);
  return (1 - smooth) * frequency / m.rope_factor + smooth * frequency;
}

// Share of the scaled frequency at each pair: 0 up to the first bound, 1 from the second on.
std::vector<double> yarn_ramp(const tm_model& m) {
  const auto dimension = [&](double turns) {
    return m.rope_dim * std::log(m.rope_original_context / (2 * std::numbers::pi * turns)) /
           (2 * std::log(static_cast<double>(m.rope_theta)));
  };
  double begin = dimension(m.rope_high), end = dimension(m.rope_low);
  if (m.rope_yarn_rounds) {
    begin = std::floor(begin);
    end = std::ceil(end);
  }
  begin = std::max(begin, 0.0);
  end = std::min(end, m.rope_dim - 1.0);
  if (end <= begin) end = begin + 0.001;  // a step
  std::vector<double> ramp;
  for (std::uint32_t i = 0; i < m.rope_dim / 2; ++i) ramp.push_back(std::clamp((i - begin) / (end - begin), 0.0, 1.0));
  return ramp;
}

Result<std::vector<float>> read_divisors(const tm_model& m, const tm_weight_source& source) {
  constexpr const char* kName = "rope_freqs.weight";
  TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source, kName, {1, 1, m.rope_dim / 2}));
  TOKENMARK_TRY(auto divisors, read_floats(source, kName, tensor));
  for (std::size_t i = 0; i < divisors.size(); ++i)
    if (!std::isfinite(divisors[i]) || divisors[i] <= 0)
      return fail(ErrorKind::invalid_input, "tensor '{}': value {} is {}, it must be above 0", kName, i, divisors[i]);
  return divisors;
}

}  // namespace

Result<RopeTable> RopeTable::make(const tm_model& m, const tm_weight_source& source) {
  std::vector<float> divisors;
  if (has_tensor(source, "rope_freqs.weight")) {
    TOKENMARK_TRY(divisors, read_divisors(m, source));
  }
  const bool yarn = m.rope_scaling == TM_ROPE_YARN;
  const auto ramp = yarn ? yarn_ramp(m) : std::vector<double>();
  RopeTable table;
  if (yarn && m.rope_attention_factor > 0) table.magnitude_ = m.rope_attention_factor;
  for (std::uint32_t i = 0; i < m.rope_dim / 2; ++i) {
    double frequency = std::pow(static_cast<double>(m.rope_theta), -2.0 * i / m.rope_dim);
    if (!divisors.empty()) frequency /= divisors[i];
    else if (m.rope_scaling == TM_ROPE_LLAMA3) frequency = llama3_scaled(frequency, m);
    if (m.rope_scaling == TM_ROPE_LINEAR) frequency /= m.rope_factor;
    if (yarn) frequency *= 1 - ramp[i] + ramp[i] / m.rope_factor;
    table.frequencies_.push_back(frequency);
  }
  return table;
}

void RopeTable::at(std::int32_t position, float* cosines, float* sines) const {
  for (std::size_t i = 0; i < frequencies_.size(); ++i) {
    const double angle = position * frequencies_[i];
    cosines[i] = static_cast<float>(magnitude_ * std::cos(angle));
    sines[i] = static_cast<float>(magnitude_ * std::sin(angle));
  }
}

}  // namespace tokenmark::executor
