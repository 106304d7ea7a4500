// Meters against stand-ins for what they read: vendors' libraries with the real symbols, trees of the kernel's files, a
// script for ipmitool, a server for a management controller.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/core/load/little_server.h"
#include "tests/core/telemetry/fixture.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

TEST_F(MeterTest, nvml_tells_everything_of_each_gpu_by_its_pci_id) {
  const auto nvml = open_nvml(places_);
  ASSERT_TRUE(nvml) << nvml.error().message;
  ASSERT_EQ((*nvml)->devices().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const MeteredDevice& device = (*nvml)->devices()[i];
    const bool first = device.id == "0000:41:00.0";  // the library lists them the other way round
    EXPECT_EQ(device.id, first ? "0000:41:00.0" : "0000:42:00.0");
    EXPECT_EQ(device.name, first ? "Fake GPU 0" : "Fake GPU 1");
    EXPECT_EQ(device.source, "nvml");
    EXPECT_FALSE(device.shared);
    EXPECT_EQ(device.note, "power as of now");
    const MeterReading reading = (*nvml)->read(i);
    EXPECT_NEAR(value(reading, Quantity::power_w), first ? 105 : 205, 0.01);  // 5 W above the mean
    EXPECT_GT(value(reading, Quantity::energy_j), 0);
    EXPECT_EQ(value(reading, Quantity::temperature_c), first ? 60 : 61);
    EXPECT_EQ(value(reading, Quantity::core_mhz), 1980);
    EXPECT_EQ(value(reading, Quantity::memory_mhz), 2619);
    EXPECT_EQ(value(reading, Quantity::busy_share), 0.75);
    EXPECT_EQ(value(reading, Quantity::memory_bytes), 12345678);
    EXPECT_EQ(value(reading, Quantity::throttle), kThrottlePowerCap | kThrottleThermal);
  }
  EXPECT_NE((*nvml)->devices()[0].id, (*nvml)->devices()[1].id);
}

TEST_F(MeterTest, nvml_takes_the_mean_power_where_the_power_of_now_is_not_offered) {
  set("FAKE_OLD", "1");
  set("FAKE_GPUS", "1");
  const auto nvml = open_nvml(places_);
  ASSERT_TRUE(nvml);
  EXPECT_NEAR(value((*nvml)->read(0), Quantity::power_w), 100, 0.01);
  EXPECT_EQ((*nvml)->devices()[0].note, "power is a mean over about a second");
}

TEST_F(MeterTest, nvml_knows_split_boards_and_those_that_look_a_part_of_the_time) {
  set("FAKE_NAME", "NVIDIA H100 80GB HBM3");
  set("FAKE_MIG", "1");
  const auto nvml = open_nvml(places_);
  ASSERT_TRUE(nvml);
  EXPECT_TRUE((*nvml)->devices()[0].shared);
  EXPECT_EQ((*nvml)->devices()[0].least_window_s, 10);
}

TEST_F(MeterTest, nvml_without_energy_counter_leaves_energy_absent) {
  set("FAKE_COUNTER", "0");
  const auto nvml = open_nvml(places_);
  ASSERT_TRUE(nvml);
  EXPECT_FALSE((*nvml)->read(0).get(Quantity::energy_j));
  EXPECT_TRUE((*nvml)->read(0).get(Quantity::power_w));
}

TEST_F(MeterTest, nonsense_is_absent_never_a_number) {
  set("FAKE_NONSENSE", "1");
  for (const auto open : {open_nvml, open_rocm_smi, open_amd_smi}) {
    const auto meter = open(places_);
    ASSERT_TRUE(meter);
    MeterReading reading = (*meter)->read(0);
    take_out_nonsense(reading);
    EXPECT_FALSE(reading.get(Quantity::busy_share)) << (*meter)->devices()[0].source;
  }
  const auto nvml = open_nvml(places_);
  MeterReading reading = (*nvml)->read(0);
  take_out_nonsense(reading);
  for (std::size_t i = 0; i < kQuantities; ++i)
    EXPECT_EQ(reading.get(static_cast<Quantity>(i)).has_value(), static_cast<Quantity>(i) == Quantity::throttle) << i << " " << reading.values[i];
  for (const double bad : {-1.0, 1e300, std::nan(""), static_cast<double>(INFINITY)}) EXPECT_FALSE(is_plausible(Quantity::power_w, bad));
}

