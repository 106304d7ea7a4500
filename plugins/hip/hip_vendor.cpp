#include "plugins/hip/hip_vendor.h"

#include <map>
#include <optional>

#include "base/vendor_library.h"
#include "plugins/gpu/driver_gpu.h"
#include "plugins/hip/images.h"
#include "plugins/hip/kernel_compiler.h"

namespace tokenmark::gpu {
namespace {

// What hipMalloc gives is coherent between kernels only; what others read and write meanwhile must not be cached (HIP's
// documentation, coherence control; hipDeviceMallocUncached).
constexpr unsigned kUncached = 3;

// Of matrix cores: dense BF16 operations a clock and compute unit (AMD's CDNA, CDNA 2, 3 and 4 white papers).
double bf16_operations_a_clock(const std::string& architecture) {
  if (architecture == "gfx908") return 512;
  if (architecture == "gfx90a") return 1024;
  if (architecture == "gfx940" || architecture == "gfx941" || architecture == "gfx942") return 2048;
  if (architecture == "gfx950") return 4096;
  return 0;
}

class HipVendor final : public Vendor {
 public:
  HipVendor(std::filesystem::path topology, std::filesystem::path cache)
      : topology_(std::move(topology)), compiler_(KernelCache(std::move(cache))) {}

  Result<std::vector<VendorDevice>> devices() override {
    TOKENMARK_CHECK(connect());
    int count = 0;
    if (const int code = device_count_(&count); code != 0)
      return fail(ErrorKind::unavailable, "{} finds no device: {}", library_->name, error_text_(code));
    const auto nodes = read_topology(topology_);
    std::vector<VendorDevice> all;
    for (int i = 0; i < count; ++i) {
      TOKENMARK_TRY(VendorDevice device, describe(i, nodes));
      all.push_back(std::move(device));
    }
    return all;
  }

  Result<std::unique_ptr<Gpu>> open(std::size_t index) override {
    TOKENMARK_CHECK(connect());
    const int device = static_cast<int>(index);
    TOKENMARK_TRY(const VendorDevice found, describe(device, read_topology(topology_)));
    if (!found.unusable.empty()) return fail(ErrorKind::unavailable, "{}", found.unusable);
    Driver driver{functions_, kUncached, "HIP", [this](int code) { return fmt::format("{} ({})", error_text_(code), code); },
                  [this, device] { return device_set_(device); }, [] {}, fmt::format("kernels for {}", found.facts.architecture)};
    TOKENMARK_TRY(const auto images, images_for(found.facts.architecture));
    return make_driver_gpu(std::move(driver), found.facts, images);
  }

  Result<bool> let_see(std::size_t device, std::size_t other) override {
    int can = 0, code = can_access_peer_(&can, static_cast<int>(device), static_cast<int>(other));
    if (code == 0 && !can) return false;
    if (code == 0) code = device_set_(static_cast<int>(device));
    if (code == 0) code = enable_peer_(static_cast<int>(other), 0);
    if (code == 0 || code == kAlreadyEnabled) return true;
    return fail(ErrorKind::unavailable, "HIP: device {} cannot be let see the memory of {}: {} ({})", device, other, error_text_(code), code);
  }

  Result<SumLibrary> sum_library() override { return SumLibrary::open("RCCL", {"librccl.so.1"}); }

 private:
  static constexpr int kAlreadyEnabled = 704;  // hipErrorPeerAccessAlreadyEnabled

  Result<std::vector<const void*>> images_for(const std::string& architecture) {
    const auto linked = hip_images(architecture);
    if (!linked.empty()) return std::vector<const void*>(linked.begin(), linked.end());
    std::vector<std::string>& codes = compiled_[architecture];
    if (codes.empty()) {
      TOKENMARK_TRY(codes, compiler_.compile(architecture));
    }
    std::vector<const void*> images;
    for (const std::string& code : codes) images.push_back(code.data());
    return images;
  }

  Status connect() {
    if (library_) return {};
    auto library = VendorLibrary::open({"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5"});
    if (!library) return fail(ErrorKind::unavailable, "no driver or runtime: {}", library.error().message);
    find_functions(*library);
    if (!library->problem.empty()) return fail(ErrorKind::unavailable, "{}", library->problem);
    library_ = *library;
    return {};
  }

