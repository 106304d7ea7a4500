#include "tests/engine/runtime/fake_plugin.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/engine/runtime/paged_device.h"

struct tm_device {};

struct tm_executor {
  tokenmark::fake::PagedDevice device;
};

namespace tokenmark::fake {
namespace {

thread_local std::string last_error_text;

tm_status failed(tm_status status, std::string why) {
  last_error_text = std::move(why);
  return status;
}

const char* last_error() { return last_error_text.c_str(); }

tm_status enumerate(tm_device_capabilities* out, std::uint32_t capacity, std::uint32_t* count) {
  constexpr const char* kIds[] = {"fake", "fake:1", "fake:2"};
  *count = std::size(kIds);
  for (std::uint32_t i = 0; i < std::min(capacity, *count); ++i, ++out) {
    *out = {};
    out->size = sizeof *out;
    out->version = TM_ABI_VERSION;
    std::strcpy(out->id, kIds[i]);
    std::strcpy(out->name, "A device for tests");
    out->available = 1;
    out->memory_bytes = 1ull << 30;
    out->async_depth = static_cast<std::uint32_t>(behaviour().async_depth.load());
  }
  return TM_OK;
}

tm_status open_device(const char* id, const tm_device_options*, tm_device** out) {
  if (!std::string_view(id).starts_with("fake")) return failed(TM_NOT_FOUND, "there are only the devices 'fake', 'fake:1' and 'fake:2'");
  ++behaviour().devices;
  *out = new tm_device;
  return TM_OK;
}

void close_device(tm_device* device) {
  --behaviour().devices;
  delete device;
}

tm_status create_executor(tm_device*, const tm_model* model, const tm_weight_source* weights,
                          const tm_executor_options* options, tm_executor** out) {
  if (behaviour().refuse_executor) return failed(TM_OUT_OF_MEMORY, "the fake device has no memory left");
  tm_tensor tensor{};
  if (weights->find(weights->context, "token_embd.weight", &tensor) != TM_OK) return failed(TM_INVALID, "no embedding");
  for (std::uint64_t row = 0; row < tensor.rows; ++row) {
    std::byte values[32];
    const std::int64_t ns = behaviour().load_row_ns;
    if (ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
    if (weights->read_rows(weights->context, "token_embd.weight", row, 1, values) != TM_OK)
      return failed(TM_UNAVAILABLE, "the weights cannot be read");
  }
  ++behaviour().executors;
  *out = new tm_executor{PagedDevice(static_cast<std::int32_t>(options->blocks),
                                     static_cast<std::int32_t>(options->tokens_per_block), kFirstWord,
                                     static_cast<std::int32_t>(model->vocabulary))};
  return TM_OK;
}

void destroy_executor(tm_executor* executor) {
  --behaviour().executors;
  delete executor;
}

tm_status memory_needed(tm_device*, const tm_model*, const tm_weight_source*, const tm_executor_options* options,
                        std::uint64_t* bytes) {
  *bytes = static_cast<std::uint64_t>(options->blocks) * options->tokens_per_block * sizeof(std::int32_t);
  return TM_OK;
}

void end_long_sequences(const tm_step& step, std::int32_t* sampled) {
  const std::int32_t end_at = behaviour().end_at;
  if (end_at == 0) return;
  for (std::uint32_t sample = 0; sample < step.n_samples; ++sample)
    if (step.positions[step.sample_rows[sample]] + 1 >= end_at) sampled[sample] = kEos;
}

tm_status step(tm_executor* executor, const tm_step* step, tm_step_result* result) {
  ++behaviour().steps;
  const std::int64_t ns = behaviour().step_ns + behaviour().token_ns * step->n_tokens;
  if (ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
  if (behaviour().lost) return failed(TM_DEVICE_LOST, "the fake device fell off the bus");
  if (behaviour().failing_steps > 0) {
    --behaviour().failing_steps;
    return failed(TM_INTERNAL, "the fake device was told to fail");
  }
  if (std::string wrong = executor->device.step(*step, result->tokens, result->logits, result->hidden); !wrong.empty())
    return failed(TM_INVALID, wrong);
  end_long_sequences(*step, result->tokens);
  return TM_OK;
}

tm_status wait(tm_executor*) { return TM_OK; }

tm_status calibrate(tm_device*, tm_ceilings* out) {
  out->memory_gb_s = 10;
  return TM_OK;
}

// One tensor is enough for a device that does not compute.
class FakeWeights : public WeightSource {
 public:
  explicit FakeWeights(std::uint64_t vocabulary) {
    tensors_.push_back({.name = "token_embd.weight", .rows = vocabulary, .columns = 8, .bytes = vocabulary * 32});
  }
  const Tensor* find(std::string_view name) const override {
    return name == tensors_[0].name ? &tensors_[0] : nullptr;
  }
  Status read_rows(const Tensor&, std::uint64_t, std::uint64_t count, std::byte* destination) const override {
    std::memset(destination, 0, count * 32);
    return {};
  }
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::vector<Tensor> tensors_;
};

}  // namespace

void Behaviour::reset() {
  step_ns = token_ns = load_row_ns = 0;
  async_depth = 0;
  failing_steps = end_at = 0;
  lost = refuse_executor = false;
  steps = 0;
}

Behaviour& behaviour() {
  static Behaviour shared;
  return shared;
}

Model fake_model(std::int32_t vocabulary, std::uint32_t context) {
  const auto words = static_cast<std::uint32_t>(vocabulary);
  Model model;
  model.description = {.name = "fake", .architecture = "llama", .layers = 1, .width = 8, .ffn_width = 8, .heads = 1,
                       .kv_heads = 1, .head_dim = 8, .rope_dim = 8, .vocabulary = words, .context = context,
                       .mtp_layers = 1, .tied_output = true, .parameters = words * 8ull, .weight_bytes = words * 32ull};
  model.weights = std::make_shared<FakeWeights>(words);
  model.tokenizer = make_synthetic_tokenizer(vocabulary);
  model.source = "fake";
  model.random_weights = true;
  return model;
}

std::vector<TokenId> expected_tokens(std::vector<TokenId> prompt, std::int32_t count, std::int32_t vocabulary) {
  std::vector<TokenId> generated;
  for (std::int32_t i = 0; i < count; ++i) {
    generated.push_back(reference_next(prompt, tm_sampling{}, kFirstWord, vocabulary));
    prompt.push_back(generated.back());
  }
  return generated;
}

}  // namespace tokenmark::fake

extern "C" const tm_plugin* fake_plugin_query(uint32_t host_version) {
  using namespace tokenmark::fake;
  static const tm_plugin table = [] {
    tm_plugin made{};
    made.size = sizeof made;
    made.version = TM_ABI_VERSION;
    made.name = "fake";
    made.build = "tests";
    made.last_error = last_error;
    made.enumerate = enumerate;
    made.open_device = open_device;
    made.close_device = close_device;
    made.create_executor = create_executor;
    made.destroy_executor = destroy_executor;
    made.memory_needed = memory_needed;
    made.step = step;
    made.wait = wait;
    made.calibrate = calibrate;
    return made;
  }();
  return host_version == TM_ABI_VERSION ? &table : nullptr;
}
