// Feed-forward by experts on a GPU, the operations route and add_experts of executor/forward.h. Owned by an executor, used
// from its thread; asynchronous, allocates nothing, may be captured. Nothing comes back to the host: which experts there is
// work for is a list on the device.
#pragma once

#include "kernels/gpu/experts_arguments.h"
#include "plugins/api/plugin.h"
#include "plugins/gpu/products.h"
#include "plugins/gpu/weights.h"

namespace tokenmark::gpu {

class ExpertProducts {
 public:
  // Keeps a reference to the model; one without experts takes no memory. `max_rows` is that of a step.
  static Result<ExpertProducts> make(Gpu& gpu, const tm_model& model, std::uint32_t max_rows);
  static std::uint64_t bytes(const tm_model& model, std::uint32_t max_rows);

  // Makes n, the normed rows of `in` as BF16, and chooses each row's experts. `marks` [rows]: a row whose mark is below 0 is padding
  // and has none (null: all have). The two calls of a layer have the same rows and experts.
  Status route(Products& products, const ProductInput& in, std::uint32_t rows, const Experts& experts, const std::int32_t* marks);
  // residual[row] += sum of weight · expert(n); residual is [rows][width].
  Status add_experts(Products& products, std::uint32_t rows, const Experts& experts, float* residual);

 private:
  std::uint32_t item_rows(const Products& products, std::uint32_t rows, const Experts& experts) const;
  ProductArguments grouped(std::uint32_t rows, std::uint32_t columns) const;

  const tm_model* model_ = nullptr;
  ExpertChoices choices_;
  DeviceArray<float> logits_, out_, weights_;
  DeviceArray<std::uint16_t> n_, hidden_;
  DeviceArray<std::int32_t> chosen_, row_of_place_;
  DeviceArray<std::uint32_t> numbers_;  // ranks, places, begins, counts, n_items, arrived
  DeviceArray<WorkItem> items_;
};

}  // namespace tokenmark::gpu
