// Sweeps on the command line that are paused, stopped, gone on with and repeated where they failed; what they would take;
// servers looked at before they are measured.
#include <gmock/gmock.h>

#include "core/store/store.h"
#include "tests/app/cli/program.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class SweepControl : public CliTest {
 protected:
  // Points of about a quarter of a second against the null server.
  std::string sweep(const std::string& url, const std::string& axes = "{concurrency: [1, 2, 4, 8]}") {
    return write("s.yaml", "name: control\ntarget: {endpoint: {url: \"" + url + "\", model: \"null\", api: completions}}\n"
                           "workload: {input: 8, output: 5}\nload: {requests_per_concurrency: 4, warmups_per_concurrency: 1}\naxes: " + axes + "\n");
  }
  static auto server() { return *test::NullServer::start({.first_token = std::chrono::milliseconds(30), .token_interval = std::chrono::milliseconds(5)}); }
  std::size_t done() {
    const auto store = Store::open(file("runs.db"));
    std::size_t count = 0;
    const auto rows = (*store)->runs();
    for (const RunRow& row : *rows) count += row.state == RunState::done;
    return count;
  }
  // The third field of /proc/PID/stat.
  static char process_state(pid_t pid) {
    const std::string stat = content("/proc/" + std::to_string(pid) + "/stat");
    const auto end = stat.rfind(')');
    return end == std::string::npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
  }
};

TEST_F(SweepControl, ctrl_z_pauses_after_the_point_stops_the_program_and_it_goes_on) {
  const auto null = server();
  Program program(folder, {"run", sweep(null->url()), "--store", file("runs.db")}, variables);
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(file("runs.db")) && done() >= 1; }));
  program.signal(SIGTSTP);
  ASSERT_TRUE(comes_true([&] { return program.err().find("paused; go on") != std::string::npos; })) << program.err();
  ASSERT_TRUE(comes_true([&] { return process_state(program.pid()) == 'T'; }));
  const std::size_t before = done();
  EXPECT_LT(before, 4u);
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(done(), before);
  program.signal(SIGCONT);
  EXPECT_EQ(program.wait(), 0);
  EXPECT_EQ(done(), 4u);
}

TEST_F(SweepControl, ctrl_c_keeps_what_is_finished_and_resume_measures_the_rest) {
  const auto null = server();
  {
    Program program(folder, {"run", sweep(null->url()), "--store", file("runs.db")}, variables);
    ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(file("runs.db")) && done() >= 1; }));
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 1);
    EXPECT_THAT(program.err(), HasSubstr("--resume"));
  }
  const std::size_t before = done();
  ASSERT_LT(before, 4u);
  const Ran plan = cli({"run", sweep(null->url()), "--store", file("runs.db"), "--resume", "--dry-run"});
  EXPECT_THAT(plan.out, HasSubstr(std::to_string(before) + " of them are left out"));
  EXPECT_THAT(plan.out, HasSubstr("tokens in and "));
  const Ran ran = cli({"run", sweep(null->url()), "--store", file("runs.db"), "--resume"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(done(), 4u);
}

TEST_F(SweepControl, retry_failed_measures_only_what_failed) {
  std::string url;
  {
    const auto gone = server();
    url = gone->url();
  }
  EXPECT_EQ(cli({"run", sweep(url, "{concurrency: [1, 2]}"), "--store", file("runs.db")}).code, 1);
  EXPECT_EQ(done(), 0u);
  const auto back = *test::NullServer::start({.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)))});
  EXPECT_EQ(cli({"run", sweep(url, "{concurrency: [1, 2]}"), "--store", file("runs.db"), "--retry-failed"}).code, 0);
  EXPECT_EQ(done(), 2u);
  EXPECT_EQ(document({"runs", "list", "--json", "--store", file("runs.db")})["runs"].size(), 2u);
  const auto requests = back->requests();
  EXPECT_EQ(cli({"run", sweep(url, "{concurrency: [1, 2]}"), "--store", file("runs.db"), "--retry-failed"}).code, 0);
  EXPECT_EQ(back->requests(), requests) << "nothing has failed, nothing is measured";
}

TEST_F(SweepControl, a_plan_says_how_long_it_takes_and_how_that_is_known) {
  const auto null = server();
  const std::vector<std::string> plan = {"run", sweep(null->url()), "--store", file("runs.db"), "--dry-run", "--json"};
  const json before = document(plan);
  EXPECT_FALSE(before["sweep"].contains("estimated_s"));
  EXPECT_EQ(before["sweep"]["estimated_from"], "not known");
  ASSERT_EQ(cli({"run", sweep(null->url(), "{concurrency: [1, 4]}"), "--store", file("runs.db")}).code, 0);
  const json after = document({"run", sweep(null->url()), "--store", file("runs.db"), "--dry-run", "--json"});
  EXPECT_THAT(after["sweep"]["estimated_from"].get<std::string>(), testing::AllOf(HasSubstr("2 points as measured before"), HasSubstr("2 points from similar runs")));
  // Each point: four rounds and a warm-up of 30 ms + 4 gaps of 5 ms.
  EXPECT_NEAR(after["sweep"]["estimated_s"].get<double>(), 4 * 5 * 0.05, 0.6);
}

TEST_F(SweepControl, connect_lists_models_and_tries_one) {
  const auto null = server();
  const json found = document({"connect", "--url", null->url(), "--output", "11", "--json"});
  EXPECT_EQ(found["models"]["status"], 200);
  EXPECT_EQ(found["trial"]["output_tokens"], 11);
  EXPECT_GE(found["trial"]["ttft_s"].get<double>(), 0.03);
  const Ran nothing = cli({"connect", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("nothing answers there"));
}

TEST_F(SweepControl, connect_tries_the_projects_own_server) {
  Program own(folder, {"serve", "--model", "shape:stories260k:f32", "--port", "0", "--threads", "1"}, variables);
  std::string url;
  ASSERT_TRUE(comes_true([&] {
    const std::string said = own.out() + own.err();
    const auto at = said.find("http://");
    if (at == std::string::npos || said.find_first_of(" \n", at) == std::string::npos) return false;
    url = said.substr(at, said.find_first_of(" \n,", at) - at);
    return true;
  })) << own.out() << own.err();
  const json found = document({"connect", "--url", url, "--output", "9", "--json"});
  ASSERT_EQ(found["models"]["ids"].size(), 1u);
  EXPECT_EQ(found["trial"]["status"], 200) << found.dump(1);
  EXPECT_EQ(found["trial"]["output_tokens"], 9);
  EXPECT_EQ(found["trial"]["counted_by"], "server");
}

}  // namespace
}  // namespace tokenmark
