#include "core/metrics/figures.h"

#include <algorithm>
#include <cmath>

#include "core/metrics/log_reading.h"
#include "core/metrics/power.h"
#include "core/metrics/steady.h"

namespace tokenmark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool any(const Limits& limits) { return limits.ttft_s || limits.tpot_s || limits.itl_s || limits.e2e_s; }

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

// Which events a set of figures is made of.
struct Selection {
  std::int64_t from = std::numeric_limits<std::int64_t>::min(), to = std::numeric_limits<std::int64_t>::max();
  std::int32_t traffic_class = -1;  // -1: all
  double duration_s = 0;            // that rates are divided by

  bool holds(std::int64_t time) const { return time >= from && time <= to; }
};

// Makes the figures of one selection.
class Counting {
 public:
  Counting(const LogReading& reading, const Selection& selection, const Limits& limits, std::int32_t gpus)
      : reading_(reading), requests_(reading.log.requests), selection_(selection), limits_(limits), gpus_(gpus) {}

  RequestFigures figures() {
    figures_.duration_s = selection_.duration_s;
    items_alone_ = gave_items_alone();
    for (std::size_t i = 0; i < requests_.size(); ++i)
      if (chosen(i)) count(i);
    count_messages();
    set_rates();
    set_distributions();
    set_interactivity();
    return std::move(figures_);
  }

