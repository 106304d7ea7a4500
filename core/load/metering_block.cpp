#include "core/load/metering_block.h"

namespace tokenmark {
namespace {

constexpr std::uint32_t kMostSeries = 65'536, kMostMissing = 65'536;
constexpr std::uint64_t kMostReadings = 16'000'000;  // of a log: 8 devices at 10 Hz for 55 hours
constexpr double kLongestInterval_s = 3600;

bool read_device(PayloadReader& in, MeterSeries& series) {
  std::uint8_t kind = 0, computes = 0, shared = 0;
  MeteredDevice& device = series.device;
  if (!in.value(kind) || !in.value(computes) || !in.value(shared) || !in.value(device.least_window_s) || !in.text(device.source) ||
      !in.text(device.id) || !in.text(device.name) || !in.text(device.note))
    return false;
  if (kind > static_cast<std::uint8_t>(MeteredKind::machine) || computes > 1 || shared > 1) return false;
  device.kind = static_cast<MeteredKind>(kind);
  series.computes = computes == 1;
  device.shared = shared == 1;
  return true;
}

bool read_readings(PayloadReader& in, std::vector<MeterReading>& readings, std::uint64_t& left) {
  std::uint64_t count = 0;
  std::vector<std::int64_t> times;
  if (!in.value(count) || count > left || !in.column(times, count)) return false;  // so many are really there
  left -= count;
  readings.resize(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) readings[i].at_ns = times[i];
  for (std::size_t q = 0; q < kQuantities; ++q) {
    std::vector<double> column;
    if (!in.optional_column(column, count)) return false;
    for (std::size_t i = 0; i < column.size(); ++i) readings[i].values[q] = column[i];
  }
  return true;
}

}  // namespace

void write_metering(const Metering& metering, PayloadWriter& out) {
  out.value(metering.every_s);
  out.value(static_cast<std::uint32_t>(metering.series.size()));
  for (const MeterSeries& series : metering.series) {
    const MeteredDevice& device = series.device;
    for (const auto byte : {static_cast<std::uint8_t>(device.kind), static_cast<std::uint8_t>(series.computes), static_cast<std::uint8_t>(device.shared)})
      out.value(byte);
    out.value(device.least_window_s);
    for (const std::string* text : {&device.source, &device.id, &device.name, &device.note}) out.text(*text);
    out.value(std::uint64_t{series.readings.size()});
    std::vector<std::int64_t> times;
    for (const MeterReading& reading : series.readings) times.push_back(reading.at_ns);
    out.column(times, times.size());
    for (std::size_t q = 0; q < kQuantities; ++q) {
      std::vector<double> column;
      bool told = false;
      for (const MeterReading& reading : series.readings) {
        column.push_back(reading.values[q]);
        told = told || !std::isnan(reading.values[q]);
      }
      if (!told) column.clear();
      out.optional_column(column, column.size());
    }
  }
  out.value(static_cast<std::uint32_t>(metering.missing.size()));
  for (const MissingMeter& missing : metering.missing) {
    out.text(missing.source);
    out.text(missing.why);
  }
}

bool read_metering(PayloadReader& in, Metering& metering) {
  std::uint32_t series = 0, missing = 0;
  std::uint64_t readings_left = kMostReadings;
  if (!in.value(metering.every_s) || !in.value(series) || series > kMostSeries) return false;
  for (std::uint32_t i = 0; i < series; ++i) {
    MeterSeries& one = metering.series.emplace_back();
    if (!read_device(in, one) || !read_readings(in, one.readings, readings_left)) return false;
  }
  if (!in.value(missing) || missing > kMostMissing) return false;
  for (std::uint32_t i = 0; i < missing; ++i) {
    MissingMeter& one = metering.missing.emplace_back();
    if (!in.text(one.source) || !in.text(one.why)) return false;
  }
  return true;
}

Status check_metering(const Metering& metering, std::int64_t most_ns) {
  if (!(metering.every_s >= 0 && metering.every_s <= kLongestInterval_s))
    return fail(ErrorKind::invalid_input, "event log: meters were read every {} s", metering.every_s);
  for (const auto& [device, computes, readings] : metering.series) {
    if (device.source.empty() || device.id.empty() || !(device.least_window_s >= 0 && device.least_window_s <= kLongestInterval_s))
      return fail(ErrorKind::invalid_input, "event log: a meter has no name, or needs {} s", device.least_window_s);
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const MeterReading& reading = readings[i];
      if (reading.at_ns < -most_ns || reading.at_ns > most_ns || (i > 0 && reading.at_ns <= readings[i - 1].at_ns))
        return fail(ErrorKind::invalid_input, "event log: reading {} of {} {} is out of order", i, device.source, device.id.substr(0, 40));
      for (std::size_t q = 0; q < kQuantities; ++q)
        if (!std::isnan(reading.values[q]) && !is_plausible(static_cast<Quantity>(q), reading.values[q]))
          return fail(ErrorKind::invalid_input, "event log: {} of {} {} is {}", quantity_name(static_cast<Quantity>(q)), device.source,
                      device.id.substr(0, 40), reading.values[q]);
    }
  }
  return {};
}

}  // namespace tokenmark
