#include "engine/runtime/engine.h"

#include <sched.h>

#include <algorithm>

#include "engine/model/device_model.h"
#include "engine/runtime/engine_loop.h"
#include "engine/runtime/fit.h"
#include "engine/runtime/kv_size.h"
#include "engine/runtime/loading.h"
#include "engine/runtime/speculation.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

ErrorKind kind_of(tm_status status) {
  switch (status) {
    case TM_INVALID: return ErrorKind::invalid_input;
    case TM_NOT_FOUND: return ErrorKind::not_found;
    case TM_UNAVAILABLE:
    case TM_DEVICE_LOST: return ErrorKind::unavailable;
    case TM_OUT_OF_MEMORY: return ErrorKind::exhausted;
    default: return ErrorKind::internal;
  }
}

std::uint32_t cores_of_process() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

std::uint64_t memory_of(const tm_device_capabilities& device) {
  const bool host = std::string_view(device.id) == "cpu" || device.memory_bytes == 0;
  return host ? available_host_bytes() : device.memory_bytes;
}

// A draft is a token id: it must mean the same in both models.
Status check_same_vocabulary(const Model& model, const Model& drafter) {
  const std::uint32_t size = model.description.vocabulary;
  bool same = size == drafter.description.vocabulary && model.tokenizer && drafter.tokenizer;
  for (std::uint32_t token = 0; same && token < size; ++token)
    same = model.tokenizer->bytes(static_cast<TokenId>(token)) == drafter.tokenizer->bytes(static_cast<TokenId>(token));
  if (same) return {};
  return fail(ErrorKind::invalid_input, "{} cannot draft for {}: their vocabularies differ ({} and {} tokens)",
              drafter.source, model.source, drafter.description.vocabulary, size);
}

}  // namespace

struct Engine::State {
  ~State() {
    loop.reset();
    for (tm_executor* made : {drafter, executor})
      if (made) plugin->destroy_executor(made);
    if (device) plugin->close_device(device);
  }

  tl::unexpected<Error> device_error(const char* what, tm_status status) const {
    return fail(kind_of(status), "{}: {}: {}", options.device, what, plugin->last_error());
  }
  Status open_device();
  Status open_drafter();
  Status create_executors(const std::function<void(double)>& progress, std::stop_token stop);
  Status create_executor(const Model& of, CountedWeights& weights, std::int32_t blocks, tm_executor** out) const;

  Model model, draft_model;
  EngineOptions options;
  Speculation speculation;
  const tm_plugin* plugin = nullptr;
  tm_device_capabilities capabilities{};
  TuningFile tuning;
  tm_device* device = nullptr;
  tm_executor *executor = nullptr, *drafter = nullptr;
  std::unique_ptr<CountedWeights> weights, draft_weights;  // live as long as the executors
  SchedulerOptions scheduler_options;
  std::unique_ptr<EngineLoop> loop;
};

Status Engine::State::open_device() {
  if (!capabilities.available) return fail(ErrorKind::unavailable, "{}: {}", options.device, capabilities.why);
  if (options.threads == 0)
    options.threads = options.cores.empty() ? cores_of_process() : static_cast<std::uint32_t>(options.cores.size());
  tm_device_options device_options{};
  device_options.size = sizeof device_options;
  device_options.version = TM_ABI_VERSION;
  device_options.threads = options.threads;
  device_options.cores = options.cores.empty() ? nullptr : options.cores.data();
  device_options.n_cores = static_cast<std::uint32_t>(options.cores.size());
  device_options.kernels = options.kernels.empty() ? nullptr : options.kernels.c_str();
  if (const tm_status status = plugin->open_device(capabilities.id, &device_options, &device); status != TM_OK)
    return device_error("the device cannot be opened", status);
  return {};
}

Status Engine::State::open_drafter() {
  TOKENMARK_TRY(speculation, parse_speculation(options.speculate));
  if (speculation.drafting == Drafting::mtp && model.description.mtp_layers == 0)
    return fail(ErrorKind::invalid_input, "{}: it has no layer for multi-token prediction; speculate with ngram or draft:MODEL",
                model.source);
  if (speculation.drafting != Drafting::model) return {};
  TOKENMARK_TRY(draft_model, open_model(speculation.model));
  return check_same_vocabulary(model, draft_model);
}

Status Engine::State::create_executor(const Model& of, CountedWeights& counted, std::int32_t blocks, tm_executor** out) const {
  tm_executor_options executor_options{};
  executor_options.size = sizeof executor_options;
  executor_options.version = TM_ABI_VERSION;
  executor_options.tokens_per_block = static_cast<std::uint32_t>(options.tokens_per_block);
  executor_options.blocks = static_cast<std::uint32_t>(blocks);
  executor_options.max_sequences = static_cast<std::uint32_t>(options.max_sequences);
  executor_options.max_step_tokens = static_cast<std::uint32_t>(options.step_tokens);
  executor_options.kv_format = static_cast<std::uint32_t>(options.kv_format);
  executor_options.tuning = tuning.text.empty() ? nullptr : tuning.text.c_str();
  const tm_model shape = device_model(of.description);
  const tm_status status = plugin->create_executor(device, &shape, &counted.source(), &executor_options, out);
  if (status != TM_OK) return device_error(of.source.c_str(), status);
  return {};
}

