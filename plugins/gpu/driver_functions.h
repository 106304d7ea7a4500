// What a GPU's driver offers, with the signatures that CUDA's driver and HIP's runtime have in common (device pointers,
// streams, modules, functions, graphs and events are words). A plugin opens its vendor's library and fills the table.
#pragma once

#include <cstddef>

namespace tokenmark::gpu {

// CUlaunchConfig and CUlaunchAttribute of CUDA's driver API (12.0 and later), as far as used here.
struct LaunchAttribute {
  unsigned id = 0;
  unsigned padding = 0;
  union {
    char bytes[64];
    int begins_early;  // programmaticStreamSerializationAllowed
  } value = {};
};
constexpr unsigned kBeginsEarly = 6;  // CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION
struct LaunchConfiguration {
  unsigned grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes;
  void* stream;
  LaunchAttribute* attributes;
  unsigned n_attributes;
};
static_assert(sizeof(LaunchAttribute) == 72 && sizeof(LaunchConfiguration) == 56);

struct DriverFunctions {
  int (*memory_allocate)(void** out, std::size_t bytes) = nullptr;
  int (*memory_allocate_kind)(void** out, std::size_t bytes, unsigned kind) = nullptr;  // may be absent
  int (*memory_free)(void* memory) = nullptr;
  int (*memory_info)(std::size_t* free, std::size_t* total) = nullptr;
  int (*host_allocate)(void** out, std::size_t bytes, unsigned flags) = nullptr;
  int (*host_free)(void* memory) = nullptr;
  int (*copy_in)(void* to, const void* from, std::size_t bytes, void* stream) = nullptr;
  int (*copy_out)(void* to, const void* from, std::size_t bytes, void* stream) = nullptr;
  int (*copy_within)(void* to, const void* from, std::size_t bytes, void* stream) = nullptr;
  int (*fill)(void* at, unsigned char byte, std::size_t bytes, void* stream) = nullptr;
  int (*module_load)(void** module, const void* image) = nullptr;
  int (*module_unload)(void* module) = nullptr;
  int (*module_function)(void** function, void* module, const char* name) = nullptr;
  int (*module_global)(void** address, std::size_t* bytes, void* module, const char* name) = nullptr;
  int (*function_set_attribute)(void* function, int attribute, int value) = nullptr;  // may be absent
  int (*launch)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                unsigned shared_bytes, void* stream, void** arguments, void** extra) = nullptr;
  // With attributes: kernels that wait for the one before themselves may begin early. May be absent, as on devices that
  // do not have it.
  int (*launch_configured)(const LaunchConfiguration* configuration, void* function, void** arguments, void** extra) = nullptr;
  int (*stream_create)(void** stream, unsigned flags) = nullptr;
  int (*stream_destroy)(void* stream) = nullptr;
  int (*stream_wait)(void* stream) = nullptr;
  int (*begin_capture)(void* stream, int mode) = nullptr;
  int (*end_capture)(void* stream, void** graph) = nullptr;
  int (*graph_instantiate)(void** executable, void* graph, unsigned long long flags) = nullptr;
  int (*graph_launch)(void* executable, void* stream) = nullptr;
  int (*graph_destroy)(void* graph) = nullptr;
  int (*graph_executable_destroy)(void* executable) = nullptr;
  int (*event_create)(void** event, unsigned flags) = nullptr;
  int (*event_record)(void* event, void* stream) = nullptr;
  int (*event_wait)(void* event) = nullptr;
  int (*event_elapsed)(float* milliseconds, void* begin, void* end) = nullptr;
  int (*event_destroy)(void* event) = nullptr;
};

}  // namespace tokenmark::gpu
