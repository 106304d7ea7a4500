#include "engine/runtime/layer_distances.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <numeric>

#include "engine/model/device_model.h"
#include "engine/model/layers.h"

namespace tokenmark {
namespace {

constexpr std::string_view kEmbedding = "token_embd.weight", kOutput = "output.weight";
constexpr std::uint32_t kTokensPerBlock = 16;

// Weights whose embedding is a set of hidden states, one a row.
class StatesAsEmbedding : public WeightSource {
 public:
  StatesAsEmbedding(std::shared_ptr<const WeightSource> source, const std::vector<float>& states, std::uint64_t width)
      : source_(std::move(source)) {
    for (const Tensor& tensor : source_->tensors())
      if (tensor.name != kEmbedding && tensor.name != kOutput) tensors_.push_back(tensor);
    tensors_.push_back({std::string(kEmbedding), Format::f32, states.size() / width, width, states.size() * sizeof(float),
                        reinterpret_cast<const std::byte*>(states.data())});
  }
  const Tensor* find(std::string_view name) const override {
    if (name == kEmbedding) return &tensors_.back();
    return name == kOutput ? nullptr : source_->find(name);
  }
  Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* destination) const override {
    if (tensor.name != kEmbedding) return source_->read_rows(*source_->find(tensor.name), first, count, destination);
    const std::uint64_t bytes = tensor.columns * sizeof(float);
    std::memcpy(destination, tensor.mapped + first * bytes, count * bytes);
    return {};
  }
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::shared_ptr<const WeightSource> source_;  // shared with the model
  std::vector<Tensor> tensors_;
};

class OpenDevice {
 public:
  static Result<OpenDevice> open(const FoundDevice& found, std::uint32_t threads) {
    OpenDevice open;
    open.plugin_ = found.plugin;
    tm_device_options options{};
    options.size = sizeof options;
    options.version = TM_ABI_VERSION;
    options.threads = threads;
    if (found.plugin->open_device(found.capabilities.id, &options, &open.device_) != TM_OK)
      return fail(ErrorKind::unavailable, "device '{}' cannot be opened: {}", found.capabilities.id,
                  found.plugin->last_error());
    return open;
  }
  ~OpenDevice() {
    if (device_) plugin_->close_device(device_);
  }
  OpenDevice(OpenDevice&& other) noexcept : plugin_(other.plugin_), device_(std::exchange(other.device_, nullptr)) {}
  OpenDevice& operator=(OpenDevice&&) = delete;

  // All states through the one layer of `model`; sequences of `length`, one after the other.
  Status run(const Model& model, std::uint32_t length, std::uint32_t sequences, float* out) {
    const tm_model description = device_model(model.description);
    const tm_weight_source weights = device_weights(model);
    const std::uint32_t blocks = (length + kTokensPerBlock - 1) / kTokensPerBlock;
    const tm_executor_options options{sizeof options, TM_ABI_VERSION, kTokensPerBlock, blocks, 1, length, TM_F32, nullptr};
    tm_executor* executor = nullptr;
    if (plugin_->create_executor(device_, &description, &weights, &options, &executor) != TM_OK)
      return fail(ErrorKind::unavailable, "{}: a layer cannot be loaded: {}", model.source, plugin_->last_error());
    Status done;
    for (std::uint32_t s = 0; s < sequences && done; ++s)
      done = run_sequence(executor, length, s, out + std::size_t{s} * length * model.description.width);
    plugin_->destroy_executor(executor);
    return done;
  }

 private:
  OpenDevice() = default;

  Status run_sequence(tm_executor* executor, std::uint32_t length, std::uint32_t sequence, float* out) {
    std::vector<std::int32_t> positions(length), tokens(length), blocks((length + kTokensPerBlock - 1) / kTokensPerBlock);
    std::iota(positions.begin(), positions.end(), 0);
    std::iota(tokens.begin(), tokens.end(), static_cast<std::int32_t>(sequence * length));
    std::iota(blocks.begin(), blocks.end(), 0);
    const std::int32_t id = 0, offsets[2] = {0, static_cast<std::int32_t>(length)}, kv_length = offsets[1];
    tm_step step{};
    step.size = sizeof step;
    step.version = TM_ABI_VERSION;
    step.n_sequences = 1;
    step.n_tokens = length;
    step.tokens = tokens.data();
    step.positions = step.slots = positions.data();
    step.sequence_ids = &id;
    step.token_offsets = offsets;
    step.kv_lengths = &kv_length;
    step.block_tables = blocks.data();
    step.block_table_stride = static_cast<std::uint32_t>(blocks.size());
    step.n_hidden = length;
    step.hidden_rows = positions.data();
    tm_step_result result{};
    result.size = sizeof result;
    result.version = TM_ABI_VERSION;
    result.hidden = out;
    if (plugin_->step(executor, &step, &result) != TM_OK || plugin_->wait(executor) != TM_OK)
      return fail(ErrorKind::internal, "a layer cannot be run: {}", plugin_->last_error());
    return {};
  }