TEST_F(MeterTest, a_library_that_cannot_be_used_says_why) {
  MeterPlaces places = places_;
  places.nvml = "libno_such_library.so.1";
  places.rocm_smi = {"libno_such_a.so", "libno_such_b.so"};
  EXPECT_THAT(open_nvml(places).error().message, HasSubstr("libno_such_library.so.1"));
  EXPECT_THAT(open_rocm_smi(places).error().message, HasSubstr("libno_such_a.so"));
  places.nvml = TEST_LIBRARIES "/libfake_nvml_lacking.so";
  EXPECT_THAT(open_nvml(places).error().message, HasSubstr("it has no nvmlDeviceGetCount_v2"));
  places.nvml = file("not_a_library.so", "text").string();
  EXPECT_THAT(open_nvml(places).error().message, HasSubstr("not_a_library.so"));

  set("FAKE_INIT", "9");
  EXPECT_THAT(open_nvml(places_).error().message, HasSubstr("nvmlInit_v2 gave 9 (Driver Not Loaded)"));
  set("FAKE_INIT", "8");
  EXPECT_THAT(open_rocm_smi(places_).error().message, HasSubstr("rsmi_init gave 8 (RSMI_STATUS_INIT_ERROR"));
  EXPECT_THAT(open_amd_smi(places_).error().message, HasSubstr("amdsmi_init gave 8"));
  set("FAKE_INIT", "0");
  set("FAKE_COUNT", "3");  // and the number stays untouched
  EXPECT_THAT(open_nvml(places_).error().message, HasSubstr("nvmlDeviceGetCount_v2 gave 3"));
  EXPECT_THAT(open_rocm_smi(places_).error().message, HasSubstr("rsmi_num_monitor_devices gave 3"));
  EXPECT_THAT(open_amd_smi(places_).error().message, HasSubstr("amdsmi_get_socket_handles gave 3"));
  set("FAKE_COUNT", "0");
  set("FAKE_GPUS", "0");
  for (const auto open : {open_nvml, open_rocm_smi, open_amd_smi}) EXPECT_FALSE(open(places_));
}

TEST_F(MeterTest, rocm_smi_tells_everything_in_its_older_and_newer_form) {
  for (const bool old : {false, true}) {
    set("FAKE_OLD", old ? "1" : "0");
    const auto smi = open_rocm_smi(places_);
    ASSERT_TRUE(smi) << smi.error().message;
    ASSERT_EQ((*smi)->devices().size(), 2u);
    EXPECT_EQ((*smi)->devices()[0].id, "0000:03:00.0");
    EXPECT_EQ((*smi)->devices()[1].id, "0001:04:00.0");
    EXPECT_EQ((*smi)->devices()[1].name, "Fake Instinct 1");
    const MeterReading reading = (*smi)->read(1);
    EXPECT_NEAR(value(reading, Quantity::power_w), old ? 200 : 205, 0.01);
    EXPECT_GT(value(reading, Quantity::energy_j), 0);
    EXPECT_EQ(value(reading, Quantity::busy_share), 0.8);
    EXPECT_EQ(value(reading, Quantity::memory_bytes), 7777);
    EXPECT_EQ(value(reading, Quantity::temperature_c), 71);
    EXPECT_EQ(value(reading, Quantity::core_mhz), old ? 1502 : 2100);
    EXPECT_EQ(value(reading, Quantity::memory_mhz), old ? 1600 : 1300);
  }
}

TEST_F(MeterTest, amd_smi_is_read_in_the_layout_of_each_release) {
  for (const char* release : {"23.2", "24.6", "25.3", "26.0"})
    for (const char* mean_only : {"0", "1"}) {
      SCOPED_TRACE(std::string(release) + (*mean_only == '1' ? ", the mean alone" : ""));
      set("FAKE_RELEASE", release);
      set("FAKE_OLD", mean_only);
      set("FAKE_GPUS", "3");
      const auto smi = open_amd_smi(places_);
      ASSERT_TRUE(smi) << smi.error().message;
      ASSERT_EQ((*smi)->devices().size(), 3u);
      EXPECT_EQ((*smi)->devices()[2].id, "0000:c3:00.0");
      EXPECT_EQ((*smi)->devices()[2].name, "Fake MI 2");
      const MeterReading reading = (*smi)->read(2);
      EXPECT_EQ(value(reading, Quantity::power_w), 300);
      EXPECT_GT(value(reading, Quantity::energy_j), 0);
      EXPECT_EQ(value(reading, Quantity::busy_share), 0.42);
      EXPECT_EQ(value(reading, Quantity::memory_bytes), 4976.0 * 1024 * 1024);
      EXPECT_EQ(value(reading, Quantity::temperature_c), 66);
      EXPECT_EQ(value(reading, Quantity::core_mhz), 2100);
      EXPECT_EQ(value(reading, Quantity::memory_mhz), 1300);
    }
}

