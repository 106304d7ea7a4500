#include "app/cli/engine_options.h"

#include "engine/runtime/speculation.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

constexpr const char* kScheduling = "Scheduling";

// An option that is given by name; `parse` knows the names.
template <class Value, class Parse>
void add_named(CLI::App& verb, const char* name, Value& value, Parse parse, const char* help, const char* otherwise,
               const char* group = "Options") {
  verb.add_option_function<std::string>(name, [&value, parse, name](const std::string& text) {
    const auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
    value = *parsed;
  }, help)->default_str(otherwise)->group(group);
}

}  // namespace

std::string kernels_help() { return "Force kernels: " + cpu_plugin::kernel_names(); }

void tell_tuning(const TuningFile& tuning) {
  if (!tuning.why.empty()) fmt::print(stderr, "{}\n", tuning.why);
}

void add_kv_format_option(CLI::App& verb, Format& format) {
  add_named(verb, "--kv-format", format, parse_kv_format, "Keys and values: f16, bf16, fp8, q8_0, f32", "f16");
}

void add_engine_options(CLI::App& verb, EngineOptions& options) {
  verb.add_option("--device", options.device, kDeviceHelp)->capture_default_str();
  verb.add_option("--replicas", options.replicas, kReplicasHelp)->capture_default_str();
  verb.add_option("--threads", options.threads, "Kernel threads (default: one per core)");
  verb.add_option("--kernels", options.kernels, kernels_help());
  verb.add_option("--context", options.context, "Longest prompt and answer (default: the model's, at most 8192)");
  add_kv_format_option(verb, options.kv_format);

  verb.add_option("--max-sequences", options.max_sequences, "Sequences computed at once")->capture_default_str()->group(kScheduling);
  verb.add_option("--step-tokens", options.step_tokens, "Tokens of one step at most")->capture_default_str()->group(kScheduling);
  verb.add_option("--chunk-slowdown", options.chunk_slowdown,
                  "While answers are generated, a step with prompt tokens takes at most this many times as long as one without (0: no limit)")
      ->capture_default_str()->group(kScheduling);
  add_named(verb, "--policy", options.policy, parse_policy, "Whose prompt goes first: fcfs, shortest-first", "fcfs", kScheduling);
  verb.add_option("--admission-free", options.admission_free, "Share of the cache's blocks that must stay free when a prompt is admitted")
      ->capture_default_str()->group(kScheduling);
  verb.add_flag("--prefix-cache,!--no-prefix-cache", options.prefix_cache, "Prompts that begin alike share keys and values (default: on)")
      ->group(kScheduling);
  verb.add_option("--speculate", options.speculate, "Draft tokens by ngram, mtp or draft:MODEL; the text stays the same")->group(kScheduling);
  verb.add_option("--draft-tokens", options.draft_tokens, "Tokens drafted at once")->capture_default_str()->group(kScheduling);
}

}  // namespace tokenmark::cli
