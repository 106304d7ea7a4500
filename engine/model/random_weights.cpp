#include "engine/model/random_weights.h"

#include <cmath>

#include "engine/model/random_rows.h"

namespace tokenmark {
namespace {

std::uint64_t stream_of(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ mix_bits(seed + 1);  // FNV-1a over the name
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix_bits(hash);
}

constexpr double kBiasDeviation = 0.02;

// 0: all ones, which leave what they multiply as it is.
double deviation_of(const Tensor& tensor) {
  if (tensor.name.ends_with(".bias")) return kBiasDeviation;
  if (tensor.name.ends_with("attn_sinks.weight")) return 1;  // as large as the logits that it stands beside
  if (tensor.depth * tensor.rows == 1) return 0;
  return 1 / std::sqrt(static_cast<double>(tensor.columns));
}

}  // namespace

RandomWeights::RandomWeights(std::vector<Tensor> tensors, std::uint64_t seed) : tensors_(std::move(tensors)), seed_(seed) {
  for (const Tensor& tensor : tensors_) by_name_.emplace(tensor.name, &tensor);
}

const Tensor* RandomWeights::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Status RandomWeights::read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count,
                                std::byte* destination) const {
  const double deviation = deviation_of(tensor);
  if (deviation == 0) {
    const std::vector<float> ones(tensor.columns, 1.0f);
    quantize_row(tensor.format, ones.data(), ones.size(), destination);
    return {};
  }
  fill_random_rows(tensor.format, deviation, {stream_of(seed_, tensor.name), first, count, tensor.columns}, destination);
  return {};
}

}  // namespace tokenmark
