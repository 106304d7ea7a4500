// Other tools' files in and out, as a person does it.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
using nlohmann::json;

constexpr const char* kResult = R"({"backend": "vllm", "endpoint_type": "openai", "model_id": "some/model", "num_prompts": 40, "request_rate": "inf",
  "max_concurrency": 4, "duration": 10.0, "completed": 40, "failed": 0, "total_input_tokens": 4000, "total_output_tokens": 2000, "request_throughput": 4.0,
  "output_throughput": 200.0, "total_token_throughput": 600.0, "mean_ttft_ms": 40.0, "median_ttft_ms": 38.0, "mean_tpot_ms": 10.0, "median_tpot_ms": 10.0})";

TEST_F(CliTest, results_are_imported_shown_and_exported_again) {
  const std::string path = write("result.json", kResult);
  const json imported = document({"runs", "import", "--json", path, "--set", "gpus=2", "--set", "hw=h200"});
  ASSERT_EQ(imported["runs"].size(), 1u);
  EXPECT_EQ(imported["runs"][0]["total_tok_s_gpu"], 300.0);
  const json listed = document({"runs", "list", "--json"})["runs"][0];
  EXPECT_EQ(listed["source"], "import: vllm");
  EXPECT_EQ(listed["hardware"], "h200");
  EXPECT_EQ(listed["interactivity_tok_s_p50"], 100.0);
  EXPECT_THAT(cli({"runs", "show", "1"}).out, HasSubstr("import: vllm"));
  EXPECT_EQ(json::parse(cli({"runs", "export", "1", "--format", "vllm"}).out), json::parse(kResult));
  EXPECT_EQ(document({"runs", "export", "1", "--format", "sglang"})["total_throughput"], 600.0);
  EXPECT_THAT(cli({"runs", "export", "1", "--format", "word"}).err, HasSubstr("inferencex-agg"));
  EXPECT_THAT(cli({"frontier", "--json"}).out, HasSubstr("300"));  // a point of a chart like any other

  EXPECT_EQ(document({"runs", "import", "--json", path})["skipped"], 1);
  EXPECT_EQ(document({"runs", "list", "--json"})["runs"].size(), 1u);
}

TEST_F(CliTest, a_bad_file_is_named_and_nothing_is_stored) {
  const std::string good = write("good.json", kResult), bad = write("bad.json", R"({"completed": "x", "duration": 1, "total_output_tokens": 1})");
  const Ran ran = cli({"runs", "import", good, bad});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("bad.json: 'completed'"));
  EXPECT_FALSE(std::filesystem::exists(folder / "tokenmark" / "runs.db"));
  EXPECT_EQ(cli({"runs", "import", good, "--set", "gpus=many"}).code, 2);
  EXPECT_EQ(cli({"runs", "import", good, "--dry-run"}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder / "tokenmark" / "runs.db"));
}

TEST_F(CliTest, a_master_file_becomes_a_sweep_that_runs) {
  const std::string master = write("master.yaml", "k-fp4-h200-vllm:\n  model: some/model\n  runner: h200\n  scenarios:\n    fixed-seq-len:\n"
                                                  "    - {isl: 16, osl: 8, search-space: [{tp: 8, conc-start: 2, conc-end: 6}]}\n");
  const std::string sweep = file("sweep.yaml");
  EXPECT_EQ(cli({"sweep", "import", master, "--key", "k-fp4-h200-vllm", "--url", "http://127.0.0.1:1", "-o", sweep}).code, 0);
  EXPECT_EQ(document({"run", sweep, "--dry-run", "--json"})["points"].size(), 3u);  // 2, 4, 6
}

}  // namespace
}  // namespace tokenmark
