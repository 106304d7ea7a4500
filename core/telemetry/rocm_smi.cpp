// AMD's ROCm SMI. Prototypes, codes and layouts as its header documents them in releases 5.2 to 6.2
// (https://github.com/ROCm/rocm_smi_lib). rsmi_init may fail with status 8 and words on standard error where there is no
// driver; the count of devices is untouched where its call fails; rsmi_frequencies_t grew a member with release 6.0, which the
// library's own version number does not tell.
#include <cstring>

#include "base/vendor_library.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

struct FrequenciesBefore6 {
  std::uint32_t supported, current;
  std::uint64_t hertz[32];
};
struct FrequenciesSince6 {
  bool deep_sleep;
  std::uint32_t supported, current;
  std::uint64_t hertz[33];
};
union Frequencies {
  FrequenciesBefore6 before6;
  FrequenciesSince6 since6;
  unsigned char room[1024];  // later releases may write more
};

// The older layout has a frequency where the newer one has the current index, which is small.
bool is_since6(const Frequencies& f) { return f.before6.hertz[0] < 1'000'000; }

constexpr std::uint32_t kEdge = 0, kJunction = 1, kCurrent = 0, kVram = 0, kSystemClock = 0, kMemoryClock = 4;
constexpr std::uint32_t kMostDevices = 4096;

struct Entries {
  int (*init)(std::uint64_t);
  int (*error_text)(int, const char**);
  int (*count)(std::uint32_t*);
  int (*pci)(std::uint32_t, std::uint64_t*);
  int (*name)(std::uint32_t, char*, std::size_t);
  int (*average_power)(std::uint32_t, std::uint32_t, std::uint64_t*);
  int (*power)(std::uint32_t, std::uint64_t*, std::uint32_t*);
  int (*energy)(std::uint32_t, std::uint64_t*, float*, std::uint64_t*);
  int (*busy)(std::uint32_t, std::uint32_t*);
  int (*memory)(std::uint32_t, std::uint32_t, std::uint64_t*);
  int (*temperature)(std::uint32_t, std::uint32_t, std::uint32_t, std::int64_t*);
  int (*clock)(std::uint32_t, std::uint32_t, Frequencies*);
};

void load(VendorLibrary& library, Entries& entries) {
  library.need(entries.init, "rsmi_init");
  library.need(entries.count, "rsmi_num_monitor_devices");
  library.need(entries.pci, "rsmi_dev_pci_id_get");
  library.may(entries.error_text, "rsmi_status_string");
  library.may(entries.name, "rsmi_dev_name_get");
  library.may(entries.average_power, "rsmi_dev_power_ave_get");
  library.may(entries.power, "rsmi_dev_power_get");
  library.may(entries.energy, "rsmi_dev_energy_count_get");
  library.may(entries.busy, "rsmi_dev_busy_percent_get");
  library.may(entries.memory, "rsmi_dev_memory_usage_get");
  library.may(entries.temperature, "rsmi_dev_temp_metric_get");
  library.may(entries.clock, "rsmi_dev_gpu_clk_freq_get");
}

class RocmSmi : public Meter {
 public:
  explicit RocmSmi(VendorLibrary library) : library_(std::move(library)) {}

  Status open() {
    load(library_, rsmi_);
    if (!library_.problem.empty()) return fail(ErrorKind::unavailable, "{}", library_.problem);
    if (const int status = rsmi_.init(0); status != 0) return failed("rsmi_init", status);
    std::uint32_t count = 0;
    if (const int status = rsmi_.count(&count); status != 0) return failed("rsmi_num_monitor_devices", status);
    if (count == 0 || count > kMostDevices) return fail(ErrorKind::unavailable, "{}: it says that there are {} GPUs", library_.name, count);
    for (std::uint32_t i = 0; i < count; ++i) add(i);
    if (devices_.empty()) return fail(ErrorKind::unavailable, "{}: it gave a PCI id for none of {} GPUs", library_.name, count);
    return {};
  }

