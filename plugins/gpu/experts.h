// Feed-forward by experts on a GPU, the operations route and add_experts of executor/forward.h. Owned by an executor, used
// from its thread; asynchronous, allocates nothing, may be captured. Nothing comes back to the host: which experts there is
// work for is a list on the device.
#pragma once

#include "kernels/gpu/experts_arguments.h"
#include "plugins/api/plugin.h"
#include "plugins/gpu/products.h"

namespace tokenmark::gpu {

struct ExpertWeights {
  Matrix router;
  const float* router_bias = nullptr;     // [experts] or null
  const float* selection_bias = nullptr;  // [experts] or null
  Matrix gate, up, down;                  // a matrix for each expert
  const float* gate_bias = nullptr;       // [experts][rows] or null
  const float* up_bias = nullptr;
  const float* down_bias = nullptr;
};

class Experts {
 public:
  // Keeps references to both; `model` has experts. `max_rows` is that of a step.
  static Result<Experts> make(Products& products, const tm_model& model, std::uint32_t max_rows);
  static std::uint64_t bytes(const tm_model& model, std::uint32_t max_rows);

  // Makes n, the normed rows of `in` as BF16, and chooses each row's experts. `slots`: a row whose slot is −1 has none (null: all
  // have). `weights` and `rows` must be the same for the two.
  Status route(const ProductInput& in, std::uint32_t rows, const ExpertWeights& weights, const std::int32_t* slots);
  // residual[row] += sum of weight · expert(n); residual is [rows][width].
  Status add(std::uint32_t rows, const ExpertWeights& weights, float* residual);

 private:
  std::uint32_t item_rows(std::uint32_t rows, const ExpertWeights& weights) const;
  ProductArguments grouped(std::uint32_t rows, std::uint32_t columns) const;

  Products* products_ = nullptr;
  const tm_model* model_ = nullptr;
  ExpertChoices choices_;
  DeviceArray<float> logits_, out_, weights_;
  DeviceArray<std::uint16_t> n_, hidden_;
  DeviceArray<std::int32_t> chosen_, row_of_place_;
  DeviceArray<std::uint32_t> numbers_;  // ranks, places, begins, counts, n_items, arrived
  DeviceArray<WorkItem> items_;
};

}  // namespace tokenmark::gpu
