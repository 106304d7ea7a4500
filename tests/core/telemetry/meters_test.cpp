// Meters in processes of their own, which behave well or badly.
#include "core/telemetry/meters.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "core/telemetry/plugin_sampler.h"
#include "tests/core/telemetry/fixture.h"

namespace tokenmark {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;
using Clock = std::chrono::steady_clock;

std::int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count(); }

class MetersTest : public MeterTest {
 protected:
  MetersTest() {
    set("TOKENMARK_METERS", file("meters.json", R"({"nvml": ")" TEST_LIBRARIES R"(/libfake_nvml.so", "rocm_smi": [")" TEST_LIBRARIES
                                 R"(/libfake_rocm_smi.so"], "amd_smi": ["libno_such.so"], "sys": ")" + folder_.string() + R"("})").string());
  }
  std::unique_ptr<Meters> open(std::vector<std::string> sources, milliseconds patience = milliseconds(0)) {
    return Meters::open({.program = METER_PROGRAM, .sources = std::move(sources), .open_limit = milliseconds(1500), .patience = patience});
  }
  // What was metered over so long.
  static Metering metered(Meters& meters, milliseconds how_long, milliseconds every = milliseconds(20)) {
    meters.start([](const MeteredDevice&) { return Meters::Role::computes; }, every);
    std::this_thread::sleep_for(how_long);
    return meters.stop();
  }
  static std::string why(const std::vector<MissingMeter>& missing, const std::string& source) {
    for (const MissingMeter& one : missing)
      if (one.source == source) return one.why;
    return "metered";
  }
};

TEST_F(MetersTest, readings_enclose_the_time_between_start_and_stop) {
  const auto meters = open({"nvml"});
  ASSERT_EQ(meters->devices().size(), 2u);
  meters->start([](const MeteredDevice& d) { return d.id == "0000:42:00.0" ? Meters::Role::computes : Meters::Role::unused; }, milliseconds(20));
  const std::int64_t begun = now_ns();
  std::this_thread::sleep_for(milliseconds(300));
  const std::int64_t ended = now_ns();
  const Metering metering = meters->stop();
  ASSERT_EQ(metering.series.size(), 1u);
  const auto& [device, computes, readings] = metering.series[0];
  EXPECT_EQ(device.id, "0000:42:00.0");
  EXPECT_TRUE(computes);
  ASSERT_GE(readings.size(), 3u);
  EXPECT_LE(readings.front().at_ns, begun);
  EXPECT_GE(readings.back().at_ns, ended);
  for (std::size_t i = 1; i < readings.size(); ++i) EXPECT_GT(readings[i].at_ns, readings[i - 1].at_ns);
  EXPECT_NEAR(value(readings[1], Quantity::power_w), 205, 0.01);
  EXPECT_THAT(metering.missing, IsEmpty());
  EXPECT_DOUBLE_EQ(metering.every_s, 0.02);
}

TEST_F(MetersTest, meters_are_used_for_run_after_run) {
  const auto meters = open({"nvml"});
  const Metering first = metered(*meters, milliseconds(60)), second = metered(*meters, milliseconds(60));
  ASSERT_EQ(second.series.size(), 2u);
  EXPECT_GT(second.series[0].readings.front().at_ns, first.series[0].readings.back().at_ns);
  EXPECT_GE(second.series[1].readings.size(), 2u);
}

TEST_F(MetersTest, what_is_not_there_has_a_reason) {
  const auto meters = open({});
  EXPECT_THAT(why(meters->missing(), "amd-smi"), HasSubstr("libno_such.so"));
  EXPECT_THAT(why(meters->missing(), "powercap"), HasSubstr("is not there (virtual machines have none)"));
  EXPECT_THAT(why(meters->missing(), "ipmi"), HasSubstr("not set up"));
  EXPECT_EQ(meters->devices().size(), 4u);  // two of each library
}

TEST_F(MetersTest, a_program_that_is_not_there_is_a_reason) {
  const auto meters = Meters::open({.program = "/no/such/program", .sources = {"nvml"}});
  EXPECT_THAT(meters->devices(), IsEmpty());
  EXPECT_THAT(why(meters->missing(), "nvml"), HasSubstr("/no/such/program"));
}

TEST_F(MetersTest, a_library_that_hangs_at_the_start_is_given_up) {
  set("FAKE_HANG", "init");
  const auto begun = Clock::now();
  const auto meters = open({"nvml", "powercap"});
  EXPECT_LT(Clock::now() - begun, milliseconds(4000));
  EXPECT_THAT(meters->devices(), IsEmpty());
  EXPECT_THAT(why(meters->missing(), "nvml"), HasSubstr("it hangs"));
}

TEST_F(MetersTest, a_library_that_hangs_while_reading_costs_its_readings_and_no_more) {
  set("FAKE_HANG", "read");
  const auto meters = open({"nvml"}, milliseconds(300));
  set("FAKE_HANG", "");
  ASSERT_EQ(meters->devices().size(), 2u);
  const auto begun = Clock::now();
  const Metering metering = metered(*meters, milliseconds(50));
  EXPECT_LT(Clock::now() - begun, milliseconds(3000));
  EXPECT_THAT(why(metering.missing, "nvml"), HasSubstr("it hangs: no answer for 0."));
  for (const MeterSeries& series : metering.series) EXPECT_THAT(series.readings, IsEmpty());
  EXPECT_THAT(why(metered(*meters, milliseconds(10)).missing, "nvml"), HasSubstr("it hangs"));  // and stays given up
}

