// NVIDIA's management library. Prototypes, codes and layouts as its documentation gives them
// (https://docs.nvidia.com/deploy/nvml-api/); handles are asked for by PCI id. The energy counter is of the whole board,
// in mJ since the driver was loaded (Volta and later), and refreshes every 20 to 100 ms. nvmlDeviceGetPowerUsage is a mean
// over a second on Ampere and later; the field POWER_INSTANT, where there is one, is not. A100 and H100 look at their power
// a quarter of the time (Yang, Adamek, Armour: "Part-time Power Measurements", SC 2024): runs under 10 s say little.
#include <cstring>

#include "base/vendor_library.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

using Device = struct nvml_device*;
struct PciPlace {
  char legacy_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char id[32];
};
struct Utilisation {
  unsigned gpu, memory;
};
struct Memory {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
struct OldMemory {
  unsigned long long total, free, used;
};
struct FieldValue {
  unsigned field, scope;
  long long timestamp, latency;
  int type, status;
  union {
    double f64;
    int i32;
    unsigned u32;
    unsigned long ulong_;
    unsigned long long u64;
    long long i64;
  } value;
};

constexpr unsigned kPowerInstant = 186;  // NVML_FI_DEV_POWER_INSTANT
constexpr unsigned kSmClock = 1, kMemoryClock = 2;
constexpr unsigned kAmpere = 7, kHopper = 9;
constexpr double kPartTimeWindow_s = 10;

struct Entries {
  int (*init)();
  const char* (*error_text)(int);
  int (*count)(unsigned*);
  int (*by_index)(unsigned, Device*);
  int (*by_pci)(const char*, Device*);
  int (*pci)(Device, PciPlace*);
  int (*name)(Device, char*, unsigned);
  int (*energy)(Device, unsigned long long*);
  int (*power)(Device, unsigned*);
  int (*fields)(Device, int, FieldValue*);
  int (*temperature)(Device, unsigned, unsigned*);
  int (*clock)(Device, unsigned, unsigned*);
  int (*utilisation)(Device, Utilisation*);
  int (*memory)(Device, Memory*);
  int (*old_memory)(Device, OldMemory*);
  int (*throttle)(Device, unsigned long long*);
  int (*architecture)(Device, unsigned*);
  int (*mig_mode)(Device, unsigned*, unsigned*);
};

void load(VendorLibrary& library, Entries& entries) {
  library.need(entries.init, "nvmlInit_v2");
  library.need(entries.count, "nvmlDeviceGetCount_v2");
  library.need(entries.by_index, "nvmlDeviceGetHandleByIndex_v2");
  library.need(entries.by_pci, "nvmlDeviceGetHandleByPciBusId_v2");
  library.need(entries.pci, "nvmlDeviceGetPciInfo_v3");
  library.may(entries.error_text, "nvmlErrorString");
  library.may(entries.name, "nvmlDeviceGetName");
  library.may(entries.energy, "nvmlDeviceGetTotalEnergyConsumption");
  library.may(entries.power, "nvmlDeviceGetPowerUsage");
  library.may(entries.fields, "nvmlDeviceGetFieldValues");
  library.may(entries.temperature, "nvmlDeviceGetTemperature");
  library.may(entries.clock, "nvmlDeviceGetClockInfo");
  library.may(entries.utilisation, "nvmlDeviceGetUtilizationRates");
  library.may(entries.memory, "nvmlDeviceGetMemoryInfo_v2");
  library.may(entries.old_memory, "nvmlDeviceGetMemoryInfo");
  library.may(entries.throttle, "nvmlDeviceGetCurrentClocksThrottleReasons");
  if (entries.throttle == nullptr) library.may(entries.throttle, "nvmlDeviceGetCurrentClocksEventReasons");
  library.may(entries.architecture, "nvmlDeviceGetArchitecture");
  library.may(entries.mig_mode, "nvmlDeviceGetMigMode");
}

// NVML's bits (nvmlClocksThrottleReasons) in ours.
std::uint32_t throttle_reasons(unsigned long long bits) {
  std::uint32_t reasons = 0;
  if ((bits & 0x1) != 0) reasons |= kThrottleIdle;
  if ((bits & 0x4) != 0) reasons |= kThrottlePowerCap;
  if ((bits & (0x20 | 0x40)) != 0) reasons |= kThrottleThermal;
  if ((bits & (0x8 | 0x80)) != 0) reasons |= kThrottleHardware;
  if ((bits & (0x2 | 0x10 | 0x100)) != 0) reasons |= kThrottleSetting;
  return reasons;
}

class Nvml : public Meter {
 public:
  explicit Nvml(VendorLibrary library) : library_(std::move(library)) {}

  Status open() {
    load(library_, nvml_);
    if (!library_.problem.empty()) return fail(ErrorKind::unavailable, "{}", library_.problem);
    if (const int status = nvml_.init(); status != 0) return failed("nvmlInit_v2", status);
    unsigned count = 0;
    if (const int status = nvml_.count(&count); status != 0) return failed("nvmlDeviceGetCount_v2", status);
    if (count == 0 || count > 4096) return fail(ErrorKind::unavailable, "{}: it says that there are {} GPUs", library_.name, count);
    for (unsigned i = 0; i < count; ++i) add(i);
    if (devices_.empty()) return fail(ErrorKind::unavailable, "{}: it gave a handle for none of {} GPUs", library_.name, count);
    return {};
  }

