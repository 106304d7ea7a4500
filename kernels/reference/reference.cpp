#include "kernels/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace tokenmark::reference {

void matmul(Format format, const void* weights, std::uint64_t rows, std::uint64_t columns, const float* x,
            std::uint64_t tokens, float* out) {
  std::vector<float> row(columns);
  for (std::uint64_t r = 0; r < rows; ++r) {
    dequantize_row(format, static_cast<const std::byte*>(weights) + r * row_bytes(format, columns), columns,
                   row.data());
    for (std::uint64_t t = 0; t < tokens; ++t) {
      double sum = 0;
      for (std::uint64_t c = 0; c < columns; ++c) sum += double{row[c]} * double{x[t * columns + c]};
      out[t * rows + r] = static_cast<float>(sum);
    }
  }
}

void rms_norm(const float* x, const float* weight, std::uint64_t n, float epsilon, float* out) {
  double squares = 0;
  for (std::uint64_t i = 0; i < n; ++i) squares += double{x[i]} * double{x[i]};
  const double scale = 1 / std::sqrt(squares / static_cast<double>(n) + double{epsilon});
  for (std::uint64_t i = 0; i < n; ++i) out[i] = static_cast<float>(x[i] * scale * weight[i]);
}

void silu_multiply(const float* gate, const float* up, std::uint64_t n, float* out) {
  for (std::uint64_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(double{gate[i]} / (1 + std::exp(-double{gate[i]})) * double{up[i]});
}

void softmax(float* x, std::uint64_t n) {
  const double greatest = *std::max_element(x, x + n);
  double sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += std::exp(double{x[i]} - greatest);
  for (std::uint64_t i = 0; i < n; ++i) x[i] = static_cast<float>(std::exp(double{x[i]} - greatest) / sum);
}

void rope(float* head, std::uint32_t rope_dim, const double* frequencies, std::int64_t position,
          bool interleaved) {
  for (std::uint32_t i = 0; i < rope_dim / 2; ++i) {
    float& first = interleaved ? head[2 * i] : head[i];
    float& second = interleaved ? head[2 * i + 1] : head[i + rope_dim / 2];
    const double angle = static_cast<double>(position) * frequencies[i];
    const double turned = first * std::cos(angle) - second * std::sin(angle);
    second = static_cast<float>(first * std::sin(angle) + second * std::cos(angle));
    first = static_cast<float>(turned);
  }
}

void attention(const float* query, const float* keys, const float* values, const AttentionShape& shape, float* out) {
  std::vector<double> weights;
  for (std::uint32_t t = shape.begin; t < shape.end; ++t) {
    double dot = 0;
    for (std::uint32_t d = 0; d < shape.key_dim; ++d) dot += double{query[d]} * double{keys[t * shape.key_dim + d]};
    weights.push_back(dot * double{shape.scale});
  }
  const double greatest = std::max(double{shape.sink}, *std::max_element(weights.begin(), weights.end()));
  for (double& weight : weights) weight = std::exp(weight - greatest);
  const double sum = std::accumulate(weights.begin(), weights.end(), std::exp(double{shape.sink} - greatest));
  for (std::uint32_t d = 0; d < shape.value_dim; ++d) {
    double value = 0;
    for (std::uint32_t t = shape.begin; t < shape.end; ++t)
      value += weights[t - shape.begin] / sum * double{values[t * shape.value_dim + d]};
    out[d] = static_cast<float>(value);
  }
}

std::uint32_t argmax(const float* x, std::uint64_t n) {
  std::uint32_t best = 0;
  for (std::uint64_t i = 1; i < n; ++i)
    if (x[i] > x[best] || (std::isnan(x[best]) && !std::isnan(x[i]))) best = static_cast<std::uint32_t>(i);
  return best;
}

std::vector<double> sampling_distribution(const float* logits, std::uint64_t n, float temperature,
                                          std::int32_t top_k, float min_p, float top_p) {
  std::vector<double> probability(n);
  double greatest = -std::numeric_limits<double>::infinity();
  for (std::uint64_t i = 0; i < n; ++i)
    if (!std::isnan(logits[i])) greatest = std::max(greatest, double{logits[i]});
  for (std::uint64_t i = 0; i < n; ++i)
    probability[i] = std::isnan(logits[i]) ? 0 : std::exp((double{logits[i]} - greatest) / temperature);

  std::vector<std::size_t> order(n);  // the most likely first, the lower id first on a tie
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return probability[a] > probability[b]; });
  if (top_k > 0 && static_cast<std::size_t>(top_k) < order.size())
    order.resize(static_cast<std::size_t>(top_k));
  std::erase_if(order, [&](auto i) { return probability[i] < min_p * probability[order[0]]; });
  double sum = 0;
  for (auto i : order) sum += probability[i];
  if (top_p < 1) {
    double kept = 0;
    std::size_t count = 0;
    while (count < order.size() && (count == 0 || kept < top_p * sum)) kept += probability[order[count++]];
    order.resize(count);
    sum = kept;
  }
  std::vector<double> distribution(n, 0.0);
  for (auto i : order) distribution[i] = probability[i] / sum;
  return distribution;
}

}  // namespace tokenmark::reference
