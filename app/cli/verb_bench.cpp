#include <nlohmann/json.hpp>

#include "app/cli/bench.h"
#include "app/cli/engine_options.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  std::string model, device = "cpu";
  BenchOptions bench;
  bool json = false;
};

nlohmann::json to_json(const Arguments& arguments, const Model& model, const FoundDevice& device,
                       const BenchResult& result) {
  using nlohmann::json;
  const std::uint32_t threads = arguments.bench.threads ? arguments.bench.threads : device.capabilities.compute_units;
  double widest = result.prompt.tok_s.relative();
  json decode = json::array();
  for (const DecodeRate& rate : result.decode) {
    widest = std::max(widest, rate.tok_s.relative());
    decode.push_back({{"batch", rate.batch},
                      {"context", rate.context},
                      {"tok_s", rate.tok_s.median},
                      {"share_of_bandwidth", rate.share_of_bandwidth.median},
                      {"share_of_bandwidth_low", rate.share_of_bandwidth.low},
                      {"share_of_bandwidth_high", rate.share_of_bandwidth.high},
                      {"spread", rate.tok_s.relative()}});
  }
  return {{"model", model.source},
          {"format", std::string(format_name(model.description.format))},
          {"random_weights", model.random_weights},
          {"device", device.capabilities.name},
          {"threads", threads},
          {"kv_format", std::string(format_name(arguments.bench.kv_format))},
          {"kernels", arguments.bench.kernels.empty() ? "best" : arguments.bench.kernels},
          {"ceilings",
           {{"memory_gb_s", result.ceilings.memory_gb_s},
            {"f32_gflop_s", result.ceilings.f32_gflop_s},
            {"bf16_gflop_s", result.ceilings.bf16_gflop_s},
            {"int8_gop_s", result.ceilings.int8_gop_s},
            {"matrix_bf16_gflop_s", result.ceilings.matrix_bf16_gflop_s},
            {"matrix_int8_gop_s", result.ceilings.matrix_int8_gop_s}}},
          {"prompt",
           {{{"tokens", result.prompt.tokens},
             {"tok_s", result.prompt.tok_s.median},
             {"share_of_compute", result.prompt.share_of_compute.median},
             {"compute_ceiling", result.compute_ceiling},
             {"share_of_int8", result.prompt.share_of_int8.median},
             {"spread", result.prompt.tok_s.relative()}}}},
          {"decode", decode},
          {"repeats", arguments.bench.repeats},
          {"spread", widest}};
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

void print_tables(const Model& model, const FoundDevice& device, const BenchResult& result) {
  fmt::print("{} ({}) on {}\n", model.source, format_name(model.description.format), device.capabilities.name);
  if (model.random_weights) fmt::print("Random weights: the speed is real.\n");
  fmt::print("Ceilings: {}\n\n", in_words(result.ceilings));
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"prompt", fmt::format("{}", result.prompt.tokens), "1", fmt::format("{:.1f}", result.prompt.tok_s.median),
                  fmt::format("{:.1f}–{:.1f}", result.prompt.tok_s.low, result.prompt.tok_s.high),
                  percent(result.prompt.share_of_compute.median) + " of " + result.compute_ceiling});
  for (const DecodeRate& rate : result.decode)
    rows.push_back({"decode", fmt::format("{}", rate.context), fmt::format("{}", rate.batch),
                    fmt::format("{:.1f}", rate.tok_s.median),
                    fmt::format("{:.1f}–{:.1f}", rate.tok_s.low, rate.tok_s.high),
                    percent(rate.share_of_bandwidth.median) + " of memory_gb_s"});
  fmt::print("{}", table({"phase", "tokens", "batch", "tok/s", "range", "share of ceiling"}, rows));
}

Status check(const BenchOptions& options) {
  if (options.prompt > 1u << 20 || options.context > 1u << 20 || options.decode > 1u << 20)
    return fail(ErrorKind::invalid_input, "--prompt, --decode and --context may be {} at most", 1u << 20);
  for (const auto batch : options.batches)
    if (batch < 1 || batch > 1024)
      return fail(ErrorKind::invalid_input, "--batch {}: a batch is 1 to 1024 sequences", batch);
  return {};
}

int bench(const Arguments& arguments, const std::stop_token& stop) {
  if (const Status checked = check(arguments.bench); !checked) return report(checked.error());
  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  const auto device = registry.device(arguments.device);
  if (!device) return report_usage(device.error().message);
  const auto model = open_model(arguments.model);
  if (!model) return report(model.error());
  const TuningFile tuning = registry.tuning(*device);
  tell_tuning(tuning);
  BenchOptions options = arguments.bench;
  options.tuning = tuning.text;
  Result<BenchResult> result;
  {
    ProgressBar bar("bench");
    result = run_bench(*device, *model, options, stop,
                       [&bar](double share, const std::string& text) { bar.set(share, text); });
    if (result) bar.set(1, "done");
  }
  if (!result) return report(result.error());
  if (arguments.json) fmt::print("{}\n", to_json(arguments, *model, *device, *result).dump(2));
  else print_tables(*model, *device, *result);
  return kDone;
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("bench", "The engine alone: prompt and decode rates beside the machine's ceilings");
  verb->add_option("--model", arguments->model, "GGUF file, model folder or shape:NAME:FORMAT")->required();
  verb->add_option("--device", arguments->device, kDeviceHelp)->capture_default_str();
  verb->add_option("--prompt", arguments->bench.prompt, "Tokens of the prompt")->capture_default_str()->check(whole_number_from(1));
  verb->add_option("--decode", arguments->bench.decode, "Steps of decoding")->capture_default_str()->check(whole_number_from(1));
  verb->add_option("--batch", arguments->bench.batches, "Sequences decoded together, e.g. 1,8")->delimiter(',')->capture_default_str();
  verb->add_option("--context", arguments->bench.context, "Tokens in the cache before decoding (default: the prompt's)");
  verb->add_option("--threads", arguments->bench.threads, "Kernel threads (default: one per core)");
  verb->add_option("--kernels", arguments->bench.kernels, kernels_help());
  add_kv_format_option(*verb, arguments->bench.kv_format);
  verb->add_option("--repeats", arguments->bench.repeats, "Repeats; the medians are given")->capture_default_str()->check(whole_number_from(1));
  verb->add_flag("--json", arguments->json, "One JSON document on standard output");
  verb->footer("Example: tokenmark-cli bench --model shape:llama-3.2-1b:q4_0 --batch 1,8");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return bench(*arguments, context.stop); }; });
}

}  // namespace tokenmark::cli
