#include "core/metrics/figures.h"

#include <algorithm>
#include <cmath>

namespace tokenmark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

bool carries_tokens(MessageKind kind) {
  return kind == MessageKind::content || kind == MessageKind::reasoning || kind == MessageKind::tool;
}

// What the messages say of one request.
struct Stream {
  std::int64_t first_token = kAbsent, last_token = kAbsent;
  std::int64_t tokens = 0;
  double largest_itl_s = 0;
};

// One request's latencies, in seconds.
struct Latencies {
  double ttft = 0, e2e = 0;
  std::optional<double> tpot;
};

// The pass over a log. Requests that are not part of the measurement (warm-ups) are left out everywhere.
class Run {
 public:
  explicit Run(const EventLog& log) : log_(log), requests_(log.requests) { read_messages(); }

  bool measured(std::size_t i) const { return requests_.warmup[i] == 0; }
  bool completed(std::size_t i) const {
    return requests_.error[i] == RequestError::none && streams_[i].first_token != kAbsent &&
           requests_.send_start[i] != kAbsent;
  }
  const Stream& stream(std::size_t i) const { return streams_[i]; }
  std::vector<double> take_itls() { return std::move(itls_); }

  std::int64_t output_tokens(std::size_t i) const {
    return requests_.output_tokens[i] >= 0 ? requests_.output_tokens[i] : streams_[i].tokens;
  }
  Latencies latencies(std::size_t i) const {
    const std::int64_t start = requests_.send_start[i], n = output_tokens(i);
    Latencies out{seconds(streams_[i].first_token - start), seconds(streams_[i].last_token - start), {}};
    if (n >= 2) out.tpot = (out.e2e - out.ttft) / static_cast<double>(n - 1);
    return out;
  }

 private:
  void read_messages() {
    const MessageColumns& messages = log_.messages;
    streams_.resize(requests_.size());
    for (std::size_t k = 0; k < messages.size(); ++k) {
      const std::size_t i = messages.request[k];
      const std::int32_t tokens = messages.tokens[k];
      if (tokens == 0 || !carries_tokens(messages.kind[k]) || !measured(i)) continue;
      Stream& stream = streams_[i];
      if (stream.first_token == kAbsent) {
        stream.first_token = messages.received[k];
      } else {
        const double itl = seconds(messages.received[k] - stream.last_token) / tokens;
        stream.largest_itl_s = std::max(stream.largest_itl_s, itl);
        if (requests_.error[i] == RequestError::none) itls_.insert(itls_.end(), static_cast<std::size_t>(tokens), itl);
      }
      stream.last_token = messages.received[k];
      stream.tokens += tokens;
    }
  }

  const EventLog& log_;
  const RequestColumns& requests_;
  std::vector<Stream> streams_;
  std::vector<double> itls_;  // of completed requests, in the order of arrival
};

bool any(const Limits& limits) { return limits.ttft_s || limits.tpot_s || limits.itl_s || limits.e2e_s; }

bool meets(const Limits& limits, const Latencies& latencies, const Stream& stream) {
  const auto within = [](const std::optional<double>& limit, double value) { return !limit || value <= *limit; };
  return within(limits.ttft_s, latencies.ttft) && within(limits.e2e_s, latencies.e2e) &&
         within(limits.tpot_s, latencies.tpot.value_or(0)) && within(limits.itl_s, stream.largest_itl_s);
}

// Samples of the requests, in the order of sending.
struct Samples {
  std::vector<double> ttft, tpot, e2e, interactivity, send_lag;
};

std::string source_name(TokenSource source) {
  switch (source) {
    case TokenSource::none: return "none";
    case TokenSource::usage: return "usage";
    case TokenSource::tokenizer: return "tokenizer";
    case TokenSource::engine: return "engine";
    case TokenSource::messages: return "messages";
  }
  return "none";
}

// Counts and sums over the requests; `samples` collects what distributions are made of.
struct Totals {
  std::int64_t first_send = kAbsent, last_end = kAbsent;
  double in_flight_s = 0, completed_e2e_s = 0;  // integral of concurrency; sum of latencies
  std::int32_t good = 0;
  std::int64_t good_tokens = 0;
  bool input_known = true;
  std::int64_t cached_tokens = 0, told_tokens = 0;  // of prompts whose cached part is known
};

