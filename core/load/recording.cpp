#include "core/load/recording.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace tokenmark {
namespace {

constexpr std::int64_t kMaxInputTokens = std::int64_t{1} << 28, kMaxOutputTokens = std::int64_t{1} << 27;

// Errors quote servers: only printable characters pass, and not many.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 300)) out += c >= 0x20 && c < 0x7f ? c : c == '\n' || c == '\t' ? ' ' : '?';
  return out;
}

}  // namespace

Recording::Recording(const Plan& plan, const std::vector<std::uint32_t>& requests) : plan_(plan) {
  const std::size_t n = requests.size();
  RequestColumns& r = log.requests;
  for (auto* times : {&r.intended, &r.queued, &r.send_start, &r.connected, &r.sent, &r.headers, &r.end}) times->reserve(n);
  for (auto* counts : {&r.input_tokens, &r.output_tokens, &r.requested_input, &r.requested_output, &r.cached_tokens, &r.status}) counts->reserve(n);
  r.token_source.reserve(n);
  r.error.reserve(n);
  r.warmup.reserve(n);
  planned.reserve(n);
  std::size_t messages = 0;
  for (const std::uint32_t i : requests) messages += static_cast<std::size_t>(plan.requests[i].output) + 3;  // role, finish, usage
  MessageColumns& m = log.messages;
  m.request.reserve(messages);
  m.received.reserve(messages);
  m.bytes.reserve(messages);
  m.tokens.reserve(messages);
  m.kind.reserve(messages);
}

std::uint32_t Recording::add(std::size_t index, std::int64_t intended, std::int64_t queued) {
  const PlannedRequest& request = plan_.requests[index];
  RequestColumns& r = log.requests;
  r.intended.push_back(intended);
  r.queued.push_back(queued);
  for (auto* times : {&r.send_start, &r.connected, &r.sent, &r.headers, &r.end}) times->push_back(kAbsent);
  for (auto* counts : {&r.input_tokens, &r.output_tokens, &r.cached_tokens}) counts->push_back(-1);
  r.requested_input.push_back(request.input);
  r.requested_output.push_back(request.output);
  r.token_source.push_back(TokenSource::none);
  r.status.push_back(0);
  r.error.push_back(RequestError::none);
  r.warmup.push_back(request.warmup);
  planned.push_back(static_cast<std::uint32_t>(index));
  return static_cast<std::uint32_t>(planned.size() - 1);
}

void Recording::failed(std::uint32_t row, RequestError error, std::string_view text) {
  log.requests.error[row] = error;
  const std::uint32_t bit = 1u << static_cast<unsigned>(error);
  if ((classes_seen_ & bit) != 0 || text.empty()) return;
  classes_seen_ |= bit;
  log.error_texts.push_back(fmt::format("{}: {}", request_error_name(error), printable(text)));
}

void Recording::keep_text(std::uint32_t row, std::string text) {
  if (texts.size() <= row) texts.resize(row + std::size_t{1});
  texts[row] = std::move(text);
}

