#include "core/load/monitor.h"

#include <cmath>
#include <map>

#include "core/load/recording.h"
#include "core/statistics/statistics.h"

namespace tokenmark {

Result<PreciseFigure> parse_precise_figure(const std::string& name) {
  static const std::map<std::string, double LiveSample::*> kLatencies = {
      {"ttft", &LiveSample::ttft_s}, {"tpot", &LiveSample::tpot_s}, {"e2e", &LiveSample::e2e_s}};
  static const std::map<std::string, double> kQuantiles = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}};
  const std::size_t line = name.find('_');
  const auto latency = kLatencies.find(name.substr(0, line));
  const auto quantile = kQuantiles.find(line == std::string::npos ? "" : name.substr(line + 1));
  if (latency == kLatencies.end() || quantile == kQuantiles.end())
    return fail(ErrorKind::invalid_input, "stop.precise_figure is '{}' but must be ttft, tpot or e2e, with _p50, _p90, _p95 or _p99 behind it, like ttft_p99", name);
  return PreciseFigure{latency->second, quantile->second};
}

Result<Monitor> Monitor::create(const Point& point, std::size_t measured, const RunClock& clock, std::vector<LiveFeed*> feeds) {
  Monitor monitor(point.stop, measured, clock, std::move(feeds));
  if (!point.stop.precise_figure.empty()) {
    TOKENMARK_TRY(monitor.wanted_, parse_precise_figure(point.stop.precise_figure));
  }
  return monitor;
}

void Monitor::take_samples() {
  for (LiveFeed* feed : feeds_)
    for (const LiveSample& sample : feed->take()) {
      ttft_.add(sample.ttft_s);
      if (sample.tpot_s > 0) tpot_.add(sample.tpot_s);
      if (wanted_ && sample.*wanted_->latency > 0) samples_.push_back(sample.*wanted_->latency);
    }
}

// Looked at only where a tenth more is known than the last time: looking costs, and every look is one more chance to find
// an interval short by luck.
bool Monitor::precise_enough() {
  if (!wanted_ || samples_.size() < judged_at_ + std::max<std::size_t>(20, judged_at_ / 10)) return false;
  judged_at_ = samples_.size();
  const Percentile known = Percentiles(samples_).at(wanted_->quantile);
  return known.value && known.interval && std::isfinite(known.interval->high) && *known.value > 0 &&
         (known.interval->high - known.interval->low) / 2 <= stop_.precision * *known.value;
}

std::optional<Monitor::End> Monitor::look() {
  take_samples();
  if (ended_) return std::nullopt;
  std::int64_t failed = 0;
  for (const LiveFeed* feed : feeds_) failed += feed->failed;
  std::optional<End> end;
  if (static_cast<double>(clock_->now()) * 1e-9 >= stop_.timeout_s) end = End{RequestError::timeout, EndReason::limit};
  else if (stop_.max_failed > 0 && failed >= stop_.max_failed) end = End{RequestError::none, EndReason::failures};
  else if (failed > allowed_failures(stop_, measured_)) end = End{RequestError::cancelled, EndReason::failures};
  else if (precise_enough()) end = End{RequestError::none, EndReason::precision};
  ended_ = end.has_value();
  return end;
}

LoadProgress Monitor::progress() const {
  LoadProgress progress;
  progress.requests = static_cast<std::int32_t>(measured_);
  for (const LiveFeed* feed : feeds_) {
    progress.completed += feed->completed;
    progress.failed += feed->failed;
    progress.output_tokens += feed->output_tokens;
  }
  progress.elapsed_s = static_cast<double>(clock_->now()) * 1e-9;
  progress.ttft_p50_s = ttft_.quantile(0.5);
  progress.ttft_p99_s = ttft_.count() >= 100 ? ttft_.quantile(0.99) : std::nullopt;
  progress.tpot_p50_s = tpot_.quantile(0.5);
  return progress;
}

}  // namespace tokenmark