 private:
  bool chosen(std::size_t i) const { return reading_.measured(i) && of_class(i); }
  bool of_class(std::size_t i) const {
    if (selection_.traffic_class < 0) return true;
    const auto& classes = requests_.traffic_class;
    return (classes.empty() ? 0 : classes[i]) == selection_.traffic_class;
  }
  bool gave_items_alone() const {
    bool items = false;
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      if (!chosen(i)) continue;
      if (reading_.gave_tokens(i)) return false;
      items = items || reading_.items(i) > 0;
    }
    return items;
  }

  void count(std::size_t i) {
    const std::int64_t sent = requests_.send_start[i], end = requests_.end[i];
    if (sent != kAbsent && end != kAbsent)
      in_flight_s_ += seconds_of(std::max<std::int64_t>(0, std::min(end, selection_.to) - std::max(sent, selection_.from)));
    if (!reading_.completed(i)) {
      if (selection_.holds(end)) count_failed(i);
      return;
    }
    const Latencies latencies = reading_.latencies(i);
    if (reading_.gave_tokens(i) && selection_.holds(reading_.first_token(i))) count_first_token(i, latencies);
    if (!reading_.gave_tokens(i) && selection_.holds(reading_.finished(i))) count_input(i);
    if (selection_.holds(reading_.finished(i))) count_completed(i, latencies);
  }

  std::optional<double> before_sending(std::size_t i) const {
    if (requests_.intended[i] == kAbsent) return std::nullopt;
    return seconds_of(requests_.send_start[i] - requests_.intended[i]);
  }

  void count_failed(std::size_t i) {
    ++figures_.failed;
    // A request without an error and without a token gave nothing either.
    const RequestError error = requests_.error[i] == RequestError::none ? RequestError::malformed : requests_.error[i];
    ++figures_.errors[std::string(request_error_name(error))];
    e2e_.push_back(kInfinity);
    scheduled_e2e_.push_back(kInfinity);
    if (items_alone_) return item_latency_.push_back(kInfinity);
    ttft_.push_back(kInfinity);
    scheduled_ttft_.push_back(kInfinity);
    if (requests_.requested_output[i] == 1) return;  // it would have had no TPOT
    tpot_.push_back(kInfinity);
    interactivity_.push_back(0);
  }

  void count_first_token(std::size_t i, const Latencies& latencies) {
    ttft_.push_back(*latencies.ttft);
    if (const auto before = before_sending(i)) scheduled_ttft_.push_back(*latencies.ttft + *before);
    count_input(i);
  }

  void count_input(std::size_t i) {
    figures_.input_tokens += std::max(0, requests_.input_tokens[i]);
    input_known_ = input_known_ && requests_.input_tokens[i] >= 0;
    if (i >= requests_.cached_tokens.size() || requests_.cached_tokens[i] < 0) return;
    cached_tokens_ += requests_.cached_tokens[i];
    told_tokens_ += std::max(0, requests_.input_tokens[i]);
  }

  void count_completed(std::size_t i, const Latencies& latencies) {
    ++figures_.completed;
    completed_e2e_s_ += latencies.e2e;
    e2e_.push_back(latencies.e2e);
    if (const auto before = before_sending(i)) scheduled_e2e_.push_back(latencies.e2e + *before);
    if (latencies.tpot) tpot_.push_back(*latencies.tpot);
    if (latencies.tpot && *latencies.tpot > 0) interactivity_.push_back(1 / *latencies.tpot);
    const std::string source = source_name(requests_.token_source[i]);
    if (figures_.token_source.empty()) figures_.token_source = source;
    if (figures_.token_source != source) figures_.token_source = "mixed";
    if (!latencies.meet(limits_)) return;
    ++good_;
    good_tokens_ += reading_.output_tokens(i);
  }

  void count_messages() {
    const bool whole = selection_.from == std::numeric_limits<std::int64_t>::min();
    double tokens_in_window = 0;
    if (!items_alone_) {
      if (whole && selection_.traffic_class < 0) itl_.reserve(reading_.log.messages.size());
      reading_.each_token_message([&](std::size_t i, std::int64_t at, const std::optional<double>& itl, std::int32_t tokens) {
        if (!of_class(i) || !selection_.holds(at)) return;
        tokens_in_window += tokens * reading_.tokens_per_message_token(i);
        if (itl) itl_.insert(itl_.end(), static_cast<std::size_t>(tokens), *itl);
      });
      itl_.insert(itl_.end(), static_cast<std::size_t>(figures_.failed), kInfinity);
    }
    figures_.output_tokens = std::llround(tokens_in_window);
    const MessageColumns& m = reading_.log.messages;
    for (std::size_t k = 0; k < m.size(); ++k) {
      const std::size_t i = m.request[k];
      if (m.kind[k] != MessageKind::media || !selection_.holds(m.received[k]) || !reading_.completed(i) || !of_class(i)) continue;
      ++figures_.items;
      item_latency_.push_back(seconds_of(m.received[k] - requests_.send_start[i]));
    }
  }

  void set_rates() {
    const double duration = figures_.duration_s;
    if (told_tokens_ > 0) figures_.cached_prompt_share = static_cast<double>(cached_tokens_) / static_cast<double>(told_tokens_);
    if (in_flight_s_ > 0 && figures_.completed > 0) figures_.littles_law = completed_e2e_s_ / in_flight_s_;
    if (duration <= 0) return;
    const auto per_gpu = [&](const std::optional<double>& rate) {
      return rate && gpus_ > 0 ? std::optional(*rate / gpus_) : std::nullopt;
    };
    const double input = static_cast<double>(figures_.input_tokens), output = static_cast<double>(figures_.output_tokens);
    figures_.request_s = figures_.completed / duration;
    figures_.in_flight = in_flight_s_ / duration;
    if (figures_.items > 0) figures_.item_s = static_cast<double>(figures_.items) / duration;
    if (!items_alone_) figures_.output_tok_s = output / duration;
    if (input_known_) figures_.input_tok_s = input / duration;
    if (input_known_ && !items_alone_) figures_.total_tok_s = (input + output) / duration;
    figures_.output_tok_s_gpu = per_gpu(figures_.output_tok_s);
    figures_.input_tok_s_gpu = per_gpu(figures_.input_tok_s);
    figures_.total_tok_s_gpu = per_gpu(figures_.total_tok_s);
    if (!any(limits_) || figures_.completed + figures_.failed == 0) return;
    figures_.goodput_req_s = good_ / duration;
    if (!items_alone_) figures_.goodput_tok_s = static_cast<double>(good_tokens_) / duration;
    figures_.goodput_share = static_cast<double>(good_) / (figures_.completed + figures_.failed);
  }

  void set_distributions() {
    figures_.ttft_s = distribution_of(ttft_);
    figures_.tpot_s = distribution_of(tpot_);
    figures_.itl_s = distribution_of(std::move(itl_));
    figures_.e2e_s = distribution_of(e2e_);
    figures_.scheduled_ttft_s = distribution_of(scheduled_ttft_);
    figures_.scheduled_e2e_s = distribution_of(scheduled_e2e_);
    figures_.item_latency_s = distribution_of(item_latency_);
  }

  // 1/TPOT: the median of it, and the slow tail from the p99 of TPOT.
  void set_interactivity() {
    figures_.interactivity_p50 = Percentiles(std::move(interactivity_)).at(0.5);
    if (figures_.interactivity_p50.value == 0.0)
      figures_.interactivity_p50 = {{}, {}, "half of the requests or more failed"};
    const Percentile& slow = figures_.tpot_s.p99;
    Percentile& tail = figures_.interactivity_p99;
    if (!slow.value) {
      tail.why_absent = slow.why_absent;
    } else if (std::isinf(*slow.value)) {
      tail.why_absent = fmt::format("{} of {} requests failed: the p99 of TPOT is infinite", figures_.failed,
                                    figures_.completed + figures_.failed);
    } else if (*slow.value > 0) {
      tail.value = 1 / *slow.value;
      if (slow.interval && slow.interval->low > 0) tail.interval = Interval{1 / slow.interval->high, 1 / slow.interval->low};
    } else {
      tail.why_absent = "the tokens came all at once";
    }
  }

  const LogReading& reading_;
  const RequestColumns& requests_;
  const Selection& selection_;
  const Limits& limits_;
  std::int32_t gpus_;
  RequestFigures figures_;
  // Samples in the order of sending; ITL and items in the order of arrival.
  std::vector<double> ttft_, tpot_, itl_, e2e_, scheduled_ttft_, scheduled_e2e_, interactivity_, item_latency_;
  double in_flight_s_ = 0, completed_e2e_s_ = 0;  // integral of concurrency; sum of latencies
  std::int32_t good_ = 0;
  std::int64_t good_tokens_ = 0;
  std::int64_t cached_tokens_ = 0, told_tokens_ = 0;  // of prompts whose cached part is known
  bool input_known_ = true, items_alone_ = false;
};

