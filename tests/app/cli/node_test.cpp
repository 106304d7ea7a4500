// `tokenmark-cli node` and sweeps on nodes by name, over a real sshd on loopback where there is one.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"
#include "tests/core/node/sshd.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class NodeVerb : public CliTest {
 protected:
  NodeVerb() { variables["XDG_CONFIG_HOME"] = file("config"); }
  json state_of(const json& report, const std::string& name) {
    for (const json& step : report["steps"])
      if (step["name"] == name) return step;
    return {{"state", "absent"}, {"text", ""}};
  }
};

TEST_F(NodeVerb, nodes_are_added_listed_replaced_and_removed) {
  EXPECT_EQ(cli({"node", "add", "box", "user@box", "--option=-p", "--option=2222"}).code, 0);
  EXPECT_EQ(cli({"node", "add", "box", "user@other"}).code, 0);
  const json list = document({"node", "list", "--json"});
  ASSERT_EQ(list["nodes"].size(), 1u);
  EXPECT_EQ(list["nodes"][0]["ssh"], "user@other");
  EXPECT_EQ(list["file"], file("config") + "/tokenmark/nodes.json");
  EXPECT_EQ(cli({"node", "remove", "box"}).code, 0);
  const Ran gone = cli({"node", "remove", "box"});
  EXPECT_EQ(gone.code, 2);
  EXPECT_THAT(gone.err, HasSubstr("'box'"));
  EXPECT_EQ(cli({"node", "add", "a b", "h"}).code, 2);
}

TEST_F(NodeVerb, this_machine_can_be_measured_on_and_says_what_runs_here) {
  const json report = document({"node", "check", "local", "--json"});
  EXPECT_TRUE(report["usable"].get<bool>());
  EXPECT_EQ(state_of(report, "program")["state"], "ok");
  EXPECT_EQ(state_of(report, "agent")["state"], "ok");
  EXPECT_EQ(report["devices"]["devices"][0]["id"], "cpu");
  Program agent(folder, {"serve", "--model", "shape:stories260k:f32", "--port", "0"}, variables);
  EXPECT_TRUE(comes_true([&] {
    const json here = document({"node", "here", "--json"});
    return std::any_of(here["running"].begin(), here["running"].end(), [](const json& one) { return one.value("verb", "") == "serve"; });
  }));
}

TEST_F(NodeVerb, a_sweep_on_an_unknown_node_names_those_that_there_are) {
  cli({"node", "add", "box", "user@box"});
  const Ran ran = cli({"run", write("s.yaml", "node: bx\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [1]}\n"), "--dry-run"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, testing::AllOf(HasSubstr("s.yaml:1"), HasSubstr("'bx'"), HasSubstr("box")));
}

class SshNodeVerb : public NodeVerb {
 protected:
  void SetUp() override {
    if (const char* why = Sshd::missing()) GTEST_SKIP() << why;
    ASSERT_TRUE(sshd.start(folder)) << "sshd did not start";
  }
  void add(const std::string& agent, const std::vector<std::string>& options, const std::string& host = "root@127.0.0.1") {
    std::vector<std::string> arguments = {"node", "add", "box", host, "--agent", agent};
    for (const std::string& option : options) arguments.push_back("--option=" + option);
    const Ran ran = cli(arguments);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  // The step that failed, as the check ended there.
  json failed_step() {
    const Ran ran = cli({"node", "check", "box", "--json"});
    EXPECT_EQ(ran.code, 1) << ran.out << ran.err;
    const json report = json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(report["usable"].get<bool>());
    EXPECT_EQ(report["steps"].back()["state"], "failed");
    return report["steps"].back();
  }
  Sshd sshd;
};

TEST_F(SshNodeVerb, a_good_node_passes_every_step_and_a_sweep_runs_there_by_name) {
  add(TOKENMARK_CLI, sshd.options());
  const json report = document({"node", "check", "box", "--json"});
  for (const char* step : {"name", "port", "host key", "login", "program", "agent", "devices"})
    EXPECT_EQ(state_of(report, step)["state"], "ok") << step << ": " << state_of(report, step)["text"];
  EXPECT_THAT(state_of(report, "port")["text"].get<std::string>(), HasSubstr("SSH-2.0"));
  const std::string sweep = write("s.yaml", "node: box\ntarget: {engine: {model: \"shape:stories260k:f32\", threads: 1}}\n"
                                            "workload: {input: 8, output: 4}\nload: {requests_per_concurrency: 2}\naxes: {concurrency: [1]}\n");
  const Ran ran = cli({"run", sweep, "--store", file("runs.db"), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(document({"runs", "list", "--json", "--store", file("runs.db")})["runs"][0]["node"], "box");
}

TEST_F(SshNodeVerb, a_wrong_name_port_host_key_login_and_program_fail_at_their_step) {
  add(TOKENMARK_CLI, sshd.options(), "no-such-host.invalid");
  EXPECT_EQ(failed_step()["name"], "name");
  auto closed = sshd.options();
  closed[3] = std::to_string(free_port());
  add(TOKENMARK_CLI, closed);
  const json port = failed_step();
  EXPECT_EQ(port["name"], "port");
  EXPECT_THAT(port["text"].get<std::string>(), HasSubstr(closed[3]));
  write("empty", "");
  add(TOKENMARK_CLI, sshd.options("empty"));
  EXPECT_EQ(failed_step()["name"], "host key");
  ASSERT_TRUE(sshd.make_key("other"));
  add(TOKENMARK_CLI, sshd.options("known", "other"));
  EXPECT_EQ(failed_step()["name"], "login");
  add("/nowhere/tokenmark-cli", sshd.options());
  const json program = failed_step();
  EXPECT_EQ(program["name"], "program");
  EXPECT_THAT(program["text"].get<std::string>(), HasSubstr("/nowhere/tokenmark-cli"));
  add("/bin/echo", sshd.options());
  EXPECT_EQ(failed_step()["name"], "program");
}

TEST_F(SshNodeVerb, another_version_is_a_note_and_another_protocol_fails_at_the_agent) {
  const auto script = [&](const char* protocol) {
    const std::string path = write("other", std::string("#!/bin/sh\ncase $1 in --version) echo 'tokenmark 0.0.1 (abc, g++)';;\n"
                                                        "agent) read line; echo '{\"hello\": {\"protocol\": ") + protocol + ", \"version\": \"0.0.1\", \"environment\": {}}}'; cat > /dev/null;;\n*) exit 2;; esac\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  };
  add(script("1"), sshd.options());
  const json report = document({"node", "check", "box", "--json"});
  EXPECT_EQ(state_of(report, "program")["state"], "note");
  EXPECT_EQ(state_of(report, "devices")["state"], "note");
  add(script("7"), sshd.options());
  const json agent = failed_step();
  EXPECT_EQ(agent["name"], "agent");
  EXPECT_THAT(agent["text"].get<std::string>(), HasSubstr("same version"));
}

}  // namespace
}  // namespace tokenmark
