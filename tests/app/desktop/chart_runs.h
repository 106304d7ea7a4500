// Runs that every chart of the window can draw: three series of four concurrencies.
#pragma once

#include "app/desktop/store_link.h"
#include "tests/core/report/rows.h"

namespace tokenmark {

inline RunsPtr chart_runs(const char* first_series = "alpha", int repeats = 3) {
  auto snapshot = std::make_shared<RunsSnapshot>();
  for (const auto& [name, factor] : {std::pair{first_series, 1.0}, {"beta", 1.3}, {"gamma", 1.001}})
    for (int c = 0; c < 4; ++c)
      for (int r = 0; r < repeats; ++r) {
        RunRow run = done_run(static_cast<RunId>(snapshot->rows.size()) + 1, name, 1 << c, 80 - 20 * c,
                              (100 + 100 * c) * factor * (1 + 0.01 * (r - 1)), r);
        run.e2e_p50_s = 1 + c;
        run.ttft_p99_s = 0.2 + 0.2 * c;
        run.goodput_req_s = 1 + c;
        run.quality = {{"gpqa", "accuracy", 0.5, {}, 10}};
        snapshot->rows.push_back(run);
      }
  return snapshot;
}

}  // namespace tokenmark
