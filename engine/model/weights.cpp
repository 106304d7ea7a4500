#include "engine/model/weights.h"

#include <algorithm>
#include <cstring>

namespace tokenmark {

void FileWeights::add(Tensor tensor, RowReader reader) {
  if (reader) tensor.mapped = nullptr;
  tensors_.push_back(std::move(tensor));
  readers_.push_back(std::move(reader));
}

void FileWeights::finish() {
  for (const Tensor& tensor : tensors_) by_name_.emplace(tensor.name, &tensor);
}

const Tensor* FileWeights::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Status FileWeights::read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count,
                              std::byte* out) const {
  const Tensor* own = find(tensor.name);
  if (!own) return fail(ErrorKind::internal, "tensor '{}' is not of this model", tensor.name);
  const std::uint64_t rows = own->depth * own->rows;
  if (first > rows || count > rows - first)
    return fail(ErrorKind::internal, "tensor '{}' has {} rows, {} from {} on were asked for", own->name, rows,
                count, first);
  if (const RowReader& reader = readers_[static_cast<std::size_t>(own - tensors_.data())])
    return reader(first, count, out);
  const std::uint64_t bytes = row_bytes(own->format, own->columns);
  std::memcpy(out, own->mapped + first * bytes, count * bytes);
  return {};
}

Tensor tensor_of(const TensorShape& shape, Format format) {
  const std::uint64_t bytes = row_bytes(format, shape.columns) * shape.rows * shape.depth;
  return {shape.name, format, shape.rows, shape.columns, bytes, nullptr, shape.depth};
}

RowReader gathered_rows(std::vector<const std::byte*> parts, std::uint64_t rows, std::uint64_t row_bytes) {
  return [parts = std::move(parts), rows, row_bytes](std::uint64_t first, std::uint64_t count,
                                                     std::byte* out) -> Status {
    while (count > 0) {
      const std::uint64_t begin = first % rows, run = std::min(count, rows - begin);
      std::memcpy(out, parts[first / rows] + begin * row_bytes, run * row_bytes);
      first += run;
      count -= run;
      out += run * row_bytes;
    }
    return {};
  };
}

LatentSplit latent_split(const ModelDescription& d) {
  return {d.heads, d.head_dim - d.rope_dim, d.value_dim, d.latent.kv_lora};
}

RowReader value_rows(const LatentSplit& split, const std::byte* kv_b, std::uint64_t row_bytes) {
  std::vector<const std::byte*> heads;
  for (std::uint64_t head = 0; head < split.heads; ++head)
    heads.push_back(kv_b + (head * (split.nope + split.value) + split.nope) * row_bytes);
  return gathered_rows(std::move(heads), split.value, row_bytes);
}

RowReader transposed_key_rows(const LatentSplit& split, FloatRow kv_b, Format format) {
  return [=](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
    const std::uint64_t bytes = row_bytes(format, split.nope);
    std::vector<float> source(split.kv_lora);
    while (count > 0) {  // head by head: each of its source rows gives one value of every row wanted
      const std::uint64_t head = first / split.kv_lora, begin = first % split.kv_lora;
      const std::uint64_t run = std::min<std::uint64_t>(count, split.kv_lora - begin);
      std::vector<float> rows(run * split.nope);
      for (std::uint64_t i = 0; i < split.nope; ++i) {
        kv_b(head * (split.nope + split.value) + i, source.data());
        for (std::uint64_t r = 0; r < run; ++r) rows[r * split.nope + i] = source[begin + r];
      }
      for (std::uint64_t r = 0; r < run; ++r, out += bytes)
        quantize_row(format, rows.data() + r * split.nope, split.nope, out);
      first += run;
      count -= run;
    }
    return {};
  };
}

}  // namespace tokenmark
