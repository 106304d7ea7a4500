// The C table of a plugin made of its C++ parts: checks of arguments, errors as codes with a sentence, exceptions that end
// here. `Plugin` says what it is:
//
//   static constexpr const char* kName, * kBuild;
//   using Device = …; using Executor = …;
//   static Result<std::vector<tm_device_capabilities>> capabilities();
//   static Result<std::unique_ptr<Device>> open(const std::string& id, const tm_device_options* options);
//   static Result<tm_ceilings> calibrate(Device&);
// and, if it can tune,
//   static Status tune(Device&, const tm_model&, const tm_weight_source&, const tm_executor_options&, const tm_tuning_request&);
//   static Result<tm_tuning_summary> check_tuning(const std::string& id, const char* table);
// and Executor has
//   static Result<std::unique_ptr<Executor>> create(Device&, const tm_model&, const tm_weight_source&, const tm_executor_options&);
//   static Result<std::uint64_t> memory_needed(Device&, …the same…);
//   Status warm(std::span<const std::uint32_t> step_tokens), step(const tm_step&, tm_step_result&), wait();
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark::executor {

inline thread_local char error_text[1024] = "";

inline tm_status failed(tm_status status, std::string_view text) {
  error_text[text.copy(error_text, sizeof error_text - 1)] = 0;
  return status;
}

inline tm_status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input:
    case ErrorKind::protocol: return TM_INVALID;
    case ErrorKind::not_found: return TM_NOT_FOUND;
    case ErrorKind::io:
    case ErrorKind::cancelled:
    case ErrorKind::unavailable: return TM_UNAVAILABLE;
    case ErrorKind::exhausted: return TM_OUT_OF_MEMORY;
    case ErrorKind::internal: return TM_INTERNAL;
  }
  return TM_INTERNAL;
}

template <class Plugin>
class PluginTable {
  using Device = typename Plugin::Device;
  using Executor = typename Plugin::Executor;

  // Runs `entry`, which gives a Status, and turns whatever goes wrong into a code with a text.
  template <class Entry, class... Pointers>
  static tm_status guarded(Entry&& entry, const Pointers*... must_be_there) {
    if (!(... && (must_be_there != nullptr))) return failed(TM_INVALID, "an argument that must be there is null");
    try {
      if (const Status status = entry(); !status) return failed(status_of(status.error().kind), status.error().message);
      return TM_OK;
    } catch (const std::bad_alloc&) {
      return failed(TM_OUT_OF_MEMORY, std::string("the plugin '") + Plugin::kName + "' ran out of memory");
    } catch (const std::exception& error) {
      return failed(TM_INTERNAL, error.what());
    }
  }
  static Device& of(tm_device* device) { return *reinterpret_cast<Device*>(device); }
  static Executor& of(tm_executor* executor) { return *reinterpret_cast<Executor*>(executor); }

  static const char* last_error() { return error_text; }

  static tm_status enumerate(tm_device_capabilities* out, std::uint32_t capacity, std::uint32_t* count) {
    return guarded([&]() -> Status {
      TOKENMARK_TRY(const std::vector<tm_device_capabilities> all, Plugin::capabilities());
      *count = static_cast<std::uint32_t>(all.size());
      if (out) std::copy_n(all.begin(), std::min<std::size_t>(capacity, all.size()), out);
      return {};
    }, count);
  }

  static tm_status open_device(const char* id, const tm_device_options* options, tm_device** out) {
    return guarded([&]() -> Status {
      if (options && (options->size < sizeof(tm_device_options) || options->version != TM_ABI_VERSION))
        return fail(ErrorKind::invalid_input, "device options: their struct is of another version ({}, here {})", options->version,
                    TM_ABI_VERSION);
      TOKENMARK_TRY(std::unique_ptr<Device> device, Plugin::open(id, options));
      *out = reinterpret_cast<tm_device*>(device.release());
      return {};
    }, id, out);
  }
  static void close_device(tm_device* device) { delete reinterpret_cast<Device*>(device); }

  static tm_status create_executor(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                                   const tm_executor_options* options, tm_executor** out) {
    return guarded([&]() -> Status {
      TOKENMARK_TRY(std::unique_ptr<Executor> executor, Executor::create(of(device), *model, *weights, *options));
      *out = reinterpret_cast<tm_executor*>(executor.release());
      return {};
    }, device, model, weights, options, out);
  }
  static void destroy_executor(tm_executor* executor) { delete reinterpret_cast<Executor*>(executor); }

  static tm_status memory_needed(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                                 const tm_executor_options* options, std::uint64_t* bytes) {
    return guarded([&]() -> Status {
      TOKENMARK_TRY(*bytes, Executor::memory_needed(of(device), *model, *weights, *options));
      return {};
    }, device, model, weights, options, bytes);
  }

  static tm_status warm(tm_executor* executor, const std::uint32_t* step_tokens, std::uint32_t n) {
    return guarded([&] { return of(executor).warm({step_tokens, n}); }, executor, step_tokens);
  }
  static tm_status step(tm_executor* executor, const tm_step* step, tm_step_result* result) {
    return guarded([&] { return of(executor).step(*step, *result); }, executor, step, result);
  }
  static tm_status wait(tm_executor* executor) {
    return guarded([&] { return of(executor).wait(); }, executor);
  }
  static tm_status calibrate(tm_device* device, tm_ceilings* out) {
    return guarded([&]() -> Status {
      TOKENMARK_TRY(*out, Plugin::calibrate(of(device)));
      return {};
    }, device, out);
  }

  static constexpr bool kTunes = requires(const std::string& id, const char* table) { Plugin::check_tuning(id, table); };
  static tm_status tune(tm_device* device, const tm_model* model, const tm_weight_source* weights, const tm_executor_options* options,
                        const tm_tuning_request* request) {
    return guarded([&]() -> Status {
      if (request->size < sizeof(tm_tuning_request) || request->version != TM_ABI_VERSION || !request->done)
        return fail(ErrorKind::invalid_input, "tuning request: its struct is of another version ({}, here {}) or lacks `done`", request->version,
                    TM_ABI_VERSION);
      if constexpr (kTunes) return Plugin::tune(of(device), *model, *weights, *options, *request);
      return {};
    }, device, model, weights, options, request);
  }
  static tm_status check_tuning(const char* device, const char* table, tm_tuning_summary* out) {
    return guarded([&]() -> Status {
      if constexpr (kTunes) {
        TOKENMARK_TRY(const tm_tuning_summary summary, Plugin::check_tuning(device, table));
        if (out) *out = summary;
      }
      return {};
    }, device, table);
  }

 public:
  static constexpr tm_plugin kTable = {
      .size = sizeof(tm_plugin),
      .version = TM_ABI_VERSION,
      .name = Plugin::kName,
      .build = Plugin::kBuild,
      .last_error = last_error,
      .enumerate = enumerate,
      .open_device = open_device,
      .close_device = close_device,
      .create_executor = create_executor,
      .destroy_executor = destroy_executor,
      .memory_needed = memory_needed,
      .warm = warm,
      .step = step,
      .wait = wait,
      .calibrate = calibrate,
      .telemetry = nullptr,
      .export_blocks = nullptr,
      .import_blocks = nullptr,
      .resolve = nullptr,
      .tune = kTunes ? tune : nullptr,
      .check_tuning = kTunes ? check_tuning : nullptr,
  };
};

}  // namespace tokenmark::executor
