// AMD's newer library. Prototypes, codes and layouts as its headers document them (https://github.com/ROCm/amdsmi); they
// move between releases, so the library's version says which layout a struct has, and every struct gets more room than any
// release needs. What a GPU does not tell is all ones, in 16, 32 or 64 bits.
#include <cstring>

#include "base/vendor_library.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

using Handle = void*;

// Room that a library may fill in its own way.
struct alignas(16) Room {
  unsigned char bytes[2048] = {};
  std::uint32_t u32(std::size_t at) const { return value<std::uint32_t>(at); }
  std::uint64_t u64(std::size_t at) const { return value<std::uint64_t>(at); }

 private:
  template <class T>
  T value(std::size_t at) const {
    T out{};
    std::memcpy(&out, bytes + at, sizeof out);
    return out;
  }
};

std::optional<double> told(std::uint32_t value) {
  if (value == 0xffff || value == 0xffffffff) return std::nullopt;
  return value;
}

constexpr std::uint64_t kInitGpus = 2;
constexpr std::uint32_t kEdge = 0, kHotspot = 1, kCurrent = 0, kGraphicsClock = 0, kMemoryClock = 4, kMostHandles = 4096;

struct Entries {
  int (*init)(std::uint64_t);
  int (*version)(Room*);
  int (*sockets)(std::uint32_t*, Handle*);
  int (*processors)(Handle, std::uint32_t*, Handle*);
  int (*bdf)(Handle, std::uint64_t*);
  int (*energy)(Handle, std::uint64_t*, float*, std::uint64_t*);
  int (*power)(Handle, Room*);
  int (*activity)(Handle, Room*);
  int (*memory)(Handle, Room*);
  int (*temperature)(Handle, std::uint32_t, std::uint32_t, std::int64_t*);
  int (*clock)(Handle, std::uint32_t, Room*);
  int (*asic)(Handle, Room*);
};

void load(VendorLibrary& library, Entries& entries) {
  library.need(entries.init, "amdsmi_init");
  library.need(entries.version, "amdsmi_get_lib_version");
  library.need(entries.sockets, "amdsmi_get_socket_handles");
  library.need(entries.processors, "amdsmi_get_processor_handles");
  library.need(entries.bdf, "amdsmi_get_gpu_device_bdf");
  library.may(entries.energy, "amdsmi_get_energy_count");
  library.may(entries.power, "amdsmi_get_power_info");
  library.may(entries.activity, "amdsmi_get_gpu_activity");
  library.may(entries.memory, "amdsmi_get_gpu_vram_usage");
  library.may(entries.temperature, "amdsmi_get_temp_metric");
  library.may(entries.clock, "amdsmi_get_clock_info");
  library.may(entries.asic, "amdsmi_get_gpu_asic_info");
}

// Of amdsmi_power_info_t: 23.1 to 23.3 the mean alone; from 23.4 the power of now, then the mean; from 25 both behind one
// of 64 bits that is filled from 26 on.
enum class PowerLayout { mean, now_and_mean, socket_first };

class AmdSmi : public Meter {
 public:
  explicit AmdSmi(VendorLibrary library) : library_(std::move(library)) {}

  Status open() {
    load(library_, smi_);
    if (!library_.problem.empty()) return fail(ErrorKind::unavailable, "{}", library_.problem);
    if (const int status = smi_.init(kInitGpus); status != 0) return failed("amdsmi_init", status);
    Room version;
    if (const int status = smi_.version(&version); status != 0) return failed("amdsmi_get_lib_version", status);
    set_layout(version);
    std::uint32_t sockets = 0;
    if (const int status = smi_.sockets(&sockets, nullptr); status != 0) return failed("amdsmi_get_socket_handles", status);
    if (sockets == 0 || sockets > kMostHandles) return fail(ErrorKind::unavailable, "{}: it says that there are {} sockets", library_.name, sockets);
    std::vector<Handle> handles(sockets);
    if (const int status = smi_.sockets(&sockets, handles.data()); status != 0) return failed("amdsmi_get_socket_handles", status);
    handles.resize(std::min<std::size_t>(handles.size(), sockets));
    for (const Handle socket : handles) add_socket(socket);
    if (devices_.empty()) return fail(ErrorKind::unavailable, "{}: {} sockets hold no GPU with a PCI id", library_.name, handles.size());
    return {};
  }

