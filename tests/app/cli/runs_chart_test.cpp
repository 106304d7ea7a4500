// `runs chart` as a person calls it, on runs that were just measured.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class RunsChart : public CliTest {
 protected:
  // Two runs of the smallest known shape.
  void measure() {
    const std::string sweep = write("sweep.yaml",
                                    "name: charts\nnode: local\ntarget:\n  engine: {model: \"shape:stories260k:f32\", threads: 1}\n"
                                    "workload: {input: 8, output: 8}\nload: {requests_per_concurrency: 6, warmups_per_concurrency: 1}\n"
                                    "axes: {concurrency: [1, 2]}\nlimits: {ttft_s: 0.5}\n");
    const Ran ran = cli({"run", sweep});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  static std::ptrdiff_t rows(const std::string& csv, const std::string& holding) {
    std::istringstream lines(csv);
    std::ptrdiff_t count = 0;
    for (std::string line; std::getline(lines, line);) count += line.find(holding) != std::string::npos;
    return count;
  }
};

TEST_F(RunsChart, writes_distributions_and_timelines_as_data_and_as_pictures) {
  measure();
  const Ran ran = cli({"runs", "chart", "1", "2", "--figure", "e2e", "-o", file("d.csv")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string distributions = content(file("d.csv"));
  EXPECT_THAT(distributions, HasSubstr("# e2e: End-to-end latency"));
  for (const auto& [run, requests] : {std::pair(1, 6), {2, 12}}) {
    const std::string steps = fmt::format(",{},,{},0,cumulative,", run, requests);
    EXPECT_LE(rows(distributions, steps), requests);
    EXPECT_GE(rows(distributions, steps), requests / 2) << "requests that took equally long share a step";
    EXPECT_EQ(rows(distributions, steps + "1,"), 1) << "the last";
  }
  EXPECT_THAT(ran.err, HasSubstr("p90 needs 10 samples"));
  ASSERT_EQ(cli({"runs", "chart", "2", "--kind", "timeline", "-o", file("t.csv")}).code, 0);
  const std::string timeline = content(file("t.csv"));
  EXPECT_EQ(rows(timeline, "request,"), 15) << "twelve, two warm-ups and the head";
  for (const char* picture : {"d.png", "d.svg", "d.pdf"}) {
    const Ran drawn = cli({"runs", "chart", "1", "2", "--histogram", "--log-x", "-o", file(picture)});
    if (drawn.code != 0 && drawn.err.find("drawn by the workbench") != std::string::npos) GTEST_SKIP() << drawn.err;
    EXPECT_EQ(drawn.code, 0) << drawn.err;
    EXPECT_GT(content(file(picture)).size(), 5000u) << picture;
  }
  EXPECT_EQ(cli({"runs", "chart", "1", "--kind", "timeline", "-o", file("t.png")}).code, 0);
  EXPECT_THAT(content(file("t.png")), HasSubstr("PNG"));
}

TEST_F(RunsChart, names_what_is_wrong) {
  EXPECT_EQ(cli({"runs", "chart", "1", "-o", file("a.csv")}).code, 1) << "there is no store yet";
  measure();
  EXPECT_EQ(cli({"runs", "chart", "-o", file("a.csv")}).code, 2);
  EXPECT_EQ(cli({"runs", "chart", "1"}).code, 2);
  EXPECT_EQ(cli({"runs", "chart", "1", "--figure", "speed", "-o", file("a.csv")}).code, 2);
  EXPECT_EQ(cli({"runs", "chart", "1", "2", "--kind", "timeline", "-o", file("a.csv")}).code, 2);
  EXPECT_EQ(cli({"runs", "chart", "1", "--kind", "timeline", "--from", "5", "--to", "1", "-o", file("a.csv")}).code, 2);
  const Ran ending = cli({"runs", "chart", "1", "-o", file("a.gif")});
  EXPECT_EQ(ending.code, 2);
  EXPECT_THAT(ending.err, HasSubstr(".svg"));
  EXPECT_THAT(cli({"runs", "chart", "99", "-o", file("a.csv")}).err, HasSubstr("99"));
  EXPECT_FALSE(std::filesystem::exists(file("a.csv")));
}

}  // namespace
}  // namespace tokenmark
