#include "core/sweep/runner.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/node/agent.h"
#include "core/node/environment.h"
#include "core/sweep/estimate.h"
#include "core/sweep/forecast.h"
#include "core/workload/point_json.h"
#include "plugins/api/device_ids.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

// What identifies a point of a sweep: its configuration and repeat.
using PointKey = std::pair<std::string, std::int32_t>;
PointKey key_of(const Point& point) {
  return {configuration_key(point), point.repeat};
}

std::string label_of(const Sweep& sweep, const Point& point) {
  std::int32_t repeats = 1;
  for (const Point& other : sweep.points) repeats = std::max(repeats, other.repeat + 1);
  const std::string label = point_label(sweep, point);
  return repeats == 1 ? label : fmt::format("{}, repeat {} of {}", label, point.repeat + 1, repeats);
}

// The line of a chart that a run belongs to, lengths apart: what was measured with what, and every axis that is not the
// load.
std::string series_of(const Sweep& sweep, const NewRun& run) {
  std::string series = run.model;
  for (const std::string& part :
       {run.precision, run.hardware.empty() ? run.device : run.hardware, run.framework})
    if (!part.empty()) series += " · " + part;
  Sweep others = {.axes = sweep.axes};
  std::erase_if(others.axes, [](const std::string& axis) {
    return axis.starts_with("load.") || axis == "workload.input" || axis == "workload.output" ||
           axis.ends_with(".model");
  });
  if (!others.axes.empty()) series += " · " + point_label(others, run.point);
  return series;
}

NewRun expected_run(const Sweep& sweep, SweepId id, const Point& point) {
  NewRun run;
  run.sweep = id;
  run.point = point;
  run.node = node_name(sweep.node);
  if (const auto* engine = std::get_if<EngineTarget>(&point.target)) {
    run.model = engine->model;
    run.device = engine->device;
    run.framework = "tokenmark";
    const auto devices = device_ids(engine->device);
    run.gpus = devices ? static_cast<std::int32_t>(devices->size()) : 1;
  } else {
    const auto& endpoint = std::get<EndpointTarget>(point.target);
    run.model = endpoint.model;
    run.device = "endpoint";
    run.hardware = endpoint.hardware;
    run.gpus = endpoint.gpus;
  }
  run.series = series_of(sweep, run);
  return run;
}

NewRun found_run(const Sweep& sweep, NewRun run, const PointFacts& facts) {
  run.model = facts.model;
  run.device = facts.device;
  run.precision = facts.precision;
  run.hardware = facts.hardware;
  run.framework = facts.framework;
  run.gpus = facts.gpus;
  run.random_weights = facts.random_weights;
  run.series = series_of(sweep, run);
  return run;
}

// Why a measured point does not count, or nothing.
std::optional<std::string> verdict(const Figures& figures, const StopRules& stop) {
  const std::int32_t all = figures.completed + figures.failed;
  if (all == 0) return "no request was measured";
  if (figures.failed <= stop.failed_share * all && figures.completed > 0) return std::nullopt;
  std::string classes;
  for (const auto& [name, count] : figures.errors)
    classes += fmt::format("{}{} {}", classes.empty() ? "" : ", ", count, name);
  return fmt::format("{} of {} requests failed ({}); stop.failed_share allows {:g}", figures.failed, all,
                     classes, stop.failed_share);
}

