#include <algorithm>

#include "core/metrics/mlperf.h"

namespace tokenmark {
namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

bool carries_tokens(MessageKind kind) {
  return kind == MessageKind::content || kind == MessageKind::reasoning || kind == MessageKind::tool;
}

// When each request's first token came, and how many its messages brought.
struct Tokens {
  std::vector<std::int64_t> first, count;
  explicit Tokens(const EventLog& log) : first(log.requests.size(), kAbsent), count(log.requests.size()) {
    const MessageColumns& m = log.messages;
    for (std::size_t k = 0; k < m.size(); ++k) {
      if (m.tokens[k] == 0 || !carries_tokens(m.kind[k])) continue;
      if (first[m.request[k]] == kAbsent) first[m.request[k]] = m.received[k];
      count[m.request[k]] += m.tokens[k];
    }
  }
};

MlperfDistribution distribution(std::vector<std::int64_t> values) {
  MlperfDistribution d;
  std::sort(values.begin(), values.end());
  __int128 sum = 0;
  std::int64_t ended = 0;
  for (const std::int64_t value : values) {
    if (value == kNeverEnded) break;
    sum += value;
    ++ended;
  }
  if (ended > 0) d.mean = static_cast<std::int64_t>(sum / ended);
  d.sorted = std::move(values);
  return d;
}

std::int64_t count_over(const MlperfDistribution& d, const std::optional<double>& limit_s) {
  if (!limit_s) return -1;
  const auto limit_ns = static_cast<std::int64_t>(*limit_s * 1e9 + 0.5);
  return d.sorted.end() - std::upper_bound(d.sorted.begin(), d.sorted.end(), limit_ns);
}

// The pass over the measured requests.
class Pass {
 public:
  Pass(const EventLog& log, const MlperfSettings& settings) : log_(log), settings_(settings), tokens_(log) {
    const RequestColumns& r = log.requests;
    for (std::size_t i = 0; i < r.size(); ++i)
      if (r.warmup[i] == 0 && r.intended[i] != kAbsent && (begin_ == kAbsent || r.intended[i] < begin_)) begin_ = r.intended[i];
  }

  MlperfFigures figures() {
    const RequestColumns& r = log_.requests;
    for (std::size_t i = 0; i < r.size(); ++i)
      if (r.warmup[i] == 0 && r.intended[i] != kAbsent) take(i);
    f_.queries = static_cast<std::int64_t>(query_latency_.size());
    if (last_done_ != kAbsent) f_.last_done_s = seconds(last_done_ - begin_);
    if (last_query_done_ != kAbsent && !last_query_failed_) f_.last_query_done_s = seconds(last_query_done_ - begin_);
    if (longest_ > 0) f_.longest_s = seconds(longest_);
    f_.latency = distribution(std::move(latency_));
    if (settings_.scenario.loadgen == "MultiStream") {
      std::vector<std::int64_t> queries;
      for (const auto& [number, latency] : query_latency_) queries.push_back(latency);
      f_.query_latency = distribution(std::move(queries));
    }
    if (settings_.tokens && settings_.scenario.loadgen != "Offline") {
      f_.first_token = distribution(std::move(first_token_));
      f_.time_per_token = distribution(std::move(time_per_token_));
    }
    f_.over = {count_over(f_.latency, settings_.limits.latency_s), count_over(f_.first_token, settings_.limits.ttft_s),
               count_over(f_.time_per_token, settings_.limits.tpot_s)};
    return std::move(f_);
  }

 private:
  std::int64_t query_of(std::size_t i) const {
    const std::vector<std::int32_t>& group = log_.requests.group;
    if (settings_.scenario.loadgen == "Offline" && !settings_.accuracy) return 0;
    return group.empty() || group[i] < 0 ? static_cast<std::int64_t>(i) : group[i];
  }

  void take(std::size_t i) {
    const RequestColumns& r = log_.requests;
    const bool ended = r.error[i] == RequestError::none && r.end[i] != kAbsent;
    const std::int64_t latency = ended ? r.end[i] - r.intended[i] : kNeverEnded;
    ++f_.samples;
    f_.failed += !ended;
    latency_.push_back(latency);
    const std::int64_t query = query_of(i);
    const auto [entry, is_new] = query_latency_.try_emplace(query, latency);
    if (!is_new) entry->second = std::max(entry->second, latency);
    if (query >= last_query_) take_last_query(i, query, ended);
    if (ended) {
      last_done_ = std::max(last_done_, r.end[i]);
      longest_ = std::max(longest_, latency);
    }
    take_tokens(i, ended, latency);
  }

  void take_last_query(std::size_t i, std::int64_t query, bool ended) {
    const RequestColumns& r = log_.requests;
    if (query > last_query_) {
      last_query_ = query;
      last_query_done_ = kAbsent;
      last_query_failed_ = false;
      f_.last_scheduled_s = seconds(r.intended[i] - begin_);
      f_.last_issued_s = r.send_start[i] == kAbsent ? f_.last_scheduled_s : seconds(r.send_start[i] - begin_);
    }
    last_query_failed_ = last_query_failed_ || !ended;
    if (ended) last_query_done_ = std::max(last_query_done_, r.end[i]);
  }

  void take_tokens(std::size_t i, bool ended, std::int64_t latency) {
    if (!settings_.tokens) return;
    if (!ended) {
      first_token_.push_back(kNeverEnded);
      time_per_token_.push_back(kNeverEnded);
      return;
    }
    const RequestColumns& r = log_.requests;
    const std::int64_t n = r.output_tokens[i] >= 0 ? r.output_tokens[i] : tokens_.count[i];
    f_.tokens += n;
    const std::int64_t ttft = tokens_.first[i] == kAbsent ? latency : tokens_.first[i] - r.intended[i];
    first_token_.push_back(ttft);
    if (n >= 2) time_per_token_.push_back((latency - ttft) / (n - 1));
    else ++f_.without_tpot;
  }

  const EventLog& log_;
  const MlperfSettings& settings_;
  Tokens tokens_;
  MlperfFigures f_;
  std::vector<std::int64_t> latency_, first_token_, time_per_token_;
  std::map<std::int64_t, std::int64_t> query_latency_;
  std::int64_t begin_ = kAbsent, last_done_ = kAbsent, longest_ = 0;
  std::int64_t last_query_ = -1, last_query_done_ = kAbsent;
  bool last_query_failed_ = false;
};

}  // namespace

std::int64_t MlperfDistribution::at(double p) const {
  const auto rank = static_cast<std::size_t>(static_cast<double>(sorted.size()) * p);
  return sorted[std::min(rank, sorted.size() - 1)];
}

MlperfFigures mlperf_figures(const EventLog& log, const MlperfSettings& settings) { return Pass(log, settings).figures(); }

}  // namespace tokenmark
