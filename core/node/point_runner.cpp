#include <map>

#include "base/version.h"
#include "core/load/endpoint_url.h"
#include "core/node/agent.h"
#include "core/node/point_meters.h"
#include "core/quality/evaluate.h"
#include "engine/model/model.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/speculation.h"
#include "plugins/api/registry.h"

namespace tokenmark {
namespace {

Result<EngineOptions> engine_options(const EngineTarget& target, const Load& load) {
  EngineOptions options;
  options.device = target.device;
  options.replicas = static_cast<std::uint32_t>(target.replicas);
  options.threads = target.threads;
  options.cores = target.cores;
  options.kernels = target.kernels;
  // Unless told otherwise every request of the point runs at once; a smaller default would measure a queue.
  options.max_sequences =
      target.max_sequences > 0 ? target.max_sequences : std::max(options.max_sequences, load.concurrency);
  if (target.step_tokens > 0) options.step_tokens = target.step_tokens;
  if (target.tokens_per_block > 0) options.tokens_per_block = target.tokens_per_block;
  if (target.context > 0) options.context = target.context;
  TOKENMARK_TRY(options.kv_format, parse_kv_format(target.kv_format.empty() ? "f16" : target.kv_format));
  TOKENMARK_TRY(options.policy, parse_policy(target.policy.empty() ? "fcfs" : target.policy));
  options.prefix_cache = target.prefix_cache != "off";
  options.admission_free = static_cast<float>(target.admission_free);
  if (target.chunk_slowdown > 0) options.chunk_slowdown = static_cast<float>(target.chunk_slowdown);
  options.speculate = target.speculate;
  if (target.draft_tokens > 0) options.draft_tokens = target.draft_tokens;
  return options;
}

}  // namespace

struct PointRunner::State {
  ~State() { let_go(); }

  PluginRegistry& plugins;
  PointMeters meters;
  EngineTarget loaded;  // what `engine` was started for
  std::int32_t loaded_sequences = 0;
  std::unique_ptr<Engine> engine;
  std::string model_hash;
  std::map<std::string, std::shared_ptr<const Tokenizer>> tokenizers;  // shared: as Model has it
  std::string api_key;  // of the endpoint measured last

  void let_go();
  Status load(const EngineTarget& target, const Load& load, const PhaseSink& progress,
              const std::stop_token& stop);
  Result<PointOutcome> run_engine(const EngineTarget& target, const Point& point, const PhaseSink& progress,
                                  std::stop_token stop);
  Result<PointOutcome> run_endpoint(const EndpointTarget& target, const Point& point,
                                    const PhaseSink& progress, std::stop_token stop);
  // On the target of the point that was just measured.
  Result<QualityResult> evaluate(const Target& target, const QualityTask& task, const PhaseSink& progress,
                                 std::stop_token stop);
};

PointRunner::PointRunner(PluginRegistry& plugins, const MetersOptions& meters)
    : state_(new State{.plugins = plugins, .meters = PointMeters(meters)}) {}
PointRunner::~PointRunner() = default;

// A device whose telemetry has not come back from its driver cannot be closed: its engine is left behind.
void PointRunner::State::let_go() {
  if (meters.plugin_hangs()) (void)engine.release();
  meters.forget_engine();
  engine.reset();
}

Status PointRunner::State::load(const EngineTarget& target, const Load& load, const PhaseSink& progress,
                                const std::stop_token& stop) {
  TOKENMARK_TRY(const EngineOptions options, engine_options(target, load));
  if (engine && loaded == target && loaded_sequences == options.max_sequences) return {};
  let_go();  // its memory is free before the next one takes its own
  progress("loading the model", {});
  TOKENMARK_TRY(Model model, open_model(target.model));
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "cancelled while the model was loading");
  TOKENMARK_TRY(model_hash, hash_model(model, stop));
  const auto share = [&](double) { progress("loading the model", {}); };
  TOKENMARK_TRY(engine, Engine::start(std::move(model), plugins, options, share, stop));
  if (!engine->tuning().why.empty()) progress(engine->tuning().why, {});
  loaded = target;
  loaded_sequences = options.max_sequences;
  return {};
}

