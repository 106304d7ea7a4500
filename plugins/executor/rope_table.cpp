#include "plugins/executor/rope_table.h"

#include <cmath>
#include <cstddef>
#include <numbers>

#include "plugins/executor/llama_check.h"

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

Result<std::vector<float>> read_divisors(const tm_model& m, const tm_weight_source& source) {
  constexpr const char* kName = "rope_freqs.weight";
  TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source, kName, 1, m.rope_dim / 2));
  std::vector<std::byte> raw(tensor.bytes);
  const void* values = tensor.mapped;
  if (!values) {
    if (source.read(source.context, kName, raw.data(), raw.size()) != TM_OK)
      return fail(ErrorKind::io, "tensor '{}' could not be read", kName);
    values = raw.data();
  }
  std::vector<float> divisors(m.rope_dim / 2);
  dequantize_row(static_cast<Format>(tensor.format), values, divisors.size(), divisors.data());
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
  RopeTable table;
  for (std::uint32_t i = 0; i < m.rope_dim / 2; ++i) {
    double frequency = std::pow(static_cast<double>(m.rope_theta), -2.0 * i / m.rope_dim);
    if (!divisors.empty()) frequency /= divisors[i];
    else if (m.rope_scaling == TM_ROPE_LLAMA3) frequency = llama3_scaled(frequency, m);
    if (m.rope_scaling == TM_ROPE_LINEAR) frequency /= m.rope_factor;
    table.frequencies_.push_back(frequency);
  }
  return table;
}

void RopeTable::at(std::int32_t position, float* cosines, float* sines) const {
  for (std::size_t i = 0; i < frequencies_.size(); ++i) {
    const double angle = position * frequencies_[i];
    cosines[i] = static_cast<float>(std::cos(angle));
    sines[i] = static_cast<float>(std::sin(angle));
  }
}

}  // namespace tokenmark::executor
