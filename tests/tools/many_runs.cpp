#include "tests/tools/many_runs.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

namespace tokenmark {
namespace {

struct Model {
  const char* name;
  double speed;   // of one user of an idle machine, tok/s
};
constexpr std::array<Model, 12> kModels = {{{"llama-3.2-1b", 320}, {"llama-3.1-8b", 180}, {"llama-3.3-70b", 70},
    {"mistral-small-24b", 110}, {"qwen3-4b", 240}, {"qwen3-30b-a3b", 210}, {"qwen3-235b-a22b", 80}, {"deepseek-r1-0528", 60},
    {"gpt-oss-20b", 230}, {"gpt-oss-120b", 140}, {"gemma-3-27b", 100}, {"a-model-with-a-rather-long-name-instruct-2507", 90}}};
struct Machine {
  const char *hardware, *device, *node;
  int gpus;
  double speed;
};
constexpr std::array<Machine, 8> kMachines = {{{"h100", "cuda:0-7", "rack-1", 8, 1.0}, {"h200", "cuda:0-7", "rack-2", 8, 1.15},
    {"b200", "cuda:0-7", "rack-3", 8, 1.9}, {"gb200", "cuda:0-3", "slurm", 4, 2.0}, {"mi300x", "hip:0-7", "rack-4", 8, 0.95},
    {"mi355x", "hip:0-7", "rack-5", 8, 1.6}, {"l40s", "cuda:0", "bench", 1, 0.3}, {"cpu", "cpu", "local", 1, 0.02}}};
constexpr std::array<const char*, 5> kPrecisions = {"bf16", "f16", "fp8", "fp4", "q4_0"};
constexpr std::array<std::pair<int, int>, 4> kLengths = {{{1024, 1024}, {1024, 8192}, {8192, 1024}, {128, 64}}};
constexpr std::array<int, 8> kConcurrency = {1, 2, 4, 8, 16, 32, 64, 128};
constexpr int kRepeats = 3, kVersions = 24, kDays = 730;

std::string time_text(std::int64_t second) {
  using namespace std::chrono;
  const sys_seconds time = sys_days(year(2024) / 11 / 20) + seconds(second);
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// What one sweep measures, drawn once.
struct Plan {
  Model model;
  Machine machine;
  const char* precision;
  std::pair<int, int> lengths;
  int version;
  double luck;
};

class Maker {
 public:
  Maker(Store& store, const ManyRuns& many) : store_(store), many_(many), noise_(many.seed) {}

  Status make() {
    for (int made = 0, sweep = 0; made < many_.runs; ++sweep) {
      const int points = std::min<int>(static_cast<int>(kConcurrency.size()) * kRepeats, many_.runs - made);
      TOKENMARK_CHECK(add_sweep(sweep, made, points));
      made += points;
    }
    return {};
  }

 private:
  std::size_t draw(std::size_t below) { return noise_() % below; }

  Status add_sweep(int number, int made, int points) {
    const Plan plan{kModels[draw(kModels.size())], kMachines[draw(kMachines.size())], kPrecisions[draw(kPrecisions.size())],
                    kLengths[draw(kLengths.size())], made / std::max(1, many_.runs / kVersions),
                    0.95 + static_cast<double>(draw(100)) / 1000};
    TOKENMARK_TRY(const SweepId sweep, store_.add_sweep(fmt::format("{} {} {}", number % 5 ? "Nightly" : "Study", plan.model.name,
                                                                    plan.machine.hardware),
                                                        "name: made\n", fmt::format("made {}", number), points));
    for (int i = 0; i < points; ++i) TOKENMARK_CHECK(add_run(plan, sweep, made + i, i));
    return {};
  }

  NewRun run_of(const Plan& plan, SweepId sweep, int number, int index) {
    NewRun run;
    run.sweep = sweep;
    run.model = plan.model.name;
    run.hardware = plan.machine.hardware;
    run.device = plan.machine.device;
    run.node = plan.machine.node;
    run.gpus = plan.machine.gpus;
    run.precision = plan.precision;
    run.framework = fmt::format("vllm 0.{}.0", plan.version);
    run.series = fmt::format("{} {} on {}, {}", run.model, run.precision, run.hardware, "vllm");
    run.point.target = EndpointTarget{.url = fmt::format("http://{}:8000", plan.machine.node), .model = run.model, .gpus = run.gpus};
    run.point.workload.input = plan.lengths.first;
    run.point.workload.output = plan.lengths.second;
    run.point.load.concurrency = kConcurrency[static_cast<std::size_t>(index) / kRepeats];
    run.point.repeat = index % kRepeats;
    run.started = time_text(std::int64_t{kDays} * 86400 * number / many_.runs);
    return run;
  }

  // Throughput that saturates with concurrency, latencies that grow with it.
  Figures figures_of(const Plan& plan, int concurrency) {
    const double alone = plan.model.speed * plan.machine.speed * (1 + 0.02 * plan.version) * plan.luck *
                         (0.98 + static_cast<double>(draw(40)) / 1000);
    const double user = alone / (1 + concurrency / 24.0), output = user * concurrency;
    const double ratio = 1 + static_cast<double>(plan.lengths.first) / plan.lengths.second;
    Figures figures;
    figures.completed = concurrency * 10;
    figures.duration_s = 10.0 * plan.lengths.second / user;
    figures.output_tok_s = output;
    figures.total_tok_s = output * ratio;
    figures.total_tok_s_gpu = output * ratio / plan.machine.gpus;
    figures.output_tok_s_gpu = output / plan.machine.gpus;
    figures.input_tok_s_gpu = output * (ratio - 1) / plan.machine.gpus;
    figures.interactivity_p50.value = user;
    figures.tpot_s.p50.value = 1 / user;
    figures.ttft_s.p50.value = 0.02 + plan.lengths.first * concurrency / (alone * 400);
    figures.e2e_s.p50.value = *figures.ttft_s.p50.value + plan.lengths.second / user;
    return figures;
  }

  Status add_run(const Plan& plan, SweepId sweep, int number, int index) {
    const NewRun run = run_of(plan, sweep, number, index);
    TOKENMARK_TRY(const RunId id, store_.begin_run(run));
    if (draw(50) == 0) {
      TOKENMARK_CHECK(store_.end_run(id, draw(2) ? RunState::failed : RunState::cancelled, "the server closed the connection"));
    } else {
      const bool logged = number >= many_.runs - many_.logs;
      if (logged && (log_.requests.size() == 0 || draw(16) == 0)) log_ = log_of();
      const nlohmann::json environment = {{"kernel", fmt::format("6.{}", plan.version)}, {"host", plan.machine.node},
                                          {"versions", {{"vllm", run.framework}}}};
      TOKENMARK_CHECK(store_.finish_run(id, figures_of(plan, run.point.load.concurrency), environment, logged ? &log_ : nullptr));
    }
    const bool starred = draw(200) == 0, noted = draw(100) == 0;
    std::vector<std::string> tags;
    if (draw(10) == 0) tags.push_back("baseline");
    if (draw(20) == 0) tags.push_back(fmt::format("release-{}", plan.version));
    if (draw(300) == 0) tags.push_back("needs care");
    if (!starred && !noted && tags.empty()) return {};
    return store_.set_marks({{id, starred, tags, noted ? fmt::format("Seen again in run {}.", number) : std::string()}});
  }

  EventLog log_of() {
    EventLog log;
    auto& r = log.requests;
    for (std::int32_t i = 0; i < many_.requests; ++i) {
      const std::int64_t begin = std::int64_t{i} * 50'000'000, first = begin + 20'000'000 + static_cast<std::int64_t>(draw(1'000'000));
      for (auto* column : {&r.intended, &r.queued, &r.send_start}) column->push_back(begin);
      r.connected.push_back(kAbsent);
      r.sent.push_back(begin + 50'000);
      r.headers.push_back(kAbsent);
      for (std::int32_t token = 0; token < many_.tokens; ++token) {
        log.messages.request.push_back(static_cast<std::uint32_t>(i));
        log.messages.received.push_back(first + token * 10'000'000 + static_cast<std::int64_t>(draw(500'000)));
        log.messages.bytes.push_back(180);
        log.messages.tokens.push_back(1);
        log.messages.kind.push_back(MessageKind::content);
      }
      r.end.push_back(log.messages.received.back());
      for (auto* column : {&r.input_tokens, &r.requested_input}) column->push_back(128);
      for (auto* column : {&r.output_tokens, &r.requested_output}) column->push_back(many_.tokens);
      r.token_source.push_back(TokenSource::usage);
      r.status.push_back(200);
      r.error.push_back(RequestError::none);
      r.warmup.push_back(0);
    }
    return log;
  }

  Store& store_;
  const ManyRuns& many_;
  std::mt19937 noise_;
  EventLog log_;
};

}  // namespace

Status add_many_runs(Store& store, const ManyRuns& many) {
  return store.together([&] { return Maker(store, many).make(); });
}

}  // namespace tokenmark
