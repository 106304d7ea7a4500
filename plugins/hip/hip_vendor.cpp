#include "plugins/hip/hip_vendor.h"

#include <optional>

#include "plugins/gpu/driver_gpu.h"
#include "plugins/hip/images.h"
#include "plugins/hip/topology.h"

namespace tokenmark::gpu {
namespace {

// Of matrix cores: dense BF16 operations a clock and compute unit (AMD's CDNA 2 and 3 white papers).
double bf16_operations_a_clock(const std::string& architecture) {
  if (architecture == "gfx90a") return 1024;
  if (architecture == "gfx942") return 2048;
  return 0;
}

class HipVendor final : public Vendor {
 public:
  explicit HipVendor(std::filesystem::path topology) : topology_(std::move(topology)) {}

  Result<std::vector<VendorDevice>> devices() override {
    TOKENMARK_CHECK(connect());
    int count = 0;
    if (const int code = device_count_(&count); code != 0)
      return fail(ErrorKind::unavailable, "{} finds no device: {}", library_->name(), error_text_(code));
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
    Driver driver{functions_, "HIP", [this](int code) { return fmt::format("{} ({})", error_text_(code), code); },
                  [this, device] { return device_set_(device); }, [] {}};
    return make_driver_gpu(std::move(driver), found.facts, hip_images(found.facts.architecture));
  }

 private:
  Status connect() {
    if (library_) return {};
    TOKENMARK_TRY(const DriverLibrary library, DriverLibrary::open({"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5"}));
    TOKENMARK_CHECK(find_functions(library));
    library_ = library;
    return {};
  }

  Status find_functions(const DriverLibrary& l) {
    DriverFunctions& f = functions_;
    TOKENMARK_CHECK(l.find(error_text_, "hipGetErrorString"));
    TOKENMARK_CHECK(l.find(device_count_, "hipGetDeviceCount"));
    TOKENMARK_CHECK(l.find(device_set_, "hipSetDevice"));
    TOKENMARK_CHECK(l.find(device_name_, "hipDeviceGetName"));
    TOKENMARK_CHECK(l.find(device_memory_, "hipDeviceTotalMem"));
    TOKENMARK_CHECK(l.find(device_pci_id_, "hipDeviceGetPCIBusId"));
    TOKENMARK_CHECK(l.find(f.memory_allocate, "hipMalloc"));
    TOKENMARK_CHECK(l.find(f.memory_free, "hipFree"));
    TOKENMARK_CHECK(l.find(f.memory_info, "hipMemGetInfo"));
    TOKENMARK_CHECK(l.find(f.host_allocate, "hipHostMalloc"));
    TOKENMARK_CHECK(l.find(f.host_free, "hipHostFree"));
    TOKENMARK_CHECK(l.find(f.copy_in, "hipMemcpyHtoDAsync"));
    TOKENMARK_CHECK(l.find(f.copy_out, "hipMemcpyDtoHAsync"));
    TOKENMARK_CHECK(l.find(f.copy_within, "hipMemcpyDtoDAsync"));
    TOKENMARK_CHECK(l.find(f.fill, "hipMemsetD8Async"));
    TOKENMARK_CHECK(l.find(f.module_load, "hipModuleLoadData"));
    TOKENMARK_CHECK(l.find(f.module_unload, "hipModuleUnload"));
    TOKENMARK_CHECK(l.find(f.module_function, "hipModuleGetFunction"));
    TOKENMARK_CHECK(l.find(f.module_global, "hipModuleGetGlobal"));
    TOKENMARK_CHECK(l.find(f.launch, "hipModuleLaunchKernel"));
    TOKENMARK_CHECK(l.find(f.stream_create, "hipStreamCreateWithFlags"));
    TOKENMARK_CHECK(l.find(f.stream_destroy, "hipStreamDestroy"));
    TOKENMARK_CHECK(l.find(f.stream_wait, "hipStreamSynchronize"));
    TOKENMARK_CHECK(l.find(f.begin_capture, "hipStreamBeginCapture"));
    TOKENMARK_CHECK(l.find(f.end_capture, "hipStreamEndCapture"));
    TOKENMARK_CHECK(l.find(f.graph_instantiate, "hipGraphInstantiateWithFlags"));
    TOKENMARK_CHECK(l.find(f.graph_launch, "hipGraphLaunch"));
    TOKENMARK_CHECK(l.find(f.graph_destroy, "hipGraphDestroy"));
    TOKENMARK_CHECK(l.find(f.graph_executable_destroy, "hipGraphExecDestroy"));
    TOKENMARK_CHECK(l.find(f.event_create, "hipEventCreateWithFlags"));
    TOKENMARK_CHECK(l.find(f.event_record, "hipEventRecord"));
    TOKENMARK_CHECK(l.find(f.event_wait, "hipEventSynchronize"));
    TOKENMARK_CHECK(l.find(f.event_elapsed, "hipEventElapsedTime"));
    return l.find(f.event_destroy, "hipEventDestroy");
  }

  Result<VendorDevice> describe(int device, const std::map<std::string, TopologyNode>& nodes) {
    char name[256] = "", pci[32] = "";
    std::size_t bytes = 0;
    if (device_name_(name, sizeof name, device) != 0 || device_pci_id_(pci, sizeof pci, device) != 0 || device_memory_(&bytes, device) != 0)
      return fail(ErrorKind::unavailable, "HIP: device {} does not say what it is", device);
    VendorDevice out;
    out.facts = {name, "", pci, 64, 0, 64 << 10, bytes};
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
    else if (hip_images(n.architecture).empty())
      out.unusable = fmt::format("{} is {}; this plugin has kernels for {}", name, n.architecture, TOKENMARK_HIP_ARCHITECTURES);
    return out;
  }

  std::filesystem::path topology_;
  std::optional<DriverLibrary> library_;
  DriverFunctions functions_;
  const char* (*error_text_)(int code) = nullptr;
  int (*device_count_)(int* count) = nullptr;
  int (*device_set_)(int device) = nullptr;
  int (*device_name_)(char* name, int bytes, int device) = nullptr;
  int (*device_memory_)(std::size_t* bytes, int device) = nullptr;
  int (*device_pci_id_)(char* id, int bytes, int device) = nullptr;
};

}  // namespace

std::unique_ptr<Vendor> make_hip_vendor(std::filesystem::path topology) { return std::make_unique<HipVendor>(std::move(topology)); }

}  // namespace tokenmark::gpu
