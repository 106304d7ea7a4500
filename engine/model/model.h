// A model as the engine takes it: a description, weights on demand, and the vocabulary's raw material.
// Opened from a GGUF file (or any of several), a folder of safetensors, or made with random weights from a known shape ("shape:llama-3.2-1b:q4_0").
// A Model is immutable after opening; any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernels/formats/format.h"

namespace tokenmark {

class Tokenizer;

enum class RopeScalingKind { none, linear, llama3, yarn };

// `llama3` comes from shapes and config.json. GGUF files carry Llama 3's factors as a tensor: then the kind is `none`,
// and the weights have "rope_freqs.weight", one divisor for each of the rope_dim / 2 frequencies, which always applies
// where it is present.
struct RopeScaling {
  RopeScalingKind kind = RopeScalingKind::none;
  float factor = 1;
  float low = 1, high = 4;      // llama3: frequency factors; yarn: beta_slow, beta_fast
  std::uint32_t original_context = 0;
  float attention_factor = 0;   // yarn: multiplies cos and sin; 0: 1
  bool rounded_bounds = true;   // yarn: the ramp's bounds are whole dimensions (gpt-oss: not)
  bool operator==(const RopeScaling&) const = default;
};

enum class Gating { softmax, sigmoid };
enum class Activation { silu, swiglu_clamped };

// Latent attention (DeepSeek): head_dim = nope + rope_dim; value_dim differs.
struct LatentAttention {
  std::uint32_t q_lora = 0;   // 0: queries straight from attn_q
  std::uint32_t kv_lora = 0;  // 0: no latent attention
  bool operator==(const LatentAttention&) const = default;
};

struct Experts {
  std::uint32_t count = 0;             // 0: dense
  std::uint32_t used = 0, ffn_width = 0;
  std::uint32_t shared_ffn_width = 0;  // of all shared experts together
  std::uint32_t dense_layers = 0;      // leading layers without experts
  Gating gating = Gating::softmax;
  bool gate_bias = false, bias = false;
  bool normalise = true;               // the chosen ones' weights sum to 1
  float scale = 1;                     // of the chosen weights
  std::uint32_t groups = 0, groups_used = 0;
  bool operator==(const Experts&) const = default;
};

// Shape and constants of an architecture; everything the forward pass and the cost of it depend on.
// The meaning of each field is tm_model's (plugins/api/plugin.h).
struct ModelDescription {
  std::string name;          // "stories260K", "llama-3.2-1b"
  std::string architecture;  // GGUF's name: "llama", "qwen3", "qwen3moe", "gpt-oss", "deepseek2"
  std::uint32_t layers = 0, width = 0, ffn_width = 0, heads = 0, kv_heads = 0, head_dim = 0, rope_dim = 0;
  std::uint32_t value_dim = 0;  // 0: head_dim
  std::uint32_t vocabulary = 0, context = 0;
  float rms_epsilon = 1e-5f;
  bool rope_interleaved = true;  // pairs (2i, 2i+1), as in GGUF's llama; else (i, i + d/2)
  float rope_theta = 10000;
  RopeScaling rope_scaling;
  float attention_scale = 0;     // 0: 1/√head_dim
  bool qk_norm = false, attention_bias = false, attention_sinks = false;
  std::uint32_t window = 0, window_period = 0;
  LatentAttention latent;
  Activation activation = Activation::silu;
  float activation_limit = 0;
  Experts experts;
  std::uint32_t mtp_layers = 0;
  bool tied_output = false;      // the output matrix is the embedding
  Format format = Format::f32;   // of most weight bytes
  std::uint64_t parameters = 0, active_parameters = 0;  // active: that one token uses
  std::uint64_t weight_bytes = 0;
  bool operator==(const ModelDescription&) const = default;
};

struct Tensor {
  std::string name;
  Format format = Format::f32;
  std::uint64_t rows = 1, columns = 0;  // of one matrix
  std::uint64_t bytes = 0;              // of all
  const std::byte* mapped = nullptr;  // in the mapped file, or null: use read
  std::uint32_t depth = 1;            // matrices one after another: experts
};

// Where weights come from. Thread-safe.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  virtual const Tensor* find(std::string_view name) const = 0;  // null: absent
  // `count` rows from `first` on (rows of all matrices numbered through).
  virtual Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* destination) const = 0;
  Status read(const Tensor& tensor, std::byte* destination) const {
    return read_rows(tensor, 0, tensor.depth * tensor.rows, destination);
  }
  virtual const std::vector<Tensor>& tensors() const = 0;
};

struct Model {
  ModelDescription description;
  std::shared_ptr<const WeightSource> weights;   // shared: executors read it while models are replaced
  std::shared_ptr<const Tokenizer> tokenizer;    // shared: requests in flight keep it
  std::string chat_template;                     // the file's own template text, empty where there is none
  std::string source;                            // path or "shape:NAME:FORMAT"
  std::vector<std::string> files;                // it was opened from, in order; empty for shapes
  std::string hash;                              // SHA-256 of the file, or of the shape's text: "sha256:…"
  bool random_weights = false;                   // speed is real, text is not
};

// `specification`: a path of a GGUF file or of a safetensors folder, or "shape:NAME:FORMAT[:SEED]".
// The hash of a file is computed by `hash_model`, since it reads the whole file; `hash` is then empty here. `stop` ends
// that with an error of kind cancelled.
Result<Model> open_model(const std::string& specification);
Result<std::string> hash_model(const Model& model, const std::stop_token& stop = {});

// The vocabulary alone, also of a GGUF file without tensors or of an architecture that is not known here.
Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const std::string& specification);

// Known shapes (resources/shapes.json); sizes as in BF16.
std::vector<ModelDescription> known_shapes();

}  // namespace tokenmark
