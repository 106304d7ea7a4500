// The embedded engine measured on another host: over a real sshd on loopback, by the real program at both ends.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"
#include "tests/core/node/sshd.h"

namespace tokenmark {
namespace {

using nlohmann::json;

class SshEngine : public CliTest {
 protected:
  void SetUp() override {
    if (const char* why = Sshd::missing()) GTEST_SKIP() << why;
    ASSERT_TRUE(sshd.start(folder)) << "sshd did not start";
  }
  std::string sweep(const std::string& agent) {
    const json node = {{"ssh", "root@127.0.0.1"}, {"agent", agent}, {"options", sshd.options()}};
    return write("sweep.yaml", "node: " + node.dump() +  // JSON is YAML
                                   "\ntarget: {engine: {model: \"shape:stories260k:f32\", threads: 1}}\n"
                                   "workload: {input: 16, output: 8}\nload: {requests_per_concurrency: 2}\n"
                                   "axes: {concurrency: [1, 2]}\n");
  }
  Sshd sshd;
};

TEST_F(SshEngine, a_sweep_is_measured_there_and_stored_here) {
  const Ran ran = cli({"run", sweep(TOKENMARK_CLI), "--store", file("runs.db"), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json document = json::parse(ran.out);
  ASSERT_EQ(document["points"].size(), 2u);
  for (const json& point : document["points"]) {
    EXPECT_EQ(point["requests"]["failed"], 0);
    EXPECT_EQ(point["output_tokens"], 8 * point["requests"]["completed"].get<int>());
    EXPECT_FALSE(point["environment"]["device"]["name"].get<std::string>().empty());
  }
  const auto listed = this->document({"runs", "list", "--json", "--store", file("runs.db")});
  for (const json& row : listed["runs"]) EXPECT_EQ(row["node"], "root@127.0.0.1");
}

TEST_F(SshEngine, a_missing_program_there_is_named_and_nothing_is_measured) {
  const Ran ran = cli({"run", sweep("/nowhere/tokenmark-cli"), "--store", file("runs.db")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, testing::HasSubstr("there is no program '/nowhere/tokenmark-cli'"));
  EXPECT_EQ(ran.out, "");
}

}  // namespace
}  // namespace tokenmark
