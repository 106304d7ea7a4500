#include "engine/runtime/engine.h"

#include <sched.h>

#include <algorithm>
#include <mutex>

#include "engine/model/device_model.h"
#include "engine/runtime/engine_loop.h"
#include "engine/runtime/fit.h"
#include "engine/runtime/kv_size.h"
#include "engine/runtime/loading.h"
#include "engine/runtime/speculation.h"
#include "engine/tokenizer/tokenizer.h"
#include "plugins/api/device_ids.h"

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

template <class Counts>
void add_all(Counts& to, const Counts& from, auto... fields) {
  ((to.*fields += from.*fields), ...);
}

// A copy of the model on devices of its own.
struct Replica {
  // `tuning_of_one`: of its devices, which are alike.
  Replica(const FoundDevice& found, TuningFile tuning_of_one)
      : plugin(found.plugin), capabilities(found.capabilities), devices(found.members.size()), tuning(std::move(tuning_of_one)) {}
  Replica(const Replica&) = delete;
  ~Replica() {
    loop.reset();
    for (tm_executor* made : {drafter, executor})
      if (made) plugin->destroy_executor(made);
    if (device) plugin->close_device(device);
  }

  tl::unexpected<Error> device_error(const char* what, tm_status status) const {
    return fail(kind_of(status), "{}: {}: {}", capabilities.id, what, plugin->last_error());
  }
  Status open(const EngineOptions& options);
  Status create_executor(const Model& of, CountedWeights& counted, const EngineOptions& options, std::int32_t blocks, tm_executor** out) const;

  const tm_plugin* plugin;
  tm_device_capabilities capabilities;
  std::size_t devices;
  TuningFile tuning;
  tm_device* device = nullptr;
  tm_executor *executor = nullptr, *drafter = nullptr;
  std::unique_ptr<CountedWeights> weights, draft_weights;  // live as long as the executors
  std::unique_ptr<EngineLoop> loop;
};

