#include "core/workload/arrivals.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/workload/exact_math.h"

namespace tokenmark {
namespace {

constexpr double kMaxArrivals = 1e7, kMaxSeconds = 1e7;

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Λ and its inverse.
class IntegratedRate {
 public:
  IntegratedRate(const Load& load, std::vector<Stage> stages)
      : stages_(std::move(stages)), ramp_(load.ramp), rate_(load.rate), end_(load.rate_end), seconds_(load.duration_s),
        growth_(ramp_ == "exponential" ? exact_log(end_ / rate_) : 0) {}

  double at(double t) const {
    if (!stages_.empty()) return at_stages(t);
    if (ramp_ == "linear") return rate_ * t + (end_ - rate_) * t * t / (2 * seconds_);
    if (growth_ == 0) return rate_ * t;
    return rate_ * seconds_ * (exact_exp(growth_ * t / seconds_) - 1) / growth_;
  }

  // The time when `events` have come; infinite where they never do.
  double inverse(double events) const {
    if (!stages_.empty()) return inverse_stages(events);
    if (ramp_ == "linear") {
      // The root of the quadratic in the form that subtracts nothing.
      const double square = rate_ * rate_ + 2 * events * (end_ - rate_) / seconds_;
      if (square < 0) return std::numeric_limits<double>::infinity();
      return events == 0 ? 0 : 2 * events / (rate_ + std::sqrt(square));
    }
    if (growth_ == 0) return events / rate_;
    const double x = growth_ * events / (rate_ * seconds_);
    return x <= -1 ? std::numeric_limits<double>::infinity() : seconds_ / growth_ * exact_log1p(x);
  }

 private:
  double at_stages(double t) const {
    double events = 0;
    for (const Stage& stage : stages_) {
      events += stage.rate * std::clamp(t, 0.0, stage.seconds);
      t -= stage.seconds;
    }
    return events;
  }
  double inverse_stages(double events) const {
    double begin = 0;
    for (const Stage& stage : stages_) {
      const double here = stage.rate * stage.seconds;
      if (events < here) return begin + events / stage.rate;
      events -= here;
      begin += stage.seconds;
    }
    return std::numeric_limits<double>::infinity();
  }

  std::vector<Stage> stages_;
  std::string ramp_;
  double rate_, end_, seconds_, growth_;
};

Result<IntegratedRate> integrated_rate(const Load& load) {
  std::vector<Stage> stages;
  if (!load.stages.empty()) {
    TOKENMARK_TRY(stages, parse_stages(load.stages));
  }
  return IntegratedRate(load, std::move(stages));
}

Status check_ramp(const Load& load) {
  if (load.ramp.empty()) return {};
  if (load.duration_s <= 0)
    return fail(ErrorKind::invalid_input, "load.ramp is '{}' but load.duration_s is 0: say how long the ramp from rate to "
                "rate_end takes", load.ramp);
  if (load.ramp == "exponential" && (load.rate <= 0 || load.rate_end <= 0))
    return fail(ErrorKind::invalid_input, "load.ramp is 'exponential' from rate {} to rate_end {}: both must be above 0",
                load.rate, load.rate_end);
  if (load.rate <= 0 && load.rate_end <= 0)
    return fail(ErrorKind::invalid_input, "load.ramp is 'linear' but load.rate and load.rate_end are both 0");
  return {};
}

// Fields of an open loop that a closed one would silently leave out.
Status check_closed(const Load& load) {
  const std::pair<const char*, bool> given[] = {{"rate", load.rate != 0},           {"ramp", !load.ramp.empty()},
                                                {"rate_end", load.rate_end != 0},   {"stages", !load.stages.empty()},
                                                {"burst", load.burst != 1},         {"burstiness", load.burstiness != 1},
                                                {"time_scale", load.time_scale != 1}, {"max_in_flight", load.max_in_flight != 0}};
  for (const auto& [field, is_given] : given)
    if (is_given)
      return fail(ErrorKind::invalid_input, "load.{} belongs to an open loop, but load.arrivals is 'closed': choose constant, "
                  "poisson, gamma or trace", field);
  return {};
}

Status check_trace(const Load& load) {
  const std::pair<const char*, bool> given[] = {{"rate", load.rate != 0}, {"ramp", !load.ramp.empty()},
                                                {"stages", !load.stages.empty()}, {"burst", load.burst != 1},
                                                {"burstiness", load.burstiness != 1}};
  for (const auto& [field, is_given] : given)
    if (is_given)
      return fail(ErrorKind::invalid_input, "load.{} says when requests arrive, but load.arrivals is 'trace': the file says "
                  "it, load.time_scale stretches it", field);
  return {};
}

}  // namespace

Result<std::vector<Stage>> parse_stages(const std::string& text) {
  std::vector<Stage> stages;
  bool any = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t colon = part.find(':');
    const auto rate = number(part.substr(0, colon));
    const auto seconds = number(colon < part.size() ? part.substr(colon + 1) : std::string_view());
    if (!rate || !seconds || *rate < 0 || *rate > 1e7 || *seconds <= 0 || *seconds > kMaxSeconds)
      return fail(ErrorKind::invalid_input, "load.stages is '{}' but must be like '5:30,10:30' (requests a second, then "
                  "seconds): '{}' is not such a stage", text, part);
    stages.push_back({*rate, *seconds});
    any = any || *rate > 0;
    begin = end + 1;
  }
  if (!any) return fail(ErrorKind::invalid_input, "load.stages is '{}': every rate is 0, so nothing would arrive", text);
  return stages;
}

