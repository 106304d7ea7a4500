// Energy of CPU packages by the kernel's performance events, power/energy-pkg/ (perf_event_open(2)): where powercap is not
// there. Its files say the event's number and how many joules a count is; one counter a package, on the CPU that the
// driver's cpumask names. Needs root, CAP_PERFMON or perf_event_paranoid below 1.
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "core/telemetry/kernel_files.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

class PerfEnergy : public Meter {
 public:
  ~PerfEnergy() override {
    for (const int counter : counters_) close(counter);
  }

  Status open(const std::filesystem::path& sys) {
    const std::filesystem::path folder = sys / "bus/event_source/devices/power";
    const auto type = number_of(folder / "type");
    const auto event = line_of(folder / "events/energy-pkg"), scale = line_of(folder / "events/energy-pkg.scale"),
               cpus = line_of(folder / "cpumask");
    if (!type || !event || !scale || !cpus) return fail(ErrorKind::unavailable, "{}: no event energy-pkg (virtual machines have none)", folder.string());
    joules_ = std::strtod(scale->c_str(), nullptr);
    if (!event->starts_with("event=0x") || !(joules_ > 0)) return fail(ErrorKind::unavailable, "{}: its event energy-pkg is '{}', a count of '{}' J", folder.string(), *event, *scale);
    const std::uint64_t config = std::strtoull(event->c_str() + sizeof "event=0x" - 1, nullptr, 16);
    for (const int cpu : numbers(*cpus)) TOKENMARK_CHECK(add(static_cast<std::uint32_t>(*type), config, cpu));
    if (devices_.empty()) return fail(ErrorKind::unavailable, "{}: its cpumask '{}' names no CPU", folder.string(), *cpus);
    return {};
  }

  MeterReading read(std::size_t index) override {
    MeterReading reading;
    std::uint64_t count = 0;
    if (::read(counters_[index], &count, sizeof count) == sizeof count) reading.set(Quantity::energy_j, static_cast<double>(count) * joules_);
    return reading;
  }

 private:
  Status add(std::uint32_t type, std::uint64_t config, int cpu) {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = type;
    attributes.config = config;
    const long counter = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    if (counter < 0)
      return fail(ErrorKind::unavailable, "perf power/energy-pkg/: {}{}", std::strerror(errno), errno == EACCES || errno == EPERM ? "; it needs root or CAP_PERFMON" : "");
    counters_.push_back(static_cast<int>(counter));
    devices_.push_back({.kind = MeteredKind::cpu, .source = "perf", .id = fmt::format("package-{}", devices_.size()), .name = fmt::format("CPU package of core {}", cpu)});
    return {};
  }

  // "0,18" or "0-1": each of them.
  static std::vector<int> numbers(const std::string& list) {
    std::vector<int> found;
    const char *at = list.data(), *const end = at + list.size();
    while (at < end && found.size() < 1024) {
      int first = 0, last = 0;
      auto [next, error] = std::from_chars(at, end, first);
      if (error != std::errc()) break;
      last = first;
      if (next < end && *next == '-') next = std::from_chars(next + 1, end, last).ptr;
      for (int cpu = first; cpu <= last && found.size() < 1024; ++cpu) found.push_back(cpu);
      at = next < end && *next == ',' ? next + 1 : end;
    }
    return found;
  }

  double joules_ = 0;  // a count
  std::vector<int> counters_;
};

}  // namespace

OpenedMeter open_perf(const MeterPlaces& places) {
  auto perf = std::make_unique<PerfEnergy>();
  TOKENMARK_CHECK(perf->open(places.sys));
  return perf;
}

}  // namespace tokenmark
