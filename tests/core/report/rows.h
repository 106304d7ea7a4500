// Runs made by hand for the tests of charts and reports.
#pragma once

#include "core/store/store.h"

namespace tokenmark {

inline RunRow done_run(RunId id, const std::string& series, int concurrency, double interactivity, double tok_s_gpu,
                       int repeat = 0) {
  RunRow run;
  run.id = id;
  run.state = RunState::done;
  run.source = "measured";
  run.series = series;
  run.model = "llama-3.2-1b";
  run.device = run.hardware = "h200";
  run.gpus = 1;
  run.input = run.output = 128;
  run.concurrency = concurrency;
  run.repeat = repeat;
  run.configuration_key = fmt::format("{} c{}", series, concurrency);
  run.interactivity = interactivity;
  run.total_tok_s_gpu = tok_s_gpu;
  run.output_tok_s_gpu = tok_s_gpu / 2;
  run.ttft_p50_s = 0.1 * concurrency;
  return run;
}

}  // namespace tokenmark