  const tm_plugin* plugin_ = nullptr;
  tm_device* device_ = nullptr;
};

Result<std::vector<float>> embedded(const Model& model, std::span<const TokenId> tokens) {
  const Tensor* embedding = model.weights->find(kEmbedding);
  if (!embedding) return fail(ErrorKind::invalid_input, "{}: tensor '{}' is missing", model.source, kEmbedding);
  std::vector<float> states(tokens.size() * embedding->columns);
  std::vector<std::byte> row(row_bytes(embedding->format, embedding->columns));
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || static_cast<std::uint64_t>(tokens[i]) >= embedding->rows)
      return fail(ErrorKind::invalid_input, "token {} is not below the {} of the embedding", tokens[i], embedding->rows);
    TOKENMARK_CHECK(model.weights->read_rows(*embedding, static_cast<std::uint64_t>(tokens[i]), 1, row.data()));
    dequantize_row(embedding->format, row.data(), embedding->columns, states.data() + i * embedding->columns);
  }
  return states;
}

// A layer alone, which gets `states`.
Result<Model> layer_alone(const Model& model, std::uint32_t layer, const std::vector<float>& states) {
  TOKENMARK_TRY(Model alone, with_layers(model, std::span(&layer, 1)));
  ModelDescription& d = alone.description;
  d.mtp_layers = 0;
  d.vocabulary = static_cast<std::uint32_t>(states.size() / d.width);
  d.tied_output = true;
  alone.weights = std::make_shared<const StatesAsEmbedding>(alone.weights, states, d.width);
  return alone;
}

double angular_distance(const float* a, const float* b, std::size_t width) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < width; ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  if (!(aa > 0 && bb > 0)) return 0.5;  // no direction
  return std::acos(std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0)) / std::numbers::pi;
}

}  // namespace

Result<LayerDistances> measure_layer_distances(const Model& model, std::span<const TokenId> text,
                                               PluginRegistry& plugins, const LayerDistanceOptions& options) {
  if (text.size() < 2) return fail(ErrorKind::invalid_input, "the text has {} tokens, at least 2 are needed", text.size());
  LayerDistances found;
  found.layers = model.description.layers;
  const std::uint64_t longest = std::min<std::uint64_t>({options.sequence_tokens, model.description.context, text.size()});
  found.sequence_tokens = static_cast<std::uint32_t>(std::max<std::uint64_t>(longest, 1));
  found.sequences = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(text.size() / found.sequence_tokens, 1, std::max(options.sequences, 1u)));
  const std::size_t width = model.description.width, length = found.sequence_tokens;
  TOKENMARK_TRY(const FoundDevice device, plugins.device(options.device));
  TOKENMARK_TRY(OpenDevice open, OpenDevice::open(device, options.threads));
  TOKENMARK_TRY(std::vector<float> states, embedded(model, text.subspan(0, found.sequences * length)));

  std::vector<std::vector<float>> last(found.layers + 1);  // states of the sequences' last tokens before each layer
  const auto keep = [&](std::uint32_t layer) {
    for (std::size_t s = 0; s < found.sequences; ++s) {
      const auto state = states.begin() + static_cast<std::ptrdiff_t>(((s + 1) * length - 1) * width);
      last[layer].insert(last[layer].end(), state, state + static_cast<std::ptrdiff_t>(width));
    }
  };
  std::vector<float> next(states.size());
  keep(0);
  for (std::uint32_t layer = 0; layer < found.layers; ++layer) {
    if (options.stop.stop_requested()) return fail(ErrorKind::cancelled, "cancelled");
    TOKENMARK_TRY(const Model alone, layer_alone(model, layer, states));
    TOKENMARK_CHECK(open.run(alone, found.sequence_tokens, found.sequences, next.data()));
    states.swap(next);
    keep(layer + 1);
    if (options.progress) options.progress(static_cast<double>(layer + 1) / found.layers);
  }
  for (std::uint32_t first = 0; first < found.layers; ++first) {
    found.distances.emplace_back();
    for (std::uint32_t end = first + 1; end <= found.layers; ++end) {
      double sum = 0;
      for (std::size_t s = 0; s < found.sequences; ++s)
        sum += angular_distance(last[first].data() + s * width, last[end].data() + s * width, width);
      found.distances.back().push_back(sum / found.sequences);
    }
  }
  return found;
}

Result<std::vector<std::uint32_t>> least_important_layers(const Model& model, const LayerDistances& distances,
                                                          std::uint32_t count) {
  if (count == 0 || count >= distances.layers)
    return fail(ErrorKind::invalid_input, "{}: {} of its {} layers cannot be dropped", model.source, count, distances.layers);
  std::vector<std::uint32_t> best;
  double least = std::numeric_limits<double>::infinity();
  for (std::uint32_t first = 0; first + count <= distances.layers; ++first) {
    std::vector<std::uint32_t> run(count);
    std::iota(run.begin(), run.end(), first);
    if (distances.of(first, count) >= least || !without_layers(model, run)) continue;
    least = distances.of(first, count);
    best = std::move(run);
  }
  if (!best.empty()) return best;
  std::vector<std::uint32_t> run(count);
  std::iota(run.begin(), run.end(), 0);
  return tl::unexpected(without_layers(model, run).error());  // says which numbers are possible
}

}  // namespace tokenmark
