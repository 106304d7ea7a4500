// A stand-in for libcuda.so.1 (waves of 32) or libamdhip64.so (waves of 64; FAKE_HIP) that runs the emulated kernels, so that
// the plugins can be tested whole where there is no GPU. $TOKENMARK_FAKE_DRIVER makes it fail:
//   no-init, no-device, old-device, no-image (modules do not load), lost (launches fail from the tenth on), hang (in counting),
//   lost:N (from the 80th on, of device N), no-peers (devices do not see each other)
// $TOKENMARK_FAKE_DEVICES: how many there are; one.
//   new-driver (another version), old-driver (before programmatic launches in graphs)
// $TOKENMARK_FAKE_DRIVER_CLOCK="gemv_q4_0_1=100 prepare_rows=3" runs no kernels: a launch takes so many microseconds on the
// events' clock, any other 10.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include "kernels/gpu/emulated/machine.h"
#include "plugins/gpu/driver_functions.h"
#include "plugins/gpu/emulated_gpu.h"

namespace {

using namespace tokenmark;

#ifdef FAKE_HIP
constexpr int kWave = 64;
#else
constexpr int kWave = 32;
#endif
constexpr int kNotInitialised = 3, kNoBinary = 209, kNotFound = 500, kLost = 719, kOutOfMemory = 2, kInvalid = 1, kPeersAlready = 704;
constexpr int kMostDevices = 8, kUnits = 4, kUnitsOfMany = 32;  // sums over devices need as many

bool plays(const char* part) {
  const char* wanted = std::getenv("TOKENMARK_FAKE_DRIVER");
  return wanted && std::string(wanted) == part;
}

int devices_there() {
  const char* said = std::getenv("TOKENMARK_FAKE_DEVICES");
  return said ? std::clamp(std::atoi(said), 1, kMostDevices) : 1;
}

gpu::Gpu& device(int number) {
  static const auto all = [] {
    std::array<std::unique_ptr<gpu::Gpu>, kMostDevices> made;
    for (int i = 0; i < devices_there(); ++i) made[static_cast<std::size_t>(i)] = gpu::make_emulated_gpu(kWave);
    return made;
  }();
  return *all[static_cast<std::size_t>(number)];
}

// The thread's, as contexts and hipSetDevice make it.
thread_local int current = 0;
gpu::Gpu& device() { return device(current); }

bool is_lost() {
  static std::array<std::atomic<int>, kMostDevices> launches{};
  const int before = launches[static_cast<std::size_t>(current)]++;
  return (plays("lost") && before >= 10) || (plays(("lost:" + std::to_string(current)).c_str()) && before >= 80);
}

// ---- a clock of launches ----
struct Clock {
  bool on = false;
  std::map<std::string, double> seconds;
  double now_s = 0, captured_s = 0;
  bool capturing = false;

  Clock() {
    const char* wanted = std::getenv("TOKENMARK_FAKE_DRIVER_CLOCK");
    on = wanted != nullptr;
    std::istringstream words(on ? wanted : "");
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      seconds[word.substr(0, equals)] = std::stod(word.substr(equals + 1)) * 1e-6;
    }
  }
  void launched(const std::string& kernel) {
    const auto known = seconds.find(kernel);
    (capturing ? captured_s : now_s) += known == seconds.end() ? 10e-6 : known->second;
  }
};
Clock& fake_clock() {
  static Clock one;
  return one;
}
struct FakeGraph {
  std::unique_ptr<gpu::Graph> graph;
  double seconds = 0;
};
struct FakeEvent {
  std::unique_ptr<gpu::Event> event;
  double at_s = 0;
};

int code_of(const Status& status, int code) {
  if (status) return 0;
  if (std::getenv("TOKENMARK_FAKE_DRIVER_SAYS")) std::fprintf(stderr, "fake driver: %s\n", status.error().message.c_str());
  return code;
}

