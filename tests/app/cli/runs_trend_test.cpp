// `runs trend` as a person calls it, on a store with sixteen versions of a server.
#include <gmock/gmock.h>

#include "core/store/imported_run.h"
#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class RunsTrend : public CliTest {
 protected:
  std::string store() { return file("trend.db"); }

  // Throughput is 800 × concurrency^½; a tenth less from the eleventh version on, which came with another driver.
  void fill() {
    std::vector<ImportedRun> runs;
    for (int version = 0; version < 16; ++version)
      for (const int concurrency : {1, 4, 16}) {
        ImportedRun imported;
        NewRun& run = imported.run;
        run.model = "llama";
        run.framework = fmt::format("vllm 0.9.{}", version);
        run.series = "llama · H100 · " + run.framework;
        run.hardware = "h100";
        run.source = "import: vllm";
        run.gpus = 1;
        run.point.target = EndpointTarget{.url = "http://nowhere", .model = "llama"};
        run.point.load.concurrency = imported.concurrency = concurrency;
        imported.input = imported.output = 128;
        imported.started = fmt::format("2026-03-{:02}T08:00:00Z", version + 1);
        const double speed = (version < 10 ? 1.0 : 0.9) * (1 + 0.005 * ((version * 7) % 5 - 2));
        imported.figures.interactivity_p50.value = 100.0 / concurrency;
        imported.figures.total_tok_s_gpu = 800 * std::sqrt(concurrency) * speed;
        imported.environment = {{"gpu", {{"driver_version", version < 10 ? "550.54" : "560.28"}}}};
        imported.format = "test";
        imported.document = fmt::format("{} {}", version, concurrency);
        runs.push_back(std::move(imported));
      }
    auto opened = Store::open(store());
    ASSERT_TRUE(opened) << opened.error().message;
    ASSERT_TRUE((*opened)->add_imported(runs));
  }
};

TEST_F(RunsTrend, says_where_a_figure_changed_by_how_much_and_what_differs_there) {
  fill();
  const Ran ran = cli({"runs", "trend", "llama", "--at", "25", "--store", store()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  for (const char* part : {"Throughput per GPU at interactivity 25 tok/s/user", "llama · H100 · vllm\n", "0.9.15", "2026-03-16", "(worse)",
                           "From 0.9.10 on (before: 0.9.9) the throughput per GPU is", "% lower, which is worse", "gpu.driver_version: 550.54 → 560.28"})
    EXPECT_THAT(ran.out, HasSubstr(part));
  const Ran by_driver = cli({"runs", "trend", "--at", "25", "--by", "driver", "--store", store()});
  EXPECT_THAT(by_driver.out, HasSubstr("560.28"));
  EXPECT_THAT(by_driver.err, HasSubstr("fewer than 8 states"));
}

TEST_F(RunsTrend, json_holds_all_of_it_and_nothing_else_is_printed) {
  fill();
  const Ran ran = cli({"runs", "trend", "--figure", "output_tok_s", "--x", "concurrency", "--at", "4", "--json", "--store", store()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(json::parse(ran.out)["series"].empty()) << "output_tok_s was not measured";
  const Ran total = cli({"runs", "trend", "--x", "concurrency", "--at", "4", "--json", "--store", store()});
  const json document = json::parse(total.out);
  EXPECT_EQ(document["x_unit"], "requests");
  ASSERT_EQ(document["states"].size(), 16u);
  const json& series = document["series"][0];
  EXPECT_NEAR(series["points"][0]["value"].get<double>(), 1600 * 0.99, 1e-6);
  ASSERT_EQ(series["changes"].size(), 1u);
  EXPECT_EQ(series["changes"][0]["after"], 10);
  EXPECT_NEAR(series["changes"][0]["change"].get<double>(), -0.1, 0.01);
  EXPECT_FALSE(series["changes"][0]["better"].get<bool>());
}

TEST_F(RunsTrend, writes_data_and_pictures) {
  fill();
  ASSERT_EQ(cli({"runs", "trend", "-o", file("t.csv"), "--store", store()}).code, 0);
  EXPECT_THAT(content(file("t.csv")), HasSubstr("difference,llama · H100 · vllm,0.9.10,2026-03-11T08:00:00Z,,,,,,gpu.driver_version,550.54,560.28"));
  EXPECT_EQ(cli({"runs", "trend", "--csv", "--store", store()}).out, content(file("t.csv")));
  for (const char* picture : {"t.png", "t.svg", "t.pdf"}) {
    const Ran drawn = cli({"runs", "trend", "--at", "25", "-o", file(picture), "--store", store()});
    if (drawn.code != 0 && drawn.err.find("drawn by the workbench") != std::string::npos) GTEST_SKIP() << drawn.err;
    EXPECT_EQ(drawn.code, 0) << drawn.err;
    EXPECT_GT(content(file(picture)).size(), 5000u) << picture;
  }
}

TEST_F(RunsTrend, names_what_is_wrong) {
  EXPECT_EQ(cli({"runs", "trend"}).code, 1) << "there is no store yet";
  fill();
  const auto wrong = [&](std::vector<std::string> arguments, const char* part) {
    arguments.insert(arguments.begin(), {"runs", "trend", "--store", store()});
    const Ran ran = cli(arguments);
    EXPECT_EQ(ran.code, 2) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr(part));
  };
  wrong({"--figure", "speed"}, "speed");
  wrong({"--by", "phase"}, "phase");
  wrong({"--at", "fast"}, "fast");
  wrong({"--at", "nan"}, "number");
  wrong({"--figure", "concurrency"}, "concurrency");
  wrong({"--x", "dollars_per_mtok"}, "dollars_per_mtok");
  wrong({"--figure", "dollars_per_mtok", "--price-set", "none"}, "none");
  wrong({"--json", "--csv"}, "--csv");
  wrong({"-o", file("t.gif")}, ".svg");
  EXPECT_EQ(cli({"runs", "trend", "nothing-like-it", "--store", store()}).code, 1);
  EXPECT_THAT(cli({"runs", "trend", "--help"}).out, HasSubstr("Example: tokenmark-cli runs trend llama"));
}

}  // namespace
}  // namespace tokenmark
