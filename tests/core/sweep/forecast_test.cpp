#include "core/sweep/forecast.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>

#include "core/sweep/builtin_sweeps.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

Sweep sweep(const std::string& axes, const std::string& load = "{requests_per_concurrency: 4, warmups_per_concurrency: 1}") {
  auto parsed = parse_sweep("target: {engine: {model: \"shape:llama-3.2-1b:q4_0\"}}\nworkload: {input: 100, output: 51}\nload: " + load + "\naxes: " + axes + "\n", "f.yaml");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

PastPoint past(const Point& point, double duration_s, double ttft_s, double tpot_s) {
  return {configuration_key(point), "local", duration_s, ttft_s, tpot_s};
}

TEST(Forecast, nothing_is_known_without_runs_and_ceilings) {
  const SweepForecast forecast = Forecaster().sweep(sweep("{concurrency: [1, 2]}"));
  EXPECT_EQ(forecast.points, 2u);
  EXPECT_FALSE(forecast.seconds);
  EXPECT_EQ(*forecast.requests, 12);
  EXPECT_EQ(sources_text(forecast), "not known");
}

TEST(Forecast, a_configuration_measured_before_takes_the_median_again_with_its_warmups) {
  const Sweep two = sweep("{concurrency: [2]}");
  const Forecaster forecaster({past(two.points[0], 9, 1, 0.1), past(two.points[0], 10, 1, 0.1), past(two.points[0], 30, 1, 0.1)}, {});
  const PointForecast forecast = forecaster.point(two.points[0], "local");
  EXPECT_EQ(forecast.source, ForecastSource::measured);
  EXPECT_DOUBLE_EQ(*forecast.seconds, 10 * 1.25);
  EXPECT_EQ(forecaster.point(two.points[0], "elsewhere").source, ForecastSource::unknown) << "another node is another machine";
}

TEST(Forecast, an_open_loop_takes_as_long_as_its_schedule) {
  const Sweep rates = sweep("{rate: [1, 2]}", "{arrivals: poisson, duration_s: 60}");
  const SweepForecast forecast = Forecaster().sweep(rates);
  EXPECT_NEAR(*forecast.seconds, 120, 2);
  EXPECT_EQ(forecast.sources.at(ForecastSource::schedule), 2u);
}

// Requests of the same lengths at concurrency 1 (TPOT 10 ms) and 4 (TPOT 40 ms), TTFT 100 ms.
TEST(Forecast, other_concurrencies_lie_between_measured_ones_and_above_them_the_throughput_stays) {
  const Sweep all = sweep("{concurrency: [1, 2, 4, 8]}");
  const Forecaster forecaster({past(all.points[0], 3, 0.1, 0.01), past(all.points[2], 3, 0.1, 0.04)}, {});
  const auto two = forecaster.point(all.points[1], "local"), eight = forecaster.point(all.points[3], "local");
  EXPECT_EQ(two.source, ForecastSource::similar);
  EXPECT_NEAR(*two.seconds, 5 * (0.1 + 0.02 * 50), 1e-9);     // four rounds and a warm-up
  EXPECT_NEAR(*eight.seconds, 5 * (0.2 + 0.08 * 50), 1e-9);
}

TEST(Forecast, other_lengths_are_taken_in_proportion) {
  const Sweep measured = sweep("{concurrency: [1]}"), longer = sweep("{concurrency: [1], input: [200], output: [101]}");
  const Forecaster forecaster({past(measured.points[0], 3, 0.1, 0.01)}, {});
  EXPECT_NEAR(*forecaster.point(longer.points[0], "local").seconds, 5 * (0.2 + 0.01 * 100), 1e-9);
}

TEST(Forecast, ceilings_give_a_lower_bound_for_a_shape) {
  const Forecaster forecaster({}, {{"cpu", {10, 100}}});
  const SweepForecast forecast = forecaster.sweep(sweep("{concurrency: [1, 2]}"));
  ASSERT_TRUE(forecast.seconds);
  EXPECT_TRUE(forecast.at_least);
  // About 0.7 GB of weights at 10 GB/s for 51 tokens, 1.2 billion parameters at 100 GOP/s for 100: five rounds each.
  EXPECT_GT(*forecast.seconds, 2 * 5 * (51 * 0.05 + 100 * 0.02));
  EXPECT_LT(*forecast.seconds, 2 * 5 * (51 * 0.12 + 100 * 0.08) * 1.5);
}

TEST(Forecast, a_point_is_never_longer_than_its_limits) {
  const Sweep limited = sweep("{concurrency: [1]}", "{requests_per_concurrency: 1000, duration_s: 7}");
  Sweep plain = sweep("{concurrency: [2]}");
  const Forecaster forecaster({past(plain.points[0], 3, 1, 1)}, {});
  EXPECT_LE(*forecaster.point(limited.points[0], "local").seconds, 7);
}

TEST(CeilingsFile, measured_devices_are_kept_beside_the_others_and_damage_is_nothing) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tokenmark-ceilings-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data()), file = folder / "deep/ceilings.json";
  ASSERT_TRUE(keep_ceilings(file, {{"cpu", {10, 100}}, {"cuda:0", {3000, 1e6}}}));
  ASSERT_TRUE(keep_ceilings(file, {{"cpu", {12, 110}}}));
  const auto kept = read_ceilings(file);
  EXPECT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.at("cpu").memory_gb_s, 12);
  std::ofstream(file) << "{\"devices\": {\"cpu\": {\"memory_gb_s\": \"fast\"}, \"x\": 1}}";
  EXPECT_EQ(read_ceilings(file).at("cpu").memory_gb_s, 0);
  std::ofstream(file) << "no";
  EXPECT_TRUE(read_ceilings(file).empty());
  std::filesystem::remove_all(folder);
}

TEST(BuiltinSweeps, all_parse_have_a_title_and_a_word_about_them_and_the_common_ones_come_first) {
  const auto& all = builtin_sweeps();
  ASSERT_GE(all.size(), 5u);
  EXPECT_EQ(all[0].name, "quick");
  EXPECT_EQ(all[1].name, "chat");
  for (const BuiltinSweep& one : all) {
    const auto parsed = read_sweep("builtin:" + one.name);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->name, one.title);
    EXPECT_FALSE(one.about.empty()) << one.name;
  }
}

}  // namespace
}  // namespace tokenmark