  MeterReading read(std::size_t index) override {
    const Handle gpu = gpus_[index];
    MeterReading reading;
    std::uint64_t count = 0, timestamp = 0;
    float microjoules = 0;
    std::int64_t degrees = 0;
    if (const auto power = power_w(gpu)) reading.set(Quantity::power_w, *power);
    if (smi_.energy && smi_.energy(gpu, &count, &microjoules, &timestamp) == 0 && microjoules > 0)
      reading.set(Quantity::energy_j, static_cast<double>(count) * microjoules * 1e-6);
    Room room;
    if (smi_.activity && smi_.activity(gpu, &room) == 0)
      if (const auto percent = told(room.u32(0))) reading.set(Quantity::busy_share, *percent / 100);
    if (smi_.memory && smi_.memory(gpu, &room) == 0)
      if (const auto used = told(room.u32(4))) reading.set(Quantity::memory_bytes, *used * 1024 * 1024);
    if (smi_.temperature && (smi_.temperature(gpu, kHotspot, kCurrent, &degrees) == 0 || smi_.temperature(gpu, kEdge, kCurrent, &degrees) == 0))
      reading.set(Quantity::temperature_c, static_cast<double>(degrees) * (degrees > 1000 ? 1e-3 : 1));  // 5.5 gave thousandths
    for (const auto& [which, quantity] : {std::pair{kGraphicsClock, Quantity::core_mhz}, std::pair{kMemoryClock, Quantity::memory_mhz}})
      if (smi_.clock && smi_.clock(gpu, which, &room) == 0)
        if (const auto mhz = told(room.u32(0))) reading.set(quantity, *mhz);
    return reading;
  }

 private:
  tl::unexpected<Error> failed(const char* what, int status) const {
    return fail(ErrorKind::unavailable, "{}: {} gave {}", library_.name, what, status);
  }

  // Releases before 26 begin with the year, which counted as the major number and was left 0 at the end.
  void set_layout(const Room& version) {
    const bool no_year = version.u32(0) == 0;
    const std::uint32_t major = version.u32(no_year ? 4 : 0), minor = version.u32(no_year ? 8 : 4);
    layout_ = major >= 25                               ? PowerLayout::socket_first
              : major > 23 || (major == 23 && minor >= 4) ? PowerLayout::now_and_mean
                                                          : PowerLayout::mean;
  }

  void add_socket(Handle socket) {
    std::uint32_t count = 0;
    if (smi_.processors(socket, &count, nullptr) != 0 || count == 0 || count > kMostHandles) return;
    std::vector<Handle> handles(count);
    if (smi_.processors(socket, &count, handles.data()) != 0) return;
    handles.resize(std::min<std::size_t>(handles.size(), count));
    for (const Handle gpu : handles) {
      std::uint64_t bdf = 0;  // function 2…0, device 7…3, bus 15…8, domain above
      if (smi_.bdf(gpu, &bdf) != 0) continue;
      MeteredDevice found{.source = "amd-smi"};
      found.id = pci_id(bdf >> 16, bdf >> 8 & 0xff, bdf >> 3 & 0x1f, bdf & 0x7);
      Room asic;  // begins with the name of the product
      if (smi_.asic && smi_.asic(gpu, &asic) == 0)
        found.name.assign(reinterpret_cast<const char*>(asic.bytes), strnlen(reinterpret_cast<const char*>(asic.bytes), 64));
      devices_.push_back(std::move(found));
      gpus_.push_back(gpu);
    }
  }

  std::optional<double> power_w(Handle gpu) const {
    Room power;
    if (!smi_.power || smi_.power(gpu, &power) != 0) return std::nullopt;
    const std::size_t first = layout_ == PowerLayout::socket_first ? 8 : 0;
    const auto now = told(power.u32(first));
    if (layout_ == PowerLayout::mean || (now && *now > 0)) return now;
    if (const auto mean = told(power.u32(first + 4)); mean && *mean > 0) return mean;
    if (layout_ == PowerLayout::socket_first && power.u64(0) > 0 && power.u64(0) < 0xffff) return static_cast<double>(power.u64(0));
    return now;
  }

  VendorLibrary library_;
  Entries smi_{};
  PowerLayout layout_ = PowerLayout::now_and_mean;
  std::vector<Handle> gpus_;
};

}  // namespace

OpenedMeter open_amd_smi(const MeterPlaces& places) {
  TOKENMARK_TRY(VendorLibrary library, VendorLibrary::open(places.amd_smi));
  auto smi = std::make_unique<AmdSmi>(std::move(library));
  TOKENMARK_CHECK(smi->open());
  return smi;
}

}  // namespace tokenmark
