// Wrong input for every verb: the exit code, that the message names the thing and its value, and that nothing
// stands on standard output.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <sstream>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

struct Case {
  const char* line;                // arguments; F/ stands for the test's folder, M for a small model
  std::vector<std::string> named;  // what the message must name
};

class WrongUsage : public CliTest {
 protected:
  Ran line(const std::string& text) {
    std::istringstream words(text);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) {
      if (word == "M") word = "shape:stories260k:f32";
      if (word.starts_with("F/")) word = file(word.substr(2));
      arguments.push_back(word);
    }
    return cli(arguments);
  }
  void expect(int code, const std::vector<Case>& cases) {
    for (const Case& wrong : cases) {
      SCOPED_TRACE(wrong.line);
      const Ran ran = line(wrong.line);
      EXPECT_EQ(ran.code, code) << ran.err;
      EXPECT_EQ(ran.out, "");
      for (const std::string& name : wrong.named) EXPECT_THAT(ran.err, HasSubstr(name));
    }
  }
};

TEST_F(WrongUsage, verbs_and_options_that_do_not_exist) {
  expect(2, {{"", {"Usage"}},
             {"frobnicate", {"frobnicate"}},
             {"--frob", {"--frob"}},
             {"model frob", {"frob"}},
             {"runs frob", {"frob"}},
             {"run --frob", {"--frob"}},
             {"serve --model M --frob", {"--frob"}},
             {"load --engine M --frob", {"--frob"}},
             {"bench --model M --frob", {"--frob"}},
             {"generate --model M --frob", {"--frob"}},
             {"tokenize --model M --frob", {"--frob"}},
             {"devices --frob", {"--frob"}},
             {"frontier --frob", {"--frob"}},
             {"report --frob", {"--frob"}},
             {"agent --frob", {"--frob"}}});
}

TEST_F(WrongUsage, what_is_missing_on_the_line) {
  expect(2, {{"run", {"sweep file"}},
             {"run --quick x.yaml", {"SWEEP", "--quick"}},
             {"serve", {"--model"}},
             {"load", {"--url", "--engine"}},
             {"load --url http://127.0.0.1:1", {"--model"}},
             {"load --url http://x --engine M", {"--url", "--engine"}},
             {"bench", {"--model"}},
             {"generate --model M", {"--prompt"}},
             {"tokenize", {"--model"}},
             {"model", {"subcommand"}},
             {"model info", {"model"}},
             {"model make --shape stories260k --format f32", {"--output"}},
             {"runs", {"subcommand"}},
             {"runs tag 5", {"--tag"}},
             {"report --samples", {"--output"}}});
}

TEST_F(WrongUsage, models_and_devices_that_are_not_there) {
  for (const char* verb : {"serve --model", "load --engine", "bench --model", "generate --prompt a --model",
                           "tokenize --model", "model info"}) {
    const std::string shape = std::string(verb) + " shape:nothing:f32", format = std::string(verb) + " shape:stories260k:q9",
                      half = std::string(verb) + " shape:stories260k", missing = std::string(verb) + " F/no.gguf",
                      text = std::string(verb) + " F/text";
    write("text", "no model");
    expect(2, {{shape.c_str(), {"nothing", "stories260k"}},
               {format.c_str(), {"q9", "q8_0"}},
               {half.c_str(), {"shape:stories260k", "shape:NAME:FORMAT"}},
               {missing.c_str(), {"no.gguf"}},
               {text.c_str(), {"text", "GGUF"}}});
  }
  for (const char* verb : {"serve --model M", "load --engine M", "bench --model M", "generate --prompt a --model M"}) {
    const std::string device = std::string(verb) + " --device gpu9";
    expect(2, {{device.c_str(), {"gpu9", "cpu"}}});
  }
  expect(2, {{"model make --shape nothing --format f32 -o F/x", {"nothing"}},
             {"model make --shape stories260k --format q9 -o F/x", {"q9"}}});
}

TEST_F(WrongUsage, numbers_out_of_their_range) {
  expect(2, {{"serve --model M --port 70000", {"--port", "70000"}},
             {"serve --model M --port x", {"--port", "x"}},
             {"serve --model M --threads 100000", {"100000", "1024"}},
             {"serve --model M --max-sequences 0", {"max_sequences", "0"}},
             {"serve --model M --context 100000000", {"context", "100000000", "512"}},
             {"load --engine M --concurrency 0", {"concurrency", "0"}},
             {"load --engine M --concurrency x", {"--concurrency", "x"}},
             {"load --engine M --range-ratio 2", {"range_ratio", "2"}},
             {"load --engine M --range-ratio nan", {"range_ratio", "nan"}},
             {"load --engine M --input 100000", {"100000", "512"}},
             {"load --engine M --ttft-limit -1", {"ttft_s", "-1"}},
             {"load --url http://127.0.0.1:1 --model x --api foo", {"api", "foo", "chat"}},
             {"load --url ftp://x --model x", {"ftp://x"}},
             {"load --url http://127.0.0.1:1 --model x --api-key-env NO_SUCH_KEY", {"NO_SUCH_KEY"}},
             {"bench --model M --batch 0", {"--batch", "0"}},
             {"bench --model M --batch x", {"--batch", "x"}},
             {"bench --model M --prompt -5", {"--prompt", "-5"}},
             {"bench --model M --prompt 0", {"--prompt", "0"}},
             {"bench --model M --kernels avx9", {"avx9", "avx2"}},
             {"generate --model M --prompt a --max-tokens 0", {"--max-tokens", "'0'"}},
             {"generate --model M --prompt a --temperature -1", {"temperature", "-1"}},
             {"generate --model M --prompt a --top-p 2", {"top_p", "2"}},
             {"runs list --limit -1", {"--limit", "'-1'"}},
             {"runs show x", {"RUN", "'x'"}},
             {"runs show 0", {"RUN", "'0'"}},
             {"report x -o F/x.html", {"RUN", "'x'"}},
             {"frontier --at x", {"--at", "x"}},
             {"frontier --x speed", {"--x", "speed", "interactivity"}}});
}

