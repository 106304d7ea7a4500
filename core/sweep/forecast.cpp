#include "core/sweep/forecast.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/workload/arrivals.h"
#include "core/workload/lengths.h"
#include "core/workload/point_json.h"
#include "core/workload/requests.h"
#include "core/workload/traffic_sum.h"
#include "engine/model/shapes.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kMostPast = 2000;

std::string target_text(const json& target) { return target.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string target_of(const Point& point) {
  // As a configuration's key has it, where defaults are left out.
  return target_text(json::parse(configuration_key(point), nullptr, false)["target"]);
}

// Nothing where one of them is not known.
std::optional<TrafficSum> added(const std::optional<TrafficSum>& a, const std::optional<TrafficSum>& b) {
  if (!a || !b) return std::nullopt;
  return TrafficSum{a->requests + b->requests, a->warmups + b->warmups, a->input_tokens + b->input_tokens,
                    a->output_tokens + b->output_tokens};
}

double warmup_share(const Point& point, double requests) {
  if (is_open_loop(point.load) || requests <= 0) return 0;
  return static_cast<double>(point.load.warmups_per_concurrency) * point.load.concurrency / requests;
}

// How many times a closed loop's slots are filled; nothing where that is not known.
std::optional<double> rounds(const Point& point) {
  const auto requests = expected_requests(point);
  if (is_open_loop(point.load) || !requests || point.load.concurrency < 1) return std::nullopt;
  return std::ceil(*requests / point.load.concurrency) + point.load.warmups_per_concurrency;
}

bool plain(const Point& point) {
  return point.workload.source == "random" && point.workload.classes.empty() && point.workload.turns == 1 && point.load.scenario.empty();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

double limited(const Point& point, double seconds) {
  if (point.load.duration_s > 0) seconds = std::min(seconds, point.load.duration_s);
  return std::min(seconds, point.stop.timeout_s);
}

struct ModelSize {
  double bytes = 0, parameters = 0;  // that one token uses
};

std::optional<ModelSize> size_of(const std::string& model) {
  if (is_shape_specification(model)) {
    const auto shape = parse_shape_specification(model);
    if (!shape) return std::nullopt;
    double bytes = 0, parameters = 0;
    for (const Tensor& tensor : shape_tensors(shape->description, shape->format)) {
      bytes += static_cast<double>(tensor.bytes);
      parameters += static_cast<double>(tensor.depth * tensor.rows * tensor.columns);
    }
    const double active = shape->description.active_parameters > 0 ? static_cast<double>(shape->description.active_parameters) : parameters;
    return ModelSize{parameters > 0 ? bytes * active / parameters : bytes, active};
  }
  std::error_code error;
  const auto bytes = std::filesystem::file_size(model, error);
  if (error || bytes == 0) return std::nullopt;
  return ModelSize{static_cast<double>(bytes), static_cast<double>(bytes)};  // about a byte a parameter
}

}  // namespace

Forecaster::Forecaster(const std::vector<PastPoint>& past, std::map<std::string, DeviceCeilings> ceilings)
    : ceilings_(std::move(ceilings)) {
  for (std::size_t i = 0; i < std::min(past.size(), kMostPast); ++i) {
    const PastPoint& one = past[i];
    took_s_[one.node + '\n' + one.configuration_key].push_back(one.duration_s);
    const json key = json::parse(one.configuration_key, nullptr, false);
    if (!key.is_object() || !key.contains("target") || !one.ttft_p50_s || !one.tpot_p50_s) continue;
    const auto read = point_from_json(key);
    if (!read || is_open_loop(read->load) || !plain(*read)) continue;
    by_target_[one.node + '\n' + target_text(key["target"])].push_back(
        {mean_length(read->workload, read->workload.input), mean_length(read->workload, read->workload.output),
         static_cast<double>(read->load.concurrency), *one.ttft_p50_s, *one.tpot_p50_s});
  }
}

PointForecast Forecaster::point(const Point& point, const std::string& node) const {
  const double requests = expected_requests(point).value_or(0);
  if (const auto found = took_s_.find(node + '\n' + configuration_key(point)); found != took_s_.end())
    return {ForecastSource::measured, median(found->second) * (1 + warmup_share(point, requests))};
  if (const auto seconds = expected_schedule_s(point.load)) return {ForecastSource::schedule, seconds};
  if (const auto seconds = similar(point, node)) return {ForecastSource::similar, limited(point, *seconds)};
  if (const auto seconds = bound(point, node)) return {ForecastSource::ceilings, limited(point, *seconds)};
  return {};
}

std::optional<double> Forecaster::similar(const Point& point, const std::string& node) const {
  const auto found = by_target_.find(node + '\n' + target_of(point));
  const auto turns = rounds(point);
  if (found == by_target_.end() || !turns || !plain(point)) return std::nullopt;
  const double input = mean_length(point.workload, point.workload.input), output = mean_length(point.workload, point.workload.output);
  const double c = point.load.concurrency;
  const auto apart = [&](const Measured& one) {
    return std::abs(std::log(one.input / input)) + std::abs(std::log(one.output / output));
  };
  // Of all lengths the nearest, and there the concurrencies around this one.
  const auto nearest = std::min_element(found->second.begin(), found->second.end(), [&](const Measured& a, const Measured& b) { return apart(a) < apart(b); });
  const Measured *below = nullptr, *above = nullptr;
  for (const Measured& one : found->second) {
    if (apart(one) > apart(*nearest) + 1e-9) continue;
    if (one.concurrency <= c && (!below || one.concurrency > below->concurrency)) below = &one;
    if (one.concurrency >= c && (!above || one.concurrency < above->concurrency)) above = &one;
  }
  double tpot_s = 0, ttft_s = 0;
  if (below && above) {
    const double at = above == below || above->concurrency == below->concurrency ? 0 : (c - below->concurrency) / (above->concurrency - below->concurrency);
    tpot_s = below->tpot_s + at * (above->tpot_s - below->tpot_s);
    ttft_s = below->ttft_s + at * (above->ttft_s - below->ttft_s);
  } else {
    const Measured& one = below ? *below : *above;
    const double grows = std::max(1.0, c / one.concurrency);
    tpot_s = one.tpot_s * grows;
    ttft_s = one.ttft_s * grows;
  }
  return *turns * (ttft_s * input / nearest->input + tpot_s * (output - 1));
}

std::optional<double> Forecaster::bound(const Point& point, const std::string& node) const {
  const auto* engine = std::get_if<EngineTarget>(&point.target);
  const auto turns = rounds(point);
  if (!engine || node != "local" || !turns || !plain(point)) return std::nullopt;
  const auto device = ceilings_.find(engine->device);
  const auto size = size_of(engine->model);
  if (device == ceilings_.end() || !size || device->second.memory_gb_s <= 0 || device->second.arithmetic_gop_s <= 0) return std::nullopt;
  const double c = point.load.concurrency, op_s = 2 * size->parameters / (device->second.arithmetic_gop_s * 1e9);
  const double step_s = std::max(size->bytes / (device->second.memory_gb_s * 1e9), op_s * c);
  return *turns * (c * op_s * mean_length(point.workload, point.workload.input) + step_s * mean_length(point.workload, point.workload.output));
}

SweepForecast Forecaster::sweep(const Sweep& sweep) const { return points(sweep.points, node_name(sweep.node)); }

SweepForecast Forecaster::points(const std::vector<Point>& points, const std::string& node) const {
  SweepForecast out;
  out.points = points.size();
  double seconds = 0;
  out.requests = 0.0;
  out.traffic = TrafficSum();
  std::map<std::string, PointForecast> known;  // repeats are the same
  for (const Point& one : points) {
    const auto [found, is_new] = known.try_emplace(configuration_key(one));
    if (is_new) found->second = point(one, node);
    ++out.sources[found->second.source];
    seconds += found->second.seconds.value_or(0);
    const auto asked = expected_requests(one);
    out.requests = out.requests && asked ? std::optional(*out.requests + *asked) : std::nullopt;
    out.traffic = added(out.traffic, expected_traffic(one));
  }
  out.at_least = out.sources.contains(ForecastSource::ceilings);
  if (!out.sources.contains(ForecastSource::unknown)) out.seconds = seconds;
  return out;
}

Result<Forecaster> forecaster_of(Store* store) {
  std::vector<PastPoint> past;
  if (store != nullptr) {
    TOKENMARK_TRY(past, store->past_points(kMostPast));
  }
  return Forecaster(past, read_ceilings(ceilings_path()));
}

std::string sources_text(const SweepForecast& forecast) {
  static constexpr std::string_view kTexts[] = {"as measured before", "as their schedules say", "from similar runs of the same target",
                                                "from the model's size and the device's measured ceilings", "not known"};
  std::string text;
  for (const auto& [source, count] : forecast.sources) {
    const std::string_view says = kTexts[static_cast<std::size_t>(source)];
    if (forecast.sources.size() == 1) return std::string(says);
    text += fmt::format("{}{} point{} {}", text.empty() ? "" : ", ", count, count == 1 ? "" : "s", says);
  }
  return text;
}

}  // namespace tokenmark
