// The verbs frontier and report as a person calls them: what comes out, and with which exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace {

using testing::HasSubstr;

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tokenmark-cli-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  struct Outcome {
    int code;
    std::string out, err;
  };
  // Runs with a data folder of its own, so that no store of the user is read.
  Outcome cli(const std::string& arguments) {
    const std::string command = "XDG_DATA_HOME='" + folder_.string() + "' XDG_CONFIG_HOME='" + folder_.string() + "' '" TOKENMARK_CLI "' " + arguments + " >'" + file("out") +
                                "' 2>'" + file("err") + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(file("out")), read(file("err"))};
  }
  std::string file(const std::string& name) { return (folder_ / name).string(); }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::filesystem::path folder_;
};

TEST_F(Cli, frontier_prints_the_points_and_the_values_at_an_x) {
  const auto shown = cli("frontier --samples --at 150");
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("8 GPUs, concurrency 64"));
  EXPECT_THAT(shown.out, HasSubstr("At 150 tok/s/user"));
  EXPECT_THAT(shown.err, HasSubstr("SemiAnalysis"));
}

TEST_F(Cli, a_saved_chart_becomes_a_picture_and_data_and_a_bad_one_is_named) {
  std::ofstream(file("a.chart.json")) << R"({"tokenmark_chart": 1, "kind": "cost", "x": "interactivity", "y": "dollars_per_mtok",
    "title": "Mine", "only_optimal": true})";
  const auto made = cli("chart '" + file("a.chart.json") + "' -o '" + file("a.svg") + "'");
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(read(file("a.svg")), HasSubstr("Mine"));
  EXPECT_THAT(cli("chart '" + file("a.chart.json") + "'").out, HasSubstr("dollars_per_mtok"));
  std::ofstream(file("b.chart.json")) << R"({"tokenmark_chart": 1, "kind": "pie", "x": "ttft", "y": "ttft"})";
  const auto bad = cli("chart '" + file("b.chart.json") + "'");
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("b.chart.json"));
  EXPECT_THAT(bad.err, HasSubstr("'pie'"));
}

TEST_F(Cli, compare_names_the_baseline_and_refuses_what_it_does_not_know) {
  const auto json = nlohmann::json::parse(cli("compare --samples --at 150 --json").out);
  EXPECT_EQ(json["equal"], "interactivity");
  EXPECT_EQ(json["at"], 150);
  EXPECT_EQ(json["baseline"], "gpt-oss-120b · H200 · vLLM · FP4");   // the samples are one series, with nothing beside it
  EXPECT_TRUE(json["rows"].empty());
  const auto cost = cli("compare --samples --equal cost --markdown");
  EXPECT_EQ(cost.code, 0) << cost.err;
  EXPECT_THAT(cost.out, HasSubstr("| series | figure |"));
  EXPECT_EQ(cli("compare --samples --equal speed").code, 2);
  EXPECT_EQ(cli("compare --samples --format pie").code, 2);
  EXPECT_THAT(cli("compare --samples --format csv").out, HasSubstr("\nseries,figure,unit,value,"));
  EXPECT_EQ(cli("compare --samples --baseline nobody").code, 2);
}

TEST_F(Cli, a_report_shows_charts_as_they_were_seen) {
  std::ofstream(file("a.chart.json"))
      << R"({"tokenmark_chart": 1, "kind": "cost", "x": "interactivity", "y": "dollars_per_mtok",
    "title": "Mine", "tier": "rental_3y", "log_y": true})";
  std::ofstream(file("b.chart.json"))
      << R"({"tokenmark_chart": 1, "kind": "load", "x": "concurrency", "y": "interactivity", "title": "Yours"})";
  const auto made = cli("report --samples --chart '" + file("a.chart.json") + "' --chart '" + file("b.chart.json") +
                        "' -o " + file("seen.html"));
  EXPECT_EQ(made.code, 0) << made.err;
  const std::string html = read(file("seen.html"));
  for (const char* part : {"Mine", "Yours", "Cost, as it was seen", "rental_3y"}) EXPECT_THAT(html, HasSubstr(part));
  EXPECT_THAT(html, testing::Not(HasSubstr("Throughput per GPU against End-to-end latency"))) << "only what was asked for";
  EXPECT_EQ(cli("report --samples --chart '" + file("a.chart.json") + "' --charts frontier -o " + file("both.html")).code,
            0);
  EXPECT_THAT(read(file("both.html")), HasSubstr("Throughput per GPU against Interactivity"));
  std::ofstream(file("c.chart.json")) << "{}";
  const auto bad = cli("report --samples --chart '" + file("c.chart.json") + "' -o " + file("bad.html"));
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("c.chart.json"));
  EXPECT_EQ(cli("report --samples --chart '" + file("none.chart.json") + "' -o " + file("bad.html")).code, 2);
  EXPECT_FALSE(std::filesystem::exists(file("bad.html")));
}

