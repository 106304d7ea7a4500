// From the meter to the figure with the real program: a server that computes nothing, GPUs that are a stand-in library.
#include <gmock/gmock.h>

#include "core/metrics/figures.h"
#include "core/report/logged_run.h"
#include "core/report/timeline.h"
#include "core/store/store.h"
#include "tests/app/cli/program.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class PowerCli : public CliTest {
 protected:
  PowerCli() {
    test::NullServerOptions options;
    options.first_token = std::chrono::milliseconds(20);
    options.token_interval = std::chrono::milliseconds(4);
    server_ = std::move(*test::NullServer::start(options));
    variables["TOKENMARK_METERS"] = write("meters.json", R"({"nvml": ")" TEST_LIBRARIES R"(/libfake_nvml.so", "sys": ")" + folder.string() + R"("})");
    variables["FAKE_GPUS"] = "2";
  }
  // About a second: 80 requests with 20 tokens each, 8 at once.
  std::vector<std::string> load(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"load", "--url", server_->url(), "--model", "m", "--concurrency", "8", "--input", "10",
                                          "--output", "20", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::unique_ptr<test::NullServer> server_;
};

TEST_F(PowerCli, a_server_on_this_machine_is_metered_and_its_energy_is_power_times_time) {
  const Ran outcome = cli(load({"--power-every", "0.02"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json figures = json::parse(outcome.out);
  const double seconds = figures["duration_s"];
  ASSERT_TRUE(figures.contains("power")) << outcome.out.substr(0, 2000);
  const json& power = figures["power"];
  EXPECT_NEAR(power["energy_j"], 300 * seconds, 300 * seconds * 0.01);        // the counters: 100 and 200 W
  EXPECT_NEAR(power["energy_check_j"], 310 * seconds, 310 * seconds * 0.01);  // the power of now is 5 W above it
  EXPECT_NEAR(power["power_w_gpu"], 150, 1.5);
  EXPECT_NEAR(power["joules_per_output_token"], 300 * seconds / figures["output_tokens"].get<double>(), 0.05);
  EXPECT_THAT(power["source"].get<std::string>(), HasSubstr("energy counters of 2 accelerators (nvml)"));
  EXPECT_FALSE(power.contains("note"));
  EXPECT_EQ(figures["meters"].size(), 2u);
  const json& meters = figures["environment"]["meters"];
  EXPECT_EQ(meters["metered"][0]["source"], "nvml");
  EXPECT_EQ(meters["every_s"], 0.02);
  bool ipmi = false;
  for (const json& one : meters["not_metered"]) ipmi = ipmi || one["source"] == "ipmi";
  EXPECT_TRUE(ipmi);
}

TEST_F(PowerCli, accelerators_are_named_by_pci_id_and_power_can_be_left_out) {
  const json one = json::parse(cli(load({"--power-device", "00000000:42:00.0"})).out);
  EXPECT_NEAR(one["power"]["power_w"], 200, 2);
  const json none = json::parse(cli(load({"--power", "off"})).out);
  EXPECT_FALSE(none.contains("power"));
  EXPECT_FALSE(none["environment"].contains("meters"));
  const json unknown = json::parse(cli(load({"--power-device", "0000:99:00.0"})).out);
  EXPECT_FALSE(unknown.contains("power"));
  EXPECT_THAT(unknown["withheld"]["power"].get<std::string>(), HasSubstr("no meter knows a device of this id"));
  EXPECT_EQ(cli(load({"--power", "maybe"})).code, 2);
}

TEST_F(PowerCli, a_counter_that_disagrees_is_said) {
  variables["FAKE_COUNTER"] = "1.5";
  const json figures = json::parse(cli(load()).out);
  EXPECT_NEAR(figures["power"]["power_w"], 450, 10);
  EXPECT_THAT(figures["power"]["note"].get<std::string>(), HasSubstr("% apart"));
}

TEST_F(PowerCli, a_library_that_hangs_delays_nothing_and_has_a_reason) {
  variables["FAKE_HANG"] = "read";
  const Ran outcome = cli(load());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json figures = json::parse(outcome.out);
  EXPECT_EQ(figures["requests"]["failed"], 0);
  EXPECT_LT(figures["send_lag_s"]["max"].get<double>(), 0.5);  // waiting for it would be 2 s
  EXPECT_FALSE(figures.contains("power"));
  EXPECT_TRUE(figures["withheld"].contains("power"));
  EXPECT_THAT(figures["environment"]["meters"]["not_metered"].dump(), HasSubstr("it hangs"));
  EXPECT_TRUE(comes_true([&] { return processes_left().empty(); })) << processes_left().front();
}

TEST_F(PowerCli, a_sweep_keeps_power_in_the_store_and_on_the_timeline) {
  const std::string sweep = write("power.yaml", "name: power\ntarget: {endpoint: {url: \"" + server_->url() + R"(", model: m}}
workload: {input: 10, output: 20}
load: {concurrency: 4, requests_per_concurrency: 4, warmups_per_concurrency: 0}
power: {devices: ["0000:41:00.0", "0000:42:00.0"], every_s: 0.02}
)");
  const Ran ran = cli({"run", sweep, "--store", file("runs.db")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto store = Store::open(file("runs.db"));
  ASSERT_TRUE(store);
  const auto rows = (*store)->runs();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_NEAR(*(*rows)[0].power_w_gpu, 150, 5);
  EXPECT_TRUE((*rows)[0].joules_per_output_token);
  const auto figures = (*store)->figures((*rows)[0].id);
  ASSERT_TRUE(figures);
  EXPECT_TRUE(figures->energy_check_j);
  EXPECT_EQ((*(*store)->environment((*rows)[0].id))["meters"]["metered"].size(), 2u);
  EXPECT_EQ((*store)->point((*rows)[0].id)->power.devices.size(), 2u);

  const auto run = logged_run(**store, (*rows)[0]);
  ASSERT_TRUE(run) << run.error().message;
  const Timeline made = timeline(TimelineLog(*run), {});
  ASSERT_GT(made.power_w.size(), 5u);
  for (const XY& at : made.power_w) EXPECT_NEAR(at.y, 310, 1);
  EXPECT_LE(made.power_w.front().x, made.whole.from_s);
  EXPECT_GE(made.power_w.back().x, made.whole.to_s);
  ASSERT_EQ(made.meters.size(), 3u);
  EXPECT_EQ(made.meters[0].key, "busy_share");
  EXPECT_NEAR(made.meters[0].values[2].y, 0.75, 1e-9);
  EXPECT_NEAR(made.meters[2].values[2].y, 61, 1e-9);  // the hotter of the two

  const Ran shown = cli({"runs", "show", std::to_string((*rows)[0].id), "--store", file("runs.db")});
  EXPECT_THAT(shown.out, HasSubstr("J/output token"));
  EXPECT_THAT(shown.out, HasSubstr("the trapezoid gives"));
}

TEST_F(PowerCli, devices_lists_meters_and_why_one_is_missing) {
  const Ran outcome = cli({"devices", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json meters = json::parse(outcome.out)["meters"];
  ASSERT_EQ(meters["found"].size(), 2u);
  EXPECT_EQ(meters["found"][0]["source"], "nvml");
  EXPECT_NEAR(meters["found"][0]["reads"]["power_w"].get<double>() + meters["found"][1]["reads"]["power_w"].get<double>(), 310, 1);
  std::map<std::string, std::string> why;
  for (const json& one : meters["missing"]) why[one["source"]] = one["why"];
  EXPECT_THAT(why["powercap"], HasSubstr("is not there (virtual machines have none)"));
  EXPECT_THAT(why["redfish"], HasSubstr("not set up"));
  const Ran text = cli({"devices"});
  EXPECT_THAT(text.out, HasSubstr("0000:41:00.0"));
  variables["TOKENMARK_METERS"] = write("bad.json", R"({"nvlm": "x"})");
  EXPECT_THAT(cli({"devices"}).out, HasSubstr("'nvlm' is not a known key"));
}

}  // namespace
}  // namespace tokenmark
