#include "core/load/recording.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "engine/runtime/engine.h"

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

Recording::Recording(const std::vector<PlannedRequest>& plan) {
  const std::size_t n = plan.size();
  RequestColumns& r = log.requests;
  for (auto* times : {&r.intended, &r.queued, &r.send_start, &r.connected, &r.sent, &r.headers, &r.end}) times->assign(n, kAbsent);
  for (auto* counts : {&r.input_tokens, &r.output_tokens, &r.cached_tokens}) counts->assign(n, -1);
  r.token_source.assign(n, TokenSource::none);
  r.status.assign(n, 0);
  r.error.assign(n, RequestError::none);
  std::size_t messages = 0;
  for (const PlannedRequest& request : plan) {
    r.requested_input.push_back(request.input);
    r.requested_output.push_back(request.output);
    r.warmup.push_back(request.warmup);
    messages += static_cast<std::size_t>(request.output) + 3;  // role, finish and usage may come apart
  }
  MessageColumns& m = log.messages;
  m.request.reserve(messages);
  m.received.reserve(messages);
  m.bytes.reserve(messages);
  m.tokens.reserve(messages);
  m.kind.reserve(messages);
}

void Recording::start() {
  log.wall_clock_start_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  origin_ns_ = steady_now_ns();
}

std::int64_t Recording::now() const { return steady_now_ns() - origin_ns_; }

void Recording::failed(std::size_t request, RequestError error, std::string_view text) {
  log.requests.error[request] = error;
  const std::uint32_t bit = 1u << static_cast<unsigned>(error);
  if ((classes_seen_ & bit) != 0 || text.empty()) return;
  classes_seen_ |= bit;
  log.error_texts.push_back(fmt::format("{}: {}", request_error_name(error), printable(text)));
}

EventLog Recording::finish(std::size_t sent) {
  RequestColumns& r = log.requests;
  for (auto* times : {&r.intended, &r.queued, &r.send_start, &r.connected, &r.sent, &r.headers, &r.end}) times->resize(sent);
  for (auto* counts : {&r.input_tokens, &r.output_tokens, &r.requested_input, &r.requested_output, &r.cached_tokens, &r.status})
    counts->resize(sent);
  r.token_source.resize(sent);
  r.error.resize(sent);
  r.warmup.resize(sent);
  return std::move(log);
}

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Status check_size(const std::vector<PlannedRequest>& plan) {
  std::int64_t input = 0, output = 0;
  for (const PlannedRequest& request : plan) {
    input += request.input;
    output += request.output;
  }
  if (input > kMaxInputTokens)
    return fail(ErrorKind::exhausted, "the point's {} requests hold {} prompt tokens, at most {} can be prepared: ask for fewer requests",
                plan.size(), input, kMaxInputTokens);
  if (output > kMaxOutputTokens)
    return fail(ErrorKind::exhausted, "the point's {} requests ask for {} output tokens, at most {} can be logged: ask for fewer requests",
                plan.size(), output, kMaxOutputTokens);
  return {};
}

std::int64_t allowed_failures(const StopRules& stop, std::size_t measured) {
  return static_cast<std::int64_t>(std::floor(stop.failed_share * static_cast<double>(measured) + 1e-9));
}

Status check_failures(const EventLog& log, const StopRules& stop, std::size_t measured) {
  std::map<std::string_view, int> classes;
  std::int64_t completed = 0;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    if (log.requests.error[i] != RequestError::none) ++classes[request_error_name(log.requests.error[i])];
    if (log.requests.warmup[i] != 0) continue;
    completed += log.requests.error[i] == RequestError::none;
  }
  const std::int64_t missing = static_cast<std::int64_t>(measured) - completed;
  if (missing <= allowed_failures(stop, measured)) return {};
  std::string counts;
  for (const auto& [name, count] : classes) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name);
  const std::string first = log.error_texts.empty() ? "" : "; first: " + log.error_texts.front();
  const ErrorKind kind = classes.count("refused") + classes.count("dns") > 0 ? ErrorKind::unavailable : ErrorKind::protocol;
  return fail(kind, "only {} of {} requests completed (failed: {}){}; stop.failed_share = {} does not allow that", completed,
              measured, counts.empty() ? "none were sent" : counts, first, stop.failed_share);
}

}  // namespace tokenmark