Status Engine::State::create_executors(const std::function<void(double)>& progress, std::stop_token stop) {
  const bool drafts = speculation.drafting == Drafting::model;
  const ModelDescription& shape = model.description;
  const std::uint64_t weight_bytes = shape.weight_bytes + (drafts ? draft_model.description.weight_bytes : 0);
  const std::uint64_t memory = memory_of(capabilities);
  // Without a wished context the cache takes what is left: a block must be. More than the model's is refused below.
  const std::int64_t context = std::min<std::int64_t>(options.context, shape.context);
  const auto tokens = static_cast<std::uint64_t>(std::max<std::int64_t>({context, options.tokens_per_block, 1}));
  ModelDescription both = shape;
  both.weight_bytes = weight_bytes;
  TOKENMARK_CHECK(check_fit(model.source, both, tokens, options.kv_format, memory));
  // What is left for keys and values once the weights are there.
  TOKENMARK_TRY(const KvSize kv, size_kv(shape, options, memory - weight_bytes, drafts ? &draft_model.description : nullptr));
  options.context = kv.context;
  options.kv_bytes = kv.bytes;
  scheduler_options = {.tokens_per_block = options.tokens_per_block, .blocks = kv.blocks,
                       .max_sequences = options.max_sequences, .step_tokens = options.step_tokens,
                       .context = kv.context, .vocabulary = static_cast<std::int32_t>(shape.vocabulary),
                       .prefix_cache = options.prefix_cache, .policy = options.policy,
                       .admission_free = options.admission_free, .chunk_slowdown = options.chunk_slowdown,
                       .drafting = speculation.drafting, .draft_tokens = options.draft_tokens,
                       .draft_context = static_cast<std::int32_t>(std::min<std::uint32_t>(draft_model.description.context, 1u << 30)),
                       .width = static_cast<std::int32_t>(shape.width)};

  LoadingProgress loading(weight_bytes, progress);
  const auto load = [&](const Model& of, std::unique_ptr<CountedWeights>& counted, tm_executor** out) {
    counted = std::make_unique<CountedWeights>(device_weights(of), loading, stop);
    Status created = create_executor(of, *counted, kv.blocks, out);
    counted->loaded();
    if (stop.stop_requested()) created = fail(ErrorKind::cancelled, "{}: cancelled while the model was loading", of.source);
    return created;
  };
  TOKENMARK_CHECK(load(model, weights, &executor));
  if (drafts) TOKENMARK_CHECK(load(draft_model, draft_weights, &drafter));
  if (progress) progress(1);
  return {};
}

Result<std::unique_ptr<Engine>> Engine::start(Model model, PluginRegistry& plugins, const EngineOptions& options,
                                              const std::function<void(double)>& progress, std::stop_token stop) {
  TOKENMARK_TRY(const FoundDevice found, plugins.device(options.device));
  auto state = std::make_unique<State>();
  state->model = std::move(model);
  state->options = options;
  state->plugin = found.plugin;
  state->capabilities = found.capabilities;
  state->tuning = plugins.tuning(found);
  TOKENMARK_CHECK(state->open_drafter());
  TOKENMARK_CHECK(state->open_device());
  TOKENMARK_CHECK(state->create_executors(progress, std::move(stop)));
  state->loop = std::make_unique<EngineLoop>(*state->plugin, state->executor, state->drafter, state->scheduler_options,
                                             found.capabilities.async_depth, options.cores);
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<RequestId> Engine::submit(GenerationRequest request, TokenSink sink) {
  return state_->loop->submit(std::move(request), std::move(sink));
}
void Engine::cancel(RequestId id) { state_->loop->cancel(id); }
const Model& Engine::model() const { return state_->model; }
const EngineOptions& Engine::options() const { return state_->options; }
const tm_device_capabilities& Engine::device() const { return state_->capabilities; }
const TuningFile& Engine::tuning() const { return state_->tuning; }
EngineCounts Engine::counts() const { return state_->loop->counts(); }
void Engine::forget_prefixes() { state_->loop->forget_prefixes(); }
std::string Engine::failure() const { return state_->loop->failure(); }

Status Engine::score(const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink) {
  return state_->loop->score(tokens, first_row, sink);
}

bool Engine::has_telemetry() const { return state_->plugin->telemetry != nullptr; }
bool Engine::telemetry(tm_telemetry& out) const {
  return has_telemetry() && state_->plugin->telemetry(state_->device, &out) == TM_OK;
}

Result<tm_ceilings> Engine::calibrate() {
  if (!state_->plugin->calibrate)
    return fail(ErrorKind::unavailable, "{}: the device cannot measure its ceilings", state_->options.device);
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  tm_status status = TM_OK;
  std::string why;
  state_->loop->run_when_idle([&] {
    status = state_->plugin->calibrate(state_->device, &ceilings);
    if (status != TM_OK) why = state_->plugin->last_error();  // the thread's own
  });
  if (status != TM_OK) return fail(kind_of(status), "{}: calibration failed: {}", state_->options.device, why);
  return ceilings;
}

}  // namespace tokenmark
