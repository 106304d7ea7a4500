// What verbs that change or write something say with --json: one document, and what was written.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr const char* kResult = R"({"backend": "vllm", "endpoint_type": "openai", "model_id": "some/model", "num_prompts": 40,
  "request_rate": "inf", "max_concurrency": 4, "duration": 10.0, "completed": 40, "failed": 0, "total_input_tokens": 4000,
  "total_output_tokens": 2000, "request_throughput": 4.0, "output_throughput": 200.0, "total_token_throughput": 600.0,
  "mean_ttft_ms": 40.0, "median_ttft_ms": 38.0, "mean_tpot_ms": 10.0, "median_tpot_ms": 10.0})";

class WrittenJson : public CliTest {
 protected:
  WrittenJson() { variables["XDG_CONFIG_HOME"] = folder.string(); }
  void import() {
    document({"runs", "import", "--json", write("result.json", kResult), "--set", "gpus=2", "--set", "hw=h200"});
  }
};

TEST_F(WrittenJson, marks_of_runs_name_the_runs) {
  import();
  const json one = {{"runs", {1}}};
  EXPECT_EQ(document({"runs", "tag", "1", "--tag", "x", "--json"}), one);
  EXPECT_EQ(document({"runs", "star", "1", "--json"}), one);
  EXPECT_EQ(document({"runs", "note", "1", "--text", "n", "--json"}), one);
  const json run = document({"runs", "list", "--json"})["runs"][0];
  EXPECT_EQ(run["tags"], json{"x"});
  EXPECT_EQ(document({"runs", "delete", "1", "--json"}), one);
  EXPECT_EQ(document({"runs", "restore", "--json"})["deleted"][0]["run"], run["run"]);
  EXPECT_EQ(document({"runs", "restore", "1", "--json"}), one);
  EXPECT_TRUE(document({"runs", "restore", "--json"})["deleted"].empty());
  const json bundle = document({"runs", "bundle", "1", "-o", file("all.tokenmark"), "--json"});
  EXPECT_EQ(bundle, (json{{"written", file("all.tokenmark")}, {"runs", {1}}}));
  document({"runs", "delete", "1", "--json"});
  EXPECT_EQ(document({"runs", "purge", "--days", "0", "--json"}), (json{{"purged", 1}}));
}

TEST_F(WrittenJson, charts_and_reports_name_their_file) {
  import();
  EXPECT_EQ(document({"report", "1", "-o", file("r.html"), "--json"}), (json{{"written", file("r.html")}, {"runs", {1}}}));
  const std::string chart =
      write("c.chart.json", R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "output_tok_s_gpu"})");
  EXPECT_EQ(document({"chart", chart, "--json"})["y"], "output_tok_s_gpu");
  EXPECT_EQ(document({"chart", chart, "-o", file("c.svg"), "--json"}), (json{{"written", file("c.svg")}}));
}

TEST_F(WrittenJson, sweeps_nodes_and_prices_say_what_was_written) {
  const std::string master =
      write("master.yaml",
            "k-fp4-h200-vllm:\n  model: some/model\n  runner: h200\n  scenarios:\n    fixed-seq-len:\n"
            "    - {isl: 16, osl: 8, search-space: [{tp: 8, conc-start: 2, conc-end: 6}]}\n");
  EXPECT_EQ(document({"sweep", "import", master, "--key", "k-fp4-h200-vllm", "--json"})["sweeps"].size(), 1u);
  EXPECT_EQ(document({"sweep", "import", master, "--key", "k-fp4-h200-vllm", "-o", file("s.yaml"), "--json"}),
            (json{{"written", {file("s.yaml")}}}));
  const json added = document({"node", "add", "box", "user@host", "--json"});
  EXPECT_EQ(added["written"], file("tokenmark/nodes.json"));
  EXPECT_EQ(added["nodes"][0]["ssh"], "user@host");
  EXPECT_TRUE(document({"node", "remove", "box", "--json"})["nodes"].empty());
  const std::string set = document({"prices", "list", "--json"})["sets"][0]["name"];
  EXPECT_EQ(document({"prices", "copy", set, "mine", "--json"})["yours"], json{"mine"});
  EXPECT_EQ(document({"prices", "export", "mine", "-o", file("mine.json"), "--json"}),
            (json{{"written", file("mine.json")}}));
  EXPECT_EQ(document({"prices", "import", file("mine.json"), "--json"})["yours"].size(), 2u);
  document({"prices", "set", "box", "--kw", "1", "--json"});
  document({"prices", "default", "mine", "--json"});
  EXPECT_EQ(document({"prices", "delete", "mine", "--json"})["yours"].size(), 1u);
}

}  // namespace
}  // namespace tokenmark