  void find_functions(VendorLibrary& l) {
    DriverFunctions& f = functions_;
    l.need(error_text_, "hipGetErrorString");
    l.need(runtime_version_of_, "hipRuntimeGetVersion");
    l.need(device_count_, "hipGetDeviceCount");
    l.need(device_set_, "hipSetDevice");
    l.need(can_access_peer_, "hipDeviceCanAccessPeer");
    l.need(enable_peer_, "hipDeviceEnablePeerAccess");
    l.need(device_name_, "hipDeviceGetName");
    l.need(device_memory_, "hipDeviceTotalMem");
    l.need(device_pci_id_, "hipDeviceGetPCIBusId");
    l.need(f.memory_allocate, "hipMalloc");
    l.may(f.memory_allocate_kind, "hipExtMallocWithFlags");
    l.need(f.memory_free, "hipFree");
    l.need(f.memory_info, "hipMemGetInfo");
    l.need(f.host_allocate, "hipHostMalloc");
    l.need(f.host_free, "hipHostFree");
    l.need(f.copy_in, "hipMemcpyHtoDAsync");
    l.need(f.copy_out, "hipMemcpyDtoHAsync");
    l.need(f.copy_within, "hipMemcpyDtoDAsync");
    l.need(f.fill, "hipMemsetD8Async");
    l.need(f.module_load, "hipModuleLoadData");
    l.need(f.module_unload, "hipModuleUnload");
    l.need(f.module_function, "hipModuleGetFunction");
    l.need(f.module_global, "hipModuleGetGlobal");
    l.need(f.launch, "hipModuleLaunchKernel");
    l.need(f.stream_create, "hipStreamCreateWithFlags");
    l.need(f.stream_destroy, "hipStreamDestroy");
    l.need(f.stream_wait, "hipStreamSynchronize");
    l.need(f.begin_capture, "hipStreamBeginCapture");
    l.need(f.end_capture, "hipStreamEndCapture");
    l.need(f.graph_instantiate, "hipGraphInstantiateWithFlags");
    l.need(f.graph_launch, "hipGraphLaunch");
    l.need(f.graph_destroy, "hipGraphDestroy");
    l.need(f.graph_executable_destroy, "hipGraphExecDestroy");
    l.need(f.event_create, "hipEventCreateWithFlags");
    l.need(f.event_record, "hipEventRecord");
    l.need(f.event_wait, "hipEventSynchronize");
    l.need(f.event_elapsed, "hipEventElapsedTime");
    l.need(f.event_destroy, "hipEventDestroy");
  }

  Result<VendorDevice> describe(int device, const std::map<std::string, TopologyNode>& nodes) {
    char name[256] = "", pci[32] = "";
    std::size_t bytes = 0;
    if (device_name_(name, sizeof name, device) != 0 || device_pci_id_(pci, sizeof pci, device) != 0 || device_memory_(&bytes, device) != 0)
      return fail(ErrorKind::unavailable, "HIP: device {} does not say what it is", device);
    int version = 0;  // 10^7 major + 10^5 minor + patch
    if (runtime_version_of_(&version) != 0) return fail(ErrorKind::unavailable, "HIP: the runtime does not say its version");
    VendorDevice out;
    out.facts = {name, "", pci, 64, 0, 64 << 10, bytes, driver_text("HIP", version / 10000000, version / 100000 % 100, "amdgpu")};
    std::string id = pci;
    for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto node = nodes.find(id);
    if (node == nodes.end()) {
      out.unusable = fmt::format("the kernel driver's topology has no GPU at {}", pci);
      return out;
    }
    const TopologyNode& n = node->second;
    out.facts.architecture = n.architecture;
    out.facts.wave = n.wave;
    out.facts.compute_units = n.compute_units;
    if (n.shared_bytes > 0) out.facts.shared_bytes = n.shared_bytes;
    out.peak_memory_gb_s = 2.0 * n.memory_clock_mhz * 1e6 * n.memory_bus_bits / 8 / 1e9;
    out.peak_bf16_tflop_s = bf16_operations_a_clock(n.architecture) * n.compute_units * n.clock_mhz * 1e6 / 1e12;
    if (n.wave != 64) out.unusable = fmt::format("{} ({}) runs waves of {}; the kernels are for waves of 64", name, n.architecture, n.wave);
    else if (!has_known_matrix_cores(n.architecture))
      out.unusable = fmt::format("{} is {}, without the matrix cores that the kernels are for (CDNA: gfx908, gfx90a, gfx942, gfx950)", name, n.architecture);
    else if (hip_images(n.architecture).empty())
      if (const Status compiler = compiler_.connect(); !compiler)
        out.unusable = fmt::format("{} is {}; this plugin has kernels for {} and compiles others by ROCm's hiprtc, which cannot be used: {}", name, n.architecture,
                                   TOKENMARK_HIP_ARCHITECTURES, compiler.error().message);
    return out;
  }

  std::filesystem::path topology_;
  KernelCompiler compiler_;
  std::map<std::string, std::vector<std::string>> compiled_;  // by architecture, as long as a Gpu may use them
  std::optional<VendorLibrary> library_;
  DriverFunctions functions_;
  const char* (*error_text_)(int code) = nullptr;
  int (*runtime_version_of_)(int* version) = nullptr;
  int (*device_count_)(int* count) = nullptr;
  int (*device_set_)(int device) = nullptr;
  int (*can_access_peer_)(int* can, int device, int peer) = nullptr;
  int (*enable_peer_)(int peer, unsigned flags) = nullptr;
  int (*device_name_)(char* name, int bytes, int device) = nullptr;
  int (*device_memory_)(std::size_t* bytes, int device) = nullptr;
  int (*device_pci_id_)(char* id, int bytes, int device) = nullptr;
};

}  // namespace

std::unique_ptr<Vendor> make_hip_vendor(std::filesystem::path topology, std::filesystem::path cache) {
  return std::make_unique<HipVendor>(std::move(topology), std::move(cache));
}

}  // namespace tokenmark::gpu
