#include "core/telemetry/readings.h"

#include <algorithm>
#include <charconv>

namespace tokenmark {
namespace {

struct Bounds {
  std::string_view name;
  double low, high;
};
// No chip and no machine has more: a whole rack of today takes about 130 kW.
constexpr Bounds kBounds[kQuantities] = {{"power_w", 0, 1e6},     {"energy_j", 0, 1e15},       {"temperature_c", -60, 250},
                                         {"core_mhz", 0, 2e4},    {"memory_mhz", 0, 1e5},      {"busy_share", 0, 1},
                                         {"memory_bytes", 0, 1e15}, {"throttle", 0, 4294967295.0}};

const Bounds& bounds(Quantity quantity) { return kBounds[static_cast<std::size_t>(quantity)]; }

}  // namespace

std::string_view quantity_name(Quantity quantity) { return bounds(quantity).name; }

std::string throttle_text(std::uint32_t reasons) {
  constexpr std::pair<ThrottleReason, const char*> kNames[] = {{kThrottleIdle, "idle"},
                                                               {kThrottlePowerCap, "power cap"},
                                                               {kThrottleThermal, "thermal"},
                                                               {kThrottleHardware, "hardware slowdown"},
                                                               {kThrottleSetting, "clock setting"}};
  std::string text;
  for (const auto& [bit, name] : kNames)
    if ((reasons & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

bool is_plausible(Quantity quantity, double value) {
  return value >= bounds(quantity).low && value <= bounds(quantity).high;  // false for NaN
}

void take_out_nonsense(MeterReading& reading) {
  for (std::size_t i = 0; i < kQuantities; ++i)
    if (!is_plausible(static_cast<Quantity>(i), reading.values[i])) reading.values[i] = std::nan("");
}

std::string_view metered_kind_name(MeteredKind kind) {
  switch (kind) {
    case MeteredKind::accelerator: return "accelerator";
    case MeteredKind::cpu: return "cpu";
    case MeteredKind::machine: return "machine";
  }
  return "unknown";
}

std::string pci_id(std::uint64_t domain, std::uint32_t bus, std::uint32_t device, std::uint32_t function) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus, device, function);
}

std::string pci_id(std::string_view text) {
  std::uint64_t parts[4] = {};  // domain, bus, device, function
  const std::size_t colons = static_cast<std::size_t>(std::count(text.begin(), text.end(), ':'));
  if (colons < 1 || colons > 2) return {};
  const char *at = text.data(), *const end = text.data() + text.size();
  for (std::size_t i = 2 - colons; i < 4; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i], 16);
    if (error != std::errc() || parts[i] > (i == 0 ? 0xffffffffu : i == 3 ? 7u : 0xffu)) return {};
    if (i == 3) return next == end ? pci_id(parts[0], static_cast<std::uint32_t>(parts[1]), static_cast<std::uint32_t>(parts[2]), static_cast<std::uint32_t>(parts[3])) : "";
    if (next == end || *next != (i == 2 ? '.' : ':')) return {};
    at = next + 1;
  }
  return {};
}

}  // namespace tokenmark
