// Energy of CPU packages by the kernel's powercap files (https://docs.kernel.org/power/powercap/powercap.html), named
// intel-rapl also on AMD's. The counter is in µJ and begins again at max_energy_range_uj: it is taken further here. Only root
// may read it since Linux 5.10 (CVE-2020-8694). Virtual machines have none.
#include <cerrno>
#include <cstring>
#include <fstream>

#include <unistd.h>

#include "core/telemetry/kernel_files.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

class Powercap : public Meter {
 public:
  explicit Powercap(const fs::path& sys) : folder_(sys / "class/powercap") {}

  Status open() {
    std::string why;
    for (const fs::path& zone : entries_of(folder_, "intel-rapl:")) {
      const std::string number = zone.filename().string();
      if (number.find(':', sizeof "intel-rapl:" - 1) != std::string::npos) continue;  // a part of a package
      const std::string name = line_of(zone / "name").value_or(number);
      if (!name.starts_with("package")) continue;  // psys, dram
      const fs::path counter = zone / "energy_uj";
      if (const auto now = number_of(counter); !now || *now < 0) {
        if (why.empty()) why = access(counter.c_str(), R_OK) != 0 ? fmt::format("{}: {}; only root may read it unless its mode is changed", counter.string(), std::strerror(errno))
                                                                  : fmt::format("{}: it holds no number", counter.string());
        continue;
      }
      devices_.push_back({.kind = MeteredKind::cpu, .source = "powercap", .id = name, .name = "CPU " + name});
      zones_.push_back({counter, static_cast<double>(number_of(zone / "max_energy_range_uj").value_or(0))});
    }
    if (!devices_.empty()) return {};
    if (!why.empty()) return fail(ErrorKind::unavailable, "{}", why);
    return fail(ErrorKind::unavailable, "{}: no energy counter of a CPU package (virtual machines have none)", folder_.string());
  }

  MeterReading read(std::size_t index) override {
    Zone& zone = zones_[index];
    MeterReading reading;
    const auto now = number_of(zone.counter);
    if (!now || *now < 0) return reading;
    const auto counted = static_cast<double>(*now);
    if (counted < zone.last && zone.range <= 0) return reading;  // it began again, who knows where
    if (counted < zone.last) zone.wrapped += zone.range;
    zone.last = counted;
    reading.set(Quantity::energy_j, (zone.wrapped + counted) * 1e-6);
    return reading;
  }

 private:
  struct Zone {
    fs::path counter;
    double range = 0, last = 0, wrapped = 0;  // µJ
  };
  fs::path folder_;
  std::vector<Zone> zones_;
};

}  // namespace

OpenedMeter open_powercap(const MeterPlaces& places) {
  auto powercap = std::make_unique<Powercap>(places.sys);
  TOKENMARK_CHECK(powercap->open());
  return powercap;
}

}  // namespace tokenmark
