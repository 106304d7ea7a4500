#include "core/report/timeline_meters.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

MeterSeries series_of(double offset_s, double watts, std::size_t readings, bool computes = true) {
  MeterSeries series{{.source = "nvml", .id = std::to_string(offset_s)}, computes, {}};
  for (std::size_t i = 0; i < readings; ++i) {
    MeterReading& reading = series.readings.emplace_back();
    reading.at_ns = std::llround((offset_s + 0.1 * static_cast<double>(i)) * 1e9);
    reading.set(Quantity::power_w, watts + 10 * static_cast<double>(i));
    reading.set(Quantity::busy_share, watts / 1000);
    reading.set(Quantity::temperature_c, watts / 2);
  }
  return series;
}

TEST(TimelineMeters, power_is_the_sum_of_what_computes) {
  const Metering metering{0.1, {series_of(0, 100, 5), series_of(0.05, 200, 5), series_of(0, 1000, 5, false)}, {}};
  const std::vector<XY> power = power_over_time(metering);
  ASSERT_EQ(power.size(), 5u);
  EXPECT_DOUBLE_EQ(power[0].y, 100 + 200);            // the second's first reading is a moment later
  EXPECT_NEAR(power[1].y, 110 + 205, 1e-9);           // in proportion between its readings
  EXPECT_NEAR(power[4].y, 140 + 235, 1e-9);
  const std::vector<TimelineCurve> meters = meters_over_time(metering);
  ASSERT_EQ(meters.size(), 2u);                       // nothing told its clock
  EXPECT_NEAR(meters[0].values[0].y, 0.15, 1e-9);
  EXPECT_NEAR(meters[1].values[0].y, 100, 1e-9);
}

TEST(TimelineMeters, where_one_of_them_tells_nothing_there_is_no_sum) {
  Metering metering{0.1, {series_of(0, 100, 5), {{.source = "nvml", .id = "x"}, true, {}}}, {}};
  EXPECT_TRUE(power_over_time(metering).empty());
  metering.series[1] = series_of(2, 100, 5);  // at another time
  EXPECT_TRUE(power_over_time(metering).empty());
  EXPECT_TRUE(power_over_time({}).empty());
}

TEST(TimelineMeters, a_counter_alone_gives_power_by_its_growth) {
  Metering metering{1, {{{.source = "powercap", .id = "package-0"}, true, {}}}, {}};
  for (const auto& [at_s, joules] : {std::pair{0, 50.0}, std::pair{1, 110.0}, std::pair{3, 310.0}}) {
    MeterReading& reading = metering.series[0].readings.emplace_back();
    reading.at_ns = std::int64_t{at_s} * 1'000'000'000;
    reading.set(Quantity::energy_j, joules);
  }
  const std::vector<XY> power = power_over_time(metering);
  ASSERT_EQ(power.size(), 2u);
  EXPECT_DOUBLE_EQ(power[0].x, 0.5);
  EXPECT_DOUBLE_EQ(power[0].y, 60);
  EXPECT_DOUBLE_EQ(power[1].x, 2);
  EXPECT_DOUBLE_EQ(power[1].y, 100);
}

TEST(TimelineMeters, many_readings_are_thinned_to_means_and_their_area_stays) {
  std::vector<XY> values;
  for (int i = 0; i <= 10'000; ++i) values.push_back({i * 0.1, i % 2 ? 300.0 : 100.0});
  EXPECT_EQ(thinned(values, 10, 20, 1000).size(), 102u);  // 101 points and the one before them
  const std::vector<XY> few = thinned(values, 0, 1000, 100);
  EXPECT_LE(few.size(), 101u);
  for (const XY& at : few) EXPECT_NEAR(at.y, 200, 101);
  EXPECT_NEAR(few[50].y, 200, 1.1);
  EXPECT_TRUE(thinned({}, 0, 1, 10).empty());
}

TEST(TimelineMeters, values_between_readings_are_in_proportion_and_outside_there_are_none) {
  const std::vector<XY> values = {{1, 10}, {3, 30}};
  EXPECT_EQ(value_at(values, 1), 10);
  EXPECT_EQ(value_at(values, 2), 20);
  EXPECT_EQ(value_at(values, 3), 30);
  EXPECT_FALSE(value_at(values, 0.9));
  EXPECT_FALSE(value_at(values, 3.1));
}

}  // namespace
}  // namespace tokenmark
