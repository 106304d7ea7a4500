#include "plugins/gpu/stopwatch.h"

#include <algorithm>
#include <cmath>

namespace tokenmark::gpu {
namespace {

constexpr double kLeastGain = 0.01;
constexpr int kRepeats = 5, kRounds = 2, kRepeatsARound = 11;

Measured measured(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const std::size_t n = seconds.size();
  return {seconds[n / 2], seconds[n - 1 - n / 4] - seconds[n / 4]};
}

}  // namespace

bool clearly_faster(const Measured& second, const Measured& first) {
  return second.median_s + std::max(first.spread_s, second.spread_s) < first.median_s * (1 - kLeastGain);
}

Result<Stopwatch::Work> Stopwatch::prepare(const Launch& launch) {
  Gpu& gpu = *gpu_;
  TOKENMARK_CHECK(launch(0));  // kernels are loaded by their first launch, which no capture allows
  TOKENMARK_TRY(const auto begin, gpu.record());
  TOKENMARK_CHECK(launch(1));
  TOKENMARK_TRY(const auto end, gpu.record());
  TOKENMARK_CHECK(gpu.wait(*end));
  TOKENMARK_TRY(const double once_s, gpu.seconds_between(*begin, *end));
  Work work;
  work.launches = static_cast<std::uint32_t>(std::clamp(size_.seconds / std::max(once_s, 1e-9), double(size_.least), double(size_.most)));
  TOKENMARK_CHECK(gpu.begin_capture());
  Status captured;
  for (std::uint32_t i = 0; i < work.launches && captured; ++i) captured = launch(i);
  auto made = gpu.end_capture();
  TOKENMARK_CHECK(captured);
  if (!made) return tl::unexpected(made.error());
  work.graph = std::move(*made);
  TOKENMARK_CHECK(gpu.launch(*work.graph));
  TOKENMARK_CHECK(gpu.wait());
  return work;
}

Result<double> Stopwatch::run(const Work& work) {
  TOKENMARK_TRY(const auto begin, gpu_->record());
  TOKENMARK_CHECK(gpu_->launch(*work.graph));
  TOKENMARK_TRY(const auto end, gpu_->record());
  TOKENMARK_CHECK(gpu_->wait(*end));
  TOKENMARK_TRY(const double seconds, gpu_->seconds_between(*begin, *end));
  return seconds / work.launches;
}

Result<std::vector<double>> Stopwatch::seconds(const Work& work, int repeats) {
  std::vector<double> all;
  for (int i = 0; i < repeats; ++i) {
    TOKENMARK_TRY(const double once_s, run(work));
    all.push_back(once_s);
  }
  return all;
}

Result<Measured> Stopwatch::measure(const Work& work) { return seconds(work, kRepeats).map(measured); }

Result<Stopwatch::Verdict> Stopwatch::compare(const Work& first, const Work& second) {
  Verdict verdict;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> firsts, seconds;
    for (int i = 0; i < kRepeatsARound; ++i) {
      TOKENMARK_TRY(const double first_s, run(first));
      TOKENMARK_TRY(const double second_s, run(second));
      firsts.push_back(first_s);
      seconds.push_back(second_s);
    }
    verdict.first = measured(std::move(firsts));
    verdict.second = measured(std::move(seconds));
    verdict.faster = clearly_faster(verdict.second, verdict.first);
    if (!verdict.faster) break;
  }
  return verdict;
}

}  // namespace tokenmark::gpu
