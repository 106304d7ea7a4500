// Is this a model that an executor can run? Descriptions and tensors come from files and are hostile: everything a
// kernel later relies on (sizes, divisibility, formats, bytes) is checked here, once. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/formats/format.h"
#include "plugins/api/plugin.h"

namespace tokenmark::executor {

constexpr std::uint32_t kMaxHeadDim = 256;    // of queries and keys; with latent attention their nope and rope parts
constexpr std::uint32_t kMaxLatentDim = 576;  // what latent attention caches of a token

Status check_model(const tm_model& model);
// Options grow at their end: what lies behind these is read where the struct has it.
inline constexpr std::size_t kLeastOptionBytes = offsetof(tm_executor_options, tuning);
inline const char* tuning_of(const tm_executor_options& o) {
  return o.size >= offsetof(tm_executor_options, tuning) + sizeof o.tuning ? o.tuning : nullptr;
}
Status check_options(const tm_executor_options& options);
// Both, and that the source can be used.
Status check_all(const tm_model& model, const tm_weight_source& source, const tm_executor_options& options);

inline bool is_latent(const tm_model& m) { return m.kv_lora > 0; }
// Layers are numbered through; the MTP layer, where there is one, has the number m.layers.
inline bool has_experts(const tm_model& m, std::uint32_t layer) { return m.experts > 0 && layer >= m.dense_layers; }
// How many keys a layer sees, the token itself included; 0: all.
std::uint32_t window_of(const tm_model& model, std::uint32_t layer);
float attention_scale(const tm_model& model);
// Bytes of memory that an executor takes, by what they are for.
struct MemoryNeeds {
  std::uint64_t weights = 0, cache = 0, activations = 0;
  std::uint64_t all() const { return weights + cache + activations; }
};
// An error says what is needed, of `memory` ("memory", "NVIDIA H200's memory"), and what there is.
Status check_memory(const MemoryNeeds& needs, std::uint64_t available, const std::string& memory);

// What a layer's cache holds of a token.
struct CacheShape {
  std::uint32_t kv_heads, key_dim, value_dim;
  bool values_in_keys;  // a value is the first value_dim of its key
};
CacheShape cache_shape(const tm_model& model);

// `depth` matrices of rows × columns; a vector has rows = 1.
struct Shape {
  std::uint64_t depth = 1, rows = 1, columns = 1;
};

// The tensor `name`, which must have exactly this shape and as many bytes as its format needs.
Result<tm_tensor> find_tensor(const tm_weight_source& source, const std::string& name, Shape shape);
// Is there one at all? A source that fails otherwise than with TM_NOT_FOUND is an error of find_tensor.
bool has_tensor(const tm_weight_source& source, const std::string& name);
// All of a small tensor in float.
Result<std::vector<float>> read_floats(const tm_weight_source& source, const std::string& name, const tm_tensor& tensor);

}  // namespace tokenmark::executor
