// Checks a GPU's kernels and measures them, and whole models made of them, beside what the device reaches at best. Writes a
// result file that `tokenmark-cli runs import` takes.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>

#include "base/version.h"
#include "plugins/gpu/ceilings.h"
#include "tests/gpu/case_runner.h"
#include "tests/gpu/kernel_benchmark.h"
#include "tests/gpu/model_benchmark.h"
#ifdef TOKENMARK_HAS_CUDA
#include "plugins/cuda/cuda_vendor.h"
#endif
#ifdef TOKENMARK_HAS_HIP
#include "plugins/hip/hip_vendor.h"
#endif

namespace tokenmark::gpu {
namespace {

constexpr const char* kUsage =
    "usage: gpu_check [-o FILE] [--device cuda:0] [--cases all|none|KERNEL] [--benchmark all|kernels|models|none] [--tiny]\n"
    "  Runs the tests of all kernels (or of those whose name begins with KERNEL), then benchmarks kernels and models.\n"
    "  -o FILE  result file (JSON), which 'tokenmark-cli runs import FILE' takes\n"
    "  --tiny   small models, for an emulated GPU: the figures mean nothing\n";

struct Options {
  std::string output, device, cases = "all", benchmark = "all";
  bool tiny = false;
  long run_cases = -1;
};

Result<Options> parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--tiny") {
      o.tiny = true;
      continue;
    }
    if (i + 1 == argc) return fail(ErrorKind::invalid_input, "'{}' is no option, or its value is missing", name);
    const std::string value = argv[++i];
    if (name == "-o") o.output = value;
    else if (name == "--device") o.device = value;
    else if (name == "--cases") o.cases = value;
    else if (name == "--run-cases") o.run_cases = std::strtol(value.c_str(), nullptr, 10);
    else if (name == "--benchmark" && (value == "all" || value == "kernels" || value == "models" || value == "none")) o.benchmark = value;
    else return fail(ErrorKind::invalid_input, "'{} {}' is no option", name, value);
  }
  return o;
}

struct Opened {
  std::string id;
  std::unique_ptr<Vendor> vendor;
  std::unique_ptr<Device> device;
};

