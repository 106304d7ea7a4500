// Energy against cases computed by hand, and the rules that say whether it counts.
#include "core/metrics/power.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/core/metrics/log_builder.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kS = 1'000'000'000;

struct Told {
  double at_s;
  std::optional<double> power_w, energy_j;
};

std::vector<MeterReading> readings_of(const std::vector<Told>& told) {
  std::vector<MeterReading> readings;
  for (const auto& [at_s, power_w, energy_j] : told) {
    MeterReading& reading = readings.emplace_back();
    reading.at_ns = std::llround(at_s * 1e9);
    if (power_w) reading.set(Quantity::power_w, *power_w);
    if (energy_j) reading.set(Quantity::energy_j, *energy_j);
  }
  return readings;
}

MeterSeries series_of(const std::string& id, const std::vector<Told>& told) {
  return {{.source = "nvml", .id = id}, true, readings_of(told)};
}

// One request from 1 s to 5 s with 10 tokens in and 40 out.
EventLog run_log() {
  LogBuilder builder;
  builder.add({.intended = 1000, .sent = 1000, .end = 5000, .input = 10}, {{2000, 20}, {5000, 20}});
  builder.log.metering.every_s = 0.1;
  return builder.log;
}

// Constant power: readings each second from 0 to 6 s, the counter with it.
std::vector<Told> constant(double watts, double counted_watts) {
  std::vector<Told> told;
  for (int s = 0; s <= 6; ++s) told.push_back({double(s), watts, 1e6 + counted_watts * s});
  return told;
}

TEST(Power, trapezoid_interpolates_its_ends) {
  // 100 W until 2 s, a ramp to 300 W at 4 s, then 300 W: from 1.5 to 4.5 s 50 + 400 + 150 J.
  const auto readings = readings_of({{0, 100, {}}, {2, 100, {}}, {4, 300, {}}, {5, 300, {}}});
  EXPECT_DOUBLE_EQ(*integrated_energy(readings, 3 * kS / 2, 9 * kS / 2), 600);
  // Within one piece: at 2.5 s 150 W, at 3 s 200 W: 87.5 J.
  EXPECT_DOUBLE_EQ(*integrated_energy(readings, 5 * kS / 2, 3 * kS), 87.5);
  EXPECT_DOUBLE_EQ(*integrated_energy(readings, 0, 5 * kS), 200 + 400 + 300);
}

TEST(Power, counter_is_the_difference_with_ends_in_proportion) {
  const auto readings = readings_of({{0, {}, 1000}, {2, {}, 1200}, {4, {}, 1600}});
  EXPECT_DOUBLE_EQ(*counted_energy(readings, 1 * kS, 3 * kS), 1400 - 1100);
  EXPECT_DOUBLE_EQ(*counted_energy(readings, 0, 4 * kS), 600);
}

TEST(Power, readings_without_the_value_are_passed_over) {
  const auto readings = readings_of({{0, 100, 0}, {1, {}, 50}, {2, 100, {}}, {3, 100, 300}});
  EXPECT_DOUBLE_EQ(*integrated_energy(readings, 0, 3 * kS), 300);
  EXPECT_DOUBLE_EQ(*counted_energy(readings, kS, 3 * kS), 250);
}

TEST(Power, readings_that_do_not_enclose_the_run_give_nothing) {
  const auto readings = readings_of({{1, 100, {}}, {2, 100, {}}, {3, 100, {}}});
  EXPECT_TRUE(integrated_energy(readings, 1 * kS, 3 * kS));
  EXPECT_THAT(integrated_energy(readings, 1 * kS - 1, 3 * kS).error().message, HasSubstr("do not enclose the run"));
  EXPECT_THAT(integrated_energy(readings, 1 * kS, 3 * kS + 1).error().message, HasSubstr("do not enclose the run"));
  EXPECT_THAT(integrated_energy({}, 0, 1).error().message, HasSubstr("no power"));
  EXPECT_THAT(counted_energy(readings, 0, 1).error().message, HasSubstr("no energy"));
}

TEST(Power, a_gap_of_more_than_three_seconds_inside_of_the_run_gives_nothing) {
  EXPECT_TRUE(integrated_energy(readings_of({{0, 1, {}}, {3, 1, {}}}), 0, 3 * kS));
  EXPECT_THAT(integrated_energy(readings_of({{0, 1, {}}, {3.001, 1, {}}}), 0, 3 * kS).error().message, HasSubstr("gap of 3.0 s"));
  // Before the run it does not matter.
  EXPECT_TRUE(integrated_energy(readings_of({{-9, 1, {}}, {-1, 1, {}}, {1, 1, {}}}), 0, kS));
}

TEST(Power, a_counter_that_goes_back_or_stands_still_gives_nothing) {
  EXPECT_THAT(counted_energy(readings_of({{0, {}, 50}, {1, {}, 60}, {2, {}, 10}}), 0, 2 * kS).error().message, HasSubstr("went back"));
  EXPECT_THAT(counted_energy(readings_of({{0, {}, 50}, {1, {}, 50}, {2, {}, 50}}), 0, 2 * kS).error().message, HasSubstr("stands still"));
}

