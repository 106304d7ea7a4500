// Weights out of mapped files: tensors as they lie there, or rows made from them when they are read
// (gathered, split, transposed, converted). Nothing larger than a row is held.
#pragma once

#include <functional>
#include <unordered_map>

#include "engine/model/architecture.h"

namespace tokenmark {

// Writes `count` rows of a tensor from row `first` on. Called from several threads at once.
using RowReader = std::function<Status(std::uint64_t first, std::uint64_t count, std::byte* out)>;
// One row of a matrix in float.
using FloatRow = std::function<void(std::uint64_t row, float* out)>;

class FileWeights : public WeightSource {
 public:
  // `files`: shared, since they must live as long as the tensors that point into them.
  explicit FileWeights(std::vector<std::shared_ptr<const void>> files) : files_(std::move(files)) {}
  FileWeights(const FileWeights&) = delete;
  FileWeights& operator=(const FileWeights&) = delete;

  void add(Tensor tensor, RowReader reader = {});  // no reader: its rows are at `mapped`
  void finish();                                   // after the last `add`

  const Tensor* find(std::string_view name) const override;
  Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count,
                   std::byte* destination) const override;
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::vector<std::shared_ptr<const void>> files_;
  std::vector<Tensor> tensors_;
  std::vector<RowReader> readers_;
  std::unordered_map<std::string_view, const Tensor*> by_name_;
};

// A tensor of a shape in a format, without bytes. The columns must fill whole blocks.
Tensor tensor_of(const TensorShape& shape, Format format);

// Matrices one after another that lie apart: `parts` are the first bytes of each, all of `rows` rows.
RowReader gathered_rows(std::vector<const std::byte*> parts, std::uint64_t rows, std::uint64_t row_bytes);

// DeepSeek's kv_b [heads · (nope + value), kv_lora] apart: attn_v_b takes the last rows of each head as they
// are; attn_k_b is the transposed rest, written in `format`.
struct LatentSplit {
  std::uint32_t heads = 0, nope = 0, value = 0, kv_lora = 0;
};
LatentSplit latent_split(const ModelDescription& description);
RowReader value_rows(const LatentSplit& split, const std::byte* kv_b, std::uint64_t row_bytes);
RowReader transposed_key_rows(const LatentSplit& split, FloatRow kv_b, Format format);

}  // namespace tokenmark