void count_failed(const RequestColumns& requests, std::size_t i, Figures& figures, Samples& samples) {
  ++figures.failed;
  // A request without an error and without a token gave nothing either.
  const RequestError error = requests.error[i] == RequestError::none ? RequestError::malformed : requests.error[i];
  ++figures.errors[std::string(request_error_name(error))];
  samples.ttft.push_back(kInfinity);
  samples.e2e.push_back(kInfinity);
  if (requests.requested_output[i] == 1) return;  // it would have had no TPOT
  samples.tpot.push_back(kInfinity);
  samples.interactivity.push_back(0);
}

void count_completed(const Run& run, const RequestColumns& requests, std::size_t i, const Limits& limits,
                     Figures& figures, Totals& totals, Samples& samples) {
  ++figures.completed;
  const Latencies latencies = run.latencies(i);
  const std::int64_t output = run.output_tokens(i);
  figures.output_tokens += output;
  figures.input_tokens += std::max(0, requests.input_tokens[i]);
  totals.input_known = totals.input_known && requests.input_tokens[i] >= 0;
  if (i < requests.cached_tokens.size() && requests.cached_tokens[i] >= 0) {
    totals.cached_tokens += requests.cached_tokens[i];
    totals.told_tokens += std::max(0, requests.input_tokens[i]);
  }
  totals.completed_e2e_s += latencies.e2e;
  samples.ttft.push_back(latencies.ttft);
  samples.e2e.push_back(latencies.e2e);
  if (latencies.tpot) {
    samples.tpot.push_back(*latencies.tpot);
    if (*latencies.tpot > 0) samples.interactivity.push_back(1 / *latencies.tpot);
  }
  const std::string source = source_name(requests.token_source[i]);
  if (figures.token_source.empty()) figures.token_source = source;
  if (figures.token_source != source) figures.token_source = "mixed";
  if (meets(limits, latencies, run.stream(i))) {
    ++totals.good;
    totals.good_tokens += output;
  }
}

Totals count_requests(const Run& run, const RequestColumns& requests, const Limits& limits, Figures& figures, Samples& samples) {
  Totals totals;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!run.measured(i)) continue;
    const std::int64_t sent = requests.send_start[i], end = requests.end[i];
    if (sent != kAbsent && (totals.first_send == kAbsent || sent < totals.first_send)) totals.first_send = sent;
    if (end != kAbsent) totals.last_end = std::max(totals.last_end, end);
    if (sent != kAbsent && end != kAbsent) totals.in_flight_s += seconds(end - sent);
    if (sent != kAbsent && requests.intended[i] != kAbsent) samples.send_lag.push_back(seconds(sent - requests.intended[i]));
    if (run.completed(i)) count_completed(run, requests, i, limits, figures, totals, samples);
    else count_failed(requests, i, figures, samples);
  }
  return totals;
}

void set_shares(const EventLog& log, const Totals& totals, Figures& figures) {
  const auto share = [](std::int64_t part, std::int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); };
  if (totals.told_tokens > 0) figures.cached_prompt_share = share(totals.cached_tokens, totals.told_tokens);
  if (log.drafted_tokens > 0) figures.draft_acceptance = share(log.accepted_tokens, log.drafted_tokens);
}

void set_rates(const Totals& totals, const Limits& limits, std::int32_t gpus, Figures& figures) {
  if (totals.first_send == kAbsent || totals.last_end == kAbsent) return;
  figures.duration_s = seconds(totals.last_end - totals.first_send);
  if (figures.duration_s <= 0) return;
  const auto rate = [&](double count) { return count / figures.duration_s; };
  const auto input = static_cast<double>(figures.input_tokens), output = static_cast<double>(figures.output_tokens);
  figures.request_s = rate(figures.completed);
  figures.output_tok_s = rate(output);
  if (totals.input_known) {
    figures.input_tok_s = rate(input);
    figures.total_tok_s = rate(input + output);
  }
  if (gpus > 0) {
    figures.output_tok_s_gpu = *figures.output_tok_s / gpus;
    if (figures.input_tok_s) figures.input_tok_s_gpu = *figures.input_tok_s / gpus;
    if (figures.total_tok_s) figures.total_tok_s_gpu = *figures.total_tok_s / gpus;
  }
  if (any(limits)) {
    figures.goodput_req_s = rate(totals.good);
    figures.goodput_tok_s = rate(static_cast<double>(totals.good_tokens));
    figures.goodput_share = static_cast<double>(totals.good) / (figures.completed + figures.failed);
  }
  if (totals.in_flight_s > 0 && figures.completed > 0) figures.littles_law = totals.completed_e2e_s / totals.in_flight_s;
}

