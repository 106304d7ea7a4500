// null-server: the null server as a program. Prints its URL and serves until it is ended by a signal.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "tests/support/null_server/null_server.h"

int main(int argc, char** argv) {
  tokenmark::test::NullServerOptions options;
  double interval_us = 0, ttft_us = 0;
  std::vector<std::string> tls;
  CLI::App app("Answers OpenAI completions with prepared bytes, to measure clients with");
  app.add_option("--port", options.port, "0: any that is free; printed")->capture_default_str();
  app.add_option("--threads", options.threads, "Event loops")->capture_default_str();
  app.add_option("--connections", options.connections, "That can be open at once")->capture_default_str();
  app.add_option("--interval-us", interval_us, "Between tokens; 0: as fast as the client takes them")->check(CLI::Range(0.0, 1e9));
  app.add_option("--ttft-us", ttft_us, "From the request to its first token")->check(CLI::Range(0.0, 1e9));
  app.add_option("--coalesce", options.coalesce, "Tokens of one write, 1 to 1024")->capture_default_str();
  app.add_option("--tls", tls, "Certificate and key, PEM files")->expected(2);
  CLI11_PARSE(app, argc, argv);
  options.token_interval = std::chrono::nanoseconds(static_cast<std::int64_t>(interval_us * 1e3));
  options.first_token = std::chrono::nanoseconds(static_cast<std::int64_t>(ttft_us * 1e3));
  if (!tls.empty()) {
    options.certificate_file = tls[0];
    options.key_file = tls[1];
  }
  sigset_t ending;  // blocked before any thread starts, so that sigwait gets them
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const auto server = tokenmark::test::NullServer::start(options);
  if (!server) {
    fmt::print(stderr, "null-server: {}\n", server.error().message);
    return 1;
  }
  fmt::print("{}\n", (*server)->url());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  fmt::print("{} requests\n", (*server)->requests());
}
