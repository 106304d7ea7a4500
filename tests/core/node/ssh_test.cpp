// Sweeps over a real sshd on loopback.
#include <gmock/gmock.h>
#include <signal.h>

#include "core/node/agent.h"
#include "core/sweep/runner.h"
#include "tests/core/node/fake_agent.h"
#include "tests/core/node/sshd.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class SshTest : public FakeAgentTest {
 protected:
  void SetUp() override {
    if (const char* why = Sshd::missing()) GTEST_SKIP() << why;
    ASSERT_TRUE(sshd.start(folder)) << "sshd did not start";
    std::ofstream(folder / "empty") << "";
  }

  SshNode node(const std::string& mode, const std::string& known = "known", const std::string& key = "user") {
    return {"root@127.0.0.1", program(mode), sshd.options(known, key)};
  }
  Sweep sweep(const SshNode& where) {
    auto parsed = parse_sweep(
        "target: {engine: {model: m.gguf}}\nload: {requests_per_concurrency: 2}\naxes: {concurrency: [1, 2, "
        "4]}\n",
        "s.yaml");
    parsed->node = where;
    parsed->hash = sweep_hash(*parsed);
    return *parsed;
  }
  std::string refused(const SshNode& where) {
    const auto agent = AgentConnection::open(where, "unused");
    EXPECT_FALSE(agent);
    return agent ? "" : agent.error().message;
  }
  // The daemon's processes that serve connections: children of it, at any depth.
  void cut_connections() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string pid = entry.path().filename();
      if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream stat(entry.path() / "stat");
      const std::string text{std::istreambuf_iterator<char>(stat), {}};
      const auto name_end = text.rfind(')');
      if (name_end == std::string::npos) continue;
      char state;
      int parent = 0;
      if (sscanf(text.c_str() + name_end + 1, " %c %d", &state, &parent) == 2 && parent == sshd.daemon)
        kill(std::stoi(pid), SIGKILL);
    }
  }

  Sshd sshd;
};

TEST_F(SshTest, a_sweep_runs_there_and_is_stored_here) {
  const auto store = std::move(*Store::open(folder / "runs.db"));
  const auto outcome = run_sweep(sweep(node("good")), *store, {}, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->runs.size(), 3u);
  EXPECT_EQ(store->run(outcome->runs[0])->node, "root@127.0.0.1");
}

TEST_F(SshTest, an_unknown_host_key_is_refused_and_not_learnt) {
  EXPECT_THAT(refused(node("good", "empty")), HasSubstr("the host key is not known"));
  EXPECT_EQ(std::filesystem::file_size(folder / "empty"), 0u);
}

TEST_F(SshTest, a_refused_login_is_named) {
  ASSERT_TRUE(sshd.make_key("other"));
  EXPECT_THAT(refused(node("good", "known", "other")), HasSubstr("the login was refused"));
}

TEST_F(SshTest, a_wrong_path_of_the_agent_is_named) {
  SshNode where = node("good");
  where.agent = "/nowhere/it's here/tokenmark-cli";  // quoted for the shell there
  EXPECT_THAT(refused(where),
              testing::AllOf(HasSubstr("there is no program '/nowhere/it's here/tokenmark-cli'"),
                             HasSubstr("root@127.0.0.1")));
}

TEST_F(SshTest, a_port_where_nothing_listens_is_named) {
  SshNode where = node("good");
  where.options[3] = std::to_string(free_port());
  EXPECT_THAT(refused(where), HasSubstr("no SSH server answers there"));
}

TEST_F(SshTest, a_cut_connection_is_named_and_the_sweep_resumes) {
  const auto store = std::move(*Store::open(folder / "runs.db"));
  Sweep plan = sweep(node("until_cancelled"));
  SweepObserver observer;
  observer.progress = [&](const SweepProgress& progress) {
    if (progress.phase == "measuring") cut_connections();
  };
  const auto lost = run_sweep(plan, *store, {}, observer, {});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(lost.error().message, testing::AllOf(HasSubstr("the connection was lost"),
                                                   HasSubstr("root@127.0.0.1"), HasSubstr("--resume")));
  EXPECT_EQ(store->runs()->at(0).state, RunState::interrupted);

  std::filesystem::rename(program("good"), std::get<SshNode>(plan.node).agent);  // the same node, well again
  const auto resumed = run_sweep(plan, *store, {.resume = true}, {}, {});
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(resumed->runs.size(), 3u);
  EXPECT_EQ(store->runs()->size(), 3u);
}

}  // namespace
}  // namespace tokenmark