// 1/TPOT: the median of it, and the slow tail from the p99 of TPOT.
void set_interactivity(std::vector<double> interactivity, Figures& figures) {
  figures.interactivity_p50 = Percentiles(std::move(interactivity)).at(0.5);
  if (figures.interactivity_p50.value == 0.0)
    figures.interactivity_p50 = {{}, {}, "half of the requests or more failed"};
  const Percentile& slow = figures.tpot_s.p99;
  Percentile& tail = figures.interactivity_p99;
  if (!slow.value) {
    tail.why_absent = slow.why_absent;
  } else if (std::isinf(*slow.value)) {
    tail.why_absent = fmt::format("{} of {} requests failed: the p99 of TPOT is infinite", figures.failed,
                                  figures.completed + figures.failed);
  } else if (*slow.value > 0) {
    tail.value = 1 / *slow.value;
    if (slow.interval && slow.interval->low > 0) tail.interval = Interval{1 / slow.interval->high, 1 / slow.interval->low};
  } else {
    tail.why_absent = "the tokens came all at once";
  }
}

// The client was the limit if its loop had no time to spare, looked away from its sockets for long, or sent late;
// "long" and "late" are against the median latency of the requests, and never below what a person would notice.
void judge_client(const EventLog& log, Figures& figures) {
  constexpr double kBusyShare = 0.8, kNoticeableStall = 0.05, kNoticeableLag = 0.01, kShareOfLatency = 0.05;
  std::int64_t first = kAbsent, last = kAbsent;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    const std::int64_t sent = log.requests.send_start[i];
    if (sent != kAbsent && (first == kAbsent || sent < first)) first = sent;
    last = std::max(last, log.requests.end[i]);
  }
  if (first == kAbsent || last == kAbsent || last <= first || figures.send_lag_s.samples == 0) {
    figures.client_verdict = "nothing was sent, so the client cannot be judged";
    return;
  }
  const double cpu_share = log.client_cpu_s / seconds(last - first), stall = seconds(log.longest_stall_ns);
  const Distribution& lag = figures.send_lag_s;
  const double late = lag.p99.value ? *lag.p99.value : *lag.maximum;
  const double latency = figures.e2e_s.p50.value && std::isfinite(*figures.e2e_s.p50.value) ? *figures.e2e_s.p50.value : 0;
  const char* const which = lag.p99.value ? "p99" : "at most";

  std::string why;
  const auto blame = [&](const std::string& reason) { why += (why.empty() ? "" : ", ") + reason; };
  if (cpu_share >= kBusyShare) blame(fmt::format("it used {:.0f} % of a core", cpu_share * 100));
  if (stall > std::max(kNoticeableStall, kShareOfLatency * latency))
    blame(fmt::format("it did not look at its sockets for {:.1f} ms", stall * 1e3));
  if (late > std::max(kNoticeableLag, kShareOfLatency * latency))
    blame(fmt::format("it sent {:.1f} ms late ({})", late * 1e3, which));
  figures.client_limited = !why.empty();
  figures.client_verdict =
      figures.client_limited
          ? "the client was a limit: " + why
          : fmt::format("the client was not the limit: it used {:.0f} % of a core, looked away from its sockets for at "
                        "most {:.1f} ms and sent {:.1f} ms late ({})",
                        cpu_share * 100, stall * 1e3, late * 1e3, which);
}

}  // namespace

Figures compute_figures(const EventLog& log, const Limits& limits, std::int32_t gpus) {
  Figures figures;
  Samples samples;
  Run run(log);
  const Totals totals = count_requests(run, log.requests, limits, figures, samples);
  set_rates(totals, limits, gpus, figures);
  set_shares(log, totals, figures);
  std::vector<double> itls = run.take_itls();
  itls.insert(itls.end(), static_cast<std::size_t>(figures.failed), kInfinity);
  figures.ttft_s = distribution_of(samples.ttft);
  figures.tpot_s = distribution_of(samples.tpot);
  figures.itl_s = distribution_of(itls);
  figures.e2e_s = distribution_of(samples.e2e);
  figures.send_lag_s = distribution_of(samples.send_lag);
  set_interactivity(std::move(samples.interactivity), figures);
  judge_client(log, figures);
  return figures;
}

}  // namespace tokenmark