  MeterReading read(std::size_t index) override {
    const std::uint32_t device = numbers_[index];
    MeterReading reading;
    std::uint32_t small = 0;
    std::uint64_t large = 0, timestamp = 0;
    std::int64_t millidegrees = 0;
    float microjoules = 0;
    if (const auto power = power_w(device)) reading.set(Quantity::power_w, *power);
    if (rsmi_.energy && rsmi_.energy(device, &large, &microjoules, &timestamp) == 0 && microjoules > 0)
      reading.set(Quantity::energy_j, static_cast<double>(large) * microjoules * 1e-6);
    if (rsmi_.busy && rsmi_.busy(device, &small) == 0) reading.set(Quantity::busy_share, small / 100.0);
    if (rsmi_.memory && rsmi_.memory(device, kVram, &large) == 0) reading.set(Quantity::memory_bytes, static_cast<double>(large));
    if (rsmi_.temperature && (rsmi_.temperature(device, kJunction, kCurrent, &millidegrees) == 0 ||
                              rsmi_.temperature(device, kEdge, kCurrent, &millidegrees) == 0))
      reading.set(Quantity::temperature_c, static_cast<double>(millidegrees) * 1e-3);
    if (const auto clock = clock_mhz(device, kSystemClock)) reading.set(Quantity::core_mhz, *clock);
    if (const auto clock = clock_mhz(device, kMemoryClock)) reading.set(Quantity::memory_mhz, *clock);
    return reading;
  }

 private:
  tl::unexpected<Error> failed(const char* what, int status) const {
    const char* text = nullptr;
    if (rsmi_.error_text) rsmi_.error_text(status, &text);
    return fail(ErrorKind::unavailable, "{}: {} gave {}{}", library_.name, what, status, text ? fmt::format(" ({})", text) : "");
  }

  void add(std::uint32_t number) {
    std::uint64_t id = 0;  // domain 63…32, bus 15…8, device 7…3, function 2…0
    if (rsmi_.pci(number, &id) != 0) return;
    MeteredDevice found{.source = "rocm-smi"};
    found.id = pci_id(id >> 32, id >> 8 & 0xff, id >> 3 & 0x1f, id & 0x7);
    char name[256] = {};
    if (rsmi_.name && rsmi_.name(number, name, sizeof name) == 0) found.name.assign(name, strnlen(name, sizeof name));
    found.note = rsmi_.power ? "" : "power is a mean over about a second";
    devices_.push_back(std::move(found));
    numbers_.push_back(number);
  }

  std::optional<double> power_w(std::uint32_t device) const {
    std::uint64_t microwatts = 0;
    std::uint32_t type = 0;
    if (rsmi_.power && rsmi_.power(device, &microwatts, &type) == 0) return static_cast<double>(microwatts) * 1e-6;
    if (rsmi_.average_power && rsmi_.average_power(device, 0, &microwatts) == 0) return static_cast<double>(microwatts) * 1e-6;
    return std::nullopt;
  }

  std::optional<double> clock_mhz(std::uint32_t device, std::uint32_t which) const {
    Frequencies f{};
    if (!rsmi_.clock || rsmi_.clock(device, which, &f) != 0) return std::nullopt;
    const bool since6 = is_since6(f);
    const std::uint32_t current = since6 ? f.since6.current : f.before6.current;
    const std::uint32_t supported = since6 ? f.since6.supported : f.before6.supported;
    if (current >= supported || current >= 32) return std::nullopt;
    return static_cast<double>(since6 ? f.since6.hertz[current] : f.before6.hertz[current]) * 1e-6;
  }

  VendorLibrary library_;
  Entries rsmi_{};
  std::vector<std::uint32_t> numbers_;  // the library's, by our place
};

}  // namespace

OpenedMeter open_rocm_smi(const MeterPlaces& places) {
  TOKENMARK_TRY(VendorLibrary library, VendorLibrary::open(places.rocm_smi));
  auto smi = std::make_unique<RocmSmi>(std::move(library));
  TOKENMARK_CHECK(smi->open());
  return smi;
}

}  // namespace tokenmark