Result<PointOutcome> PointRunner::State::run_engine(const EngineTarget& target, const Point& point,
                                                    const PhaseSink& progress, std::stop_token stop) {
  TOKENMARK_CHECK(load(target, point.load, progress, stop));
  const auto measuring = [&](const LoadProgress& load) { progress("measuring", load); };
  measuring({});
  TOKENMARK_TRY(EventLog log, meters.beside(point, engine.get(), [&] { return measure_engine(*engine, point, measuring, stop); }));
  const Model& model = engine->model();
  PointFacts facts;
  facts.model = model.description.name;
  facts.model_hash = model_hash;
  facts.device = target.device;
  facts.precision = format_name(model.description.format);
  facts.hardware = engine->devices().front().name;
  facts.framework = fmt::format("tokenmark {}", version());
  facts.gpus = static_cast<std::int32_t>(engine->devices().size());  // a CPU counts as one
  facts.random_weights = model.random_weights;
  return PointOutcome{std::move(facts), std::move(log), {}, {}};
}

Result<PointOutcome> PointRunner::State::run_endpoint(const EndpointTarget& target, const Point& point,
                                                      const PhaseSink& progress, std::stop_token stop) {
  TOKENMARK_TRY(api_key, api_key_of(target));
  const Tokenizer* tokenizer = nullptr;
  if (!target.tokenizer.empty()) {
    auto& kept = tokenizers[target.tokenizer];
    if (!kept) {
      progress("loading the tokenizer", {});
      TOKENMARK_TRY(const Model model, open_model(target.tokenizer));
      kept = model.tokenizer;
    }
    if (!kept) return fail(ErrorKind::invalid_input, "{}: it holds no tokenizer", target.tokenizer);
    tokenizer = kept.get();
  }
  const auto measuring = [&](const LoadProgress& load) { progress("measuring", load); };
  measuring({});
  TOKENMARK_TRY(EventLog log, meters.beside(point, nullptr, [&] {
    return measure_endpoint(target, tokenizer, api_key, point, measuring, stop);
  }));
  PointFacts facts;
  facts.model = target.model;
  facts.device = "endpoint";
  facts.hardware = target.hardware;
  facts.gpus = target.gpus;
  return PointOutcome{std::move(facts), std::move(log), {}, {}};
}

Result<QualityResult> PointRunner::State::evaluate(const Target& target, const QualityTask& task,
                                                   const PhaseSink& progress, std::stop_token stop) {
  const auto sink = [&](const QualityProgress& p) {
    progress(fmt::format("evaluating {}: {} of {}", task.name, p.done, p.total), {});
  };
  sink({});
  if (std::holds_alternative<EngineTarget>(target)) return evaluate_engine(*engine, task, sink, {}, stop);
  const auto& endpoint = std::get<EndpointTarget>(target);
  const auto tokenizer = tokenizers.find(endpoint.tokenizer);
  return evaluate_endpoint(endpoint, api_key, tokenizer == tokenizers.end() ? nullptr : tokenizer->second.get(), task,
                           sink, {}, stop);
}

Result<PointOutcome> PointRunner::run(const Point& point, const PhaseSink& progress, std::stop_token stop,
                                      const std::vector<QualityTask>& quality) {
  const auto* engine = std::get_if<EngineTarget>(&point.target);
  auto outcome = engine ? state_->run_engine(*engine, point, progress, stop)
                        : state_->run_endpoint(std::get<EndpointTarget>(point.target), point, progress, stop);
  if (!outcome) return outcome;
  for (const QualityTask& task : quality) {
    auto result = state_->evaluate(point.target, task, progress, stop);
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "cancelled");
    if (result) outcome->quality.push_back(*std::move(result));
    else outcome->quality_failures.push_back({task.name, result.error().message});
  }
  return outcome;
}

}  // namespace tokenmark