int device_count(int* count) {
  if (plays("hang")) pause();
  *count = plays("no-device") ? 0 : devices_there();
  return 0;
}
int device_name(char* name, int bytes, int) {
  std::snprintf(name, static_cast<std::size_t>(bytes), "Fake GPU");
  return 0;
}
int device_pci_id(char* id, int bytes, int number) {
  std::snprintf(id, static_cast<std::size_t>(bytes), "0000:%02x:00.0", 0x65 + number);
  return 0;
}
int device_memory(std::size_t* bytes, int) {
  *bytes = std::size_t{4} << 30;
  return 0;
}
int memory_allocate(void** out, std::size_t bytes) {
  const auto memory = device().allocate(bytes);
  if (!memory) return kOutOfMemory;
  *out = *memory;
  return 0;
}
int memory_free(void* memory) {
  device().release(memory);
  return 0;
}
int memory_info(std::size_t* free, std::size_t* total) {
  *free = *total = std::size_t{4} << 30;
  return 0;
}
int host_allocate(void** out, std::size_t bytes, unsigned) {
  *out = std::malloc(bytes);
  return *out ? 0 : kOutOfMemory;
}
int host_free(void* memory) {
  std::free(memory);
  return 0;
}
int copy(void* to, const void* from, std::size_t bytes, void*) { return code_of(device().copy(to, from, bytes), kInvalid); }
int fill(void* at, unsigned char byte, std::size_t bytes, void*) { return code_of(device().fill(at, byte, bytes), kInvalid); }
int module_load(void** module, const void* image) {
  *module = const_cast<void*>(image);
  return plays("no-image") ? kNoBinary : 0;
}
int module_function(void** function, void*, const char* name) {
  const auto kernel = gpu::emulated::find_kernel(name, kWave);
  if (!kernel) return kNotFound;
  *function = const_cast<gpu::emulated::Kernel*>(*kernel);
  return 0;
}
int module_global(void** address, std::size_t* bytes, void*, const char* name) {
  static std::mutex mutex;
  static std::map<std::string, std::uint32_t[3]> all;
  const std::lock_guard lock(mutex);
  const std::string kernel_name(name, std::strlen(name) - std::strlen("_facts"));
  const auto kernel = gpu::emulated::find_kernel(kernel_name, kWave);
  if (!kernel) return kNotFound;
  auto& facts = all[kernel_name];
  facts[0] = (*kernel)->threads;
  facts[1] = static_cast<std::uint32_t>((*kernel)->args_bytes);
  facts[2] = (*kernel)->waits ? 1 : 0;
  *address = facts;
  *bytes = sizeof facts;
  return 0;
}
int launch(void* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned, unsigned shared_bytes, void*,
           void** arguments, void**) {
  if (is_lost()) return kLost;
  const auto& kernel = *static_cast<const gpu::emulated::Kernel*>(function);
  if (threads != kernel.threads) return kInvalid;
  if (fake_clock().on) {
    fake_clock().launched(kernel.name);
    return 0;
  }
  const auto found = device().kernel(kernel.name);
  if (!found) return kNotFound;
  return code_of(device().launch(**found, {x, y, z}, shared_bytes, arguments[0], kernel.args_bytes), kInvalid);
}
int make_stream(void** stream, unsigned) {
  *stream = device().stream();
  return 0;
}
int begin_capture(void*, int) {
  fake_clock().capturing = true;
  fake_clock().captured_s = 0;
  return code_of(device().begin_capture(), kInvalid);
}
int end_capture(void*, void** graph) {
  auto made = device().end_capture();
  if (!made) return kInvalid;
  fake_clock().capturing = false;
  *graph = new FakeGraph{std::move(*made), fake_clock().captured_s};
  return 0;
}
int instantiate(void** executable, void* graph, unsigned long long) {
  *executable = graph;  // the graph itself; only the executable is destroyed
  return 0;
}
int launch_graph(void* executable, void*) {
  if (is_lost()) return kLost;
  const auto& graph = *static_cast<FakeGraph*>(executable);
  fake_clock().now_s += graph.seconds;
  return code_of(device().launch(*graph.graph), kInvalid);
}
int can_see(int* can) {
  *can = !plays("no-peers");
  return 0;
}
int see() {
  static std::atomic<int> calls = 0;
  return calls++ % 2 == 0 ? 0 : kPeersAlready;
}
int destroy_executable(void* executable) {
  delete static_cast<FakeGraph*>(executable);
  return 0;
}
int make_event(void** event, unsigned) {
  *event = new FakeEvent;
  return 0;
}
int record_event(void* event, void*) {
  auto recorded = device().record();
  if (!recorded) return kInvalid;
  *static_cast<FakeEvent*>(event) = {std::move(*recorded), fake_clock().now_s};
  return 0;
}
int elapsed(float* milliseconds, void* begin, void* end) {
  const auto& from = *static_cast<FakeEvent*>(begin);
  const auto& to = *static_cast<FakeEvent*>(end);
  const auto seconds = device().seconds_between(*from.event, *to.event);
  const double passed_s = fake_clock().on ? to.at_s - from.at_s : seconds ? *seconds : 0;
  *milliseconds = static_cast<float>(passed_s * 1e3);
  return 0;
}
int destroy_event(void* event) {
  delete static_cast<FakeEvent*>(event);
  return 0;
}
const char* text_of(int code) {
  switch (code) {
    case kNotInitialised: return "initialization error";
    case kNoBinary: return "no kernel image is available for execution on the device";
    case kNotFound: return "named symbol not found";
    case kLost: return "unspecified launch failure";
    case kOutOfMemory: return "out of memory";
    default: return "invalid argument";
  }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))