Status Replica::open(const EngineOptions& options) {
  if (!capabilities.available) return fail(ErrorKind::unavailable, "{}: {}", capabilities.id, capabilities.why);
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

Status Replica::create_executor(const Model& of, CountedWeights& counted, const EngineOptions& options, std::int32_t blocks, tm_executor** out) const {
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

// Of devices that a model is split over, how many hold the same keys and values: heads that are fewer than devices, and
// latents, which belong to no head.
std::uint64_t kv_copies(const ModelDescription& model, std::uint64_t devices) {
  if (model.latent.kv_lora > 0) return devices;
  return std::max<std::uint64_t>(1, devices / std::max<std::uint64_t>(1, model.kv_heads));
}

}  // namespace

struct Engine::State {
  Status open_drafter();
  Status choose_sizes();
  Status create_executors(Replica& replica, const std::function<void(double)>& progress, const std::stop_token& stop) const;

  Model model, draft_model;
  EngineOptions options;
  Speculation speculation;
  SchedulerOptions scheduler_options;
  std::mutex sinks;  // held while one is called, where there are replicas
  std::vector<tm_device_capabilities> devices;
  std::vector<std::unique_ptr<Replica>> replicas;
};

Status Engine::State::open_drafter() {
  TOKENMARK_TRY(speculation, parse_speculation(options.speculate));
  if (speculation.drafting == Drafting::mtp && model.description.mtp_layers == 0)
    return fail(ErrorKind::invalid_input, "{}: it has no layer for multi-token prediction; speculate with ngram or draft:MODEL",
                model.source);
  if (speculation.drafting != Drafting::model) return {};
  TOKENMARK_TRY(draft_model, open_model(speculation.model));
  return check_same_vocabulary(model, draft_model);
}

// The same for all replicas, whose devices are alike.
Status Engine::State::choose_sizes() {
  if (options.threads == 0)
    options.threads = options.cores.empty() ? cores_of_process() : static_cast<std::uint32_t>(options.cores.size());
  const ModelDescription* drafter = speculation.drafting == Drafting::model ? &draft_model.description : nullptr;
  ModelDescription both = model.description;
  if (drafter) both.weight_bytes += drafter->weight_bytes;
  const std::uint64_t memory = memory_of(replicas.front()->capabilities);
  // Without a wished context the cache takes what is left: a block must be. More than the model's is refused below.
  const std::int64_t context = std::min<std::int64_t>(options.context, both.context);
  const auto tokens = static_cast<std::uint64_t>(std::max<std::int64_t>({context, options.tokens_per_block, 1}));
  TOKENMARK_CHECK(check_fit(model.source, both, tokens, options.kv_format, memory));
  // What is left for keys and values once the weights are there.
  const std::uint64_t left = (memory - both.weight_bytes) / kv_copies(both, replicas.front()->devices);
  TOKENMARK_TRY(const KvSize kv, size_kv(model.description, options, left, drafter));
  options.context = kv.context;
  options.kv_bytes = kv.bytes;
  scheduler_options = {.tokens_per_block = options.tokens_per_block, .blocks = kv.blocks,
                       .max_sequences = options.max_sequences, .step_tokens = options.step_tokens,
                       .context = kv.context, .vocabulary = static_cast<std::int32_t>(both.vocabulary),
                       .prefix_cache = options.prefix_cache, .policy = options.policy,
                       .admission_free = options.admission_free, .chunk_slowdown = options.chunk_slowdown,
                       .drafting = speculation.drafting, .draft_tokens = options.draft_tokens,
                       .draft_context = static_cast<std::int32_t>(std::min<std::uint32_t>(draft_model.description.context, 1u << 30)),
                       .width = static_cast<std::int32_t>(both.width)};
  return {};
}

Status Engine::State::create_executors(Replica& replica, const std::function<void(double)>& progress, const std::stop_token& stop) const {
  const bool drafts = speculation.drafting == Drafting::model;
  LoadingProgress loading(model.description.weight_bytes + (drafts ? draft_model.description.weight_bytes : 0), progress);
  const auto load = [&](const Model& of, std::unique_ptr<CountedWeights>& counted, tm_executor** out) {
    counted = std::make_unique<CountedWeights>(device_weights(of), loading, stop);
    Status created = replica.create_executor(of, *counted, options, scheduler_options.blocks, out);
    counted->loaded();
    if (stop.stop_requested()) created = fail(ErrorKind::cancelled, "{}: cancelled while the model was loading", of.source);
    return created;
  };
  TOKENMARK_CHECK(load(model, replica.weights, &replica.executor));
  if (drafts) TOKENMARK_CHECK(load(draft_model, replica.draft_weights, &replica.drafter));
  return {};
}

Result<std::unique_ptr<Engine>> Engine::start(Model model, PluginRegistry& plugins, const EngineOptions& options,
                                              const std::function<void(double)>& progress, std::stop_token stop) {
  auto state = std::make_unique<State>();
  state->model = std::move(model);
  state->options = options;
  TOKENMARK_TRY(const std::vector<std::string> groups, replica_devices(options.device, options.replicas));
  for (const std::string& group : groups) {
    TOKENMARK_TRY(const FoundDevice found, plugins.device(group));
    state->replicas.push_back(std::make_unique<Replica>(found, plugins.tuning({found.plugin, found.members.front(), {}})));
    state->devices.insert(state->devices.end(), found.members.begin(), found.members.end());
  }
  TOKENMARK_CHECK(state->open_drafter());
  TOKENMARK_CHECK(state->choose_sizes());
  const double n = static_cast<double>(groups.size());
  for (std::size_t r = 0; r < groups.size(); ++r) {
    Replica& replica = *state->replicas[r];
    const auto share = [&](double of_one) { progress((static_cast<double>(r) + of_one) / n); };
    TOKENMARK_CHECK(replica.open(state->options));
    TOKENMARK_CHECK(state->create_executors(replica, progress ? share : std::function<void(double)>(), stop));
    replica.loop = std::make_unique<EngineLoop>(*replica.plugin, replica.executor, replica.drafter, state->scheduler_options,
                                                replica.capabilities.async_depth, options.cores);
  }
  if (progress) progress(1);
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

SchedulerCounts& SchedulerCounts::operator+=(const SchedulerCounts& other) {
  using C = SchedulerCounts;
  add_all(*this, other, &C::running, &C::waiting, &C::free_blocks, &C::blocks, &C::cached_blocks, &C::preemptions, &C::generated_tokens,
          &C::finished, &C::cancelled, &C::prompt_tokens, &C::cached_prompt_tokens, &C::recomputed_tokens, &C::drafted_tokens,
          &C::accepted_tokens);
  for (std::size_t i = 0; i < drafted_at.size(); ++i) {
    drafted_at[i] += other.drafted_at[i];
    accepted_at[i] += other.accepted_at[i];
  }
  return *this;
}

EngineCounts& EngineCounts::operator+=(const EngineCounts& other) {
  using C = EngineCounts;
  add_all(*this, other, &C::scheduler, &C::steps, &C::busy, &C::scheduling, &C::draft_steps, &C::drafting);
  drafting_failed |= other.drafting_failed;
  return *this;
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

// The replica of a request is in its id.
Result<RequestId> Engine::submit(GenerationRequest request, TokenSink sink) {
  const auto& replicas = state_->replicas;
  const std::size_t n = replicas.size();
  if (n == 1) return replicas[0]->loop->submit(std::move(request), std::move(sink));
  std::size_t chosen = n;
  std::int32_t fewest = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const SchedulerCounts counts = replicas[r]->loop->counts().scheduler;
    if (!replicas[r]->loop->failure().empty() || (chosen < n && counts.running + counts.waiting >= fewest)) continue;
    chosen = r;
    fewest = counts.running + counts.waiting;
  }
  if (chosen == n) chosen = 0;  // who says why it takes none
  return replicas[chosen]->loop->submit(std::move(request), [this, chosen, sink = std::move(sink)](const TokenEvent& event) {
    TokenEvent renamed = event;
    renamed.request = event.request * state_->replicas.size() + chosen;
    const std::lock_guard lock(state_->sinks);
    sink(renamed);
  }).map([&](RequestId id) { return id * n + chosen; });
}
void Engine::cancel(RequestId id) {
  const std::size_t n = state_->replicas.size();
  state_->replicas[id % n]->loop->cancel(id / n);
}
const Model& Engine::model() const { return state_->model; }
const EngineOptions& Engine::options() const { return state_->options; }
const tm_device_capabilities& Engine::device() const { return state_->replicas.front()->capabilities; }
const std::vector<tm_device_capabilities>& Engine::devices() const { return state_->devices; }
const TuningFile& Engine::tuning() const { return state_->replicas.front()->tuning; }
void Engine::forget_prefixes() {
  for (const auto& replica : state_->replicas) replica->loop->forget_prefixes();
}

EngineCounts Engine::counts() const {
  EngineCounts all;
  for (const auto& replica : state_->replicas) all += replica->loop->counts();
  return all;
}

std::string Engine::failure() const {
  std::string why;
  for (const auto& replica : state_->replicas) {
    const std::string of_one = replica->loop->failure();
    if (of_one.empty()) return {};
    if (why.empty()) why = of_one;
  }
  return why;
}

Status Engine::score(const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink) {
  return state_->replicas.front()->loop->score(tokens, first_row, sink);
}

bool Engine::has_telemetry() const { return state_->replicas.front()->plugin->telemetry != nullptr; }
bool Engine::telemetry(tm_telemetry& out) const {
  const Replica& first = *state_->replicas.front();
  return has_telemetry() && first.plugin->telemetry(first.device, &out) == TM_OK;
}

Result<tm_ceilings> Engine::calibrate() {
  Replica& replica = *state_->replicas.front();
  if (!replica.plugin->calibrate)
    return fail(ErrorKind::unavailable, "{}: the device cannot measure its ceilings", replica.capabilities.id);
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  tm_status status = TM_OK;
  std::string why;
  replica.loop->run_when_idle([&] {
    status = replica.plugin->calibrate(replica.device, &ceilings);
    if (status != TM_OK) why = replica.plugin->last_error();  // the thread's own
  });
  if (status != TM_OK) return fail(kind_of(status), "{}: calibration failed: {}", replica.capabilities.id, why);
  return ceilings;
}

}  // namespace tokenmark