TEST_F(MeterTest, amd_gpus_are_read_from_the_kernels_files) {
  EXPECT_THAT(open_amdgpu(places_).error().message, HasSubstr("no card"));
  const std::string device = "devices/0000:0a:00.0/";
  for (const auto& [name, text] : {std::pair{"vendor", "0x1002\n"}, {"gpu_busy_percent", "55\n"}, {"mem_info_vram_used", "1048576\n"},
                                   {"hwmon/hwmon3/power1_average", "250000000\n"}, {"hwmon/hwmon3/temp1_input", "45000\n"},
                                   {"hwmon/hwmon3/temp2_input", "61000\n"}, {"hwmon/hwmon3/freq1_input", "1700000000\n"}})
    file(device + name, text);
  file("devices/0000:0b:00.0/vendor", "0x10de\n");
  std::filesystem::create_directories(folder_ / "class/drm/card0");
  std::filesystem::create_directories(folder_ / "class/drm/card1");
  std::filesystem::create_directories(folder_ / "class/drm/card0-DP-1");
  std::filesystem::create_directory_symlink(folder_ / "devices/0000:0a:00.0", folder_ / "class/drm/card0/device");
  std::filesystem::create_directory_symlink(folder_ / "devices/0000:0b:00.0", folder_ / "class/drm/card1/device");
  const auto cards = open_amdgpu(places_);
  ASSERT_TRUE(cards) << cards.error().message;
  ASSERT_EQ((*cards)->devices().size(), 1u);
  EXPECT_EQ((*cards)->devices()[0].id, "0000:0a:00.0");
  const MeterReading reading = (*cards)->read(0);
  EXPECT_EQ(value(reading, Quantity::power_w), 250);
  EXPECT_EQ(value(reading, Quantity::temperature_c), 61);
  EXPECT_EQ(value(reading, Quantity::core_mhz), 1700);
  EXPECT_EQ(value(reading, Quantity::busy_share), 0.55);
  EXPECT_EQ(value(reading, Quantity::memory_bytes), 1048576);
  EXPECT_FALSE(reading.get(Quantity::energy_j));
  EXPECT_FALSE(reading.get(Quantity::memory_mhz));
  file(device + "hwmon/hwmon3/power1_input", "245000000\n");
  EXPECT_EQ(value((*cards)->read(0), Quantity::power_w), 245);
}

TEST_F(MeterTest, powercap_counts_on_where_its_counter_begins_again) {
  EXPECT_THAT(open_powercap(places_).error().message, HasSubstr("virtual machines have none"));
  const std::string zone = "class/powercap/intel-rapl:0/";
  file(zone + "name", "package-0\n");
  file(zone + "max_energy_range_uj", "262143328850\n");
  file(zone + "energy_uj", "262143000000\n");
  file("class/powercap/intel-rapl:0:0/name", "core\n");
  file("class/powercap/intel-rapl:0:0/energy_uj", "1\n");
  file("class/powercap/intel-rapl:1/name", "psys\n");
  file("class/powercap/intel-rapl:1/energy_uj", "1\n");
  const auto powercap = open_powercap(places_);
  ASSERT_TRUE(powercap) << powercap.error().message;
  ASSERT_EQ((*powercap)->devices().size(), 1u);
  EXPECT_EQ((*powercap)->devices()[0].id, "package-0");
  EXPECT_EQ((*powercap)->devices()[0].kind, MeteredKind::cpu);
  const double before = value((*powercap)->read(0), Quantity::energy_j);
  file(zone + "energy_uj", "671150\n");  // 0.32885 J to the end of the range, 0.67115 J after it
  EXPECT_NEAR(value((*powercap)->read(0), Quantity::energy_j) - before, 1.0, 1e-6);
  file(zone + "energy_uj", "rubbish\n");
  EXPECT_FALSE((*powercap)->read(0).get(Quantity::energy_j));
  file(zone + "energy_uj", "1671150\n");
  EXPECT_NEAR(value((*powercap)->read(0), Quantity::energy_j) - before, 2.0, 1e-6);
}

