#include "tests/app/support/example_runs.h"

#include <fmt/format.h>

#include <cmath>

namespace tokenmark {
namespace {

struct Served {
  const char *model, *precision, *hardware, *name, *framework;
  int gpus;
  double fastest;     // tok/s/user of one user alone
  double half_at;     // concurrency that halves it
};

constexpr Served kServed[] = {
    {"llama-3.3-70b", "fp8", "h100", "H100", "vLLM 0.10.1", 8, 92, 40},
    {"llama-3.3-70b", "fp8", "h200", "H200", "vLLM 0.10.1", 8, 118, 56},
    {"llama-3.3-70b", "fp8", "mi300x", "MI300X", "SGLang 0.5.2", 8, 84, 64},
    {"gpt-oss-120b-finetuned-on-internal-support-tickets-2026-06", "mxfp4", "h200", "H200", "vLLM 0.10.1", 1, 210, 18},
};

// Between -1 and 1, of no pattern that one would see.
double wobble(int seed) { return std::sin(seed * 12.9898) * std::cos(seed * 78.233); }

Distribution around(double median) {
  Distribution made;
  made.p50.value = median;
  made.p90.value = median * 1.4;
  made.p99.value = median * 2.1;
  made.mean = median * 1.08;
  return made;
}

ImportedRun measured(const Served& served, const std::string& framework, int concurrency, int repeat, double speed, const std::string& started) {
  ImportedRun made;
  NewRun& run = made.run;
  run.model = served.model;
  run.precision = served.precision;
  run.framework = framework;
  run.hardware = run.device = served.hardware;
  run.series = std::string(served.model) + " · " + served.name + " · " + framework + " · " + served.precision;
  run.node = "rack-3";
  run.source = "measured";
  run.gpus = served.gpus;
  EndpointTarget target;
  target.url = "http://rack-3:8000";
  target.model = served.model;
  run.point.target = target;
  run.point.load.concurrency = made.concurrency = concurrency;
  run.point.repeat = repeat;
  made.input = made.output = 1024;
  made.started = started;
  const double user = served.fastest / (1 + concurrency / served.half_at) * speed;
  const double output = user * concurrency;
  Figures& figures = made.figures;
  figures.completed = concurrency * 10;
  figures.duration_s = 10 * 1024 / user;
  figures.interactivity_p50.value = user;
  figures.output_tok_s = output;
  figures.total_tok_s = 2 * output;
  figures.total_tok_s_gpu = 2 * output / served.gpus;
  figures.output_tok_s_gpu = figures.input_tok_s_gpu = output / served.gpus;
  figures.request_s = output / 1024;
  figures.ttft_s = around(0.04 + 0.012 * concurrency / speed);
  figures.tpot_s = around(1 / user);
  figures.e2e_s = around(0.04 + 0.012 * concurrency + 1023 / user);
  made.environment = {{"framework_version", framework.substr(framework.rfind(' ') + 1)}, {"nvidia_driver", "570.86.15"}, {"kernel", "Linux 6.8.0"}};
  made.format = "example";
  made.document = fmt::format("{} {} {} {} {}", served.model, served.hardware, framework, concurrency, repeat);
  return made;
}

}  // namespace

std::vector<ImportedRun> example_runs() {
  std::vector<ImportedRun> runs;
  int seed = 0;
  for (const Served& served : kServed)
    for (int concurrency = 1; concurrency <= 256; concurrency *= 2)
      for (int repeat = 0; repeat < 3; ++repeat, ++seed)
        runs.push_back(measured(served, served.framework, concurrency, repeat, 1 + 0.03 * wobble(seed),
                                fmt::format("2026-09-{:02}T{:02}:{:02}:00Z", 1 + seed / 24, seed % 24, repeat * 17)));
  for (int week = 0; week < 8; ++week)   // from the sixth version on a tenth faster
    for (const int concurrency : {8, 16, 32})
      for (int repeat = 0; repeat < 3; ++repeat, ++seed)
        runs.push_back(measured(kServed[0], fmt::format("vLLM 0.9.{}", week), concurrency, repeat, (week < 5 ? 0.8 : 0.88) + 0.008 * wobble(seed),
                                fmt::format("2026-{:02}-{:02}T09:{:02}:00Z", 7 + week / 4, 1 + week % 4 * 7, repeat * 20)));
  return runs;
}

}  // namespace tokenmark
