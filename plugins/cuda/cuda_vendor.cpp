#include "plugins/cuda/cuda_vendor.h"

#include <optional>
#include <string_view>

#include "base/vendor_library.h"
#include "plugins/gpu/driver_gpu.h"

// The kernels' code objects, compiled by nvcc and linked in (cmake/GpuImages.cmake).
extern "C" const void* const tokenmark_cuda_images[];
extern "C" const void* const tokenmark_cuda_images_end[];

namespace tokenmark::gpu {
namespace {

// Attributes of a device (CUDA driver API, CUdevice_attribute).
enum Attribute : int {
  kClockKhz = 13, kComputeUnits = 16, kMemoryClockKhz = 36, kMemoryBusBits = 37, kMajor = 75, kMinor = 76, kSharedBytesOptIn = 97
};

// Kernels may begin before the one ahead has ended, in captured graphs too: from this major compute capability and driver on
// (programmatic dependent launch: CUDA C++ programming guide; edges of graphs that keep it came with CUDA 12.3).
constexpr int kBeginsEarlyFrom = 9, kBeginsEarlyDriver = 12030;

// Of matrix units: dense BF16 operations with sums in float, a clock and multiprocessor, by compute capability (NVIDIA's
// architecture white papers: the published rates of A100, RTX 3090, L40S, H100, B200 over their units and clocks). 0: a
// capability whose products differ.
double bf16_operations_a_clock(int major, int minor) {
  if (major == 8) return minor == 0 ? 2048 : minor == 9 ? 1024 : 512;
  if (major == 9) return 4096;
  if (major == 10) return 8192;
  return 0;
}

class CudaVendor final : public Vendor {
 public:
  Result<std::vector<VendorDevice>> devices() override {
    TOKENMARK_CHECK(connect());
    int count = 0;
    TOKENMARK_CHECK(done(device_count_(&count), "counting devices"));
    std::vector<VendorDevice> all;
    for (int i = 0; i < count; ++i) {
      TOKENMARK_TRY(VendorDevice device, describe(i));
      all.push_back(std::move(device));
    }
    return all;
  }

  Result<std::unique_ptr<Gpu>> open(std::size_t index) override {
    TOKENMARK_CHECK(connect());
    TOKENMARK_TRY(const VendorDevice device, describe(static_cast<int>(index)));
    if (!device.unusable.empty()) return fail(ErrorKind::unavailable, "{}", device.unusable);
    void* context = nullptr;
    const int handle = static_cast<int>(index);
    int major = 0;
    TOKENMARK_CHECK(done(device_attribute_(&major, kMajor, handle), "asking for a device's attributes"));
    DriverFunctions functions = functions_;
    // PTX of an older architecture does not wait for the kernel before (device.h, wait_for_previous).
    const bool is_native = std::string_view(TOKENMARK_CUDA_KERNELS).find(device.facts.architecture) != std::string_view::npos;
    if (!is_native || major < kBeginsEarlyFrom || driver_version_ < kBeginsEarlyDriver) functions.launch_configured = nullptr;
    TOKENMARK_CHECK(done(context_retain_(&context, handle), "taking the device into use"));
    Driver driver{functions, 0, "CUDA", [this](int code) { return text_of(code); }, [this, context] { return context_set_(context); },
                  [this, handle] { context_release_(handle); },
                  "kernels for " TOKENMARK_CUDA_KERNELS " (others: TOKENMARK_CUDA_ARCHITECTURES when CMake configures)"};
    return make_driver_gpu(std::move(driver), device.facts, std::span(tokenmark_cuda_images, tokenmark_cuda_images_end));
  }

  Result<bool> let_see(std::size_t device, std::size_t other) override {
    const int from = static_cast<int>(device), to = static_cast<int>(other);
    int can = 0;
    TOKENMARK_CHECK(done(can_access_peer_(&can, from, to), "asking whether devices see each other"));
    if (!can) return false;
    // Both contexts are in use, and stay so.
    void *own = nullptr, *peers = nullptr;
    TOKENMARK_CHECK(done(context_retain_(&own, from), "taking the device into use"));
    TOKENMARK_CHECK(done(context_retain_(&peers, to), "taking the device into use"));
    int code = context_set_(own);
    if (code == 0) code = enable_peer_(peers, 0);
    context_release_(from);
    context_release_(to);
    TOKENMARK_CHECK(done(code == kAlreadyEnabled ? 0 : code, "letting a device see another's memory"));
    return true;
  }

  Result<SumLibrary> sum_library() override { return SumLibrary::open("NCCL", {"libnccl.so.2"}); }

 private:
  static constexpr int kAlreadyEnabled = 704;  // CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED

  Status connect() {
    if (library_) return {};
    auto library = VendorLibrary::open({"libcuda.so.1"});
    if (!library) return fail(ErrorKind::unavailable, "no driver or runtime: {}", library.error().message);
    find_functions(*library);
    if (!library->problem.empty()) return fail(ErrorKind::unavailable, "{}", library->problem);
    library_ = *library;
    if (const int code = init_(0); code != 0) {
      library_.reset();
      return fail(ErrorKind::unavailable, "CUDA: the driver cannot be used: {}", text_of(code));
    }
    TOKENMARK_CHECK(done(driver_version_of_(&driver_version_), "asking for the driver's version"));
    return {};
  }

