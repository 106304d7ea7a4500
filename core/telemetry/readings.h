// What meters told of a run: power, energy, temperature, clocks, utilisation and memory of the devices that computed,
// and of what is around them, over time. Plain values; they travel and are kept in the event log (core/load/event_log.h).
// A value that a meter does not have, or that cannot be, is absent, never 0.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

// The order is that of the binary form: append only.
enum class Quantity : std::uint8_t {
  power_w,           // as of now where the meter offers that, else a mean over about a second
  energy_j,          // a counter that only grows; from where it counts does not matter
  temperature_c,     // of the chip
  core_mhz,
  memory_mhz,
  busy_share,        // 0…1
  memory_bytes,      // in use on the device
  throttle,          // ThrottleReason bits
};
inline constexpr std::size_t kQuantities = 8;
std::string_view quantity_name(Quantity quantity);  // "power_w"

// Why a device runs slower than it could.
enum ThrottleReason : std::uint32_t {
  kThrottleIdle = 1, kThrottlePowerCap = 2, kThrottleThermal = 4, kThrottleHardware = 8, kThrottleSetting = 16,
};
std::string throttle_text(std::uint32_t reasons);  // "power cap, thermal"

// One look at one device. NaN: absent.
struct MeterReading {
  std::int64_t at_ns = 0;   // steady clock; in a log since the run's start
  std::array<double, kQuantities> values;

  MeterReading() { values.fill(std::nan("")); }
  std::optional<double> get(Quantity quantity) const {
    const double value = values[static_cast<std::size_t>(quantity)];
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  void set(Quantity quantity, double value) { values[static_cast<std::size_t>(quantity)] = value; }
};

// Takes out what no device can have: negative, absurd or not a number.
void take_out_nonsense(MeterReading& reading);
bool is_plausible(Quantity quantity, double value);

enum class MeteredKind : std::uint8_t { accelerator, cpu, machine };  // append only
std::string_view metered_kind_name(MeteredKind kind);

struct MeteredDevice {
  MeteredKind kind = MeteredKind::accelerator;
  std::string source;           // which meter: "nvml", "powercap", …
  std::string id;               // accelerators: PCI id "0000:41:00.0"; else what the meter calls it
  std::string name;             // for people
  bool shared = false;          // the counters are of more than what computes here: a share of a board (MIG)
  double least_window_s = 0;    // a shorter run is not measured well by it; 0: no such limit known
  std::string note;             // for people: what its values are
  bool operator==(const MeteredDevice&) const = default;
};

struct MeterSeries {
  MeteredDevice device;
  bool computes = false;        // it belongs to what the run used: counts in the run's power
  std::vector<MeterReading> readings;  // in the order of time
};

struct MissingMeter {
  std::string source, why;
  bool operator==(const MissingMeter&) const = default;
};

struct Metering {
  double every_s = 0;           // between two readings; 0: nothing was metered
  std::vector<MeterSeries> series;
  std::vector<MissingMeter> missing;  // what was not metered, and why
  bool empty() const { return series.empty() && missing.empty(); }
};

// A PCI id in one spelling: "00000000:41:00.0", "41:00.0" and "0000:41:00.0" are the same; empty where it is none.
std::string pci_id(std::string_view text);
std::string pci_id(std::uint64_t domain, std::uint32_t bus, std::uint32_t device, std::uint32_t function);

}  // namespace tokenmark
