// The `llama` architecture (Llama 1 to 3, SmolLM, TinyLlama, …): which tensors it has, and its description from a
// GGUF file with every key held against the tensors' shapes.
#pragma once

#include "engine/model/gguf.h"

namespace tokenmark {

struct TensorShape {
  std::string name;
  std::uint64_t rows = 1, columns = 0;
};

// What a model of this description must have; the output matrix only where it is not tied to the embedding.
std::vector<TensorShape> llama_tensors(const ModelDescription& description);

// Reads and checks metadata; `tensors` are the file's. Also fills parameters, weight_bytes and format.
Result<ModelDescription> describe_llama(const GgufFile& file, const std::vector<Tensor>& tensors);

// Sums over tensors: parameters, weight_bytes, and the format of most bytes.
void count_weights(const std::vector<Tensor>& tensors, ModelDescription& description);

// Llama 3's stretching of slow rotations, as the divisors of each frequency that files carry in rope_freqs.weight.
// Formula: Llama 3.1's model card and reference code (apply_scaling), factor by wavelength.
std::vector<float> llama3_rope_divisors(const ModelDescription& description);

}  // namespace tokenmark