  MeterReading read(std::size_t index) override {
    const Device device = handles_[index];
    MeterReading reading;
    unsigned small = 0;
    unsigned long long large = 0;
    if (const auto power = power_w(device)) reading.set(Quantity::power_w, *power);
    if (nvml_.energy && nvml_.energy(device, &large) == 0) reading.set(Quantity::energy_j, static_cast<double>(large) * 1e-3);
    if (nvml_.temperature && nvml_.temperature(device, 0, &small) == 0) reading.set(Quantity::temperature_c, small);
    if (nvml_.clock && nvml_.clock(device, kSmClock, &small) == 0) reading.set(Quantity::core_mhz, small);
    if (nvml_.clock && nvml_.clock(device, kMemoryClock, &small) == 0) reading.set(Quantity::memory_mhz, small);
    Utilisation utilisation{};
    if (nvml_.utilisation && nvml_.utilisation(device, &utilisation) == 0) reading.set(Quantity::busy_share, utilisation.gpu / 100.0);
    if (const auto used = memory_bytes(device)) reading.set(Quantity::memory_bytes, *used);
    if (nvml_.throttle && nvml_.throttle(device, &large) == 0) reading.set(Quantity::throttle, throttle_reasons(large));
    return reading;
  }

 private:
  tl::unexpected<Error> failed(const char* what, int status) const {
    const char* text = nvml_.error_text ? nvml_.error_text(status) : nullptr;
    return fail(ErrorKind::unavailable, "{}: {} gave {}{}", library_.name, what, status, text ? fmt::format(" ({})", text) : "");
  }

  // The index only serves to learn the PCI ids; the handle is the id's.
  void add(unsigned index) {
    Device device = nullptr;
    PciPlace place{};
    if (nvml_.by_index(index, &device) != 0 || nvml_.pci(device, &place) != 0) return;
    place.id[sizeof place.id - 1] = '\0';
    MeteredDevice found{.source = "nvml", .id = pci_id(place.id)};
    if (found.id.empty() || nvml_.by_pci(place.id, &device) != 0) return;
    char name[96] = {};
    if (nvml_.name && nvml_.name(device, name, sizeof name) == 0) found.name.assign(name, strnlen(name, sizeof name));
    unsigned mig = 0, pending = 0;
    found.shared = nvml_.mig_mode && nvml_.mig_mode(device, &mig, &pending) == 0 && mig == 1;
    found.least_window_s = looks_part_time(device, found.name) ? kPartTimeWindow_s : 0;
    found.note = instant_power_w(device) ? "power as of now" : "power is a mean over about a second";
    if (found.shared) found.note += "; the board is split (MIG), its counters are of all of it";
    devices_.push_back(std::move(found));
    handles_.push_back(device);
  }

  bool looks_part_time(Device device, const std::string& name) const {
    const auto named = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    unsigned architecture = 0;
    const bool told = nvml_.architecture && nvml_.architecture(device, &architecture) == 0;
    if (told && architecture == kHopper) return true;
    return (!told || architecture == kAmpere || architecture == kHopper) && (named("A100") || named("H100") || named("H200"));
  }

  std::optional<double> instant_power_w(Device device) const {
    FieldValue field{};
    field.field = kPowerInstant;
    if (!nvml_.fields || nvml_.fields(device, 1, &field) != 0 || field.status != 0) return std::nullopt;
    const double milliwatts = field.type == 0   ? field.value.f64
                              : field.type == 1 ? field.value.u32
                              : field.type == 2 ? static_cast<double>(field.value.ulong_)
                              : field.type == 3 ? static_cast<double>(field.value.u64)
                              : field.type == 4 ? static_cast<double>(field.value.i64)
                              : field.type == 5 ? field.value.i32
                                                : -1;
    if (!is_plausible(Quantity::power_w, milliwatts * 1e-3)) return std::nullopt;
    return milliwatts * 1e-3;
  }
  std::optional<double> power_w(Device device) const {
    if (const auto now = instant_power_w(device)) return now;
    unsigned milliwatts = 0;
    if (!nvml_.power || nvml_.power(device, &milliwatts) != 0) return std::nullopt;
    return milliwatts * 1e-3;
  }

  std::optional<double> memory_bytes(Device device) const {
    Memory memory{};
    memory.version = sizeof memory | 2u << 24;  // how NVML versions its structs
    if (nvml_.memory && nvml_.memory(device, &memory) == 0) return static_cast<double>(memory.used);
    OldMemory old{};
    if (nvml_.old_memory && nvml_.old_memory(device, &old) == 0) return static_cast<double>(old.used);
    return std::nullopt;
  }

  VendorLibrary library_;
  Entries nvml_{};
  std::vector<Device> handles_;
};

}  // namespace

OpenedMeter open_nvml(const MeterPlaces& places) {
  TOKENMARK_TRY(VendorLibrary library, VendorLibrary::open({places.nvml}));
  auto nvml = std::make_unique<Nvml>(std::move(library));
  TOKENMARK_CHECK(nvml->open());
  return nvml;
}

}  // namespace tokenmark