TEST_F(MeterTest, a_counter_without_range_that_begins_again_is_absent) {
  file("class/powercap/intel-rapl:0/name", "package-0\n");
  file("class/powercap/intel-rapl:0/energy_uj", "5000000\n");
  const auto powercap = open_powercap(places_);
  ASSERT_TRUE(powercap);
  EXPECT_EQ(value((*powercap)->read(0), Quantity::energy_j), 5);
  file("class/powercap/intel-rapl:0/energy_uj", "100\n");
  EXPECT_FALSE((*powercap)->read(0).get(Quantity::energy_j));
}

TEST_F(MeterTest, perf_says_why_there_is_no_counter) {
  EXPECT_THAT(open_perf(places_).error().message, HasSubstr("no event energy-pkg"));
  const std::string folder = "bus/event_source/devices/power/";
  file(folder + "type", "4095\n");  // no such kind of event: perf_event_open refuses
  file(folder + "events/energy-pkg", "event=0x02\n");
  file(folder + "events/energy-pkg.scale", "2.3283064365386962890625e-10\n");
  file(folder + "cpumask", "0\n");
  EXPECT_THAT(open_perf(places_).error().message, HasSubstr("perf power/energy-pkg/: "));
  file(folder + "events/energy-pkg.scale", "-1\n");
  EXPECT_THAT(open_perf(places_).error().message, HasSubstr("a count of '-1' J"));
}

TEST_F(MeterTest, ipmitools_answer_is_the_power_of_the_machine) {
  const auto script = [&](const std::string& words) {
    const auto path = file("ipmitool", "#!/bin/sh\n" + words);
    chmod(path.c_str(), 0755);
    places_.ipmi.command = {path.string(), "-I", "lanplus"};
  };
  script(R"([ "$*" = "-I lanplus dcmi power reading" ] || exit 3
cat <<END

    Instantaneous power reading:                   224 Watts
    Minimum during sampling period:                 12 Watts
    Power reading state is:                   activated
END
)");
  const auto ipmi = open_ipmi(places_);
  ASSERT_TRUE(ipmi) << ipmi.error().message;
  EXPECT_EQ((*ipmi)->devices()[0].kind, MeteredKind::machine);
  EXPECT_EQ(value((*ipmi)->read(0), Quantity::power_w), 224);

  script("echo 'Could not open device at /dev/ipmi0' >&2; exit 1\n");
  EXPECT_FALSE((*ipmi)->read(0).get(Quantity::power_w));
  EXPECT_THAT(open_ipmi(places_).error().message, HasSubstr("status 1: Could not open device"));
  script("echo 'Instantaneous power reading: 0 Watts'; echo 'Power reading state is: deactivated'\n");
  EXPECT_THAT(open_ipmi(places_).error().message, HasSubstr("deactivated"));
  script("echo hello\n");
  EXPECT_THAT(open_ipmi(places_).error().message, HasSubstr("Instantaneous"));
  places_.ipmi.command = {"no-such-ipmitool"};
  EXPECT_THAT(open_ipmi(places_).error().message, HasSubstr("no-such-ipmitool"));
  places_.ipmi.command.clear();
  EXPECT_THAT(open_ipmi(places_).error().message, HasSubstr("not set up"));
}