namespace {

// A row of one of the recordings.
struct Place {
  std::uint32_t recording = 0, row = 0;
};
template <class Time>
std::vector<Place> in_order(const std::vector<Recording>& recordings, std::size_t rows, Time&& time) {
  std::vector<Place> order;
  order.reserve(rows);
  std::vector<std::uint32_t> next(recordings.size(), 0);
  // Each recording is in order but for a few rows sent after they were added; a merge of the heads keeps its own order.
  for (std::size_t done = 0; done < rows; ++done) {
    std::uint32_t best = 0;
    std::int64_t best_time = std::numeric_limits<std::int64_t>::max();
    bool found = false;
    for (std::uint32_t k = 0; k < recordings.size(); ++k) {
      const std::int64_t at = time(recordings[k], next[k]);
      if (at == std::numeric_limits<std::int64_t>::max() || (found && at >= best_time)) continue;
      best = k;
      best_time = at;
      found = true;
    }
    order.push_back({best, next[best]++});
  }
  return order;
}

template <class T, class Column>
void gather(std::vector<T>& to, const std::vector<Recording>& recordings, const std::vector<Place>& order, Column&& column) {
  to.reserve(order.size());
  for (const Place& place : order) to.push_back(column(recordings[place.recording].log)[place.row]);
}

void merge_requests(const std::vector<Recording>& from, const std::vector<Place>& order, RequestColumns& to) {
#define TOKENMARK_GATHER(name) gather(to.name, from, order, [](const EventLog& log) -> const auto& { return log.requests.name; })
  TOKENMARK_GATHER(intended);
  TOKENMARK_GATHER(queued);
  TOKENMARK_GATHER(send_start);
  TOKENMARK_GATHER(connected);
  TOKENMARK_GATHER(sent);
  TOKENMARK_GATHER(headers);
  TOKENMARK_GATHER(end);
  TOKENMARK_GATHER(input_tokens);
  TOKENMARK_GATHER(output_tokens);
  TOKENMARK_GATHER(requested_input);
  TOKENMARK_GATHER(requested_output);
  TOKENMARK_GATHER(cached_tokens);
  TOKENMARK_GATHER(token_source);
  TOKENMARK_GATHER(status);
  TOKENMARK_GATHER(error);
  TOKENMARK_GATHER(warmup);
#undef TOKENMARK_GATHER
}

void merge_messages(const std::vector<Recording>& from, const std::vector<Place>& order, const std::vector<std::vector<std::uint32_t>>& row_of,
                    MessageColumns& to) {
  to.request.reserve(order.size());
  for (const Place& place : order) to.request.push_back(row_of[place.recording][from[place.recording].log.messages.request[place.row]]);
#define TOKENMARK_GATHER(name) gather(to.name, from, order, [](const EventLog& log) -> const auto& { return log.messages.name; })
  TOKENMARK_GATHER(received);
  TOKENMARK_GATHER(bytes);
  TOKENMARK_GATHER(tokens);
  TOKENMARK_GATHER(kind);
#undef TOKENMARK_GATHER
}

// What is known of a request from the plan; a column that holds nothing but defaults stays empty.
void add_planned(const Plan& plan, const std::vector<std::uint32_t>& planned, RequestColumns& r) {
  bool classes = false, groups = false, samples = false;
  for (const std::uint32_t i : planned) {
    classes = classes || plan.requests[i].traffic_class != 0;
    groups = groups || plan.requests[i].group >= 0;
    samples = samples || plan.requests[i].sample >= 0;
  }
  for (const std::uint32_t i : planned) {
    if (classes) r.traffic_class.push_back(plan.requests[i].traffic_class);
    if (groups) r.group.push_back(plan.requests[i].group);
    if (samples) r.sample.push_back(plan.requests[i].sample);
  }
}

// Takes over one loop's log as it is.
void merge_one(Recording& only, Merged& merged) {
  merged.log.requests = std::move(only.log.requests);
  merged.log.messages = std::move(only.log.messages);
  merged.texts = std::move(only.texts);
  merged.texts.resize(merged.log.requests.size());
}

void merge_many(std::vector<Recording>& recordings, std::vector<std::uint32_t>& planned, Merged& merged) {
  constexpr auto kNone = std::numeric_limits<std::int64_t>::max();
  std::size_t requests = 0, messages = 0;
  for (const Recording& r : recordings) {
    requests += r.planned.size();
    messages += r.log.messages.size();
  }
  const auto order = in_order(recordings, requests, [](const Recording& r, std::uint32_t row) {
    return row < r.planned.size() ? r.log.requests.queued[row] : kNone;
  });
  std::vector<std::vector<std::uint32_t>> row_of(recordings.size());
  for (std::size_t k = 0; k < recordings.size(); ++k) row_of[k].resize(recordings[k].planned.size());
  merged.texts.resize(requests);
  for (std::size_t i = 0; i < order.size(); ++i) {
    Recording& recording = recordings[order[i].recording];
    row_of[order[i].recording][order[i].row] = static_cast<std::uint32_t>(i);
    planned.push_back(recording.planned[order[i].row]);
    if (order[i].row < recording.texts.size()) merged.texts[i] = std::move(recording.texts[order[i].row]);
  }
  merge_requests(recordings, order, merged.log.requests);
  merge_messages(recordings, in_order(recordings, messages, [](const Recording& r, std::uint32_t row) {
    return row < r.log.messages.size() ? r.log.messages.received[row] : kNone;
  }), row_of, merged.log.messages);
}

}  // namespace

