// Results of our own check of a GPU (tests/gpu): whole steps of a model, without requests and without a server. A number of
// sequences that decode together is a concurrency, the time of their step a TPOT, that of a prompt's step a TTFT. Kernels,
// their tests and what the device reaches at best stay with each run's environment.
#include "core/exchange/formats.h"
#include "core/exchange/mlperf_systems.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "tokenmark-gpu-check-1";
constexpr const char* kWhy = "steps of the model were measured, without requests";

// {"median_s", "least_s", "most_s", "repeats"} of steps as the median of a latency; its percentiles nobody measured.
void read_step(const Fields& entry, Distribution& d) {
  const Fields step = entry.object("step_s");
  d.p50.value = step.positive("median_s");
  d.minimum = step.positive("least_s");
  d.maximum = step.positive("most_s");
  d.samples = static_cast<std::size_t>(step.count("repeats").value_or(0));
  if (d.p50.value.value_or(0) <= 0) step.wrong("median_s", "must be a time above 0");
}

RunFacts facts_of(const Fields& file, const Fields& model, const char* measured) {
  RunFacts facts;
  facts.model = model.text("model");
  facts.hardware = hardware_key(file.object("device").text("name"));
  facts.framework = "tokenmark " + file.object("tokenmark").text("version");
  facts.precision = model.text("format");
  facts.gpus = 1;
  facts.configuration = {{"scenario", measured}, {"kv_format", model.text("kv_format")}};
  return facts;
}

void lacks_requests(Figures& f) {
  for (const char* key : {"request_s", "requests", "duration_s", "send_lag_s", "steady", "goodput"}) f.lacking[key] = kWhy;
  for (Distribution* d : {&f.ttft_s, &f.tpot_s, &f.itl_s, &f.e2e_s})
    for (Percentile* p : {&d->p25, &d->p50, &d->p75, &d->p90, &d->p95, &d->p99, &d->p999})
      if (!p->value) p->why_absent = kWhy;
  f.interactivity_p99.why_absent = kWhy;
}

ImportedRun read_decode(const Fields& entry, RunFacts& facts) {
  ImportedRun run;
  Figures& f = run.figures;
  facts.concurrency = static_cast<std::int32_t>(entry.count("batch", 65'536).value_or(0));
  facts.input = static_cast<std::int32_t>(entry.count("context", 16'000'000).value_or(0));
  facts.output = static_cast<std::int32_t>(entry.count("steps", 16'000'000).value_or(0));
  read_step(entry, f.tpot_s);
  if (const double step = f.tpot_s.p50.value.value_or(0); step > 0) f.output_tok_s = facts.concurrency / step;
  if (facts.concurrency < 1) entry.wrong("batch", "must be a number above 0");
  return run;
}

ImportedRun read_prefill(const Fields& entry, RunFacts& facts) {
  ImportedRun run;
  Figures& f = run.figures;
  facts.concurrency = facts.output = 1;
  facts.input = static_cast<std::int32_t>(entry.count("tokens", 16'000'000).value_or(0));
  read_step(entry, f.ttft_s);
  if (const double step = f.ttft_s.p50.value.value_or(0); step > 0) f.input_tok_s = facts.input / step;
  if (facts.input < 1) entry.wrong("tokens", "must be a number above 0");
  return run;
}

class GpuCheckReader {
 public:
  GpuCheckReader(const Json& object, const Source& source) : source_(source), file_(object, source.file, problem_), about_(object) {
    about_.erase("models");
  }

  Result<std::vector<ImportedRun>> read() {
    const Json* models = file_.list("models");
    for (std::size_t m = 0; models != nullptr && m < models->size(); ++m) {
      const Fields model((*models)[m], fmt::format("{}: models[{}]", source_.file, m), problem_);
      add_all(model, "decode", read_decode);
      add_all(model, "prefill", read_prefill);
    }
    TOKENMARK_CHECK(problem_.status());
    if (runs_.empty()) return fail(ErrorKind::invalid_input, "{}: no model was measured ('models' is empty): nothing to import", source_.file);
    return std::move(runs_);
  }

 private:
  template <class Read>
  void add_all(const Fields& model, const char* measured, Read read) {
    const Json* list = model.list(measured);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const Fields entry((*list)[i], fmt::format("{}: {}[{}]", model.place(), measured, i), problem_);
      RunFacts facts = facts_of(file_, model, measured);
      ImportedRun run = read(entry, facts);
      run.started = file_.text("started");
      run.document = Json{{"format", kFormat}, {"model", facts.model}, {"device", about_.value("device", Json())}, {"started", run.started}, {measured, entry.json()}}.dump();
      run.environment["import"]["gpu_check"] = about_;
      run.environment["import"]["gpu_check"]["step"] = entry.json();
      lacks_requests(run.figures);
      identify(run, facts, kFormat, source_);
      runs_.push_back(std::move(run));
    }
  }

  const Source& source_;
  Problem problem_;
  Fields file_;
  Json about_;  // the file without what models were measured
  std::vector<ImportedRun> runs_;
};

}  // namespace

bool is_gpu_check(const Json& object) { return object.is_object() && object.contains("format") && object["format"] == kFormat; }

Result<std::vector<ImportedRun>> read_gpu_check(const Json& object, const Source& source) { return GpuCheckReader(object, source).read(); }

}  // namespace tokenmark
