#include "app/cli/bench.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>

#include "app/cli/bench_device.h"
#include "engine/runtime/step_cost.h"

namespace tokenmark::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

constexpr std::uint32_t kWarmSteps = 3;

// The arithmetic that a prompt in a format is multiplied with, and its rate, 10^9 a second.
struct Arithmetic {
  const char* ceiling;
  double rate;
};

// `kernels`: the instruction set asked for, or empty.
Arithmetic arithmetic_of(Format format, const std::string& kernels, const tm_ceilings& ceilings) {
  const auto chosen = [&](double rate, std::initializer_list<const char*> sets) {
    return rate > 0 && (kernels.empty() || std::find(sets.begin(), sets.end(), kernels) != sets.end());
  };
  const bool floats = format == Format::f32 || format == Format::f16;
  if (!floats && chosen(ceilings.matrix_bf16_gflop_s, {"amx"}))
    return {"matrix_bf16_gflop_s", ceilings.matrix_bf16_gflop_s};
  const bool bf16 = format == Format::bf16 || format == Format::fp8;
  if (bf16 && chosen(ceilings.bf16_gflop_s, {"amx", "avx512_bf16"})) return {"bf16_gflop_s", ceilings.bf16_gflop_s};
  if (!floats && !bf16 && chosen(ceilings.int8_gop_s, {"amx", "avx512_bf16", "avx512", "neon_dotprod"}))
    return {"int8_gop_s", ceilings.int8_gop_s};
  return {"f32_gflop_s", ceilings.f32_gflop_s};
}

// The samples of each repeat.
struct Samples {
  std::vector<double> memory, f32, bf16, int8, matrix_bf16, matrix_int8, prompt, prompt_share, prompt_share_of_int8;
  std::vector<std::vector<double>> decode, decode_share;  // by batch
};

class Measurement {
 public:
  Measurement(BenchDevice& device, const Model& model, const BenchOptions& options, std::stop_token stop,
              const std::function<void(double, const std::string&)>& progress)
      : device_(device), model_(model), options_(options), cost_(model, options.kv_format), stop_(std::move(stop)),
        progress_(progress) {
    samples_.decode.resize(options.batches.size());
    samples_.decode_share.resize(options.batches.size());
  }

  Result<BenchResult> run() {
    TOKENMARK_CHECK(fill_caches());
    for (std::uint32_t repeat = 0; repeat < options_.repeats; ++repeat) TOKENMARK_CHECK(one_repeat(repeat));
    return result();
  }

