// A model on a device for `bench`: sequences with blocks of their own and the two kinds of step it measures.
// Drives the device ABI directly, without scheduler or load generator.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/runtime/scheduler.h"
#include "plugins/api/registry.h"

namespace tokenmark::cli {

struct BenchDeviceOptions {
  std::uint32_t threads = 0;
  std::string kernels;            // empty: the best
  std::uint32_t sequences = 1;
  std::uint32_t max_tokens = 0;   // of one sequence: context and what is decoded
  std::uint32_t step_tokens = 512;
  Format kv_format = Format::f16;  // f32, f16, bf16, fp8 or q8_0
  std::string tuning;             // the device's table of measured choices, or empty
};

class BenchDevice {
 public:
  static constexpr std::uint32_t kTokensPerBlock = 16;

  // `model` must outlive this.
  static Result<BenchDevice> open(const FoundDevice& device, const Model& model, const BenchDeviceOptions& options);
  ~BenchDevice();
  BenchDevice(BenchDevice&& other) noexcept;
  BenchDevice& operator=(BenchDevice&&) = delete;

  // Pseudo-random tokens at the positions [from, to) of a sequence, in steps of the largest size; one is sampled.
  Status prompt(std::uint32_t sequence, std::uint32_t from, std::uint32_t to);
  // One token more for the sequences [0, batch), all at this position; the first step after a prompt may be any.
  Status decode(std::uint32_t batch, std::uint32_t position);
  Result<tm_ceilings> calibrate();  // zeros where the device cannot

 private:
  BenchDevice() = default;
  void add_sequence(std::uint32_t sequence, std::uint32_t from, std::uint32_t to, bool continues);
  Status run_step();

  const tm_plugin* plugin_ = nullptr;
  tm_device* device_ = nullptr;
  tm_executor* executor_ = nullptr;
  std::uint32_t vocabulary_ = 0, step_tokens_ = 0, stride_ = 0;

  // Kept, so that nothing is allocated while measuring.
  PlannedStep step_;
  std::vector<std::int32_t> sampled_;
};

}  // namespace tokenmark::cli
