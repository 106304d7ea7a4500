#include "core/report/timeline_meters.h"

#include <algorithm>
#include <functional>

namespace tokenmark {
namespace {

std::vector<XY> told(const MeterSeries& series, Quantity quantity) {
  std::vector<XY> values;
  for (const MeterReading& reading : series.readings)
    if (const auto value = reading.get(quantity)) values.push_back({static_cast<double>(reading.at_ns) * 1e-9, *value});
  return values;
}

std::vector<XY> power_of(const MeterSeries& series) {
  std::vector<XY> power = told(series, Quantity::power_w);
  if (!power.empty()) return power;
  const std::vector<XY> energy = told(series, Quantity::energy_j);
  for (std::size_t i = 1; i < energy.size(); ++i)
    if (energy[i].y >= energy[i - 1].y)
      power.push_back({(energy[i].x + energy[i - 1].x) / 2, (energy[i].y - energy[i - 1].y) / (energy[i].x - energy[i - 1].x)});
  return power;
}

// The devices are read one after the other: at the first and the last look one of them has no value yet, or no more.
std::optional<double> value_near(const std::vector<XY>& values, double at, double slack) {
  if (values.empty()) return std::nullopt;
  if (at < values.front().x && at >= values.front().x - slack) return values.front().y;
  if (at > values.back().x && at <= values.back().x + slack) return values.back().y;
  return value_at(values, at);
}

// All devices' curves as one, at the times of the longest.
std::vector<XY> together(const std::vector<std::vector<XY>>& curves, double slack, const std::function<double(double, double)>& combine) {
  std::vector<XY> all;
  if (curves.empty()) return all;
  const auto longest = std::max_element(curves.begin(), curves.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  for (const XY& at : *longest) {
    std::optional<double> value;
    bool complete = true;
    for (const auto& curve : curves) {
      const auto here = &curve == &*longest ? std::optional(at.y) : value_near(curve, at.x, slack);
      complete = complete && here;
      if (here) value = value ? combine(*value, *here) : *here;
    }
    if (complete && value) all.push_back({at.x, *value});
  }
  return all;
}

std::vector<std::vector<XY>> of_computing(const Metering& metering, const std::function<std::vector<XY>(const MeterSeries&)>& curve) {
  std::vector<std::vector<XY>> curves;
  for (const MeterSeries& series : metering.series)
    if (series.computes) curves.push_back(curve(series));
  return curves;
}

double sum(double a, double b) { return a + b; }

}  // namespace

std::vector<XY> power_over_time(const Metering& metering) { return together(of_computing(metering, power_of), metering.every_s, sum); }

std::vector<TimelineCurve> meters_over_time(const Metering& metering) {
  std::vector<TimelineCurve> curves;
  const auto add = [&](Quantity quantity, bool hottest) {
    const auto each = of_computing(metering, [&](const MeterSeries& series) { return told(series, quantity); });
    std::vector<XY> values = together(each, metering.every_s, hottest ? [](double a, double b) { return std::max(a, b); } : sum);
    if (values.empty()) return;
    if (!hottest)
      for (XY& value : values) value.y /= static_cast<double>(each.size());
    curves.push_back({std::string(quantity_name(quantity)), std::move(values)});
  };
  add(Quantity::busy_share, false);
  add(Quantity::core_mhz, false);
  add(Quantity::temperature_c, true);
  return curves;
}

std::vector<XY> thinned(const std::vector<XY>& values, double from, double to, std::size_t most) {
  const auto before = [](const XY& point, double at) { return point.x < at; };
  auto begin = std::lower_bound(values.begin(), values.end(), from, before), end = std::lower_bound(begin, values.end(), to, before);
  if (begin != values.begin()) --begin;
  if (end != values.end()) ++end;
  const auto count = static_cast<std::size_t>(end - begin);
  if (count <= most || most == 0) return {begin, end};
  std::vector<XY> means;
  const double first = begin->x, width = ((end - 1)->x - first) / static_cast<double>(most);
  for (auto at = begin; at != end;) {
    const double stretch_end = first + width * (std::floor((at->x - first) / width) + 1);
    XY mean{0, 0};
    std::size_t points = 0;
    do {
      mean.x += at->x;
      mean.y += at->y;
      ++points;
    } while (++at != end && at->x < stretch_end);
    means.push_back({mean.x / static_cast<double>(points), mean.y / static_cast<double>(points)});
  }
  return means;
}

std::optional<double> value_at(const std::vector<XY>& values, double at) {
  const auto after = std::lower_bound(values.begin(), values.end(), at, [](const XY& point, double x) { return point.x < x; });
  if (after == values.end()) return std::nullopt;
  if (after->x == at) return after->y;
  if (after == values.begin()) return std::nullopt;
  const XY &a = *(after - 1), &b = *after;
  return a.y + (b.y - a.y) * (at - a.x) / (b.x - a.x);
}

}  // namespace tokenmark