 private:
  Status go_on(double share, const std::string& doing) {
    if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "stopped before the measurement was complete");
    progress_(share, doing);
    return {};
  }

  // Real keys and values for every sequence: memory never written would be read from one page of zeros.
  Status fill_caches() {
    const auto sequences = *std::max_element(options_.batches.begin(), options_.batches.end());
    for (std::uint32_t s = 0; s < sequences; ++s) {
      TOKENMARK_CHECK(go_on(0.3 * s / sequences, "filling caches"));
      TOKENMARK_CHECK(device_.prompt(s, 0, options_.context));
    }
    return {};
  }

  Status one_repeat(std::uint32_t repeat) {
    const auto parts = static_cast<double>(options_.batches.size() + 1);
    const auto share = [&](double part) { return 0.3 + 0.7 * (repeat + part / parts) / options_.repeats; };
    const std::string name = fmt::format("repeat {} of {}", repeat + 1, options_.repeats);
    TOKENMARK_CHECK(go_on(share(0), name + ": prompt"));
    TOKENMARK_TRY(tm_ceilings ceilings, measure_ceilings());
    TOKENMARK_CHECK(measure_prompt(ceilings));
    for (std::size_t b = 0; b < options_.batches.size(); ++b) {
      const std::uint32_t batch = options_.batches[b];
      TOKENMARK_CHECK(go_on(share(1 + static_cast<double>(b)), fmt::format("{}: decode, batch {}", name, batch)));
      if (b > 0) {
        TOKENMARK_TRY(ceilings, measure_ceilings());
      }
      TOKENMARK_CHECK(measure_decode(b, batch, ceilings.memory_gb_s * 1e9));
    }
    return {};
  }

  Result<tm_ceilings> measure_ceilings() {
    TOKENMARK_TRY(const tm_ceilings ceilings, device_.calibrate());
    samples_.memory.push_back(ceilings.memory_gb_s);
    samples_.f32.push_back(ceilings.f32_gflop_s);
    samples_.bf16.push_back(ceilings.bf16_gflop_s);
    samples_.int8.push_back(ceilings.int8_gop_s);
    samples_.matrix_bf16.push_back(ceilings.matrix_bf16_gflop_s);
    samples_.matrix_int8.push_back(ceilings.matrix_int8_gop_s);
    return ceilings;
  }

  Arithmetic arithmetic(const tm_ceilings& ceilings) const {
    return arithmetic_of(model_.description.format, options_.kernels, ceilings);
  }

  Status measure_prompt(const tm_ceilings& ceilings) {
    const double n = options_.prompt;
    const auto begin = Clock::now();
    TOKENMARK_CHECK(device_.prompt(0, 0, options_.prompt));
    const double seconds = seconds_since(begin);
    const double operations = cost_.prompt_operations(n);
    const auto share_of = [&](double rate) { return rate > 0 ? 1e-9 * operations / seconds / rate : 0; };
    samples_.prompt.push_back(n / seconds);
    samples_.prompt_share.push_back(share_of(arithmetic(ceilings).rate));
    samples_.prompt_share_of_int8.push_back(share_of(ceilings.int8_gop_s));
    return {};
  }

  // The same positions in every repeat: the cache's later part is simply written again.
  Status measure_decode(std::size_t index, std::uint32_t batch, double bandwidth) {
    for (std::uint32_t i = 0; i < std::min(kWarmSteps, options_.decode); ++i)
      TOKENMARK_CHECK(device_.decode(batch, options_.context + i));
    const auto begin = Clock::now();
    for (std::uint32_t i = 0; i < options_.decode; ++i) {
      if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "stopped before the measurement was complete");
      TOKENMARK_CHECK(device_.decode(batch, options_.context + i));
    }
    const double steps_s = options_.decode / seconds_since(begin);
    const double mean_length = options_.context + (options_.decode + 1) / 2.0;
    const double bytes = cost_.decode_bytes(batch, mean_length);
    samples_.decode[index].push_back(steps_s * batch);
    samples_.decode_share[index].push_back(bandwidth > 0 ? bytes * steps_s / bandwidth : 0);
    return {};
  }

  BenchResult result() const {
    BenchResult result;
    result.ceilings.memory_gb_s = spread_of(samples_.memory).median;
    result.ceilings.f32_gflop_s = spread_of(samples_.f32).median;
    result.ceilings.bf16_gflop_s = spread_of(samples_.bf16).median;
    result.ceilings.int8_gop_s = spread_of(samples_.int8).median;
    result.ceilings.matrix_bf16_gflop_s = spread_of(samples_.matrix_bf16).median;
    result.ceilings.matrix_int8_gop_s = spread_of(samples_.matrix_int8).median;
    result.compute_ceiling = arithmetic(result.ceilings).ceiling;
    result.prompt = {options_.prompt, spread_of(samples_.prompt), spread_of(samples_.prompt_share),
                     spread_of(samples_.prompt_share_of_int8)};
    for (std::size_t b = 0; b < options_.batches.size(); ++b)
      result.decode.push_back({options_.batches[b], options_.context, spread_of(samples_.decode[b]),
                               spread_of(samples_.decode_share[b])});
    return result;
  }

  BenchDevice& device_;
  const Model& model_;
  const BenchOptions& options_;
  StepCost cost_;
  std::stop_token stop_;
  const std::function<void(double, const std::string&)>& progress_;
  Samples samples_;
};

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

std::string in_words(const tm_ceilings& ceilings) {
  std::string words = fmt::format("memory {:.1f} GB/s", ceilings.memory_gb_s);
  const auto add = [&](const char* name, double rate, const char* unit) {
    if (rate > 0) words += fmt::format(", {} {:.0f} {}", name, rate, unit);
  };
  add("f32", ceilings.f32_gflop_s, "GFLOP/s");
  add("bf16", ceilings.bf16_gflop_s, "GFLOP/s");
  add("int8", ceilings.int8_gop_s, "GOP/s");
  add("bf16 tiles", ceilings.matrix_bf16_gflop_s, "GFLOP/s");
  add("int8 tiles", ceilings.matrix_int8_gop_s, "GOP/s");
  return words;
}

Result<BenchResult> run_bench(const FoundDevice& found, const Model& model, const BenchOptions& options,
                              std::stop_token stop, const std::function<void(double, const std::string&)>& progress) {
  BenchOptions resolved = options;
  if (resolved.context == 0) resolved.context = resolved.prompt;
  BenchDeviceOptions device;
  device.threads = options.threads;
  device.kernels = options.kernels;
  device.kv_format = options.kv_format;
  device.tuning = options.tuning;
  device.sequences = *std::max_element(options.batches.begin(), options.batches.end());
  device.max_tokens = std::max(resolved.context + resolved.decode, resolved.prompt);
  device.step_tokens = std::clamp<std::uint32_t>(resolved.prompt, device.sequences, std::max(512u, device.sequences));
  progress(0, "loading weights");
  TOKENMARK_TRY(BenchDevice bench, BenchDevice::open(found, model, device));
  return Measurement(bench, model, resolved, std::move(stop), progress).run();
}

}  // namespace tokenmark::cli