SteadyFigures steady_figures(const LogReading& reading, const TimeSpan& run, const Limits& limits, std::int32_t gpus) {
  const SteadyWindow window = find_steady_window(reading);
  SteadyFigures out;
  out.settled = window.settled;
  out.reason = window.reason;
  if (!window.settled) return out;
  out.from_s = seconds_of(window.from - run.from);
  out.to_s = seconds_of(window.to - run.from);
  out.figures = Counting(reading, {window.from, window.to, -1, out.to_s - out.from_s}, limits, gpus).figures();
  return out;
}

// Lag, and the two rates: between the first and the last request as intended, and as sent.
void set_schedule(const LogReading& reading, Figures& figures) {
  const RequestColumns& r = reading.log.requests;
  std::vector<double> lag;
  std::int64_t first_intended = 0, last_intended = 0, first_sent = 0, last_sent = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i) || r.send_start[i] == kAbsent || r.intended[i] == kAbsent) continue;
    first_intended = lag.empty() ? r.intended[i] : std::min(first_intended, r.intended[i]);
    last_intended = lag.empty() ? r.intended[i] : std::max(last_intended, r.intended[i]);
    first_sent = lag.empty() ? r.send_start[i] : std::min(first_sent, r.send_start[i]);
    last_sent = lag.empty() ? r.send_start[i] : std::max(last_sent, r.send_start[i]);
    lag.push_back(seconds_of(r.send_start[i] - r.intended[i]));
  }
  figures.send_lag_s = distribution_of(lag);
  const double gaps = static_cast<double>(lag.size()) - 1;
  if (last_intended > first_intended) figures.intended_request_s = gaps / seconds_of(last_intended - first_intended);
  if (last_sent > first_sent) figures.sent_request_s = gaps / seconds_of(last_sent - first_sent);
}

// The client was the limit if its loops had no time to spare, looked away from their sockets for long, or sent late;
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
  const std::int32_t threads = figures.client_threads = std::max(1, log.client_threads);
  const double cpu_share = log.client_cpu_s / seconds_of(last - first) / threads, stall = seconds_of(log.longest_stall_ns);
  figures.client_cpu_share = cpu_share;
  figures.client_stall_s = stall;
  const std::string cpu = threads == 1 ? fmt::format("it used {:.0f} % of a core", cpu_share * 100)
                                       : fmt::format("its {} threads used {:.0f} % of a core each", threads, cpu_share * 100);
  const Distribution& lag = figures.send_lag_s;
  const double late = lag.p99.value ? *lag.p99.value : *lag.maximum;
  const double latency = figures.e2e_s.p50.value && std::isfinite(*figures.e2e_s.p50.value) ? *figures.e2e_s.p50.value : 0;
  const char* const which = lag.p99.value ? "p99" : "at most";

  std::string why;
  const auto blame = [&](const std::string& reason) { why += (why.empty() ? "" : ", ") + reason; };
  if (cpu_share >= kBusyShare) blame(cpu);
  if (stall > std::max(kNoticeableStall, kShareOfLatency * latency))
    blame(fmt::format("it did not look at its sockets for {:.1f} ms", stall * 1e3));
  if (late > std::max(kNoticeableLag, kShareOfLatency * latency))
    blame(fmt::format("it sent {:.1f} ms late ({})", late * 1e3, which));
  figures.client_limited = !why.empty();
  figures.client_verdict =
      figures.client_limited
          ? "the client was a limit: " + why
          : fmt::format("the client was not the limit: {}, looked away from its sockets for at most {:.1f} ms and sent "
                        "{:.1f} ms late ({})",
                        cpu, stall * 1e3, late * 1e3, which);
}

}  // namespace

Figures compute_figures(const EventLog& log, const Limits& limits, std::int32_t gpus) {
  const LogReading reading(log);
  const std::optional<TimeSpan> run = span_of(log);
  Selection whole;
  whole.duration_s = run ? run->seconds() : 0;
  Figures figures;
  static_cast<RequestFigures&>(figures) = Counting(reading, whole, limits, gpus).figures();
  if (run) figures.steady = steady_figures(reading, *run, limits, gpus);
  else figures.steady.reason = "no request was sent and ended";
  for (std::size_t c = 0; c < log.class_names.size(); ++c) {
    Selection of_class = whole;
    of_class.traffic_class = static_cast<std::int32_t>(c);
    figures.classes.push_back({log.class_names[c], Counting(reading, of_class, limits, gpus).figures()});
  }
  if (log.drafted_tokens > 0)
    figures.draft_acceptance = static_cast<double>(log.accepted_tokens) / static_cast<double>(log.drafted_tokens);
  set_schedule(reading, figures);
  judge_client(log, figures);
  set_power(log, gpus, figures);
  return figures;
}

}  // namespace tokenmark
