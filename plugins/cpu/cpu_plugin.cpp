// The table of the CPU plugin: C entries around device and executor. Exceptions (memory) end here.
#include "plugins/cpu/cpu_plugin.h"

#include <cstring>
#include <new>
#include <string>

#include "plugins/cpu/device.h"
#include "plugins/cpu/executor.h"

using namespace tokenmark;

struct tm_device {
  std::unique_ptr<cpu_plugin::Device> device;
};

struct tm_executor {
  std::unique_ptr<cpu_plugin::Executor> executor;
};

namespace {

thread_local char error_text[1024] = "";

tm_status status_of(ErrorKind kind) {
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

tm_status failed(tm_status status, std::string_view text) {
  error_text[text.copy(error_text, sizeof error_text - 1)] = 0;
  return status;
}

// Runs `entry`, which gives a Status, and turns whatever goes wrong into a code with a text.
template <class Entry>
tm_status guarded(Entry&& entry) {
  try {
    if (const Status status = entry(); !status) return failed(status_of(status.error().kind), status.error().message);
    return TM_OK;
  } catch (const std::bad_alloc&) {
    return failed(TM_OUT_OF_MEMORY, "the CPU plugin ran out of memory");
  } catch (const std::exception& error) {
    return failed(TM_INTERNAL, error.what());
  }
}

template <class... Pointers>
Status not_null(const Pointers*... pointers) {
  if ((... && (pointers != nullptr))) return {};
  return fail(ErrorKind::invalid_input, "an argument that must be there is null");
}

const char* last_error() { return error_text; }

tm_status enumerate(tm_device_capabilities* out, std::uint32_t capacity, std::uint32_t* count) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(count));
    *count = 1;
    if (out && capacity > 0) *out = cpu_plugin::capabilities();
    return {};
  });
}

tm_status open_device(const char* id, const tm_device_options* options, tm_device** out) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(id, out));
    TOKENMARK_TRY(auto device, cpu_plugin::open_device(id, options));
    *out = new tm_device{std::move(device)};
    return {};
  });
}

void close_device(tm_device* device) { delete device; }

tm_status create_executor(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                          const tm_executor_options* options, tm_executor** out) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(device, model, weights, options, out));
    TOKENMARK_TRY(auto executor, cpu_plugin::Executor::create(*device->device, *model, *weights, *options));
    *out = new tm_executor{std::move(executor)};
    return {};
  });
}

void destroy_executor(tm_executor* executor) { delete executor; }

tm_status memory_needed(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                        const tm_executor_options* options, std::uint64_t* bytes) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(device, model, weights, options, bytes));
    TOKENMARK_TRY(*bytes, cpu_plugin::Executor::memory_needed(*device->device, *model, *weights, *options));
    return {};
  });
}

tm_status step(tm_executor* executor, const tm_step* step, tm_step_result* result) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(executor, step, result));
    return executor->executor->step(*step, *result);
  });
}

tm_status wait_step(tm_executor*) { return TM_OK; }  // a step is done when `step` returns

tm_status calibrate(tm_device* device, tm_ceilings* out) {
  return guarded([&]() -> Status {
    TOKENMARK_CHECK(not_null(device, out));
    *out = cpu_plugin::calibrate(*device->device);
    return {};
  });
}

constexpr const char* kBuild = "compiler " __VERSION__;

constexpr tm_plugin kTable = {
    .size = sizeof(tm_plugin),
    .version = TM_ABI_VERSION,
    .name = "cpu",
    .build = kBuild,
    .last_error = last_error,
    .enumerate = enumerate,
    .open_device = open_device,
    .close_device = close_device,
    .create_executor = create_executor,
    .destroy_executor = destroy_executor,
    .memory_needed = memory_needed,
    .warm = nullptr,
    .step = step,
    .wait = wait_step,
    .calibrate = calibrate,
    .telemetry = nullptr,
    .export_blocks = nullptr,
    .import_blocks = nullptr,
    .resolve = nullptr,
};

}  // namespace

const tm_plugin* tokenmark_cpu_plugin_query(std::uint32_t host_version) {
  return host_version == TM_ABI_VERSION ? &kTable : nullptr;
}
