// Logits that another implementation made (golden/README.md), and the comparison with them.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/cpu/kernels.h"
#include "tests/plugins/cpu/plugin_runner.h"
#include "tests/plugins/cpu/reference_forward.h"

namespace tokenmark::test {

struct Golden {
  Tokens tokens;
  std::vector<std::size_t> rows;  // the tokens whose logits are there, all where it is empty
  Rows logits;

  Rows select(const Rows& all) const {
    if (rows.empty()) return all;
    Rows selected;
    for (const std::size_t row : rows) selected.push_back(all.at(row));
    return selected;
  }
};

inline Golden golden(const std::string& name) {
  std::ifstream file(std::string(TOKENMARK_SOURCE_DIR) + "/tests/plugins/cpu/golden/" + name + ".json");
  const auto json = nlohmann::json::parse(file);
  return {json.at("tokens").get<Tokens>(), json.value("rows", std::vector<std::size_t>()), json.at("logits").get<Rows>()};
}

inline void expect_golden(const tm_model& model, const tm_weight_source& source, const Golden& golden) {
  EXPECT_LT(difference(ReferenceForward(model, source).run(golden.tokens), golden.logits), 2e-5) << "the reference";
  for (const auto isa : kernels_without_bf16()) {
    if (!cpu::isa_available(isa)) continue;
    RunnerOptions options;
    options.kernels = cpu::isa_name(isa);
    Runner runner(model, source, options);
    Sequence s = runner.sequence(0);
    EXPECT_LT(difference(runner.feed(s, golden.tokens), golden.logits), 2e-5) << options.kernels;
  }
}

}  // namespace tokenmark::test
