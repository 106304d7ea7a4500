#include "core/metrics/power.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/metrics/log_reading.h"

namespace tokenmark {
namespace {

// A reading's value at its time.
struct Told {
  std::int64_t at_ns;
  double value;
};

// The readings that tell the quantity, from the last one before the run to the first one after it.
Result<std::vector<Told>> enclosing(const std::vector<MeterReading>& readings, Quantity quantity, std::int64_t from_ns, std::int64_t to_ns) {
  std::vector<Told> told;
  for (const MeterReading& reading : readings) {
    const auto value = reading.get(quantity);
    if (!value || (!told.empty() && told.back().at_ns >= to_ns)) continue;
    if (reading.at_ns <= from_ns) told.clear();
    told.push_back({reading.at_ns, *value});
  }
  const char* const what = quantity == Quantity::power_w ? "power" : "energy";
  if (told.empty()) return fail(ErrorKind::unavailable, "it tells no {}", what);
  if (told.front().at_ns > from_ns || told.back().at_ns < to_ns)
    return fail(ErrorKind::unavailable, "its readings of {} do not enclose the run: they go from {:.2f} to {:.2f} s, the run from {:.2f} to {:.2f} s", what,
                seconds_of(told.front().at_ns), seconds_of(told.back().at_ns), seconds_of(from_ns), seconds_of(to_ns));
  for (std::size_t i = 1; i < told.size(); ++i)
    if (const double gap = seconds_of(told[i].at_ns - told[i - 1].at_ns); gap > kLongestPowerGap_s)
      return fail(ErrorKind::unavailable, "there is a gap of {:.1f} s in its readings of {}, at {:.1f} s: more than {} s", gap, what,
                  seconds_of(told[i - 1].at_ns), kLongestPowerGap_s);
  return told;
}

double between(const Told& a, const Told& b, std::int64_t at_ns) {
  if (b.at_ns == a.at_ns) return b.value;
  return a.value + (b.value - a.value) * static_cast<double>(at_ns - a.at_ns) / static_cast<double>(b.at_ns - a.at_ns);
}

double value_at(const std::vector<Told>& told, std::int64_t at_ns) {
  for (std::size_t i = 1; i < told.size(); ++i)
    if (told[i].at_ns >= at_ns) return between(told[i - 1], told[i], at_ns);
  return told.back().value;
}

std::string percent(double share) { return fmt::format("{:.{}f} %", share * 100, share < 0.1 ? 1 : 0); }

// What two ways of measuring give, in words; empty where there is nothing to compare.
std::string disagreement(double counter_j, double trapezoid_j) {
  const double share = std::abs(trapezoid_j - counter_j) / std::max(counter_j, 1e-9);
  if (share <= kPowerCheckShare) return {};
  return fmt::format("the energy counter says {:.4g} J, the trapezoid of the power {:.4g} J: {} apart", counter_j, trapezoid_j, percent(share));
}

void add_note(std::string& to, const std::string& note) {
  if (!note.empty()) to += (to.empty() ? "" : "; ") + note;
}

// What makes a run too short for the device's way of looking at its power.
std::string caution(const MeteredDevice& device, const TimeSpan& run) {
  if (run.seconds() >= device.least_window_s) return {};
  return fmt::format("the run took {:.1f} s; this board looks at its power a part of the time only, {:g} s are the least", run.seconds(), device.least_window_s);
}

MeterFigures figures_of(const MeterSeries& series, const TimeSpan& run) {
  const MeteredDevice& device = series.device;
  MeterFigures made{device.source, device.id, device.name, std::string(metered_kind_name(device.kind)), series.computes, {}, {}, {}, {}};
  const auto counted = counted_energy(series.readings, run.from, run.to), integrated = integrated_energy(series.readings, run.from, run.to);
  if (counted) made.counter_j = *counted;
  if (integrated) made.trapezoid_j = *integrated;
  const auto energy = made.counter_j ? made.counter_j : made.trapezoid_j;
  if (energy && run.seconds() > 0) made.power_w = *energy / run.seconds();
  // Of two reasons the one that says more than "it tells none".
  if (!energy) add_note(made.note, counted.error().message.starts_with("it tells") ? integrated.error().message : counted.error().message);
  if (counted && integrated) add_note(made.note, disagreement(*counted, *integrated));
  add_note(made.note, caution(device, run));
  add_note(made.note, device.note);
  return made;
}

// Why the run has no power, or nothing.
std::string objection(const std::vector<const MeterSeries*>& computing, const std::vector<MeterFigures>& figures, std::int32_t gpus) {
  const auto accelerators = std::count_if(computing.begin(), computing.end(), [](const auto* s) { return s->device.kind == MeteredKind::accelerator; });
  if (gpus > 0 && accelerators > 0 && accelerators != gpus)
    return fmt::format("{} accelerators were metered and the run used {}: name them with power.devices", accelerators, gpus);
  for (const MeterSeries* series : computing)
    if (series->device.shared)
      return fmt::format("{} {}: the board is split, and its counters are of more than what the run used", series->device.source, series->device.id);
  for (const MeterFigures& meter : figures)
    if (meter.computes && !meter.power_w) return fmt::format("{} {}: {}", meter.source, meter.id, meter.note);
  return {};
}

std::string source_text(const std::vector<const MeterSeries*>& computing, bool counted, double every_s) {
  std::set<std::string> sources;
  for (const MeterSeries* series : computing) sources.insert(series->device.source);
  const MeteredKind kind = computing.front()->device.kind;
  const std::string what = kind == MeteredKind::accelerator ? "accelerator" : kind == MeteredKind::cpu ? "CPU package" : "machine";
  return fmt::format("{} of {} {}{} ({}), read every {:g} s{}", counted ? "energy counters" : "trapezoid of the power", computing.size(), what,
                     computing.size() == 1 ? "" : "s", fmt::join(sources, ", "), every_s,
                     kind == MeteredKind::machine ? "" : "; the devices' own report, no wall power, no MLPerf number");
}

std::string why_nothing(const Metering& metering) {
  std::string why = "nothing that computes here was metered";
  for (const MissingMeter& missing : metering.missing) why += fmt::format("; {}: {}", missing.source, missing.why);
  return why;
}

void set_sums(Figures& figures, const TimeSpan& run, std::size_t devices) {
  double energy = 0, check = 0;
  bool checked = true;
  for (const MeterFigures& meter : figures.meters) {
    if (!meter.computes) continue;
    energy += meter.counter_j.value_or(meter.trapezoid_j.value_or(0));
    checked = checked && meter.counter_j && meter.trapezoid_j;
    if (checked) check += *meter.trapezoid_j;
  }
  figures.energy_j = energy;
  if (checked) figures.energy_check_j = check;
  if (run.seconds() > 0) figures.power_w = energy / run.seconds();
  if (figures.power_w) figures.power_w_gpu = *figures.power_w / static_cast<double>(devices);
  const auto output = static_cast<double>(figures.output_tokens), total = static_cast<double>(figures.input_tokens + figures.output_tokens);
  if (figures.output_tokens > 0) figures.joules_per_output_token = energy / output;
  if (total > 0) figures.joules_per_total_token = energy / total;
}

}  // namespace

Result<double> counted_energy(const std::vector<MeterReading>& readings, std::int64_t from_ns, std::int64_t to_ns) {
  TOKENMARK_TRY(const std::vector<Told> told, enclosing(readings, Quantity::energy_j, from_ns, to_ns));
  for (std::size_t i = 1; i < told.size(); ++i)
    if (told[i].value < told[i - 1].value)
      return fail(ErrorKind::unavailable, "its energy counter went back from {:.6g} to {:.6g} J at {:.1f} s", told[i - 1].value, told[i].value, seconds_of(told[i].at_ns));
  if (told.back().value == told.front().value && to_ns - from_ns > 1'000'000'000)
    return fail(ErrorKind::unavailable, "its energy counter stands still at {:.6g} J", told.front().value);
  return value_at(told, to_ns) - value_at(told, from_ns);
}

Result<double> integrated_energy(const std::vector<MeterReading>& readings, std::int64_t from_ns, std::int64_t to_ns) {
  TOKENMARK_TRY(const std::vector<Told> told, enclosing(readings, Quantity::power_w, from_ns, to_ns));
  double energy = 0;
  for (std::size_t i = 1; i < told.size(); ++i) {
    const std::int64_t from = std::max(told[i - 1].at_ns, from_ns), to = std::min(told[i].at_ns, to_ns);
    if (to > from) energy += (between(told[i - 1], told[i], from) + between(told[i - 1], told[i], to)) / 2 * seconds_of(to - from);
  }
  return energy;
}

void set_power(const EventLog& log, std::int32_t gpus, Figures& figures) {
  const Metering& metering = log.metering;
  const auto run = span_of(log);
  if (metering.empty() || !run) return;
  std::vector<const MeterSeries*> computing;
  for (const MeterSeries& series : metering.series) {
    figures.meters.push_back(figures_of(series, *run));
    if (series.computes) computing.push_back(&series);
  }
  const std::string why = computing.empty() ? why_nothing(metering) : objection(computing, figures.meters, gpus);
  if (!why.empty()) {
    figures.lacking["power"] = why;
    return;
  }
  set_sums(figures, *run, computing.size());
  const bool counted = std::all_of(figures.meters.begin(), figures.meters.end(), [](const auto& m) { return !m.computes || m.counter_j; });
  figures.power_source = source_text(computing, counted, metering.every_s);
  if (figures.energy_check_j) figures.power_source += fmt::format("; the trapezoid gives {:.4g} J", *figures.energy_check_j);
  if (figures.energy_check_j) add_note(figures.power_note, disagreement(*figures.energy_j, *figures.energy_check_j));
  const auto hasty = std::find_if(computing.begin(), computing.end(), [&](const auto* series) { return !caution(series->device, *run).empty(); });
  if (hasty != computing.end()) add_note(figures.power_note, caution((*hasty)->device, *run));
}

}  // namespace tokenmark
