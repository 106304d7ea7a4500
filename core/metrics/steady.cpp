#include "core/metrics/steady.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace tokenmark {
namespace {

constexpr std::size_t kBatch = 5, kParts = 200, kFewestRequests = 40;
constexpr double kNoticeableErrors = 3.5, kNoticeableChange = 0.05;

std::vector<double> batch_means(const std::vector<double>& series) {
  std::vector<double> out(series.size() / kBatch);
  for (std::size_t b = 0; b < out.size(); ++b)
    for (std::size_t k = 0; k < kBatch; ++k) out[b] += series[b * kBatch + k] / kBatch;
  return out;
}

struct Moments {
  double mean = 0, squared_error = 0;  // of the mean
};
Moments moments(const double* begin, std::size_t n) {
  Moments out;
  for (std::size_t i = 0; i < n; ++i) out.mean += begin[i] / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) out.squared_error += (begin[i] - out.mean) * (begin[i] - out.mean);
  out.squared_error /= static_cast<double>(n) * static_cast<double>(std::max<std::size_t>(1, n - 1));
  return out;
}

// Whether the series behind the cut still changes. Its ten blocks are long, so that neighbours count as one.
bool drifts(const std::vector<double>& series, std::size_t cut) {
  constexpr std::size_t kBlocks = 10;
  const std::size_t block = (series.size() - cut) / kBlocks;
  if (block == 0) return false;
  double means[kBlocks] = {};
  for (std::size_t i = 0; i < kBlocks * block; ++i) means[i / block] += series[cut + i] / static_cast<double>(block);
  const Moments early = moments(means, kBlocks / 2), late = moments(means + kBlocks / 2, kBlocks / 2);
  const double change = std::abs(late.mean - early.mean);
  return change > kNoticeableErrors * std::sqrt(early.squared_error + late.squared_error) &&
         change > kNoticeableChange * std::max(std::abs(early.mean), std::abs(late.mean));
}

// What happens in equal parts of a span.
class Parts {
 public:
  Parts(std::int64_t from, std::int64_t to) : values(kParts), from_(from), width_(static_cast<double>(to - from) / kParts) {}

  std::int64_t begin_of(std::size_t part) const { return from_ + static_cast<std::int64_t>(width_ * static_cast<double>(part)); }
  void add_at(std::int64_t time, double amount) {
    const double part = static_cast<double>(time - from_) / width_;
    if (part >= 0 && part < kParts) values[static_cast<std::size_t>(part)] += amount;
  }
  // The time from `begin` to `end` as a share of each part that it covers.
  void add_between(std::int64_t begin, std::int64_t end) {
    const double low = std::max(0.0, static_cast<double>(begin - from_) / width_);
    const double high = std::min<double>(kParts, static_cast<double>(end - from_) / width_);
    for (auto part = static_cast<std::size_t>(low); static_cast<double>(part) < high; ++part)
      values[part] += std::min(high, static_cast<double>(part) + 1) - std::max(low, static_cast<double>(part));
  }
  std::vector<double> values;

 private:
  std::int64_t from_;
  double width_;
};

struct FirstTokens {
  std::vector<double> latency;
  std::vector<std::int64_t> sent;
};
FirstTokens first_tokens(const LogReading& reading) {
  std::vector<std::size_t> order;
  const RequestColumns& r = reading.log.requests;
  for (std::size_t i = 0; i < r.size(); ++i)
    if (reading.completed(i)) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return r.send_start[a] < r.send_start[b]; });
  FirstTokens out;
  for (const std::size_t i : order) {
    const Latencies latencies = reading.latencies(i);
    out.latency.push_back(latencies.ttft.value_or(latencies.e2e));
    out.sent.push_back(r.send_start[i]);
  }
  return out;
}

SteadyWindow unsettled(std::string reason) { return {false, std::move(reason), 0, 0}; }

}  // namespace

std::size_t mser5(const std::vector<double>& series) {
  const std::vector<double> means = batch_means(series);
  const std::size_t n = means.size();
  if (n < 2) return 0;
  // From the end, with running sums: the squared standard error of what is left after each cut.
  double sum = 0, squares = 0, best = INFINITY;
  std::size_t cut = 0;
  const double center = means.back();  // keeps the sums of squares small
  for (std::size_t d = n; d-- > 0;) {
    const double x = means[d] - center, left = static_cast<double>(n - d);
    sum += x;
    squares += x * x;
    const double error = std::max(0.0, squares - sum * sum / left) / (left * left);
    if (d > n / 2 || error > best) continue;
    best = error;
    cut = d;
  }
  return cut * kBatch;
}

SteadyWindow find_steady_window(const LogReading& reading) {
  const RequestColumns& r = reading.log.requests;
  const FirstTokens first = first_tokens(reading);
  if (first.sent.size() < kFewestRequests)
    return unsettled(fmt::format("{} requests completed; a steady state can be told from {} on", first.sent.size(), kFewestRequests));
  const std::int64_t begin = first.sent.front(), last_send = first.sent.back();
  if (last_send <= begin) return unsettled("all requests were sent at once: the run is ramp-up and drain alone");

  Parts output(begin, last_send), in_flight(begin, last_send);
  for (std::size_t i = 0; i < r.size(); ++i)
    if (reading.measured(i) && r.send_start[i] != kAbsent && r.end[i] != kAbsent) in_flight.add_between(r.send_start[i], r.end[i]);
  for (std::size_t i = 0; i < r.size(); ++i)
    if (reading.completed(i) && !reading.gave_tokens(i)) output.add_at(reading.finished(i), reading.items(i));
  reading.each_token_message([&](std::size_t, std::int64_t at, const std::optional<double>&, std::int32_t tokens) {
    output.add_at(at, tokens);
  });

  SteadyWindow window{true, {}, begin, last_send};
  const auto judge = [&](const char* what, const std::vector<double>& series, auto&& time_of) {
    const std::size_t cut = mser5(series);
    window.from = std::max(window.from, time_of(cut));
    if (!drifts(series, cut) || !window.settled) return;
    window.settled = false;
    window.reason = fmt::format("never settled: the {} still changed in the second half of the run", what);
  };
  judge("throughput", output.values, [&](std::size_t cut) { return output.begin_of(cut); });
  judge("number of requests in flight", in_flight.values, [&](std::size_t cut) { return in_flight.begin_of(cut); });
  judge("TTFT", first.latency, [&](std::size_t cut) { return first.sent[cut]; });
  if (window.settled && window.from >= window.to) return unsettled("the run is ramp-up and drain alone");
  return window;
}

}  // namespace tokenmark