TEST(Power, the_counter_is_the_figure_and_the_trapezoid_its_check) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(100, 102)), series_of("0000:42:00.0", constant(200, 204))};
  const Figures f = compute_figures(log, {}, 2);
  EXPECT_DOUBLE_EQ(*f.energy_j, 306 * 4);
  EXPECT_DOUBLE_EQ(*f.energy_check_j, 300 * 4);
  EXPECT_DOUBLE_EQ(*f.power_w, 306);
  EXPECT_DOUBLE_EQ(*f.power_w_gpu, 153);
  EXPECT_DOUBLE_EQ(*f.joules_per_output_token, 306 * 4 / 40.0);
  EXPECT_DOUBLE_EQ(*f.joules_per_total_token, 306 * 4 / 50.0);
  EXPECT_THAT(f.power_source, HasSubstr("energy counters of 2 accelerators (nvml), read every 0.1 s"));
  EXPECT_THAT(f.power_source, HasSubstr("the trapezoid gives 1200 J"));
  EXPECT_THAT(f.power_note, IsEmpty());
  ASSERT_EQ(f.meters.size(), 2u);
  EXPECT_DOUBLE_EQ(*f.meters[1].counter_j, 204 * 4);
  EXPECT_DOUBLE_EQ(*f.meters[1].trapezoid_j, 800);
  EXPECT_EQ(f.lacking.count("power"), 0u);
}

TEST(Power, more_than_five_percent_between_the_two_is_said) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(106, 100))};
  EXPECT_THAT(compute_figures(log, {}, 1).power_note, HasSubstr("the energy counter says 400 J, the trapezoid of the power 424 J: 6.0 % apart"));
  log.metering.series = {series_of("0000:41:00.0", constant(104.9, 100))};
  EXPECT_THAT(compute_figures(log, {}, 1).power_note, IsEmpty());
}

TEST(Power, without_counter_the_trapezoid_is_the_figure) {
  EventLog log = run_log();
  std::vector<Told> told = constant(100, 0);
  for (Told& one : told) one.energy_j.reset();
  log.metering.series = {series_of("0000:41:00.0", told)};
  const Figures f = compute_figures(log, {}, 0);
  EXPECT_DOUBLE_EQ(*f.energy_j, 400);
  EXPECT_FALSE(f.energy_check_j);
  EXPECT_THAT(f.power_source, HasSubstr("trapezoid of the power of 1 accelerator (nvml)"));
}

TEST(Power, a_wrong_number_of_accelerators_gives_nothing) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(100, 100)), series_of("0000:42:00.0", constant(100, 100))};
  const Figures f = compute_figures(log, {}, 1);
  EXPECT_FALSE(f.power_w);
  EXPECT_THAT(f.lacking.at("power"), HasSubstr("2 accelerators were metered and the run used 1"));
  EXPECT_EQ(f.meters.size(), 2u);  // each has its own figures all the same
  EXPECT_TRUE(compute_figures(log, {}, 0).power_w);
}

TEST(Power, a_share_of_a_board_gives_nothing) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(100, 100))};
  log.metering.series[0].device.shared = true;
  EXPECT_THAT(compute_figures(log, {}, 1).lacking.at("power"), HasSubstr("the board is split"));
}

TEST(Power, a_device_without_valid_energy_takes_the_runs_power_with_it) {
  EventLog log = run_log();
  std::vector<Told> late = constant(100, 100);
  late.erase(late.begin(), late.begin() + 2);
  log.metering.series = {series_of("0000:41:00.0", constant(100, 100)), series_of("0000:42:00.0", late)};
  const Figures f = compute_figures(log, {}, 2);
  EXPECT_FALSE(f.energy_j);
  EXPECT_THAT(f.lacking.at("power"), HasSubstr("nvml 0000:42:00.0: its readings of energy do not enclose the run"));
}

TEST(Power, what_is_beside_has_figures_and_does_not_count) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(100, 100)), series_of("package-0", constant(60, 60))};
  log.metering.series[1].device.kind = MeteredKind::cpu;
  log.metering.series[1].computes = false;
  const Figures f = compute_figures(log, {}, 1);
  EXPECT_DOUBLE_EQ(*f.power_w, 100);
  EXPECT_DOUBLE_EQ(*f.meters[1].power_w, 60);
  EXPECT_EQ(f.meters[1].kind, "cpu");
}

TEST(Power, a_run_too_short_for_the_boards_way_of_looking_is_marked) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(100, 100))};
  log.metering.series[0].device.least_window_s = 10;
  EXPECT_THAT(compute_figures(log, {}, 1).power_note, HasSubstr("the run took 4.0 s; this board looks at its power a part of the time only, 10 s are the least"));
  EXPECT_TRUE(compute_figures(log, {}, 1).energy_j);
}

TEST(Power, where_nothing_was_metered_the_reasons_are_told) {
  EventLog log = run_log();
  log.metering = {};
  EXPECT_EQ(compute_figures(log, {}, 1).lacking.count("power"), 0u);  // nobody asked
  log.metering.missing = {{"nvml", "no such library"}};
  const Figures f = compute_figures(log, {}, 1);
  EXPECT_THAT(f.lacking.at("power"), HasSubstr("nvml: no such library"));
  EXPECT_THAT(to_json(f)["withheld"]["power"].get<std::string>(), HasSubstr("no such library"));
}

TEST(Power, figures_come_back_from_their_json) {
  EventLog log = run_log();
  log.metering.series = {series_of("0000:41:00.0", constant(110, 100))};
  log.metering.series[0].device.name = "Board";
  const Figures f = compute_figures(log, {}, 1);
  const auto back = figures_from_json(to_json(f));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->energy_check_j, f.energy_check_j);
  EXPECT_EQ(back->power_note, f.power_note);
  ASSERT_EQ(back->meters.size(), 1u);
  EXPECT_EQ(back->meters[0].name, "Board");
  EXPECT_EQ(back->meters[0].trapezoid_j, 440);
  EXPECT_TRUE(back->meters[0].computes);
  EXPECT_EQ(to_json(*back), to_json(f));
}

}  // namespace
}  // namespace tokenmark