TEST_F(WrongUsage, files_that_are_missing_or_something_else) {
  write("text", "neither a store nor a sweep");
  expect(2, {{"run F/no.yaml", {"no.yaml"}},
             {"run F/", {"folder"}},
             {"run builtin:nothing", {"nothing", "chat"}},
             {"run builtin:quick --node -oProxyCommand=x", {"--node", "-oProxyCommand=x"}},
             {"run builtin:quick --store F/text", {"text", "store"}},
             {"runs list --store F/no.db", {"no.db"}},
             {"runs list --store F/text", {"text", "store"}},
             {"frontier --store F/no.db", {"no.db"}},
             {"report --store F/no.db --all -o F/x.html", {"no.db"}},
             {"report --samples -o F/x.txt", {"x.txt", ".html"}},
             {"serve --model M --api-key-file F/no", {"--api-key-file", "no"}}});
}

TEST_F(WrongUsage, outputs_that_cannot_be_written_are_failed_work) {
  write("text", "not a folder");
  expect(1, {{"run builtin:quick --store F/text/runs.db", {"text/runs.db"}},
             {"model make --shape stories260k --format f32 -o F/no/x.gguf", {"no/x.gguf"}},
             {"frontier --samples -o F/no/x.svg", {"no/x.svg"}},
             {"report --samples -o F/no/x.html", {"no/x.html"}},
             {"load --engine M --input 8 --output 4 -o F/no/log", {"no/log"}}});
}

TEST_F(WrongUsage, a_store_that_holds_nothing_yet_is_failed_work) {
  expect(1, {{"frontier", {"--samples"}}, {"runs show 5", {"run"}}, {"report 5 -o F/x.html", {"run"}}});
}

TEST_F(WrongUsage, every_mistake_of_a_sweep_file_is_named_with_its_line) {
  write("bad.yaml",
        "nam: x\n"
        "target: {engine: {model: \"shape:stories260k:f32\", devise: cpu}}\n"
        "workload: {input: many, output: 0}\n"
        "load: {requests_per_concurrency: -1}\n"
        "axes: {concurrency: []}\n"
        "repeats: 0\n");
  write("shape.yaml", "target: {engine: {model: \"shape:nothing:q4_0\"}}\n");
  write("broken.yaml", "a: [1\n");
  for (const std::string more : {"", " --dry-run", " --json"}) {
    const std::string bad = "run F/bad.yaml" + more;
    expect(2, {{bad.c_str(),
                {"bad.yaml:1: unknown key 'nam'", "bad.yaml:2: unknown key 'devise'", "bad.yaml:3: workload.input",
                 "'many'", "bad.yaml:3: workload.output is 0", "bad.yaml:4: load.requests_per_concurrency is -1",
                 "bad.yaml:5: axis 'concurrency' is empty", "bad.yaml:6: repeats"}}});
  }
  expect(2, {{"run F/broken.yaml", {"broken.yaml:", "YAML"}}, {"run F/shape.yaml", {"shape.yaml:1:", "'nothing'"}}});
  EXPECT_THAT(line("run F/shape.yaml").err, testing::Not(HasSubstr("is missing"))) << "one mistake, named twice";
  EXPECT_FALSE(std::filesystem::exists(file("tokenmark"))) << "wrong input made a store";
}

TEST_F(WrongUsage, addresses_that_cannot_be_served) {
  const int busy = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(busy, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(busy, 1), 0);
  getsockname(busy, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string port = std::to_string(ntohs(address.sin_port));
  expect(1, {{("serve --model M --port " + port).c_str(), {"127.0.0.1:" + port, "in use"}}});
  expect(2, {{"serve --model M --port 0 --host 0.0.0.0", {"0.0.0.0", "API key"}},
             {"serve --model M --port 0 --host ::", {"::", "API key"}}});
  close(busy);
}

TEST_F(WrongUsage, an_endpoint_where_nobody_listens_is_failed_work) {
  expect(1, {{"load --url http://127.0.0.1:1 --model x --requests-per-concurrency 2", {"http://127.0.0.1:1", "refused"}}});
  write("sweep.yaml", "target: {endpoint: {url: \"http://127.0.0.1:1\", model: x}}\naxes: {concurrency: [1]}\n");
  const Ran ran = line("run F/sweep.yaml --json");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("refused"));
  EXPECT_EQ(nlohmann::json::parse(ran.out)["sweep"]["failed"], 1);
}

}  // namespace
}  // namespace tokenmark
