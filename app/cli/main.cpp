// tokenmark-cli: everything without a window. This file parses the line and runs the verb.
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <thread>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "base/version.h"
#include "core/economics/own_prices.h"

namespace {

int stop_pipe[2];

void on_signal(int) {
  const char byte = 0;
  [[maybe_unused]] const auto written = write(stop_pipe[1], &byte, 1);
}

// Signals reach the verb as a stop request; a second one ends the program at once.
void watch_signals(std::stop_source& source) {
  if (pipe(stop_pipe) != 0) return;
  std::thread([&source] {
    char byte;
    if (read(stop_pipe[0], &byte, 1) != 1) return;
    source.request_stop();
    if (read(stop_pipe[0], &byte, 1) == 1) _exit(130);
  }).detach();
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

// What was not understood, with the word itself; help and version are no mistakes.
int parse_failed(const CLI::App& app, const CLI::ParseError& error) {
  using namespace tokenmark;
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error), cli::kDone;
  const auto unknown = app.remaining(true);
  const bool subcommand = error.get_name() == "RequiredError" && !unknown.empty();
  return cli::report_usage(subcommand ? fmt::format("'{}' is not known; run with --help for what there is", unknown.front())
                                      : fmt::format("{}; run with --help for more", error.what()));
}

}  // namespace

namespace tokenmark::cli {

CLI::Validator whole_number_from(std::int64_t lowest) {
  const auto check = [lowest](const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= lowest) return std::string();
    return fmt::format("must be a whole number from {}, not '{}'", lowest, text);
  };
  return CLI::Validator(check, "");
}

}  // namespace tokenmark::cli

int main(int argc, char** argv) {
  using namespace tokenmark;
  static std::stop_source stop;
  CLI::App app{"Tokenmark measures how fast, how dear and how good an LLM serving system is.", "tokenmark-cli"};
  app.set_version_flag("--version", fmt::format("tokenmark {} ({}, {})", version(), commit(), build_description()));
  app.footer("'tokenmark-cli VERB --help' explains a verb with an example.");

  cli::Context context;
  context.stop = stop.get_token();
  std::error_code error;
  context.program = std::filesystem::read_symlink("/proc/self/exe", error);
#define VERB(name) cli::add_##name(app, context);
  TOKENMARK_VERBS
#undef VERB

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& parse_error) {
    return parse_failed(app, parse_error);
  }
  if (!context.action) {
    fmt::print(stderr, "{}", app.help());
    return cli::kUsage;
  }
  if (const auto own = load_own_prices(own_prices_path()); !own) fmt::print(stderr, "tokenmark-cli: {}\n", own.error().message);
  watch_signals(stop);
  return context.action();
}
