// What `bench` measures: prompt and decode rates of the engine's device alone, each beside what the machine reaches at
// best in the same minute. Ceilings are measured in alternation with the work, since a shared machine's change.
//
//   share_of_bandwidth = bytes that a step must read (engine/runtime/step_cost.h) · steps/s ÷ measured bandwidth
//   share_of_compute   = operations of a prompt (the same) · prompts/s ÷ the measured rate of the
//                        arithmetic that the format's kernels use for a prompt: BF16 tiles (AMX) for all formats but F32
//                        and F16, else dot products of bytes for the quantised ones and of BF16 for BF16 and FP8, else f32
//   share_of_int8      = the same ÷ the rate of the vectors' dot products of bytes, whatever is used
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "plugins/api/registry.h"

namespace tokenmark::cli {

struct BenchOptions {
  std::uint32_t prompt = 512, decode = 128;
  std::vector<std::uint32_t> batches{1};
  std::uint32_t context = 0;  // tokens in the cache when decoding starts; 0: as many as the prompt
  std::uint32_t threads = 0;
  std::string kernels;
  Format kv_format = Format::f16;
  std::uint32_t repeats = 5;
  std::string tuning;         // the device's table of measured choices, or empty
};

// Of the repeats.
struct Spread {
  double median = 0, low = 0, high = 0;
  double relative() const { return median > 0 ? (high - low) / median : 0; }
};
Spread spread_of(std::vector<double> values);

struct PromptRate {
  std::uint32_t tokens = 0;
  Spread tok_s, share_of_compute, share_of_int8;
};
struct DecodeRate {
  std::uint32_t batch = 0, context = 0;
  Spread tok_s, share_of_bandwidth;
};

struct BenchResult {
  tm_ceilings ceilings{};  // medians of the repeats
  std::string compute_ceiling;  // which of them share_of_compute is of: "int8_gop_s"
  PromptRate prompt;
  std::vector<DecodeRate> decode;
};

// "memory 30.1 GB/s, f32 224 GFLOP/s, …"; those that there are.
std::string in_words(const tm_ceilings& ceilings);

Result<BenchResult> run_bench(const FoundDevice& device, const Model& model, const BenchOptions& options,
                              std::stop_token stop, const std::function<void(double, const std::string&)>& progress);

}  // namespace tokenmark::cli