Merged merge(std::vector<Recording>&& recordings, const Plan& plan, const RunClock& clock) {
  Merged merged;
  std::vector<std::uint32_t> planned;
  if (recordings.size() == 1) {
    planned = recordings.front().planned;
    merge_one(recordings.front(), merged);
  } else {
    merge_many(recordings, planned, merged);
  }
  add_planned(plan, planned, merged.log.requests);
  merged.log.wall_clock_start_ns = clock.wall_start_ns();
  merged.log.steady_clock_start_ns = clock.steady_start_ns();
  merged.log.class_names = plan.class_names;
  merged.log.client_threads = static_cast<std::int32_t>(recordings.size());
  std::set<std::string> classes;  // the first of each class over all loops
  for (const Recording& recording : recordings) {
    merged.log.client_cpu_s += recording.log.client_cpu_s;
    merged.log.longest_stall_ns = std::max(merged.log.longest_stall_ns, recording.log.longest_stall_ns);
    for (const std::string& text : recording.log.error_texts)
      if (classes.insert(text.substr(0, text.find(':'))).second) merged.log.error_texts.push_back(text);
  }
  return merged;
}

Status check_size(const Plan& plan) {
  std::int64_t input = 0, output = 0;
  for (const PlannedRequest& request : plan.requests) {
    input += request.input;
    output += request.output;
  }
  if (input > kMaxInputTokens)
    return fail(ErrorKind::exhausted, "the point's {} requests hold {} prompt tokens, at most {} can be prepared: ask for fewer requests",
                plan.requests.size(), input, kMaxInputTokens);
  if (output > kMaxOutputTokens)
    return fail(ErrorKind::exhausted, "the point's {} requests ask for {} output tokens, at most {} can be logged: ask for fewer requests",
                plan.requests.size(), output, kMaxOutputTokens);
  return {};
}

std::int64_t allowed_failures(const StopRules& stop, std::size_t measured) {
  return static_cast<std::int64_t>(std::floor(stop.failed_share * static_cast<double>(measured) + 1e-9));
}

Status check_failures(const EventLog& log, const StopRules& stop, std::size_t expected) {
  std::map<std::string_view, int> classes;
  std::int64_t completed = 0;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    if (log.requests.error[i] != RequestError::none) ++classes[request_error_name(log.requests.error[i])];
    if (log.requests.warmup[i] != 0) continue;
    completed += log.requests.error[i] == RequestError::none;
  }
  const std::int64_t missing = static_cast<std::int64_t>(expected) - completed;
  if (missing <= allowed_failures(stop, expected)) return {};
  std::string counts;
  for (const auto& [name, count] : classes) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name);
  const std::string first = log.error_texts.empty() ? "" : "; first: " + log.error_texts.front();
  const ErrorKind kind = classes.count("refused") + classes.count("dns") > 0 ? ErrorKind::unavailable : ErrorKind::protocol;
  return fail(kind, "only {} of {} requests completed (failed: {}){}; stop.failed_share = {} does not allow that", completed,
              expected, counts.empty() ? "none were sent" : counts, first, stop.failed_share);
}

}  // namespace tokenmark