TEST_F(MetersTest, a_library_that_crashes_takes_only_its_process_down) {
  set("ASAN_OPTIONS", "handle_segv=0");  // which would make an exit of the crash
  set("FAKE_CRASH", "init");
  EXPECT_THAT(why(open({"nvml"})->missing(), "nvml"), HasSubstr("killed by signal 11"));
  set("FAKE_CRASH", "read");
  const auto meters = open({"nvml", "rocm-smi"});
  set("FAKE_CRASH", "");
  ASSERT_EQ(meters->devices().size(), 4u);
  EXPECT_THAT(why(metered(*meters, milliseconds(50)).missing, "nvml"), HasSubstr("killed by signal 11"));
}

TEST_F(MetersTest, what_a_failing_library_prints_is_told) {
  set("FAKE_INIT", "8");
  EXPECT_THAT(why(open({"rocm-smi"})->missing(), "rocm-smi"), HasSubstr("rsmi_init gave 8"));
}

TEST_F(MetersTest, nonsense_is_left_out_and_said) {
  set("FAKE_NONSENSE", "1");
  set("FAKE_GPUS", "1");
  const auto meters = open({"nvml"});
  const Metering metering = metered(*meters, milliseconds(50));
  ASSERT_EQ(metering.series.size(), 1u);
  for (const MeterReading& reading : metering.series[0].readings) EXPECT_FALSE(reading.get(Quantity::power_w));
  EXPECT_THAT(why(metering.missing, "nvml 0000:41:00.0 power_w"), HasSubstr("readings cannot be (4.29497e+06)"));
}

TEST_F(MetersTest, a_process_that_says_what_cannot_be_is_given_up) {
  set("FAKE_PROCESS", "babble");
  EXPECT_THAT(why(open({"nvml"})->missing(), "nvml"), HasSubstr("what cannot be"));
  set("FAKE_PROCESS", "flood");
  EXPECT_THAT(why(open({"nvml"})->missing(), "nvml"), HasSubstr("a line of more than"));
}

// ---- a plugin's own telemetry

MeteredDevice plugin_device() { return {.source = "plugin", .id = "sim:0", .name = "Simulated"}; }

TEST(PluginSamplerTest, values_count_only_where_their_bit_is_set) {
  PluginSampler sampler(plugin_device(), [](tm_telemetry& out) {
    out.valid = TM_HAS_POWER | TM_HAS_ENERGY | TM_HAS_UTILISATION;
    out.power_w = 50;
    out.energy_j = -3;  // cannot be
    out.temperature_c = 99;
    return true;
  });
  for (int run = 0; run < 2; ++run) {
    Metering metering;
    const std::int64_t before = now_ns();
    sampler.start(milliseconds(10));
    const std::int64_t begun = now_ns();
    std::this_thread::sleep_for(milliseconds(50));
    sampler.stop(true, metering);
    ASSERT_EQ(metering.series.size(), 1u);
    const auto& readings = metering.series[0].readings;
    ASSERT_GE(readings.size(), 3u);
    EXPECT_GE(readings.front().at_ns, before);
    EXPECT_LE(readings.front().at_ns, begun);
    EXPECT_EQ(value(readings[0], Quantity::power_w), 50);
    EXPECT_EQ(value(readings[0], Quantity::busy_share), 0);
    EXPECT_FALSE(readings[0].get(Quantity::energy_j));
    EXPECT_FALSE(readings[0].get(Quantity::temperature_c));
    EXPECT_FALSE(sampler.hangs());
  }
}

TEST(PluginSamplerTest, a_call_that_does_not_come_back_is_left_behind) {
  auto release = std::make_shared<std::atomic<bool>>(false);
  Metering metering;
  {
    PluginSampler sampler(plugin_device(), [release](tm_telemetry&) {
      while (!*release) std::this_thread::sleep_for(milliseconds(5));
      return false;
    }, milliseconds(100));
    sampler.start(milliseconds(10));
    sampler.stop(true, metering);
    EXPECT_TRUE(sampler.hangs());
  }
  EXPECT_THAT(metering.series, IsEmpty());
  ASSERT_EQ(metering.missing.size(), 1u);
  EXPECT_THAT(metering.missing[0].why, HasSubstr("hangs"));
  *release = true;
}

TEST(PluginSamplerTest, a_device_that_tells_nothing_has_a_reason) {
  PluginSampler sampler(plugin_device(), [](tm_telemetry&) { return false; });
  Metering metering;
  sampler.start(milliseconds(10));
  sampler.stop(true, metering);
  EXPECT_THAT(metering.series, IsEmpty());
  ASSERT_EQ(metering.missing.size(), 1u);
  EXPECT_THAT(metering.missing[0].why, HasSubstr("tells nothing"));
}

}  // namespace
}  // namespace tokenmark
