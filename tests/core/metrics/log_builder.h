// Builds event logs by hand; times in milliseconds.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "core/load/event_log.h"

namespace tokenmark {

inline constexpr std::int64_t kMs = 1'000'000;

class LogBuilder {
 public:
  struct Request {
    double intended = 0, sent = 0, end = 0;
    std::int32_t input = 10, output = -1;
    RequestError error = RequestError::none;
    bool warmup = false;
    std::int32_t requested_output = 100;
  };
  // Messages are (time, tokens); they are content unless a kind is given.
  std::uint32_t add(const Request& request, const std::vector<std::pair<double, std::int32_t>>& messages) {
    RequestColumns& r = log.requests;
    const auto index = static_cast<std::uint32_t>(r.size());
    std::int32_t tokens = 0;
    for (const auto& message : messages) tokens += message.second;
    r.intended.push_back(ns(request.intended));
    r.queued.push_back(ns(request.intended));
    r.send_start.push_back(ns(request.sent));
    r.connected.push_back(kAbsent);
    r.sent.push_back(ns(request.sent));
    r.headers.push_back(kAbsent);
    r.end.push_back(ns(request.end));
    r.input_tokens.push_back(request.input);
    r.output_tokens.push_back(request.output >= 0 ? request.output : tokens);
    r.requested_input.push_back(request.input);
    r.requested_output.push_back(request.requested_output);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(request.error);
    r.warmup.push_back(request.warmup);
    for (const auto& [time, count] : messages) message(index, time, count, MessageKind::content);
    return index;
  }
  void message(std::uint32_t request, double time, std::int32_t tokens, MessageKind kind) {
    log.messages.request.push_back(request);
    log.messages.received.push_back(ns(time));
    log.messages.bytes.push_back(100);
    log.messages.tokens.push_back(tokens);
    log.messages.kind.push_back(kind);
  }
  EventLog log;

 private:
  static std::int64_t ns(double ms) { return std::llround(ms * kMs); }
};

}  // namespace tokenmark