// The device that was asked for, else the first that can be used.
Result<Opened> open_any(const std::string& wanted) {
  std::string why = "it was built without kernels for any GPU";
  const auto try_open = [&](const char* plugin, std::unique_ptr<Vendor> vendor) -> Result<Opened> {
    const std::string id = wanted.empty() ? std::string(plugin) + ":0" : wanted;
    auto device = open_device(plugin, *vendor, id);
    if (!device) return tl::unexpected(device.error());
    return Opened{id, std::move(vendor), std::move(*device)};
  };
  [[maybe_unused]] const auto takes = [&](const char* plugin) { return wanted.empty() || wanted.starts_with(plugin); };
#ifdef TOKENMARK_HAS_CUDA
  if (takes("cuda")) {
    auto opened = try_open("cuda", make_cuda_vendor());
    if (opened) return opened;
    why = opened.error().message;
  }
#endif
#ifdef TOKENMARK_HAS_HIP
  if (takes("hip")) {
    auto opened = try_open("hip", make_hip_vendor());
    if (opened) return opened;
    why = why.starts_with("it was") || !wanted.empty() ? opened.error().message : why + "; " + opened.error().message;
  }
#endif
  return fail(ErrorKind::unavailable, "no GPU can be used: {}", why);
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

std::string host_processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

// ---- parts of the result ---------------------------------------------------------------------------------------------

Json cases_json(const std::vector<CaseResult>& results) {
  std::map<std::pair<std::string, std::string>, std::pair<std::size_t, std::size_t>> table;  // run, passed
  Json rows = Json::list(), failed = Json::list();
  std::size_t passed = 0;
  for (const CaseResult& r : results) {
    auto& [run, good] = table[{r.kernel, r.format}];
    ++run;
    if (r.problem.empty()) ++good, ++passed;
    else failed.add(Json::object().add("kernel", r.kernel).add("format", r.format).add("case", r.what).add("problem", r.problem));
  }
  std::printf("\n%-24s %-8s %8s %8s\n", "kernel", "format", "cases", "passed");
  for (const auto& [row, count] : table) {
    std::printf("%-24s %-8s %8zu %8zu\n", row.first.c_str(), row.second.c_str(), count.first, count.second);
    rows.add(Json::object().add("kernel", row.first).add("format", row.second).add("run", count.first).add("passed", count.second));
  }
  std::printf("%zu of %zu cases passed\n\n", passed, results.size());
  return Json::object().add("run", results.size()).add("passed", passed).add("table", rows).add("failed", failed);
}

// What a measured time is of the device's best: of bandwidth and of the matrix units' rate.
struct Shares {
  double gb_s, tflop_s, memory, matrix;
};
Shares shares_of(double bytes, double operations, double seconds, const tm_ceilings& best) {
  const double gb_s = bytes / seconds / 1e9, gflop_s = operations / seconds / 1e9;
  return {gb_s, gflop_s / 1e3, best.memory_gb_s > 0 ? gb_s / best.memory_gb_s : 0, best.matrix_bf16_gflop_s > 0 ? gflop_s / best.matrix_bf16_gflop_s : 0};
}

// What a serving engine is after, and whether this is it: printed, not judged.
struct Aims {
  double decode = 0, prefill = 0, kernel = 1;  // shares of the best: a step of one sequence, a prompt's; the least of the kernels'
  std::string slowest;
  void print() const {
    const auto line = [](const char* what, double share, double aim, const std::string& note) {
      std::printf("%-58s %5.1f%%, aim %.0f%%: %s%s\n", what, share * 100, aim * 100, share >= aim ? "reached" : "missed", note.c_str());
    };
    std::printf("\n");
    if (!slowest.empty()) line("slowest kernel of a BF16 step of one sequence, of bandwidth", kernel, 0.9, " (" + slowest + ")");
    if (decode > 0) line("decode of one sequence in BF16, of bandwidth", decode, 0.85, "");
    if (prefill > 0) line("best prefill in BF16, of the matrix rate", prefill, 0.7, "");
  }
};

Result<Json> kernels_json(Device& device, const tm_ceilings& best, bool tiny, Aims& aims) {
  BenchmarkSizes sizes;
  if (tiny) sizes = {true, 4096, {{1e-4, 1, 2}, 2}};
  std::printf("%-18s %-6s %-44s %6s %11s %9s %9s %7s %7s\n", "kernel", "format", "what", "rows", "time", "GB/s", "TFLOP/s", "memory", "matrix");
  Json list = Json::list();
  const auto measured = benchmark_kernels(*device.gpus.front(), sizes, [&](const KernelResult& r) {
    const Shares s = shares_of(r.bytes, r.operations, r.timing.median_s, best);
    std::printf("%-18s %-6s %-44s %6u %8.1f µs %9.0f %9.2f %6.1f%% %6.1f%%\n", r.kernel.c_str(), r.format.c_str(), r.what.c_str(), r.rows, r.timing.median_s * 1e6,
                s.gb_s, s.tflop_s, s.memory * 100, s.matrix * 100);
    std::fflush(stdout);
    if (r.rows == 1 && r.format == "bf16" && s.memory < aims.kernel) aims.kernel = s.memory, aims.slowest = r.kernel + ": " + r.what;
    list.add(Json::object().add("kernel", r.kernel).add("format", r.format).add("what", r.what).add("rows", r.rows).add("bytes", r.bytes)
                 .add("operations", r.operations).add("seconds", r.timing.json()).add("memory_share", s.memory).add("matrix_share", s.matrix));
  });
  if (!measured) return tl::unexpected(measured.error());
  return list;
}

Json model_json(const ModelResult& m, const tm_ceilings& best, Aims& aims) {
  Json decode = Json::list(), prefill = Json::list();
  for (const DecodeResult& d : m.decode) {
    const Shares s = shares_of(d.bytes, 0, d.step.median_s, best);
    std::printf("%-28s decode  %5u × %5u  %9.3f ms  %9.1f tok/s  %6.1f%% of bandwidth\n", m.model.c_str(), d.batch, d.context, d.step.median_s * 1e3,
                d.batch / d.step.median_s, s.memory * 100);
    if (d.batch == 1 && m.format == "bf16") aims.decode = s.memory;
    decode.add(Json::object().add("batch", d.batch).add("context", d.context).add("steps", d.steps).add("bytes", d.bytes).add("step_s", d.step.json())
                   .add("tok_s", d.batch / d.step.median_s).add("memory_share", s.memory));
  }
  for (const PrefillResult& p : m.prefill) {
    const Shares s = shares_of(0, p.operations, p.step.median_s, best);
    std::printf("%-28s prefill %5u tokens  %9.3f ms  %9.1f tok/s  %6.1f%% of the matrix rate\n", m.model.c_str(), p.tokens, p.step.median_s * 1e3,
                p.tokens / p.step.median_s, s.matrix * 100);
    if (m.format == "bf16") aims.prefill = std::max(aims.prefill, s.matrix);
    prefill.add(Json::object().add("tokens", p.tokens).add("operations", p.operations).add("step_s", p.step.json()).add("tok_s", p.tokens / p.step.median_s)
                    .add("matrix_share", s.matrix));
  }
  return Json::object().add("model", m.model).add("format", m.format).add("kv_format", m.kv_format).add("weight_bytes", m.weight_bytes).add("load_s", m.load_s)
      .add("decode", decode).add("prefill", prefill);
}

Json device_json(const Opened& opened) {
  const GpuFacts& f = opened.device->gpus.front()->facts();
  return Json::object().add("id", opened.id).add("name", f.name).add("architecture", f.architecture).add("pci_id", f.pci_id).add("compute_units", f.compute_units)
      .add("wave", f.wave).add("memory_bytes", f.memory_bytes);
}

// Written under another name first: a result file is whole or is not there.
Status write_file(const std::string& path, const std::string& text) {
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary);
  file << text << '\n';
  file.close();
  if (!file || std::rename(partial.c_str(), path.c_str()) != 0) return fail(ErrorKind::io, "{}: cannot be written: {}", path, std::strerror(errno));
  return {};
}

