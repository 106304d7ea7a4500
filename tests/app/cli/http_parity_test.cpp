// The same point asks for and gets the same tokens, whether it is measured in this process or over HTTP.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = "shape:stories260k:f32";
constexpr const char* kKey = "sk-never-to-be-written-down";

class HttpParity : public CliTest {
 protected:
  // Starts the server and reads its address from the line that says it is ready.
  void serve(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"serve", "--model", kModel, "--port", "0", "--threads", "1", "--name", "tiny"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server = std::make_unique<Program>(folder, arguments, variables);
    ASSERT_TRUE(comes_true([&] {
      const std::string said = server->err();
      const auto at = said.find("http://");
      if (at == std::string::npos || said.find('\n', at) == std::string::npos) return !server->running();
      url = said.substr(at, said.find('\n', at) - at);
      return true;
    }));
    ASSERT_FALSE(url.empty()) << server->err();
  }
  json load(const std::vector<std::string>& target) { return document(load_arguments(target)); }
  std::vector<std::string> load_arguments(const std::vector<std::string>& target) {
    std::vector<std::string> arguments = {"load",      "--input",       "40",  "--output", "12", "--range-ratio", "0.5",
                                          "--seed",    "7",             "--concurrency",   "3",
                                          "--requests-per-concurrency", "4",  "--warmups",  "1", "--json"};
    arguments.insert(arguments.end(), target.begin(), target.end());
    return arguments;
  }
  std::vector<std::string> endpoint(const std::string& api = "completions") {
    return {"--url", url, "--model", "tiny", "--api", api, "--tokenizer", kModel};
  }
  std::string sweep(const std::string& target) {
    return write("sweep.yaml", "name: parity\ntarget: {" + target +
                                   "}\nworkload: {input: 40, output: 12, range_ratio: 0.5, seed: 7}\n"
                                   "load: {requests_per_concurrency: 4, warmups_per_concurrency: 1}\n"
                                   "axes: {concurrency: [3, 5]}\n");
  }

  std::unique_ptr<Program> server;
  std::string url;
};

void expect_same_tokens(const json& over_http, const json& inside) {
  EXPECT_EQ(over_http["requests"]["failed"], 0) << over_http["error_texts"];
  EXPECT_EQ(over_http["requests"]["completed"], inside["requests"]["completed"]);
  EXPECT_EQ(over_http["input_tokens"], inside["input_tokens"]);
  EXPECT_EQ(over_http["output_tokens"], inside["output_tokens"]);
}

TEST_F(HttpParity, one_measurement_has_the_same_requests_and_tokens) {
  serve();
  const json inside = load({"--engine", kModel});
  EXPECT_EQ(inside["requests"]["completed"], 12);
  EXPECT_GT(inside["input_tokens"], 12 * 20);
  expect_same_tokens(load({"--url", url, "--model", "tiny"}), inside);  // prompts as token ids
  expect_same_tokens(load(endpoint()), inside);                        // prompts as text
  const json chat = load(endpoint("chat"));  // the template adds to the prompts, nothing to the answers
  EXPECT_EQ(chat["requests"]["failed"], 0) << chat["error_texts"];
  EXPECT_EQ(chat["requests"]["completed"], 12);
  EXPECT_EQ(chat["output_tokens"], inside["output_tokens"]);
  EXPECT_GE(chat["input_tokens"], inside["input_tokens"]);
}

TEST_F(HttpParity, a_sweep_has_the_same_requests_and_tokens_at_every_point) {
  serve();
  const json over_http =
      document({"run", sweep("endpoint: {url: \"" + url + "\", model: tiny}"), "--store", file("http.db"), "--json"});
  const json inside = document({"run", sweep("engine: {model: \"shape:stories260k:f32\", threads: 1}"), "--store",
                                file("engine.db"), "--json"});
  ASSERT_EQ(over_http["points"].size(), 2u);
  ASSERT_EQ(inside["points"].size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) expect_same_tokens(over_http["points"][i], inside["points"][i]);
  EXPECT_EQ(inside["points"][1]["requests"]["completed"], 20);
}

TEST_F(HttpParity, the_key_comes_from_the_environment_and_stays_out_of_store_and_output) {
  serve({"--api-key-file", write("key", std::string(kKey) + "\n")});
  std::filesystem::remove(file("key"));
  const std::string target = "endpoint: {url: \"" + url + "\", model: tiny, api_key_env: TINY_KEY}";
  const std::vector<std::string> run = {"run", sweep(target), "--store", file("runs.db"), "--json"};

  const Ran unset = cli(run);
  EXPECT_EQ(unset.code, 1);
  EXPECT_THAT(unset.err, HasSubstr("TINY_KEY"));
  variables["TINY_KEY"] = "another";
  const Ran refused = cli(load_arguments({"--url", url, "--model", "tiny", "--api-key-env", "TINY_KEY"}));
  EXPECT_EQ(refused.code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("401"));
  variables["TINY_KEY"] = kKey;
  const Ran ran = cli(run);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["points"].size(), 2u);
  EXPECT_EQ(load({"--url", url, "--model", "tiny", "--api-key-env", "TINY_KEY", "-o", file("log")})["requests"]["failed"], 0);

  server->signal(SIGTERM);
  EXPECT_EQ(server->wait(), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) {
      EXPECT_THAT(content(entry.path()), Not(HasSubstr(kKey))) << entry.path();
    }
}

}  // namespace
}  // namespace tokenmark
