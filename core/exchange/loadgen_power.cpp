#include <charconv>
#include <chrono>

#include "core/exchange/loadgen_log.h"

namespace tokenmark {
namespace {

// Reads exactly `digits` digits at the front of `text` and takes them off.
bool take_digits(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}
bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// The n-th value (from 0) between commas.
std::string_view field(std::string_view line, int n) {
  for (; n > 0; --n) {
    const std::size_t comma = line.find(',');
    if (comma == line.npos) return {};
    line.remove_prefix(comma + 1);
  }
  return line.substr(0, line.find(','));
}

}  // namespace

std::optional<std::int64_t> loadgen_time_ns(std::string_view text) {
  using namespace std::chrono;
  int month_n = 0, day_n = 0, year_n = 0, hour = 0, minute = 0, second = 0;
  if (!take_digits(text, 2, month_n) || !take(text, '-') || !take_digits(text, 2, day_n) || !take(text, '-') ||
      !take_digits(text, 4, year_n) || !take(text, ' ') || !take_digits(text, 2, hour) || !take(text, ':') ||
      !take_digits(text, 2, minute) || !take(text, ':') || !take_digits(text, 2, second))
    return {};
  std::int64_t fraction_ns = 0;
  if (take(text, '.')) {
    std::int64_t unit = 100'000'000;
    for (int digit = 0; unit > 0 && take_digits(text, 1, digit); unit /= 10) fraction_ns += digit * unit;
  }
  const year_month_day date{year(year_n), month(static_cast<unsigned>(month_n)), day(static_cast<unsigned>(day_n))};
  // Beyond 2200 the nanoseconds would not fit.
  if (!text.empty() || !date.ok() || year_n < 1970 || year_n > 2200 || hour > 23 || minute > 59 || second > 60) return {};
  const std::int64_t seconds_n = (sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second)) / seconds(1);
  return seconds_n * 1'000'000'000 + fraction_ns;
}

Result<LoadGenPower> loadgen_power(std::string_view spl, std::string_view begin, std::string_view end, const std::string& name) {
  const std::optional<std::int64_t> begin_ns = loadgen_time_ns(begin), end_ns = loadgen_time_ns(end);
  if (!begin_ns || !end_ns || *end_ns < *begin_ns)
    return fail(ErrorKind::invalid_input, "{}: the log says that the run lasted from power_begin '{}' to power_end '{}'", name, begin, end);
  LoadGenPower power{0, static_cast<double>(*end_ns - *begin_ns) * 1e-9, 0};
  double sum = 0;
  for (std::size_t number = 1; !spl.empty(); ++number) {
    const std::size_t length = std::min(spl.find('\n'), spl.size());
    const std::string_view line = spl.substr(0, length);
    spl.remove_prefix(std::min(length + 1, spl.size()));
    if (!line.starts_with("Time")) continue;
    const std::optional<std::int64_t> at = loadgen_time_ns(field(line, 1));
    const std::string_view watts_text = field(line, 3);
    double watts = 0;
    const auto [rest, error] = std::from_chars(watts_text.data(), watts_text.data() + watts_text.size(), watts);
    if (!at || watts_text.empty() || error != std::errc() || rest != watts_text.data() + watts_text.size() || !(watts < 1e12))
      return fail(ErrorKind::invalid_input, "{}:{}: not 'Time,MM-DD-YYYY HH:MM:SS.mmm,Watts,w,…': '{}'", name, number, line.substr(0, 80));
    if (*at <= *begin_ns || *at >= *end_ns || watts <= 0) continue;
    sum += watts;
    ++power.samples;
  }
  if (power.samples > 0) power.watts = sum / static_cast<double>(power.samples);
  return power;
}

}  // namespace tokenmark
