#include "app/cli/bench_device.h"

#include <algorithm>
#include <utility>

#include "engine/model/device_model.h"
#include "engine/runtime/fit.h"

namespace tokenmark::cli {
namespace {

ErrorKind kind_of(tm_status status) {
  switch (status) {
    case TM_INVALID: return ErrorKind::invalid_input;
    case TM_NOT_FOUND: return ErrorKind::not_found;
    case TM_OUT_OF_MEMORY: return ErrorKind::exhausted;
    case TM_UNAVAILABLE:
    case TM_DEVICE_LOST: return ErrorKind::unavailable;
    default: return ErrorKind::internal;
  }
}

std::int32_t pseudo_random_token(std::uint32_t sequence, std::uint32_t position, std::uint32_t vocabulary) {
  return static_cast<std::int32_t>((sequence * 7919u + position * 104729u + 1u) % vocabulary);
}

}  // namespace

BenchDevice::BenchDevice(BenchDevice&& other) noexcept
    : plugin_(other.plugin_),
      device_(std::exchange(other.device_, nullptr)),
      executor_(std::exchange(other.executor_, nullptr)),
      vocabulary_(other.vocabulary_),
      step_tokens_(other.step_tokens_),
      stride_(other.stride_) {}

BenchDevice::~BenchDevice() {
  if (executor_) plugin_->destroy_executor(executor_);
  if (device_) plugin_->close_device(device_);
}

Result<BenchDevice> BenchDevice::open(const FoundDevice& found, const Model& model, const BenchDeviceOptions& options) {
  BenchDevice bench;
  bench.plugin_ = found.plugin;
  bench.vocabulary_ = model.description.vocabulary;
  bench.step_tokens_ = options.step_tokens;
  bench.stride_ = (options.max_tokens + kTokensPerBlock - 1) / kTokensPerBlock;
  const auto failed = [&](tm_status status) {
    return fail(kind_of(status), "device '{}': {}", found.capabilities.id, found.plugin->last_error());
  };
  tm_device_options device{};
  device.size = sizeof device;
  device.version = TM_ABI_VERSION;
  device.threads = options.threads;
  device.kernels = options.kernels.empty() ? nullptr : options.kernels.c_str();
  if (const auto status = found.plugin->open_device(found.capabilities.id, &device, &bench.device_); status != TM_OK)
    return failed(status);
  const std::uint64_t memory = std::string_view(found.capabilities.id) == "cpu" || found.capabilities.memory_bytes == 0
                                   ? available_host_bytes()
                                   : found.capabilities.memory_bytes;
  TOKENMARK_CHECK(check_fit(model.source, model.description,
                            std::uint64_t{bench.stride_} * kTokensPerBlock * options.sequences, options.kv_format, memory));
  const tm_model description = device_model(model.description);
  const tm_weight_source weights = device_weights(model);
  const tm_executor_options executor{sizeof(tm_executor_options), TM_ABI_VERSION, kTokensPerBlock,
                                     bench.stride_ * options.sequences, options.sequences, options.step_tokens,
                                     static_cast<std::uint32_t>(options.kv_format),
                                     options.tuning.empty() ? nullptr : options.tuning.c_str()};
  if (const auto status =
          found.plugin->create_executor(bench.device_, &description, &weights, &executor, &bench.executor_);
      status != TM_OK)
    return failed(status);
  return bench;
}

// The sequences' blocks lie one sequence after the other.
void BenchDevice::add_sequence(std::uint32_t sequence, std::uint32_t from, std::uint32_t to, bool continues) {
  const std::uint32_t first_slot = sequence * stride_ * kTokensPerBlock;
  for (std::uint32_t position = from; position < to; ++position) {
    step_.tokens.push_back(continues ? -1 : pseudo_random_token(sequence, position, vocabulary_));
    step_.positions.push_back(static_cast<std::int32_t>(position));
    step_.slots.push_back(static_cast<std::int32_t>(first_slot + position));
  }
  step_.sequence_ids.push_back(static_cast<std::int32_t>(sequence));
  step_.token_offsets.push_back(static_cast<std::int32_t>(step_.tokens.size()));
  step_.kv_lengths.push_back(static_cast<std::int32_t>(to));
  step_.block_table_stride = stride_;
  for (std::uint32_t block = 0; block < stride_; ++block)
    step_.block_tables.push_back(static_cast<std::int32_t>(sequence * stride_ + block));
  step_.sample_rows.push_back(static_cast<std::int32_t>(step_.tokens.size()) - 1);
  step_.sampling.push_back({0, 1, 0, 0, 0});
}

Status BenchDevice::run_step() {
  const tm_step step = step_.view();
  sampled_.resize(step.n_samples);
  tm_step_result result{sizeof(tm_step_result), TM_ABI_VERSION, sampled_.data(), nullptr, nullptr};
  tm_status status = plugin_->step(executor_, &step, &result);
  if (status == TM_OK) status = plugin_->wait(executor_);
  if (status == TM_OK) return {};
  return fail(kind_of(status), "the step failed: {}", plugin_->last_error());
}

Status BenchDevice::prompt(std::uint32_t sequence, std::uint32_t from, std::uint32_t to) {
  for (; from < to; from += step_tokens_) {
    step_.clear();
    add_sequence(sequence, from, std::min(from + step_tokens_, to), false);
    TOKENMARK_CHECK(run_step());
  }
  return {};
}

Status BenchDevice::decode(std::uint32_t batch, std::uint32_t position) {
  step_.clear();
  for (std::uint32_t sequence = 0; sequence < batch; ++sequence) add_sequence(sequence, position, position + 1, true);
  return run_step();
}

Result<tm_ceilings> BenchDevice::calibrate() {
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  if (!plugin_->calibrate) return ceilings;
  if (const auto status = plugin_->calibrate(device_, &ceilings); status != TM_OK)
    return fail(kind_of(status), "the ceilings could not be measured: {}", plugin_->last_error());
  return ceilings;
}

}  // namespace tokenmark::cli
