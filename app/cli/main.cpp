// tokenmark-cli: everything without a window. This file parses the line and runs the verb.
#include <unistd.h>

#include <csignal>
#include <thread>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "base/version.h"

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

}  // namespace

int main(int argc, char** argv) {
  using namespace tokenmark;
  static std::stop_source stop;
  CLI::App app{"Tokenmark measures how fast, how dear and how good an LLM serving system is.", "tokenmark-cli"};
  app.set_version_flag("--version", fmt::format("tokenmark {} ({}, {})", version(), commit(), build_description()));
  app.footer("'tokenmark-cli VERB --help' explains a verb with an example.");
  app.failure_message(CLI::FailureMessage::simple);

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
    return app.exit(parse_error) == 0 ? cli::kDone : cli::kUsage;
  }
  if (!context.action) {
    fmt::print(stderr, "{}", app.help());
    return cli::kUsage;
  }
  watch_signals(stop);
  return context.action();
}