TEST_F(Cli, frontier_json_is_one_document_and_cost_follows_throughput) {
  const auto throughput = nlohmann::json::parse(cli("frontier --samples --at 150 --json").out);
  const auto cost = nlohmann::json::parse(cli("frontier --samples --at 150 --y dollars_per_mtok --tier rental_3y --json").out);
  const double tok_s = throughput["at"]["values"][0]["value"], dollars = cost["at"]["values"][0]["value"];
  EXPECT_NEAR(dollars, 2.05 / (tok_s * 3600) * 1e6, 1e-9);
  EXPECT_EQ(cost["tier"], "rental_3y");
}

TEST_F(Cli, frontier_writes_pictures_and_tables) {
  EXPECT_EQ(cli("frontier --samples -o " + file("f.svg")).code, 0);
  EXPECT_THAT(read(file("f.svg")), testing::StartsWith("<svg"));
  EXPECT_EQ(cli("frontier --samples -o " + file("f.csv")).code, 0);
  EXPECT_THAT(read(file("f.csv")), HasSubstr("# definitions: tokenmark-1"));
  EXPECT_THAT(cli("frontier --samples --csv").out, testing::StartsWith("# "));
  EXPECT_FALSE(std::filesystem::exists(file("f.svg.part")));
}

TEST_F(Cli, frontier_names_what_is_wrong) {
  EXPECT_EQ(cli("frontier --x speed").code, 2);
  EXPECT_EQ(cli("frontier --samples --y concurrency").code, 2);
  EXPECT_EQ(cli("frontier --samples --tier spot --y dollars_per_mtok").code, 2);
  EXPECT_EQ(cli("frontier --samples -o " + file("f.gif")).code, 2);
  EXPECT_EQ(cli("frontier --samples -o " + file("missing/f.svg")).code, 1);
  EXPECT_EQ(cli("frontier --store " + file("no.db")).code, 2);
  const auto nothing = cli("frontier");
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("--samples"));
  EXPECT_FALSE(std::filesystem::exists(file("tokenmark"))) << "reading made a store";
}

TEST_F(Cli, report_writes_one_html_file_and_refuses_what_it_cannot) {
  EXPECT_EQ(cli("report --samples -o " + file("r.html")).code, 0);
  EXPECT_THAT(read(file("r.html")), HasSubstr("Throughput per GPU against Interactivity"));
  const bool window = std::filesystem::exists(std::filesystem::path(TOKENMARK_CLI).parent_path() / "tokenmark");
  const auto pages = cli("report --samples -o " + file("r.pdf"));
  EXPECT_EQ(pages.code, window ? 0 : 1) << pages.err;
  if (window) EXPECT_THAT(read(file("r.pdf")), testing::StartsWith("%PDF-"));
  else EXPECT_THAT(pages.err, HasSubstr("choose .html"));
  EXPECT_EQ(cli("report --samples -o " + file("r.doc")).code, 2);
  EXPECT_EQ(cli("report -o " + file("r.html")).code, 2);
  EXPECT_EQ(cli("report 12 -o " + file("r2.html")).code, 1);
  EXPECT_EQ(cli("report 12 --all -o " + file("r2.html")).code, 2);
  EXPECT_FALSE(std::filesystem::exists(file("r2.html")));
}

TEST_F(Cli, report_takes_a_template_and_names_what_is_wrong_with_it) {
  EXPECT_EQ(cli("report template -o " + file("t.html")).code, 0);
  EXPECT_EQ(cli("report --samples --template " + file("t.html") + " -o " + file("a.html")).code, 0);
  EXPECT_EQ(cli("report --samples -o " + file("b.html")).code, 0);
  const auto without_time = [&](const char* name) {
    const std::string text = read(file(name));
    const std::size_t made = text.find("Made 2");
    return text.substr(0, made) + text.substr(text.find(" by Tokenmark", made));
  };
  EXPECT_EQ(without_time("a.html"), without_time("b.html"));
  std::ofstream(file("wrong.html")) << "<p>\n{{#sections}}\n{{nobody}}{{/sections}}";
  const auto wrong = cli("report --samples --template " + file("wrong.html") + " -o " + file("c.html"));
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("wrong.html:3: a report has no 'nobody'"));
  EXPECT_FALSE(std::filesystem::exists(file("c.html")));
}

TEST_F(Cli, report_shows_only_the_charts_asked_for) {
  EXPECT_EQ(cli("report --samples --charts cost,power --author Me --remarks Why -o " + file("r.html")).code, 0);
  const std::string html = read(file("r.html"));
  EXPECT_THAT(html, HasSubstr("<h3>Cost</h3>"));
  EXPECT_THAT(html, HasSubstr("By Me."));
  EXPECT_THAT(html, HasSubstr("<p>Why</p>"));
  EXPECT_THAT(html, testing::Not(HasSubstr("<h3>Frontier</h3>")));
  EXPECT_EQ(cli("report --samples --charts pie -o " + file("r2.html")).code, 2);
  EXPECT_EQ(cli("report --samples --by mood -o " + file("r2.html")).code, 2);
}

}  // namespace