#ifdef FAKE_HIP
#define NAME(cuda, hip) hip
EXPORTED int hipRuntimeGetVersion(int* version) {
  *version = 70051831;
  return 0;
}
EXPORTED const char* hipGetErrorString(int code) { return text_of(code); }
EXPORTED int hipSetDevice(int number) {
  current = number;
  return 0;
}
EXPORTED int hipDeviceCanAccessPeer(int* can, int, int) { return can_see(can); }
EXPORTED int hipDeviceEnablePeerAccess(int, unsigned) { return see(); }
EXPORTED int hipExtMallocWithFlags(void** out, std::size_t bytes, unsigned flags) { return flags == 3 ? memory_allocate(out, bytes) : kInvalid; }
#else
#define NAME(cuda, hip) cuda
EXPORTED int cuInit(unsigned) { return plays("no-init") ? kNotInitialised : 0; }
EXPORTED int cuDriverGetVersion(int* version) {
  *version = plays("new-driver") ? 13010 : plays("old-driver") ? 12020 : 13000;
  return 0;
}
EXPORTED int cuGetErrorString(int code, const char** text) {
  *text = text_of(code);
  return 0;
}
EXPORTED int cuDeviceGetAttribute(int* value, int attribute, int) {
  const std::map<int, int> values = {{13, 1'000'000}, {16, devices_there() > 1 ? kUnitsOfMany : kUnits}, {36, 1'000'000}, {37, 256}, {75, plays("old-device") ? 7 : 9}, {76, 0}, {97, 160 << 10}};
  const auto found = values.find(attribute);
  if (found == values.end()) return kInvalid;
  *value = found->second;
  return 0;
}
EXPORTED int cuDevicePrimaryCtxRetain(void** context, int number) {
  *context = &device(number);
  return 0;
}
EXPORTED int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
EXPORTED int cuCtxSetCurrent(void* context) {
  for (int number = 0; number < kMostDevices; ++number)
    if (context == &device(number)) current = number;
  return 0;
}
EXPORTED int cuDeviceCanAccessPeer(int* can, int, int) { return can_see(can); }
EXPORTED int cuCtxEnablePeerAccess(void*, unsigned) { return see(); }
EXPORTED int cuFuncSetAttribute(void*, int, int) { return 0; }
#endif
EXPORTED int NAME(cuDeviceGetCount, hipGetDeviceCount)(int* count) { return device_count(count); }
EXPORTED int NAME(cuDeviceGetName, hipDeviceGetName)(char* name, int bytes, int index) { return device_name(name, bytes, index); }
EXPORTED int NAME(cuDeviceGetPCIBusId, hipDeviceGetPCIBusId)(char* id, int bytes, int index) { return device_pci_id(id, bytes, index); }
EXPORTED int NAME(cuDeviceTotalMem_v2, hipDeviceTotalMem)(std::size_t* bytes, int index) { return device_memory(bytes, index); }
EXPORTED int NAME(cuMemAlloc_v2, hipMalloc)(void** out, std::size_t bytes) { return memory_allocate(out, bytes); }
EXPORTED int NAME(cuMemFree_v2, hipFree)(void* memory) { return memory_free(memory); }
EXPORTED int NAME(cuMemGetInfo_v2, hipMemGetInfo)(std::size_t* free, std::size_t* total) { return memory_info(free, total); }
EXPORTED int NAME(cuMemHostAlloc, hipHostMalloc)(void** out, std::size_t bytes, unsigned flags) { return host_allocate(out, bytes, flags); }
EXPORTED int NAME(cuMemFreeHost, hipHostFree)(void* memory) { return host_free(memory); }
EXPORTED int NAME(cuMemcpyHtoDAsync_v2, hipMemcpyHtoDAsync)(void* to, const void* from, std::size_t bytes, void* stream) { return copy(to, from, bytes, stream); }
EXPORTED int NAME(cuMemcpyDtoHAsync_v2, hipMemcpyDtoHAsync)(void* to, const void* from, std::size_t bytes, void* stream) { return copy(to, from, bytes, stream); }
EXPORTED int NAME(cuMemcpyDtoDAsync_v2, hipMemcpyDtoDAsync)(void* to, const void* from, std::size_t bytes, void* stream) { return copy(to, from, bytes, stream); }
EXPORTED int NAME(cuMemsetD8Async, hipMemsetD8Async)(void* at, unsigned char byte, std::size_t bytes, void* stream) { return fill(at, byte, bytes, stream); }
EXPORTED int NAME(cuModuleLoadData, hipModuleLoadData)(void** module, const void* image) { return module_load(module, image); }
EXPORTED int NAME(cuModuleUnload, hipModuleUnload)(void*) { return 0; }
EXPORTED int NAME(cuModuleGetFunction, hipModuleGetFunction)(void** function, void* module, const char* name) { return module_function(function, module, name); }
EXPORTED int NAME(cuModuleGetGlobal_v2, hipModuleGetGlobal)(void** address, std::size_t* bytes, void* module, const char* name) {
  return module_global(address, bytes, module, name);
}
#ifndef FAKE_HIP
// Kernels that wait for the one before, and only these, come here with the attribute that lets them begin early.
EXPORTED int cuLaunchKernelEx(const gpu::LaunchConfiguration* c, void* function, void** arguments, void** extra) {
  const bool early = c->n_attributes == 1 && c->attributes[0].id == gpu::kBeginsEarly && c->attributes[0].value.begins_early == 1;
  if (!early || !static_cast<const gpu::emulated::Kernel*>(function)->waits || plays("old-driver")) return kInvalid;
  return launch(function, c->grid_x, c->grid_y, c->grid_z, c->block_x, c->block_y, c->block_z, c->shared_bytes, c->stream, arguments, extra);
}
#endif
EXPORTED int NAME(cuLaunchKernel, hipModuleLaunchKernel)(void* function, unsigned x, unsigned y, unsigned z, unsigned block_x, unsigned block_y,
                                                         unsigned block_z, unsigned shared_bytes, void* stream, void** arguments, void** extra) {
#ifndef FAKE_HIP
  if (static_cast<const gpu::emulated::Kernel*>(function)->waits && !plays("old-driver")) return kInvalid;
#endif
  return launch(function, x, y, z, block_x, block_y, block_z, shared_bytes, stream, arguments, extra);
}
EXPORTED int NAME(cuStreamCreate, hipStreamCreateWithFlags)(void** stream, unsigned flags) { return make_stream(stream, flags); }
EXPORTED int NAME(cuStreamDestroy_v2, hipStreamDestroy)(void*) { return 0; }
EXPORTED int NAME(cuStreamSynchronize, hipStreamSynchronize)(void*) { return 0; }
EXPORTED int NAME(cuStreamBeginCapture_v2, hipStreamBeginCapture)(void* stream, int mode) { return begin_capture(stream, mode); }
EXPORTED int NAME(cuStreamEndCapture, hipStreamEndCapture)(void* stream, void** graph) { return end_capture(stream, graph); }
EXPORTED int NAME(cuGraphInstantiateWithFlags, hipGraphInstantiateWithFlags)(void** executable, void* graph, unsigned long long flags) {
  return instantiate(executable, graph, flags);
}
EXPORTED int NAME(cuGraphLaunch, hipGraphLaunch)(void* executable, void* stream) { return launch_graph(executable, stream); }
EXPORTED int NAME(cuGraphDestroy, hipGraphDestroy)(void*) { return 0; }
EXPORTED int NAME(cuGraphExecDestroy, hipGraphExecDestroy)(void* executable) { return destroy_executable(executable); }
EXPORTED int NAME(cuEventCreate, hipEventCreateWithFlags)(void** event, unsigned flags) { return make_event(event, flags); }
EXPORTED int NAME(cuEventRecord, hipEventRecord)(void* event, void* stream) { return record_event(event, stream); }
EXPORTED int NAME(cuEventSynchronize, hipEventSynchronize)(void*) { return 0; }
EXPORTED int NAME(cuEventElapsedTime, hipEventElapsedTime)(float* milliseconds, void* begin, void* end) { return elapsed(milliseconds, begin, end); }
EXPORTED int NAME(cuEventDestroy_v2, hipEventDestroy)(void* event) { return destroy_event(event); }