  void find_functions(VendorLibrary& l) {
    DriverFunctions& f = functions_;
    l.need(init_, "cuInit");
    l.need(driver_version_of_, "cuDriverGetVersion");
    l.need(error_text_, "cuGetErrorString");
    l.need(device_count_, "cuDeviceGetCount");
    l.need(device_name_, "cuDeviceGetName");
    l.need(device_memory_, "cuDeviceTotalMem_v2");
    l.need(device_attribute_, "cuDeviceGetAttribute");
    l.need(device_pci_id_, "cuDeviceGetPCIBusId");
    l.need(context_retain_, "cuDevicePrimaryCtxRetain");
    l.need(context_release_, "cuDevicePrimaryCtxRelease_v2");
    l.need(context_set_, "cuCtxSetCurrent");
    l.need(can_access_peer_, "cuDeviceCanAccessPeer");
    l.need(enable_peer_, "cuCtxEnablePeerAccess");
    l.need(f.memory_allocate, "cuMemAlloc_v2");
    l.need(f.memory_free, "cuMemFree_v2");
    l.need(f.memory_info, "cuMemGetInfo_v2");
    l.need(f.host_allocate, "cuMemHostAlloc");
    l.need(f.host_free, "cuMemFreeHost");
    l.need(f.copy_in, "cuMemcpyHtoDAsync_v2");
    l.need(f.copy_out, "cuMemcpyDtoHAsync_v2");
    l.need(f.copy_within, "cuMemcpyDtoDAsync_v2");
    l.need(f.fill, "cuMemsetD8Async");
    l.need(f.module_load, "cuModuleLoadData");
    l.need(f.module_unload, "cuModuleUnload");
    l.need(f.module_function, "cuModuleGetFunction");
    l.need(f.module_global, "cuModuleGetGlobal_v2");
    l.need(f.function_set_attribute, "cuFuncSetAttribute");
    l.need(f.launch, "cuLaunchKernel");
    l.may(f.launch_configured, "cuLaunchKernelEx");
    l.need(f.stream_create, "cuStreamCreate");
    l.need(f.stream_destroy, "cuStreamDestroy_v2");
    l.need(f.stream_wait, "cuStreamSynchronize");
    l.need(f.begin_capture, "cuStreamBeginCapture_v2");
    l.need(f.end_capture, "cuStreamEndCapture");
    l.need(f.graph_instantiate, "cuGraphInstantiateWithFlags");
    l.need(f.graph_launch, "cuGraphLaunch");
    l.need(f.graph_destroy, "cuGraphDestroy");
    l.need(f.graph_executable_destroy, "cuGraphExecDestroy");
    l.need(f.event_create, "cuEventCreate");
    l.need(f.event_record, "cuEventRecord");
    l.need(f.event_wait, "cuEventSynchronize");
    l.need(f.event_elapsed, "cuEventElapsedTime");
    l.need(f.event_destroy, "cuEventDestroy_v2");
  }

  Result<VendorDevice> describe(int device) {
    char name[256] = "", pci[32] = "";
    std::size_t bytes = 0;
    TOKENMARK_CHECK(done(device_name_(name, sizeof name, device), "asking for a device's name"));
    TOKENMARK_CHECK(done(device_pci_id_(pci, sizeof pci, device), "asking for a device's PCI id"));
    TOKENMARK_CHECK(done(device_memory_(&bytes, device), "asking for a device's memory"));
    int values[7] = {};
    constexpr Attribute kAsked[] = {kClockKhz, kComputeUnits, kMemoryClockKhz, kMemoryBusBits, kMajor, kMinor, kSharedBytesOptIn};
    for (int i = 0; i < 7; ++i) TOKENMARK_CHECK(done(device_attribute_(&values[i], kAsked[i], device), "asking for a device's attributes"));
    const auto [clock_khz, units, memory_khz, bus_bits, major, minor, shared] = values;
    VendorDevice out;
    out.facts = {name, fmt::format("sm_{}{}", major, minor), pci, 32, static_cast<std::uint32_t>(units), static_cast<std::uint32_t>(shared), bytes,
                 driver_text("CUDA", driver_version_ / 1000, driver_version_ % 1000 / 10, "nvidia")};
    out.peak_memory_gb_s = 2.0 * memory_khz * 1e3 * bus_bits / 8 / 1e9;  // two transfers a clock
    out.peak_bf16_tflop_s = bf16_operations_a_clock(major, minor) * units * clock_khz * 1e3 / 1e12;
    if (major < 8) out.unusable = fmt::format("{} has compute capability {}.{}; kernels need 8.0 (Ampere) or later", name, major, minor);
    return out;
  }

  std::string text_of(int code) const {
    const char* text = nullptr;
    if (error_text_ && error_text_(code, &text) == 0 && text) return fmt::format("{} ({})", text, code);
    return fmt::format("error {}", code);
  }
  Status done(int code, const char* what) const {
    if (code == 0) return {};
    return fail(ErrorKind::unavailable, "CUDA: {} failed: {}", what, text_of(code));
  }

  std::optional<VendorLibrary> library_;
  DriverFunctions functions_;
  int driver_version_ = 0;  // 1000 major + 10 minor
  int (*init_)(unsigned flags) = nullptr;
  int (*driver_version_of_)(int* version) = nullptr;
  int (*error_text_)(int code, const char** text) = nullptr;
  int (*device_count_)(int* count) = nullptr;
  int (*device_name_)(char* name, int bytes, int device) = nullptr;
  int (*device_memory_)(std::size_t* bytes, int device) = nullptr;
  int (*device_attribute_)(int* value, int attribute, int device) = nullptr;
  int (*device_pci_id_)(char* id, int bytes, int device) = nullptr;
  int (*context_retain_)(void** context, int device) = nullptr;
  int (*context_release_)(int device) = nullptr;
  int (*context_set_)(void* context) = nullptr;
  int (*can_access_peer_)(int* can, int device, int peer) = nullptr;
  int (*enable_peer_)(void* peers_context, unsigned flags) = nullptr;
};

}  // namespace

std::unique_ptr<Vendor> make_cuda_vendor() { return std::make_unique<CudaVendor>(); }

}  // namespace tokenmark::gpu
