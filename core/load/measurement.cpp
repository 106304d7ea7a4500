#include "core/load/measurement.h"

#include <algorithm>
#include <mutex>

#include "core/load/recording.h"

namespace tokenmark {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
constexpr int kLooksPerProgress = 5;
constexpr std::size_t kAnyNumber = std::size_t{1} << 30;

}  // namespace

bool keeps_answers(const Load& load) { return load.keep_answers == "on" || (!load.scenario.empty() && load.mlperf_mode == "accuracy"); }

std::int32_t warmup_concurrency(const Load& load) { return load.concurrency; }

// MLPerf's closed loops have one place; they go on until both the time and the count are enough.
DispatchRules dispatch_rules(const Point& point, const Plan& plan) {
  const Load& load = point.load;
  DispatchRules rules;
  rules.places = static_cast<std::size_t>(load.concurrency);
  if (is_open_loop(load)) rules.places = load.max_in_flight > 0 ? static_cast<std::size_t>(load.max_in_flight) : kAnyNumber;
  if (load.scenario.empty()) {
    if (load.duration_s > 0) rules.duration_ns = static_cast<std::int64_t>(load.duration_s * 1e9);
  } else if (!is_open_loop(load)) {
    rules.places = 1;
    if (plan.stop) {
      rules.enough_ns = plan.stop->min_duration_ns;
      rules.enough_units = static_cast<std::size_t>(std::max<std::int64_t>(1, plan.stop->min_queries));
    }
  }
  return rules;
}

std::size_t measured_count(const Plan& plan) {
  return static_cast<std::size_t>(std::count_if(plan.requests.begin(), plan.requests.end(), [](const auto& r) { return !r.warmup; }));
}

Status judge_end(EventLog& log, EndReason ended_by, const Point& point, const Plan& plan) {
  const auto sent = static_cast<std::size_t>(std::count(log.requests.warmup.begin(), log.requests.warmup.end(), 0));
  const std::size_t planned = measured_count(plan);
  log.ended_by = ended_by == EndReason::all_sent && sent < planned && point.load.duration_s > 0 ? EndReason::time : ended_by;
  return check_failures(log, point.stop, ended_by == EndReason::limit ? planned : std::max<std::size_t>(sent, 1));
}

EndReason watch(Monitor& monitor, const std::function<bool()>& over, const std::function<void(RequestError)>& end,
                std::condition_variable_any& changed, const LoadProgressSink& progress, std::stop_token stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  EndReason ended_by = EndReason::all_sent;
  for (int looks = 0; !over(); ++looks) {
    changed.wait_for(lock, stop, kLookEvery, over);
    if (stop.stop_requested()) {
      end(RequestError::cancelled);
      stop = {};  // seen; it would end every further wait at once
    }
    if (const auto wanted = monitor.look()) {
      ended_by = wanted->reason;
      end(wanted->requests);
    }
    if (progress && looks % kLooksPerProgress == 0) progress(monitor.progress());
  }
  return ended_by;
}

}  // namespace tokenmark