// A management controller: paths and what they answer; it wants "admin" and "secret".
test::LittleServer::Handler controller(const std::map<std::string, std::string>& documents) {
  return [documents](test::Connection& connection, const test::HttpRequest& request) {
    const std::string path = request.head.substr(4, request.head.find(' ', 4) - 4);
    const auto found = documents.find(path);
    const bool known = request.head.find("Authorization: Basic YWRtaW46c2VjcmV0") != std::string::npos;
    const std::string body = found == documents.end() ? "{}" : found->second;
    connection.send(std::string("HTTP/1.1 ") + (!known ? "401 Unauthorized" : found == documents.end() ? "404 Not Found" : "200 OK") +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  };
}

TEST_F(MeterTest, redfish_gives_power_and_energy_of_newer_controllers) {
  test::LittleServer server(controller({{"/redfish/v1/Chassis", R"({"Members": [{"@odata.id": "/redfish/v1/Chassis/1U"}]})"},
                                        {"/redfish/v1/Chassis/1U", R"({"EnvironmentMetrics": {"@odata.id": "/redfish/v1/Chassis/1U/EnvironmentMetrics"}})"},
                                        {"/redfish/v1/Chassis/1U/EnvironmentMetrics", R"({"PowerWatts": {"Reading": 812.5}, "EnergyJoules": {"Reading": 4e6}})"}}));
  places_.redfish = {.url = server.url() + "/", .user = "admin", .password_file = file("password", "secret\n").string()};
  const auto redfish = open_redfish(places_);
  ASSERT_TRUE(redfish) << redfish.error().message;
  EXPECT_EQ(value((*redfish)->read(0), Quantity::power_w), 812.5);
  EXPECT_EQ(value((*redfish)->read(0), Quantity::energy_j), 4e6);
}

TEST_F(MeterTest, redfish_gives_power_of_older_controllers_and_names_what_is_wrong) {
  test::LittleServer server(controller({{"/redfish/v1/Chassis/A", "{}"},
                                        {"/redfish/v1/Chassis/A/Power", R"({"PowerControl": [{"PowerConsumedWatts": 344}]})"},
                                        {"/redfish/v1/Chassis/B", "{}"},
                                        {"/redfish/v1/Chassis/B/Power", R"({"PowerControl": []})"},
                                        {"/redfish/v1/Chassis/C", "no JSON"}}));
  set("BMC_PASSWORD", "secret");
  places_.redfish = {.url = server.url(), .chassis = "A", .user = "admin", .password_env = "BMC_PASSWORD"};
  const auto redfish = open_redfish(places_);
  ASSERT_TRUE(redfish) << redfish.error().message;
  EXPECT_EQ(value((*redfish)->read(0), Quantity::power_w), 344);
  const auto why = [&](const std::string& chassis) {
    places_.redfish.chassis = chassis;
    const auto opened = open_redfish(places_);
    return opened ? std::string() : opened.error().message;
  };
  EXPECT_THAT(why("B"), HasSubstr("tells no power"));
  EXPECT_THAT(why("C"), HasSubstr("no JSON object"));
  EXPECT_THAT(why("D"), HasSubstr("HTTP 404"));
  set("BMC_PASSWORD", "wrong");
  EXPECT_THAT(why("A"), HasSubstr("user or password were refused"));
  places_.redfish.password_env = "NO_SUCH_VARIABLE";
  EXPECT_THAT(why("A"), HasSubstr("NO_SUCH_VARIABLE"));
  places_.redfish = {.url = "bmc.example"};
  EXPECT_THAT(why(""), HasSubstr("must be like https://bmc.example"));
}

TEST(MeterPlacesTest, the_file_is_checked_completely) {
  const auto good = places_from_json(R"({"sys": "/host/sys", "nvml": "/x/libnvidia-ml.so.1", "ipmi": {"command": ["sudo", "ipmitool"]},
    "redfish": {"url": "https://bmc", "user": "u", "password_file": "p", "tls_verify": "off"}})", "meters.json");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->sys, "/host/sys");
  EXPECT_EQ(good->ipmi.command, (std::vector<std::string>{"sudo", "ipmitool"}));
  EXPECT_EQ(good->redfish.tls_verify, "off");
  EXPECT_EQ(places_from_json(R"({"ipmi": {}})", "f")->ipmi.command, std::vector<std::string>{"ipmitool"});
  for (const auto& [text, says] : {std::pair{"[", "no JSON"}, {"[]", "must be an object"}, {R"({"sis": 1})", "'sis' is not a known key"},
                                   {R"({"sys": 1})", "sys must be a text"}, {R"({"redfish": {}})", "url is missing"},
                                   {R"({"redfish": {"url": "x", "tls_verify": "no"}})", "'on' or 'off'"},
                                   {R"({"ipmi": {"command": []}})", "a list of texts"}, {R"({"ipmi": {"host": "x"}})", "'host' is not a known key"}})
    EXPECT_THAT(places_from_json(text, "meters.json").error().message, HasSubstr(says)) << text;
}

TEST(PciId, spellings_of_one_place_are_the_same) {
  for (const char* text : {"00000000:41:00.0", "0000:41:00.0", "41:00.0", "0:41:0.0"}) EXPECT_EQ(pci_id(text), "0000:41:00.0") << text;
  EXPECT_EQ(pci_id("00010000:AF:1f.7"), "10000:af:1f.7");
  for (const char* text : {"", "cpu", "41:00", "41:00.8", "141:00.0", "41:00.0x", ":::", "0000:0000:41:00.0", "zz:00.0"}) EXPECT_EQ(pci_id(text), "") << text;
}

}  // namespace
}  // namespace tokenmark