class Runner {
 public:
  Runner(const Sweep& sweep, Store& store, const RunnerOptions& options, const SweepObserver& observer,
         std::stop_token stop)
      : sweep_(sweep),
        store_(store),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)),
        estimate_({}) {}

  Result<SweepOutcome> run() {
    TOKENMARK_CHECK(prepare());
    TOKENMARK_CHECK(foresee());
    for (std::size_t i = 0; i < to_run_.size(); i += given_up_ ? 0 : 1) {
      position_ = to_run_[i];
      finished_ = sweep_.points.size() - to_run_.size() + i;
      estimate_.begin(i, Clock::now());
      stand_still();
      if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "{}", cancelled_text());
      estimate_.begin(i, Clock::now());
      given_up_ = false;
      TOKENMARK_CHECK(run_point(sweep_.points[position_]));
      if (!given_up_) estimate_.finish(Clock::now());
    }
    report_end();
    for (const Point& point : sweep_.points)
      if (const auto done = done_.find(key_of(point)); done != done_.end())
        outcome_.runs.push_back(done->second);
    outcome_.failed = static_cast<std::int32_t>(outcome_.failed_runs.size());
    return std::move(outcome_);
  }

 private:
  std::string cancelled_text() const {
    return fmt::format("{}: cancelled; go on with --resume", sweep_.name);
  }

  // Lower bounds are no estimate: then the first points tell.
  Status foresee() {
    TOKENMARK_TRY(const Forecaster forecaster, forecaster_of(&store_));
    std::vector<std::string> keys;
    std::vector<std::optional<double>> expected_s;
    for (const std::size_t index : to_run_) {
      const PointForecast forecast = forecaster.point(sweep_.points[index], node_name(sweep_.node));
      keys.push_back(configuration_key(sweep_.points[index]));
      expected_s.push_back(forecast.source == ForecastSource::ceilings ? std::nullopt : forecast.seconds);
    }
    estimate_ = TimeEstimate(std::move(keys), std::move(expected_s));
    return {};
  }

  void stand_still() {
    if (options_.pause == nullptr || !options_.pause->wanted() || stop_.stop_requested()) return;
    agent_.reset();
    report("paused", {});
    if (observer_.paused) observer_.paused(true);
    if (options_.pause->wait(stop_) && observer_.paused) observer_.paused(false);
  }

  // The sweep that is gone on with; 0: a new one.
  Result<SweepId> earlier_sweep() {
    if (!options_.resume && !options_.failed_only) return 0;
    if (options_.earlier != 0) return options_.earlier;
    TOKENMARK_TRY(const auto earlier, store_.latest_sweep(sweep_.hash));
    if (!earlier && options_.failed_only)
      return fail(ErrorKind::not_found, "{}: the store has no earlier run of these points whose failed ones could be measured again", sweep_.name);
    return earlier ? earlier->id : 0;
  }

  // Finds or makes the sweep's row and what is left to do.
  Status prepare() {
    TOKENMARK_CHECK(store_.mark_interrupted());
    std::set<PointKey> failed;
    TOKENMARK_TRY(outcome_.sweep, earlier_sweep());
    if (outcome_.sweep != 0) {
      TOKENMARK_TRY(const auto rows, store_.runs({}, outcome_.sweep));
      for (const RunRow& row : rows) {
        const PointKey key{row.configuration_key, row.repeat};
        if (row.state == RunState::failed) failed.insert(key);
        if (row.state == RunState::done)
          done_[key] = row.id;
        else if (row.state != RunState::running)
          replaced_[key].push_back(row.id);
        else
          return fail(ErrorKind::unavailable,
                      "{}: another program measures this sweep now (run {}); wait for it or stop it",
                      sweep_.name, row.id);
      }
    } else {
      TOKENMARK_TRY(outcome_.sweep, store_.add_sweep(sweep_.name, sweep_.yaml, sweep_.hash,
                                                     static_cast<std::int32_t>(sweep_.points.size())));
    }
    for (std::size_t i = 0; i < sweep_.points.size(); ++i) {
      const PointKey key = key_of(sweep_.points[i]);
      if (!done_.contains(key) && (!options_.failed_only || failed.contains(key))) to_run_.push_back(i);
    }
    return {};
  }

  Status run_point(const Point& point) {
    const NewRun run = expected_run(sweep_, outcome_.sweep, point);
    TOKENMARK_TRY(const RunId id, store_.begin_run(run));
    auto measured = measure(point);
    if (!measured) return end_without_result(id, point, measured.error());
    const Figures figures = compute_figures(measured->log, point.limits, measured->facts.gpus);
    if (const auto why = verdict(figures, point.stop)) {
      std::string text = *why;
      for (const std::string& said : measured->log.error_texts) text += "; " + said;
      return end_without_result(id, point, {ErrorKind::unavailable, text});
    }
    json environment = agent_->environment();
    environment["device"] = {{"id", measured->facts.device}, {"name", measured->facts.hardware}};
    if (!measured->log.metering.empty()) environment["meters"] = metering_environment(measured->log.metering);
    environment["model"] = {{"name", measured->facts.model}, {"hash", measured->facts.model_hash}};
    const NewRun found = found_run(sweep_, run, measured->facts);
    if (const Status stored = store_.finish_run(id, figures, environment, &measured->log, &found); !stored) {
      (void)store_.end_run(id, RunState::failed,
                           stored.error().message);  // often there is room for so little
      return stored;
    }
    done_[key_of(point)] = id;
    const auto [quality, first] =
        quality_.try_emplace(target_of(point), std::move(measured->quality), std::move(measured->quality_failures));
    const auto& [results, failures] = quality->second;
    if (!results.empty() || !failures.empty()) TOKENMARK_CHECK(store_.add_quality(id, results, failures));
    if (first)
      for (const QualityFailure& failure : failures)
        outcome_.quality_errors.push_back(fmt::format("quality task {} of {}: {}", failure.task, found.model, failure.error));
    return stored(id, point);
  }

  // Quality belongs to a target, whatever the load: what is asked of it is asked once, even if it fails (an hour of
  // questions is not lost again with every point).
  static std::string target_of(const Point& point) {
    return to_json(point)["target"].dump(-1, ' ', false, json::error_handler_t::replace);
  }
  const std::vector<QualityTask>& quality_of(const Point& point) const {
    static const std::vector<QualityTask> kNone;
    return quality_.contains(target_of(point)) ? kNone : sweep_.quality;
  }

  // A point that cannot be measured is stored as failed and the sweep goes on; what ends the sweep is an
  // Error.
  Status end_without_result(RunId id, const Point& point, const Error& error) {
    if (error.kind == ErrorKind::cancelled && stop_.stop_requested()) {
      TOKENMARK_CHECK(store_.end_run(id, RunState::cancelled, "cancelled"));
      return fail(ErrorKind::cancelled, "{}", cancelled_text());
    }
    if (error.kind == ErrorKind::cancelled && point_stop_.stop_requested()) {
      given_up_ = true;
      replaced_[key_of(point)].push_back(id);
      return store_.end_run(id, RunState::cancelled, "given up when the sweep was paused; it is measured again");
    }
    if (agent_lost_) {
      TOKENMARK_CHECK(store_.end_run(id, RunState::interrupted, error.message));
      return fail(error.kind, "{}; what is finished is stored, go on with --resume", error.message);
    }
    TOKENMARK_CHECK(store_.end_run(id, RunState::failed, error.message));
    outcome_.failed_runs.push_back(id);
    outcome_.errors.push_back(fmt::format("{}: {}", label_of(sweep_, point), error.message));
    return stored(id, point);
  }

  Status stored(RunId id, const Point& point) {
    if (const auto old = replaced_.find(key_of(point)); old != replaced_.end()) {
      TOKENMARK_CHECK(store_.remove(old->second));
      replaced_.erase(old);
    }
    if (observer_.run_stored) observer_.run_stored(id);
    return {};
  }

  Result<PointOutcome> measure(const Point& point) {
    agent_lost_ = false;
    std::stop_source ending;  // the sweep's stop, or a pause that gives the point up
    point_stop_ = ending.get_token();
    const auto end = [&ending] { ending.request_stop(); };
    const std::stop_callback by_stop(stop_, end);
    const std::stop_callback by_pause(options_.pause ? options_.pause->begin_point() : std::stop_token(), end);
    const bool local = std::holds_alternative<LocalNode>(sweep_.node);
    for (int attempt = 0;; ++attempt) {
      if (!agent_ || !agent_->alive()) {
        report("starting the agent", {});
        agent_.reset();
        auto opened = AgentConnection::open(sweep_.node, options_.agent_program);
        agent_lost_ = !opened;
        if (!opened) return tl::unexpected(opened.error());
        agent_ = std::move(*opened);
      }
      auto outcome = agent_->run(
          point, [&](const std::string& phase, const LoadProgress& load) { report(phase, load); },
          point_stop_, quality_of(point));
      if (outcome || agent_->alive() || point_stop_.stop_requested()) return outcome;
      if (!local) {
        agent_lost_ = true;
        return outcome;
      }
      if (attempt > 0) return outcome;  // this point kills agents: failed, and a fresh agent for the next one
    }
  }

  void report(const std::string& phase, const LoadProgress& load) {
    if (!observer_.progress) return;
    const double share =
        load.requests > 0
            ? std::clamp(static_cast<double>(load.completed + load.failed) / load.requests, 0.0, 1.0)
            : 0.0;
    SweepProgress progress;
    progress.point = static_cast<std::int32_t>(position_);
    progress.points = static_cast<std::int32_t>(sweep_.points.size());
    progress.label = label_of(sweep_, sweep_.points[position_]);
    progress.phase = phase;
    progress.load = load;
    progress.share = (static_cast<double>(finished_) + share) / progress.points;
    progress.seconds_left = estimate_.seconds_left(share, Clock::now());
    observer_.progress(progress);
  }

  void report_end() {
    if (!observer_.progress) return;
    SweepProgress progress;
    progress.point = progress.points = static_cast<std::int32_t>(sweep_.points.size());
    progress.phase = "done";
    progress.share = 1;
    progress.seconds_left = 0;
    observer_.progress(progress);
  }

  const Sweep& sweep_;
  Store& store_;
  const RunnerOptions& options_;
  const SweepObserver& observer_;
  std::stop_token stop_;
  SweepOutcome outcome_;
  std::map<PointKey, RunId> done_;
  std::map<PointKey, std::vector<RunId>> replaced_;  // rows of points that will be measured again
  using Quality = std::pair<std::vector<QualityResult>, std::vector<QualityFailure>>;
  std::map<std::string, Quality> quality_;  // by target, once it was evaluated
  std::vector<std::size_t> to_run_;
  std::size_t position_ = 0, finished_ = 0;
  TimeEstimate estimate_;
  std::unique_ptr<AgentConnection> agent_;
  std::stop_token point_stop_;
  bool given_up_ = false;    // the point begun last is measured again
  bool agent_lost_ = false;  // and must not be started again
};

}  // namespace

Result<std::vector<Point>> points_left(const Sweep& sweep, Store& store, bool failed_only) {
  TOKENMARK_TRY(const auto earlier, store.latest_sweep(sweep.hash));
  if (!earlier) return failed_only ? std::vector<Point>{} : sweep.points;
  TOKENMARK_TRY(const auto rows, store.runs({}, earlier->id));
  std::set<PointKey> done, failed;
  for (const RunRow& row : rows) {
    if (row.state == RunState::done) done.emplace(row.configuration_key, row.repeat);
    if (row.state == RunState::failed) failed.emplace(row.configuration_key, row.repeat);
  }
  std::vector<Point> left;
  for (const Point& point : sweep.points)
    if (!done.contains(key_of(point)) && (!failed_only || failed.contains(key_of(point)))) left.push_back(point);
  return left;
}

Result<SweepOutcome> run_sweep(const Sweep& sweep, Store& store, const RunnerOptions& options,
                               const SweepObserver& observer, std::stop_token stop) {
  return Runner(sweep, store, options, observer, std::move(stop)).run();
}

}  // namespace tokenmark
