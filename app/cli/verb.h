// The verbs of tokenmark-cli: each file verb_NAME.cpp defines `add_NAME`, which describes the verb to the parser and
// sets `context.action` when it was chosen. Actions return the exit code: 0 done, 1 the work failed, 2 wrong usage.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace tokenmark::cli {

// For option->check(): CLI11's own ranges name their bounds with 300 digits.
CLI::Validator whole_number_from(std::int64_t lowest);

struct Context {
  std::function<int()> action;
  std::stop_token stop;              // requested by Ctrl-C and SIGTERM: stop cleanly and keep what is finished
  std::filesystem::path program;     // this executable: also the agent of this machine
};

#define VERB(name) void add_##name(CLI::App& app, Context& context);
TOKENMARK_VERBS
#undef VERB

}  // namespace tokenmark::cli
