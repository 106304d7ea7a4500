// A model as the engine takes it: a description, weights on demand, and the vocabulary's raw material.
// Opened from a GGUF file or made with random weights from a known shape ("shape:llama-3.2-1b:q4_0").
// A Model is immutable after opening; any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernels/formats/format.h"

namespace tokenmark {

class Tokenizer;

enum class RopeScalingKind { none, linear, llama3 };

// `llama3` comes from shapes. Files carry Llama 3's factors as a tensor: then the kind is `none`, and the weights have
// "rope_freqs.weight", one divisor for each of the rope_dim / 2 frequencies, which always applies where it is present.
struct RopeScaling {
  RopeScalingKind kind = RopeScalingKind::none;
  float factor = 1;
  float low = 1, high = 4;  // llama3: frequency factors
  std::uint32_t original_context = 0;
};

// Shape and constants of an architecture; everything the forward pass and the cost of it depend on.
struct ModelDescription {
  std::string name;          // "stories260K", "llama-3.2-1b"
  std::string architecture;  // "llama"
  std::uint32_t layers = 0, width = 0, ffn_width = 0, heads = 0, kv_heads = 0, head_dim = 0, rope_dim = 0;
  std::uint32_t vocabulary = 0, context = 0;
  float rms_epsilon = 1e-5f;
  bool rope_interleaved = true;  // pairs (2i, 2i+1), as in GGUF's llama; else (i, i + d/2)
  float rope_theta = 10000;
  RopeScaling rope_scaling;
  bool tied_output = false;      // the output matrix is the embedding
  Format format = Format::f32;   // of most weight bytes
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;
};

struct Tensor {
  std::string name;
  Format format = Format::f32;
  std::uint64_t rows = 1, columns = 0;
  std::uint64_t bytes = 0;
  const std::byte* mapped = nullptr;  // in the mapped file, or null: use read
};

// Where weights come from. Thread-safe.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  virtual const Tensor* find(std::string_view name) const = 0;  // null: absent
  virtual Status read(const Tensor& tensor, std::byte* destination) const = 0;
  virtual const std::vector<Tensor>& tensors() const = 0;
};

struct Model {
  ModelDescription description;
  std::shared_ptr<const WeightSource> weights;   // shared: executors read it while models are replaced
  std::shared_ptr<const Tokenizer> tokenizer;    // shared: requests in flight keep it
  std::string chat_template;                     // the file's own template text, empty where there is none
  std::string source;                            // path or "shape:NAME:FORMAT"
  std::string hash;                              // SHA-256 of the file, or of the shape's text: "sha256:…"
  bool random_weights = false;                   // speed is real, text is not
};

// `specification`: a path of a GGUF file, or "shape:NAME:FORMAT[:SEED]".
// The hash of a file is computed by `hash_model`, since it reads the whole file; `hash` is then empty here.
Result<Model> open_model(const std::string& specification);
Result<std::string> hash_model(const Model& model);

// The vocabulary alone, also of a GGUF file without tensors or of an architecture that is not known here.
Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const std::string& specification);

// Known shapes (resources/shapes.json); sizes as in BF16.
std::vector<ModelDescription> known_shapes();

}  // namespace tokenmark
