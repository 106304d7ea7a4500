#include <condition_variable>
#include <fstream>
#include <mutex>

#include "app/cli/engine_options.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "engine/server/server.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  std::string model, api_key_file;
  EngineOptions engine;
  ServerOptions server;
};

// The first line of the file: a key never stands on a command line, where every user of the machine can read it.
Result<std::string> read_key(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::string key;
  if (!std::getline(file, key) || key.empty())
    return fail(ErrorKind::invalid_input, "--api-key-file {}: cannot be read or its first line is empty", path);
  if (key.back() == '\r') key.pop_back();
  return key;
}

Result<std::unique_ptr<Engine>> start_engine(const Arguments& arguments, PluginRegistry& registry,
                                             const std::stop_token& stop) {
  TOKENMARK_TRY(Model model, open_model(arguments.model));
  ProgressBar bar("loading");
  return Engine::start(std::move(model), registry, arguments.engine,
                       [&](double share) { bar.set(share, arguments.model); }, stop);
}

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

int serve(Arguments& arguments, const std::stop_token& stop) {
  auto key = read_key(arguments.api_key_file);
  if (!key) return report(key.error());
  arguments.server.api_key = *std::move(key);

  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  Result<std::unique_ptr<Engine>> engine;  // outlives the server
  const auto server = Server::listen(arguments.server);
  if (!server) return report(server.error());
  engine = start_engine(arguments, registry, stop);
  if (!engine) return report(engine.error());
  tell_tuning((*engine)->tuning());
  (*server)->serve(**engine);

  const std::string& host = arguments.server.host;
  const bool ipv6 = host.find(':') != std::string::npos;
  fmt::print(stderr, "Serving {} at http://{}:{}\n", (*engine)->model().description.name, ipv6 ? "[" + host + "]" : host,
             (*server)->port());
  wait_for(stop);
  return kDone;
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("serve", "The OpenAI-compatible server of the embedded engine");
  verb->add_option("--model", arguments->model, "GGUF file or shape:NAME:FORMAT")->required();
  verb->add_option("--host", arguments->server.host, "Address to listen on; others than loopback need a key")->capture_default_str();
  verb->add_option("--port", arguments->server.port, "Port to listen on; 0: any free one")->capture_default_str();
  verb->add_option("--api-key-file", arguments->api_key_file, "File whose first line is the key that clients must send");
  verb->add_option("--name", arguments->server.model_name, "The model's name for clients (default: its own)");
  add_engine_options(*verb, arguments->engine);
  verb->footer("Example: tokenmark-cli serve --model shape:smollm2-135m:q8_0 --port 8000");
  verb->callback([arguments, &context] {
    context.action = [arguments, &context] { return serve(*arguments, context.stop); };
  });
}

}  // namespace tokenmark::cli