// ---- the whole -------------------------------------------------------------------------------------------------------

Status benchmark(Device& device, const Options& o, Json& result) {
  TOKENMARK_TRY(const tm_ceilings best, measure_ceilings(device, o.tiny ? CeilingSizes{1 << 16, 2} : CeilingSizes{}));
  std::printf("at best: reading memory %.0f GB/s, BF16 products %.1f TFLOP/s\n\n", best.memory_gb_s, best.matrix_bf16_gflop_s / 1e3);
  result.add("ceilings", Json::object().add("memory_gb_s", best.memory_gb_s).add("matrix_bf16_gflop_s", best.matrix_bf16_gflop_s));
  Aims aims;
  if (o.benchmark != "models") {
    TOKENMARK_TRY(const Json kernels, kernels_json(device, best, o.tiny, aims));
    result.add("kernels", kernels);
  }
  if (o.benchmark == "kernels") {
    aims.print();
    return {};
  }
  Json models = Json::list();
  const auto add_models = [&]() -> Status {
    for (const MeasuredModel& model : measured_models(o.tiny)) {
      const auto note = [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
      };
      TOKENMARK_TRY(const ModelResult measured, benchmark_model(device, model, o.tiny, note));
      models.add(model_json(measured, best, aims));
    }
    return {};
  };
  const Status done = add_models();
  aims.print();
  result.add("models", models);  // those that were measured, whatever happened to the others
  return done;
}

Status check(const Options& o, const char* program) {
  const std::string started = now();
  const auto begin = std::chrono::steady_clock::now();
  TOKENMARK_TRY(Opened opened, open_any(o.device));
  const GpuFacts& facts = opened.device->gpus.front()->facts();
  std::printf("%s: %s (%s), %u compute units, %.1f GB\n", opened.id.c_str(), facts.name.c_str(), facts.architecture.c_str(), facts.compute_units,
              static_cast<double>(facts.memory_bytes) / 1e9);
  Json result = Json::object();
  result.add("format", "tokenmark-gpu-check-1").add("tokenmark", Json::object().add("version", version()).add("commit", commit()).add("build", build_description()))
      .add("started", started).add("tiny", o.tiny).add("device", device_json(opened)).add("processor", host_processor());
  bool good = true;
  if (o.cases != "none") {
    const std::vector<CaseResult> cases = run_cases(program, opened.id, o.cases == "all" ? "" : o.cases);
    if (cases.empty()) return fail(ErrorKind::not_found, "no kernel's name begins with '{}'", o.cases);
    for (const CaseResult& one : cases) good = good && one.problem.empty();
    result.add("cases", cases_json(cases));
  }
  Status benchmarked;
  if (o.benchmark != "none") benchmarked = benchmark(*opened.device, o, result);
  if (!benchmarked) result.add("problem", benchmarked.error().message);
  result.add("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (!o.output.empty()) TOKENMARK_CHECK(write_file(o.output, result.text()));
  TOKENMARK_CHECK(benchmarked);
  if (!good) return fail(ErrorKind::internal, "not all kernels' tests passed");
  return {};
}

int run(int argc, char** argv) {
  if (argc == 2 && (std::string(argv[1]) == "--help" || std::string(argv[1]) == "-h")) {
    std::printf("%s", kUsage);
    return 0;
  }
  const auto options = parse(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s\n%s", options.error().message.c_str(), kUsage);
    return 2;
  }
  if (options->run_cases >= 0) {
    const auto opened = open_any(options->device);
    return opened ? run_cases_here(*opened->device->gpus.front(), options->cases == "all" ? "" : options->cases, static_cast<std::size_t>(options->run_cases)) : 4;
  }
  char program[4096];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[std::max<ssize_t>(length, 0)] = 0;
  const Status done = check(*options, program);
  if (done) return 0;
  std::fprintf(stderr, "gpu_check: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace
}  // namespace tokenmark::gpu

int main(int argc, char** argv) { return tokenmark::gpu::run(argc, argv); }
