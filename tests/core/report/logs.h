// Event logs made by hand for the tests of charts. Times in milliseconds.
#pragma once

#include <algorithm>
#include <memory>

#include "core/report/logged_run.h"
#include "tests/core/report/rows.h"

namespace tokenmark {

struct LoggedRequest {
  double intended = 0, sent = 0;
  std::vector<double> tokens;    // when each arrives, one a message
  double end = 0;
  RequestError error = RequestError::none;
  bool warmup = false;
  std::uint16_t traffic_class = 0;
};

inline EventLog log_of(const std::vector<LoggedRequest>& requests, std::vector<std::string> class_names = {}) {
  const auto ns = [](double ms) { return static_cast<std::int64_t>(ms * 1e6); };
  EventLog log;
  struct Message {
    std::int64_t at;
    std::uint32_t request;
  };
  std::vector<Message> messages;
  RequestColumns& r = log.requests;
  for (const LoggedRequest& request : requests) {
    for (const double at : request.tokens) messages.push_back({ns(at), static_cast<std::uint32_t>(r.size())});
    r.intended.push_back(ns(request.intended));
    r.queued.push_back(ns(request.intended));
    r.send_start.push_back(ns(request.sent));
    r.connected.push_back(kAbsent);
    r.sent.push_back(ns(request.sent));
    r.headers.push_back(kAbsent);
    r.end.push_back(ns(request.end));
    r.input_tokens.push_back(8);
    r.output_tokens.push_back(static_cast<std::int32_t>(request.tokens.size()));
    r.requested_input.push_back(8);
    r.requested_output.push_back(4);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(request.error);
    r.warmup.push_back(request.warmup ? 1 : 0);
    if (!class_names.empty()) r.traffic_class.push_back(request.traffic_class);
  }
  std::stable_sort(messages.begin(), messages.end(), [](const Message& a, const Message& b) { return a.at < b.at; });
  for (const Message& message : messages) {
    log.messages.request.push_back(message.request);
    log.messages.received.push_back(message.at);
    log.messages.bytes.push_back(30);
    log.messages.tokens.push_back(1);
    log.messages.kind.push_back(MessageKind::content);
  }
  log.class_names = std::move(class_names);
  return log;
}

inline LoggedRun logged(EventLog log, RunId id = 1, Limits limits = {}) {
  return {done_run(id, "a model on h200", 2, 20, 100), limits, std::make_shared<const EventLog>(std::move(log))};
}

// `requests` of `tokens` each, one after the other in each of `at_once`; every thousandth fails.
inline EventLog large_log(std::size_t requests, int tokens, std::size_t at_once) {
  EventLog log;
  const std::int64_t gap = 1'000'000, length = gap * (tokens + 1);   // a token a millisecond
  RequestColumns& r = log.requests;
  for (std::size_t i = 0; i < requests; ++i) {
    const auto round = static_cast<std::int64_t>(i / at_once), slot = static_cast<std::int64_t>(i % at_once);
    const std::int64_t start = round * length + slot * gap / static_cast<std::int64_t>(at_once);
    for (auto* column : {&r.intended, &r.queued, &r.send_start, &r.sent}) column->push_back(start);
    for (auto* column : {&r.connected, &r.headers}) column->push_back(kAbsent);
    r.end.push_back(start + length);
    for (auto* column : {&r.input_tokens, &r.requested_input}) column->push_back(16);
    for (auto* column : {&r.output_tokens, &r.requested_output}) column->push_back(tokens);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(i % 1000 == 999 ? RequestError::timeout : RequestError::none);
    r.warmup.push_back(0);
  }
  const auto rounds = static_cast<std::int64_t>((requests + at_once - 1) / at_once);
  for (std::int64_t round = 0; round < rounds; ++round)
    for (int t = 1; t <= tokens; ++t)
      for (std::size_t slot = 0; slot < at_once; ++slot) {
        const std::size_t request = static_cast<std::size_t>(round) * at_once + slot;
        if (request >= requests) break;
        log.messages.request.push_back(static_cast<std::uint32_t>(request));
        log.messages.received.push_back(r.send_start[request] + t * gap);
        log.messages.bytes.push_back(30);
        log.messages.tokens.push_back(1);
        log.messages.kind.push_back(MessageKind::content);
      }
  return log;
}

}  // namespace tokenmark
