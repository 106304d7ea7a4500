// `runs compare` and `runs difference` as a person calls them, on a store with three configurations of three repeats each.
#include <gmock/gmock.h>

#include "core/store/store.h"
#include "tests/app/cli/program.h"
#include "tests/core/metrics/simulated_runs.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class RunsCompare : public CliTest {
 protected:
  std::string store() { return file("compare.db"); }

  // Runs 1 to 3 of device a, 4 to 6 of the slower b, 7 to 9 of c, which is as a; 10 has failed.
  void fill() {
    auto opened = Store::open(store());
    ASSERT_TRUE(opened) << opened.error().message;
    const SweepId sweep = *(*opened)->add_sweep("test", "name: test", "hash", 3);
    for (const auto& [device, slower] : {std::pair("a", 1.0), std::pair("b", 1.3), std::pair("c", 1.0)})
      for (int repeat = 0; repeat < 3; ++repeat) {
        const RunId id = *(*opened)->begin_run(new_run(sweep, device, repeat));
        const EventLog log = simulated_log({.slower = slower, .deviation = 0.05, .run_deviation = 0.005}, 1, static_cast<std::uint64_t>(id));
        ASSERT_TRUE((*opened)->finish_run(id, compute_figures(log, {}, 1), {{"host", device}, {"cores", 4}}, &log));
      }
    ASSERT_TRUE((*opened)->end_run(*(*opened)->begin_run(new_run(sweep, "d", 0)), RunState::failed, "no memory"));
  }
  static NewRun new_run(SweepId sweep, const char* device, int repeat) {
    NewRun run;
    run.sweep = sweep;
    run.point.target = EngineTarget{.model = "shape:llama-3.2-1b:q4_0", .device = device};
    run.point.load.concurrency = 8;
    run.point.repeat = repeat;
    run.series = std::string("llama · ") + device;
    run.device = device;
    run.hardware = "h200";
    run.gpus = 1;
    return run;
  }
};

TEST_F(RunsCompare, two_are_compared_thoroughly_and_several_against_a_baseline) {
  fill();
  const Ran two = cli({"runs", "compare", "4", "1", "--store", store()});
  ASSERT_EQ(two.code, 0) << two.err;
  EXPECT_THAT(two.out, HasSubstr("A: llama · b"));
  EXPECT_THAT(two.out, HasSubstr("p (Holm)"));

  const Ran text = cli({"runs", "compare", "1", "4", "7", "--store", store()});
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, testing::StartsWith("against run 1 · llama · a · concurrency 8 (3 repeats)\n"));
  EXPECT_THAT(text.out, HasSubstr("worse"));
  EXPECT_THAT(text.out, HasSubstr("noise"));

  const json made = document({"runs", "compare", "1", "4", "7", "--baseline", "5", "--format", "json", "--store", store()});
  EXPECT_THAT(made["baseline"].get<std::string>(), HasSubstr("run 4")) << "run 5 is a repeat of 4";
  EXPECT_EQ(made["runs"], (json{1, 4, 7}));
  bool seen = false;
  for (const json& row : made["rows"])
    if (row["run"] == 1 && row["figure"] == "e2e_s_p50") {
      seen = true;
      EXPECT_EQ(row["verdict"], "better");
      EXPECT_LT(row["interval"][0].get<double>(), row["change"].get<double>());
    }
  EXPECT_TRUE(seen);
  EXPECT_THAT(cli({"runs", "compare", "1", "4", "--csv", "--store", store()}).out, HasSubstr("\n1,run 1 · llama · a"))
      << "the second is the baseline";
  EXPECT_THAT(cli({"runs", "compare", "7", "--baseline", "1", "--markdown", "--store", store()}).out,
              HasSubstr("| run | figure |"));
  EXPECT_THAT(cli({"runs", "compare", "1", "4", "7", "--only-significant", "--store", store()}).out,
              Not(HasSubstr("noise")));
}

TEST_F(RunsCompare, differences_stand_side_by_side) {
  fill();
  const Ran text = cli({"runs", "difference", "1", "4", "7", "--store", store()});
  ASSERT_EQ(text.code, 0) << text.err;
  for (const char* part : {"run 1", "run 7", "target.engine.device", "Environment"}) EXPECT_THAT(text.out, HasSubstr(part));
  EXPECT_THAT(text.out, Not(HasSubstr("cores")));
  EXPECT_THAT(cli({"runs", "difference", "1", "4", "--all", "--format", "csv", "--store", store()}).out,
              HasSubstr("Environment,cores,4,4\n"));
  EXPECT_THAT(cli({"runs", "difference", "1", "4", "--format", "markdown", "--store", store()}).out,
              HasSubstr("| Environment | host | a | b |"));
  EXPECT_EQ(document({"runs", "difference", "1", "4", "--json", "--store", store()})["runs"], (json{1, 4}));
}

TEST_F(RunsCompare, wrong_input_is_named) {
  fill();
  const auto refused = [&](const std::vector<std::string>& arguments, const char* said) {
    std::vector<std::string> all = {"runs"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--store", store()});
    const Ran ran = cli(all);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(said));
    EXPECT_TRUE(ran.out.empty()) << ran.out;
  };
  refused({"compare", "1", "4", "10"}, "run 10 is failed and has nothing to compare");
  refused({"compare", "1", "four", "7"}, "'four' must be numbers of runs");
  refused({"compare", "1"}, "run 1 is alone");
  refused({"compare", "1", "2"}, "is on both sides: to compare repeats");
  refused({"compare", "1", "4", "7", "--format", "xml"}, "xml");
  refused({"compare", "1", "4", "7", "--tier", "spot"}, "spot");
  refused({"compare", "1", "4", "99"}, "99");
  refused({"difference", "1"}, "run 1 is alone");
  EXPECT_NE(cli({"runs", "compare", "1", "4", "--json", "--csv", "--store", store()}).code, 0) << "one format at a time";
}

}  // namespace
}  // namespace tokenmark
