#include "core/exchange/request_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

namespace tokenmark {
namespace {

constexpr double kLongestRun_s = 366.0 * 86'400;
constexpr std::size_t kMaxMessages = 40'000'000;
constexpr std::int64_t kMostTokens = 16'000'000;

bool possible(double seconds) { return std::isfinite(seconds) && seconds >= 0 && seconds < kLongestRun_s; }
std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

double duration(const RequestTimes& r) {
  if (r.failed) return 0;
  const double streamed = r.ttft_s + std::accumulate(r.gaps_s.begin(), r.gaps_s.end(), 0.0);
  return std::max(streamed, r.e2e_s.value_or(0));
}

struct Message {
  std::int64_t received;
  std::uint32_t request;
  std::int32_t tokens;
};

void add_request(const RequestTimes& r, std::int64_t start, TokenSource source, RequestColumns& c) {
  c.intended.push_back(kAbsent);
  c.queued.push_back(kAbsent);
  c.send_start.push_back(start);
  c.connected.push_back(kAbsent);
  c.sent.push_back(kAbsent);
  c.headers.push_back(kAbsent);
  c.end.push_back(start + nanoseconds(duration(r)));
  c.input_tokens.push_back(static_cast<std::int32_t>(std::min(r.input, kMostTokens)));
  c.output_tokens.push_back(static_cast<std::int32_t>(std::min(r.output, kMostTokens)));
  c.requested_input.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(r.input, 0, kMostTokens)));
  c.requested_output.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(r.output, 0, kMostTokens)));
  c.token_source.push_back(source);
  c.status.push_back(r.failed ? 0 : 200);
  c.error.push_back(r.failed ? RequestError::malformed : RequestError::none);  // the file does not say which
  c.warmup.push_back(0);
}

void add_messages(const RequestTimes& r, std::uint32_t request, std::int64_t start, std::vector<Message>& messages) {
  if (r.failed) return;
  const std::int64_t rest = std::max<std::int64_t>(0, r.output - 1);
  messages.push_back({start + nanoseconds(r.ttft_s), request, 1});
  double at = r.ttft_s;
  for (const double gap : r.gaps_s) messages.push_back({start + nanoseconds(at += gap), request, 1});
  if (r.gaps_s.empty() && r.e2e_s && rest > 0)
    messages.push_back({start + nanoseconds(*r.e2e_s), request, static_cast<std::int32_t>(std::min(rest, kMostTokens))});
}

}  // namespace

std::optional<EventLog> log_of(const std::vector<RequestTimes>& requests, double start_unix_s, TokenSource source) {
  if (requests.empty()) return std::nullopt;
  double first = INFINITY;
  std::size_t count = 0;
  for (const RequestTimes& r : requests) {
    first = std::min(first, r.start_s);
    count += r.gaps_s.size() + 2;
    const bool good = std::isfinite(r.start_s) && possible(r.ttft_s) && possible(r.e2e_s.value_or(0)) &&
                      std::all_of(r.gaps_s.begin(), r.gaps_s.end(), possible) && possible(duration(r));
    if (!good || count > kMaxMessages) return std::nullopt;
  }
  std::vector<std::uint32_t> order(requests.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return requests[a].start_s < requests[b].start_s; });

  EventLog log;
  if (possible(start_unix_s / 100)) log.wall_clock_start_ns = nanoseconds(start_unix_s);
  std::vector<Message> messages;
  messages.reserve(count);
  for (const std::uint32_t i : order) {
    if (!possible(requests[i].start_s - first)) return std::nullopt;
    const std::int64_t start = nanoseconds(requests[i].start_s - first);
    add_messages(requests[i], static_cast<std::uint32_t>(log.requests.size()), start, messages);
    add_request(requests[i], start, source, log.requests);
  }
  std::stable_sort(messages.begin(), messages.end(), [](const Message& a, const Message& b) { return a.received < b.received; });
  for (const Message& message : messages) {
    log.messages.request.push_back(message.request);
    log.messages.received.push_back(message.received);
    log.messages.bytes.push_back(0);
    log.messages.tokens.push_back(message.tokens);
    log.messages.kind.push_back(MessageKind::content);
  }
  return log;
}

void place_in_slots(std::vector<RequestTimes>& requests, std::int32_t concurrency) {
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
  for (std::int32_t slot = 0; slot < concurrency && slot < static_cast<std::int32_t>(requests.size()); ++slot) free_at.push(0);
  for (RequestTimes& request : requests) {
    if (free_at.empty()) return;
    request.start_s = free_at.top();
    free_at.pop();
    free_at.push(request.start_s + duration(request));
  }
}

std::vector<RequestTimes> request_times(const EventLog& log) {
  const RequestColumns& c = log.requests;
  const auto seconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-9; };
  std::vector<RequestTimes> out(c.size());
  std::vector<std::int64_t> last(c.size(), kAbsent);
  for (std::size_t k = 0; k < log.messages.size(); ++k) {
    const std::size_t i = log.messages.request[k];
    const MessageKind kind = log.messages.kind[k];
    const bool tokens = kind == MessageKind::content || kind == MessageKind::reasoning || kind == MessageKind::tool;
    if (!tokens || log.messages.tokens[k] == 0 || c.send_start[i] == kAbsent) continue;
    const std::int64_t received = log.messages.received[k];
    if (last[i] == kAbsent) out[i].ttft_s = seconds(received - c.send_start[i]);
    else out[i].gaps_s.push_back(seconds(received - last[i]));
    last[i] = received;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c.warmup[i] != 0) continue;
    RequestTimes& r = out[i];
    r.start_s = c.send_start[i] == kAbsent ? 0 : seconds(c.send_start[i]);
    r.failed = c.error[i] != RequestError::none || last[i] == kAbsent;
    if (last[i] != kAbsent) r.e2e_s = seconds(last[i] - c.send_start[i]);
    r.input = c.input_tokens[i];
    r.output = c.output_tokens[i];
    std::swap(out[kept++], r);
  }
  out.resize(kept);
  return out;
}

}  // namespace tokenmark
