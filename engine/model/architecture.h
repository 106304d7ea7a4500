// The architectures that are known here, as a table: what no file says because the architecture's name says
// it. The next dense one is a row in architecture.cpp. Everything else (shapes, which tensors there are)
// follows from the ModelDescription.
#pragma once

#include <optional>
#include <span>

#include "engine/model/model.h"

namespace tokenmark {

enum class Bias { none, qkv, all };             // of attention; `all`: the output's too
enum class Mixture { never, perhaps, always };  // experts instead of one feed-forward network

inline constexpr std::uint32_t kMostLayers = 65535;

struct Architecture {
  std::string_view name;          // GGUF's general.architecture
  bool rope_interleaved = false;  // as GGUF files lay out queries and keys
  bool qk_norm = false;
  Bias bias = Bias::none;
  bool sinks = false;
  std::uint32_t window_period = 0;  // with a window: every period-th layer sees all
  bool latent = false;
  Mixture experts = Mixture::never;
  bool gate_bias = false, expert_bias = false;
  bool yarn_rounds = true;
  Activation activation = Activation::silu;
  float activation_limit = 0;
};

std::span<const Architecture> architectures();
const Architecture* find_architecture(std::string_view name);  // null: not known
std::string known_architectures();                             // "llama, qwen2, …"

// Sets what the row says.
void apply_architecture(const Architecture& row, ModelDescription& description);

struct TensorShape {
  std::string name;
  std::uint64_t rows = 1, columns = 0;  // of one matrix
  std::uint32_t depth = 1;
  bool vector = false;    // norms, biases, sinks: kept in F32
  bool optional = false;  // may be missing; not made for shapes
};

// What a model of this description has; the output matrix only where it is not tied to the embedding. The
// architecture must be known.
std::vector<TensorShape> model_tensors(const ModelDescription& description);

// The layer of "blk.12.attn_q.weight"; nothing for tensors outside layers. Layers from description.layers on are MTP's.
std::optional<std::uint32_t> layer_of(std::string_view name);

// Sums over tensors: parameters (without MTP layers, as models are advertised), active_parameters,
// weight_bytes, and the format of most bytes.
void count_weights(const std::vector<Tensor>& tensors, ModelDescription& description);

// Checks that fields fit each other; what is wrong, in the field's terms, without the file's name.
Status check_description(const ModelDescription& description);

// Llama 3's stretching of slow rotations, as the divisors of each frequency that files carry in
// rope_freqs.weight. Formula: Llama 3.1's model card and reference code (apply_scaling), factor by
// wavelength.
std::vector<float> llama3_rope_divisors(const ModelDescription& description);

// YaRN's factor of length: 0.1 · multiplier · ln(factor) + 1 (Peng et al. 2023, section 3.4).
float yarn_magnitude(float factor, float multiplier = 1);

// Sets the factor of cos and sin and, for latent attention, the softmax' scale, as DeepSeek does: `all`
// (mscale_all_dim) moves the magnitude from the rotation to all of a head's values. Needs the rope factor and
// head_dim. `all` 0: absent.
void apply_yarn_magnitude(float own, float all, ModelDescription& description);

}  // namespace tokenmark
