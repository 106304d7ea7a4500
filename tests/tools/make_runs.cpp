// make_runs FILE [--runs 100000] [--logs 1000]: a store of that many runs (many_runs.h).
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/tools/many_runs.h"

int main(int argc, char** argv) {
  CLI::App app("Makes a store of many runs");
  std::string file;
  tokenmark::ManyRuns many;
  app.add_option("FILE", file, "Store to add them to")->required();
  app.add_option("--runs", many.runs)->check(CLI::PositiveNumber);
  app.add_option("--logs", many.logs, "How many of them have an event log")->check(CLI::NonNegativeNumber);
  app.add_option("--seed", many.seed);
  CLI11_PARSE(app, argc, argv);
  const auto store = tokenmark::Store::open(file);
  const tokenmark::Status done = store ? add_many_runs(**store, many) : tl::unexpected(store.error());
  if (done) return 0;
  std::fprintf(stderr, "make_runs: %s\n", done.error().message.c_str());
  return 1;
}