Status check_arrivals(const Load& load) {
  if (!load.scenario.empty()) return {};  // MLPerf's rules say when
  if (!is_open_loop(load)) return check_closed(load);
  if (load.arrivals == "trace") return check_trace(load);
  if (load.burstiness != 1 && load.arrivals != "gamma")
    return fail(ErrorKind::invalid_input, "load.burstiness is {} but load.arrivals is '{}': only gamma has one", load.burstiness,
                load.arrivals);
  if (load.time_scale != 1)
    return fail(ErrorKind::invalid_input, "load.time_scale is {} but load.arrivals is '{}': only a trace is stretched",
                load.time_scale, load.arrivals);
  if (!load.stages.empty()) {
    if (load.rate != 0 || !load.ramp.empty())
      return fail(ErrorKind::invalid_input, "load.stages and load.{} both say the rate: leave one out", load.ramp.empty() ? "rate" : "ramp");
    TOKENMARK_CHECK(parse_stages(load.stages));
  } else if (load.ramp.empty()) {
    if (load.rate_end != 0)
      return fail(ErrorKind::invalid_input, "load.rate_end is {} but load.ramp is empty: choose linear or exponential", load.rate_end);
    if (load.rate <= 0)
      return fail(ErrorKind::invalid_input, "load.rate is 0, but load.arrivals is '{}': say how many requests arrive in a second",
                  load.arrivals);
  }
  TOKENMARK_CHECK(check_ramp(load));
  if (load.requests == 0 && !schedule_s(load))
    return fail(ErrorKind::invalid_input, "load.arrivals is '{}': say load.requests or load.duration_s, else it would never end",
                load.arrivals);
  if (const auto count = expected_arrivals(load); count && *count > kMaxArrivals)
    return fail(ErrorKind::invalid_input, "load: about {:.3g} requests would arrive in {} s, at most {:.0f} are possible", *count,
                schedule_s(load).value_or(0), kMaxArrivals);
  return {};
}

std::optional<double> schedule_s(const Load& load) {
  double seconds = load.duration_s;
  if (!load.stages.empty()) {
    const auto stages = parse_stages(load.stages);
    if (!stages) return std::nullopt;
    double sum = 0;
    for (const Stage& stage : *stages) sum += stage.seconds;
    seconds = seconds > 0 ? std::min(seconds, sum) : sum;
  }
  return seconds > 0 ? std::optional(seconds) : std::nullopt;
}

std::optional<double> expected_arrivals(const Load& load) {
  if (!is_open_loop(load) || load.arrivals == "trace") return std::nullopt;
  double count = load.requests > 0 ? load.requests : std::numeric_limits<double>::infinity();
  if (const auto seconds = schedule_s(load))
    if (const auto rate = integrated_rate(load)) count = std::min(count, rate->at(*seconds));
  return std::isfinite(count) ? std::optional(count) : std::nullopt;
}

std::optional<double> expected_schedule_s(const Load& load) {
  if (!is_open_loop(load)) return std::nullopt;
  const auto seconds = schedule_s(load);
  const auto rate = integrated_rate(load);
  if (load.requests == 0 || load.arrivals == "trace" || !rate) return seconds;
  const double last = rate->inverse(load.requests);
  if (seconds) return std::min(*seconds, last);
  return std::isfinite(last) ? std::optional(last) : std::nullopt;
}

Result<std::vector<std::int64_t>> arrival_times(const Load& load, std::uint64_t seed) {
  TOKENMARK_CHECK(check_arrivals(load));
  TOKENMARK_TRY(const IntegratedRate rate, integrated_rate(load));
  const double end_s = schedule_s(load).value_or(std::numeric_limits<double>::infinity());
  const auto most = load.requests > 0 ? static_cast<std::size_t>(load.requests) : std::numeric_limits<std::size_t>::max();
  const bool constant = load.arrivals == "constant";
  const double shape = load.arrivals == "gamma" ? load.burstiness : 1;
  std::vector<std::int64_t> times;
  double events = 0;
  for (std::uint64_t event = 0; times.size() < most; ++event) {
    Draws draws(seed, 0, event);
    if (constant) events = static_cast<double>(event);
    else events += shape == 1 ? draws.exponential() : draws.gamma(shape) / shape;
    const double seconds = rate.inverse(events * load.burst);
    if (seconds >= end_s) break;
    if (seconds > kMaxSeconds)
      return fail(ErrorKind::invalid_input, "load: the last of {} requests would arrive after more than {:.0f} s: raise load.rate "
                  "or ask for fewer", load.requests, kMaxSeconds);
    // Chance can exceed what was expected, but not by a factor.
    if (static_cast<double>(times.size()) > 2 * kMaxArrivals)
      return fail(ErrorKind::exhausted, "load: more than {:.0f} requests would arrive", 2 * kMaxArrivals);
    times.insert(times.end(), std::min(static_cast<std::size_t>(load.burst), most - times.size()),
                 static_cast<std::int64_t>(seconds * 1e9 + 0.5));
  }
  return times;
}

}  // namespace tokenmark
