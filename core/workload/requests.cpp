#include "core/workload/requests.h"

#include <algorithm>

#include "core/workload/arrivals.h"
#include "core/workload/exact_math.h"
#include "core/workload/lengths.h"
#include "core/workload/mlperf_queries.h"
#include "core/workload/planning.h"
#include "core/statistics/random.h"
#include "core/workload/source_file.h"
#include "core/workload/traffic.h"

namespace tokenmark {
namespace {

Status check_prefix(const Workload& workload) {
  const bool any = workload.prefix > 0 || std::any_of(workload.classes.begin(), workload.classes.end(),
                                                      [](const TrafficClass& one) { return one.prefix > 0; });
  if (any) return {};
  if (workload.prefix_groups != 1 || workload.prefix_zipf != 0)
    return fail(ErrorKind::invalid_input, "workload.{} is set but workload.prefix is 0: say how many tokens a group shares",
                workload.prefix_groups != 1 ? "prefix_groups" : "prefix_zipf");
  return {};
}

// Fields that a source would silently leave out, and those that it needs.
Status check_source(const Point& point) {
  const Workload& workload = point.workload;
  if (workload.source == "random") {
    if (!workload.file.empty() || !workload.columns.empty())
      return fail(ErrorKind::invalid_input, "workload.{} is set but workload.source is 'random': choose the file's kind",
                  workload.file.empty() ? "columns" : "file");
    if (point.load.arrivals == "trace")
      return fail(ErrorKind::invalid_input, "load.arrivals is 'trace' but workload.source is 'random': choose the trace's kind and "
                  "name its file");
    return {};
  }
  if (workload.file.empty())
    return fail(ErrorKind::invalid_input, "workload.source is '{}' but workload.file is empty: name the file", workload.source);
  const std::pair<const char*, bool> given[] = {{"prefix", workload.prefix > 0}, {"classes", !workload.classes.empty()},
                                                {"turns", workload.turns > 1 && workload.source != "sharegpt"}};
  for (const auto& [field, is_given] : given)
    if (is_given)
      return fail(ErrorKind::invalid_input, "workload.{} belongs to the source random, but workload.source is '{}': its file says "
                  "what is asked", field, workload.source);
  if (point.load.arrivals == "trace" && workload.source == "sharegpt")
    return fail(ErrorKind::invalid_input, "load.arrivals is 'trace' but workload.source is 'sharegpt', which has no times");
  return check_columns(workload);
}

// MLPerf's scenarios: random prompts, or each row of a file once, in LoadGen's order.
Result<Plan> plan_scenario(const Point& point, const Tokenizer* tokenizer) {
  if (point.workload.source == "random") return plan_mlperf(point, 0, tokenizer);
  Plan rows;
  TOKENMARK_CHECK(plan_each_row(point, tokenizer, rows));
  TOKENMARK_TRY(const MlperfSettings settings, mlperf_settings(point, static_cast<std::int32_t>(rows.requests.size())));
  return arrange_mlperf(settings, std::move(rows));
}

}  // namespace

std::uint64_t prompt_stream(const Point& point) {
  return random_at(point.workload.seed, static_cast<std::uint64_t>(point.load.concurrency), static_cast<std::uint64_t>(point.repeat));
}

std::int64_t warmup_requests(const Load& load) { return std::int64_t{load.concurrency} * load.warmups_per_concurrency; }

std::int64_t most_requests(const Load& load) {
  if (load.requests > 0) return load.requests;
  if (is_open_loop(load)) return kMaxPlanned;
  return std::max<std::int64_t>(std::int64_t{load.concurrency} * load.requests_per_concurrency, load.min_requests);
}

std::int64_t think_time_ns(const Workload& workload, std::int64_t number) {
  if (workload.think_s == 0) return 0;
  const double seconds = workload.think_s * Draws(workload.seed, kThink, static_cast<std::uint64_t>(number)).exponential();
  return static_cast<std::int64_t>(seconds * 1e9 + 0.5);
}

std::optional<double> expected_requests(const Point& point) {
  if (!point.load.scenario.empty()) return std::nullopt;
  if (!is_open_loop(point.load)) return static_cast<double>(most_requests(point.load));
  const auto arrivals = expected_arrivals(point.load);
  if (!arrivals || point.workload.source != "random") return arrivals;
  double weights = 0, conversations = 0;
  for (const TrafficMix mix(point.workload, 0); const TrafficClass& kind : mix.classes()) {
    weights += kind.weight;
    conversations += kind.weight / kind.turns;
  }
  return std::min(static_cast<double>(most_requests(point.load)), *arrivals * weights / conversations);
}

Status check_plan(const Point& point) {
  TOKENMARK_CHECK(check_arrivals(point.load));
  TOKENMARK_CHECK(check_lengths(point.workload));
  TOKENMARK_CHECK(check_classes(point.workload));
  TOKENMARK_CHECK(check_prefix(point.workload));
  return check_source(point);
}

Result<Plan> plan_requests(const Point& point, const Tokenizer* tokenizer) {
  TOKENMARK_CHECK(check_plan(point));
  if (!point.load.scenario.empty()) return plan_scenario(point, tokenizer);
  Plan plan;
  plan.requests.reserve(static_cast<std::size_t>(warmup_requests(point.load) + (is_open_loop(point.load) ? 0 : most_requests(point.load))));
  plan_warmups(point, plan);
  const std::size_t warmups = plan.requests.size();
  TOKENMARK_CHECK(point.workload.source == "random" ? plan_random(point, plan) : plan_file(point, tokenizer, plan));
  if (plan.requests.size() == warmups)
    return fail(ErrorKind::invalid_input, "no request arrives in the {} s of load.duration_s: raise load.rate or the duration",
                schedule_s(point.load).value_or(0));
  for (const TrafficClass& one : point.workload.classes) plan.class_names.push_back(one.name);
  return plan;
}

}  // namespace tokenmark
