// How long the figures of a large log take: `figures_benchmark [messages]`, default ten million.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "core/metrics/dialects.h"
#include "core/metrics/figures.h"
#include "core/statistics/histogram.h"

namespace tokenmark {
namespace {

// A closed loop of 256 in rounds: 200 tokens a request, one a message, with noise in every gap.
EventLog large_log(std::size_t messages) {
  constexpr std::size_t kPlaces = 256, kTokens = 200;
  std::mt19937_64 random(1);
  EventLog log;
  const auto noise = [&] { return 1 + static_cast<double>(random() % 1000) / 2000; };
  for (std::size_t round = 0; log.messages.size() < messages; ++round) {
    const std::size_t first = log.requests.size();
    const auto start = static_cast<std::int64_t>(round) * 4'000'000'000;
    RequestColumns& r = log.requests;
    for (std::size_t i = 0; i < kPlaces; ++i) {
      for (auto* times : {&r.intended, &r.queued, &r.send_start, &r.connected, &r.sent, &r.headers}) times->push_back(start + static_cast<std::int64_t>(i) * 1'000'000);
      r.end.push_back(start + 3'999'000'000);
      r.input_tokens.push_back(1000);
      r.output_tokens.push_back(kTokens);
      r.requested_input.push_back(1000);
      r.requested_output.push_back(kTokens);
      r.token_source.push_back(TokenSource::usage);
      r.status.push_back(200);
      r.error.push_back(RequestError::none);
      r.warmup.push_back(0);
    }
    for (std::size_t t = 0; t < kTokens; ++t)
      for (std::size_t i = 0; i < kPlaces; ++i) {
        log.messages.request.push_back(static_cast<std::uint32_t>(first + i));
        log.messages.received.push_back(start + 300'000'000 + static_cast<std::int64_t>(1.2e7 * (static_cast<double>(t) + noise())));
        log.messages.bytes.push_back(200);
        log.messages.tokens.push_back(1);
        log.messages.kind.push_back(MessageKind::content);
      }
  }
  return log;
}

template <class Work>
void timed(const char* what, Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  work();
  fmt::print("{:40} {:8.3f} s, {:8.3f} s of CPU\n", what, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
             static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
}

int measure(std::size_t messages) {
  const EventLog log = large_log(messages);
  Limits limits;
  limits.itl_s = 0.02;
  fmt::print("{} messages of {} requests\n", log.messages.size(), log.requests.size());
  timed("figures, whole run and steady state", [&] { (void)compute_figures(log, limits, 8); });
  timed("all dialects", [&] { (void)all_dialects(log, limits); });
  LatencyHistogram histogram;
  timed("additions to a histogram", [&] {
    for (const std::int64_t at : log.messages.received) histogram.add(static_cast<double>(at & 0xfffffff) * 1e-9);
  });
  return histogram.count() == log.messages.size() ? 0 : 1;
}

}  // namespace
}  // namespace tokenmark

int main(int argc, char** argv) { return tokenmark::measure(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000); }
