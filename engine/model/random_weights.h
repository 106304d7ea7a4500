// Random weights of a shape, made when they are read: nothing is stored. Matrices have mean 0 and
// standard deviation 1/√columns, so that activations keep their size; biases 0.02, sinks 1; norm vectors are ones. A row depends only on seed,
// tensor name and row number: any thread may make any rows in any order and gets the same bytes.
#pragma once

#include <unordered_map>

#include "engine/model/model.h"

namespace tokenmark {

class RandomWeights : public WeightSource {
 public:
  RandomWeights(std::vector<Tensor> tensors, std::uint64_t seed);
  RandomWeights(const RandomWeights&) = delete;
  RandomWeights& operator=(const RandomWeights&) = delete;

  const Tensor* find(std::string_view name) const override;
  Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* destination) const override;
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::vector<Tensor> tensors_;
  std::unordered_map<std::string_view, const Tensor*> by_name_;
  std::uint64_t seed_;
};

}  // namespace tokenmark
