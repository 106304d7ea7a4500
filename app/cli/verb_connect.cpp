// A server looked at before it is measured.
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/load/endpoint_url.h"
#include "core/load/server_probe.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  EndpointTarget endpoint;
  std::int32_t output = 32;
  bool as_json = false, insecure = false;
};

json call_json(const ProbeCall& call) {
  json out = {{"url", call.url}, {"status", call.status}, {"headers", json::array()}};
  for (const auto& [name, value] : call.headers) out["headers"].push_back({name, value});
  const std::pair<const char*, const std::optional<double>&> times[] = {{"connected_s", call.connected_s}, {"headers_s", call.headers_s}, {"end_s", call.end_s}};
  for (const auto& [key, time] : times)
    if (time) out[key] = *time;
  if (!call.ok()) out["problem"] = call.problem;
  return out;
}

json trial_json(const TrialAnswer& trial) {
  json out = call_json(trial.call);
  if (trial.ttft_s) out["ttft_s"] = *trial.ttft_s;
  if (trial.e2e_s) out["e2e_s"] = *trial.e2e_s;
  if (trial.tok_s) out["tok_s"] = *trial.tok_s;
  if (trial.input_tokens >= 0) out["input_tokens"] = trial.input_tokens;
  out["output_tokens"] = trial.output_tokens;
  out["counted_by"] = trial.counted ? "server" : "messages";
  out["text"] = trial.text;
  return out;
}

std::string milliseconds_text(const std::optional<double>& seconds) { return seconds ? fmt::format("{:.1f} ms", *seconds * 1e3) : "unknown"; }

void print_trial(const Arguments& arguments, const TrialAnswer& trial) {
  if (!trial.call.ok()) return fmt::print("{}: {}\n", arguments.endpoint.model, trial.call.problem);
  fmt::print("{}: TTFT {}, {} output tokens ({}) in {}{}\n", arguments.endpoint.model, milliseconds_text(trial.ttft_s), trial.output_tokens,
             trial.counted ? "counted by the server" : "messages", milliseconds_text(trial.e2e_s), trial.tok_s ? fmt::format(", {:.1f} tok/s", *trial.tok_s) : "");
}

int connect(Arguments arguments, const Context& context) {
  if (arguments.insecure) arguments.endpoint.tls_verify = "off";
  const auto key = api_key_of(arguments.endpoint);
  if (!key) return report(key.error());
  const ServerModels models = list_server_models(arguments.endpoint, *key, context.stop);
  if (arguments.endpoint.model.empty() && models.ids.size() == 1) arguments.endpoint.model = models.ids.front();
  std::optional<TrialAnswer> trial;
  if (!arguments.endpoint.model.empty()) trial = try_server(arguments.endpoint, *key, arguments.output, context.stop);
  const bool good = trial ? trial->call.ok() : models.call.ok();
  if (arguments.as_json) {
    json out = {{"models", call_json(models.call)}};
    out["models"]["ids"] = models.ids;
    if (trial) out["trial"] = trial_json(*trial);
    fmt::print("{}\n", out.dump(2, ' ', false, json::error_handler_t::replace));
    return good ? kDone : kFailed;
  }
  if (!models.call.ok()) fmt::print(stderr, "{}: {}\n", models.call.url, models.call.problem);
  for (const std::string& id : models.ids) fmt::print("model {}\n", id);
  if (trial) print_trial(arguments, *trial);
  else if (models.call.ok()) fmt::print("Try one with --model NAME.\n");
  return good ? kDone : kFailed;
}

}  // namespace

void add_connect(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("connect", "Look at a server before it is measured: its models, and one trial request with its timing");
  verb->add_option("--url", arguments->endpoint.url, "http://host:port, without /v1")->required();
  verb->add_option("--model", arguments->endpoint.model, "To try (default: the only one that is served)");
  verb->add_option("--api", arguments->endpoint.api, "completions, chat, responses …")->default_val("chat");
  verb->add_option("--api-key-env", arguments->endpoint.api_key_env, "Environment variable that holds the key");
  verb->add_option("--output", arguments->output, "Tokens to ask for")->capture_default_str()->check(whole_number_from(1));
  verb->add_flag("--insecure", arguments->insecure, "Trust any certificate");
  verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  verb->footer("Example: tokenmark-cli connect --url http://127.0.0.1:8000 --model default");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return connect(*arguments, context); }; });
}

}  // namespace tokenmark::cli
