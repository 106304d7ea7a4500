// Which devices a point's power is of.
#include "core/node/point_meters.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "core/node/environment.h"

namespace tokenmark {
namespace {

using Role = Meters::Role;

const MeteredDevice kGpu{.source = "nvml", .id = "0000:41:00.0"}, kOther{.source = "nvml", .id = "0000:42:00.0"},
    kCpu{.kind = MeteredKind::cpu, .source = "powercap", .id = "package-0"}, kMachine{.kind = MeteredKind::machine, .source = "redfish", .id = "machine"};
const std::vector<MeteredDevice> kAll = {kGpu, kOther, kCpu, kMachine}, kNoGpu = {kCpu, kMachine};

using Ids = std::vector<std::string>;

std::vector<Role> roles(const std::vector<MeteredDevice>& all, const PowerMeters& power, std::optional<Ids> engine_pci_ids = {}) {
  std::vector<Role> roles;
  for (const MeteredDevice& device : all) roles.push_back(role_of(device, all, power, engine_pci_ids ? &*engine_pci_ids : nullptr));
  return roles;
}

TEST(PointMeters, an_engine_computes_on_its_own_devices) {
  EXPECT_EQ(roles(kAll, {}, Ids{"0000:42:00.0"}), (std::vector{Role::unused, Role::computes, Role::beside, Role::beside}));
  EXPECT_EQ(roles(kAll, {}, Ids{}), (std::vector{Role::unused, Role::unused, Role::computes, Role::beside}));  // on the CPU
  EXPECT_EQ(roles(kAll, {}, Ids{"0000:42:00.0", "0000:41:00.0"}), (std::vector{Role::computes, Role::computes, Role::beside, Role::beside}));
  // A device that no meter knows: nothing computes, so that nothing else stands in for it.
  EXPECT_EQ(roles(kAll, {}, Ids{"0000:99:00.0"}), (std::vector{Role::unused, Role::unused, Role::beside, Role::beside}));
}

TEST(PointMeters, a_server_computes_on_all_accelerators_or_else_the_cpu) {
  EXPECT_EQ(roles(kAll, {}), (std::vector{Role::computes, Role::computes, Role::beside, Role::beside}));
  EXPECT_EQ(roles(kNoGpu, {}), (std::vector{Role::computes, Role::beside}));
}

TEST(PointMeters, named_devices_are_those_whatever_the_spelling) {
  EXPECT_EQ(roles(kAll, {.devices = {"00000000:41:00.0"}}), (std::vector{Role::computes, Role::unused, Role::beside, Role::beside}));
  EXPECT_EQ(roles(kAll, {.devices = {"42:00.0"}}, Ids{"0000:41:00.0"}), (std::vector{Role::unused, Role::computes, Role::beside, Role::beside}));
  EXPECT_EQ(roles(kAll, {.devices = {"package-0"}}), (std::vector{Role::unused, Role::unused, Role::computes, Role::beside}));
  EXPECT_EQ(roles(kAll, {.devices = {"0000:99:00.0"}}), (std::vector{Role::unused, Role::unused, Role::beside, Role::beside}));
}

TEST(PointMeters, a_server_elsewhere_is_not_metered_unless_asked_for) {
  Point point;
  point.target = EndpointTarget{.url = "http://far.example:8000", .model = "m"};
  PointMeters meters({.program = "/no/such/program"});
  const auto log = meters.beside(point, nullptr, [] { return EventLog(); });
  ASSERT_TRUE(log);
  EXPECT_TRUE(log->metering.empty());
  point.power.meter = "on";
  EXPECT_FALSE(meters.beside(point, nullptr, [] { return EventLog(); })->metering.empty());
  std::get<EndpointTarget>(point.target).url = "http://127.0.0.1:8000";
  point.power.meter = "auto";
  EXPECT_FALSE(meters.beside(point, nullptr, [] { return EventLog(); })->metering.missing.empty());
  point.power.meter = "off";
  EXPECT_TRUE(meters.beside(point, nullptr, [] { return EventLog(); })->metering.empty());
}

TEST(PointMeters, a_failed_measurement_stays_the_error_that_it_was) {
  Point point;
  point.target = EndpointTarget{.url = "http://127.0.0.1:8000", .model = "m"};
  PointMeters meters({.program = "/no/such/program"});
  const auto log = meters.beside(point, nullptr, []() -> Result<EventLog> { return fail(ErrorKind::io, "broken"); });
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().message, "broken");
}

TEST(PointMeters, the_environment_says_what_was_metered_and_what_not) {
  Metering metering{0.5, {{kGpu, true, std::vector<MeterReading>(3)}}, {{"ipmi", "not set up"}}};
  const nlohmann::json found = metering_environment(metering);
  EXPECT_EQ(found["every_s"], 0.5);
  EXPECT_EQ(found["metered"][0]["id"], "0000:41:00.0");
  EXPECT_EQ(found["metered"][0]["kind"], "accelerator");
  EXPECT_EQ(found["metered"][0]["readings"], 3);
  EXPECT_EQ(found["metered"][0]["computes"], true);
  EXPECT_EQ(found["not_metered"][0]["why"], "not set up");
}

}  // namespace
}  // namespace tokenmark
