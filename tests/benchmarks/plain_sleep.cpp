// How late a plain sleep wakes up, as the reference for the load generator's send lag: wakes at the times of a Poisson
// process on an absolute schedule and does nothing else. Prints one JSON line.
#include <fmt/core.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <random>
#include <vector>

namespace {

timespec at(std::int64_t ns) { return {ns / 1'000'000'000, ns % 1'000'000'000}; }

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
  double rate = 1000, slack_ns = 0;
  int count = 5000;
  std::uint64_t seed = 1;
  CLI::App app("Lag of clock_nanosleep at the times of a Poisson process");
  app.add_option("--rate", rate, "Wake-ups a second")->check(CLI::Range(1e-3, 1e6))->capture_default_str();
  app.add_option("--requests", count)->check(CLI::Range(1, 100'000'000))->capture_default_str();
  app.add_option("--seed", seed)->capture_default_str();
  app.add_option("--slack-ns", slack_ns, "The thread's timer slack; 0: the system's (usually 50 µs)")->check(CLI::Range(0.0, 1e9));
  CLI11_PARSE(app, argc, argv);
  if (slack_ns > 0) prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(slack_ns));
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> gap(rate);
  std::vector<std::int64_t> due, lag;
  double time = 0;
  for (int i = 0; i < count; ++i) due.push_back(static_cast<std::int64_t>((time += gap(random)) * 1e9));
  lag.reserve(due.size());
  const std::int64_t begin = now_ns() + 10'000'000;
  for (const std::int64_t when : due) {
    const timespec until = at(begin + when);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {}
    lag.push_back(now_ns() - begin - when);
  }
  const double realised = static_cast<double>(count) / (static_cast<double>(now_ns() - begin) * 1e-9);
  std::sort(lag.begin(), lag.end());
  const auto us = [&](std::size_t i) { return static_cast<double>(lag[i]) * 1e-3; };
  fmt::print(R"({{"count":{},"rate":{:.1f},"lag_p50_us":{:.2f},"lag_p99_us":{:.2f},"lag_max_us":{:.2f}}})" "\n", lag.size(), realised,
             us(lag.size() / 2), us(lag.size() * 99 / 100), us(lag.size() - 1));
}
