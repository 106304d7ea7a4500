// Sweeps over a real sshd on loopback: own configuration, keys and port; nothing of the user's is read or
// written.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "core/node/agent.h"
#include "core/sweep/runner.h"
#include "tests/core/node/fake_agent.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

bool listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool open = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return open;
}

class SshTest : public FakeAgentTest {
 protected:
  void SetUp() override {
    if (access("/usr/sbin/sshd", X_OK) != 0 || access("/usr/bin/ssh", X_OK) != 0)
      GTEST_SKIP() << "openssh-server and openssh-client are not installed";
    if (geteuid() != 0) GTEST_SKIP() << "starting sshd needs root";
    std::filesystem::create_directories("/run/sshd");
    for (const std::string key : {"host", "user"})
      ASSERT_EQ(system(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}/{}", folder.string(), key).c_str()),
                0);
    port = free_port();
    std::ofstream(folder / "sshd_config") << fmt::format(
        "Port {0}\nListenAddress 127.0.0.1\nHostKey {1}/host\nPidFile none\nAuthorizedKeysFile "
        "{1}/user.pub\nStrictModes no\n"
        "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n",
        port, folder.string());
    std::ifstream public_key(folder / "host.pub");
    std::string type, key;
    public_key >> type >> key;
    std::ofstream(folder / "known") << fmt::format("[127.0.0.1]:{} {} {}\n", port, type, key);
    std::ofstream(folder / "empty") << "";
    daemon = fork();
    if (daemon == 0) {
      setpgid(0, 0);
      execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", (folder / "sshd_config").c_str(), "-E",
            (folder / "log").c_str(), nullptr);
      _exit(127);
    }
    setpgid(daemon, daemon);
    for (int i = 0; i < 500 && !listens(port); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(listens(port)) << "sshd did not start";
  }
  void TearDown() override {
    if (daemon > 0) {
      kill(daemon, SIGTERM);
      waitpid(daemon, nullptr, 0);
    }
  }

  SshNode node(const std::string& mode, const std::string& known = "known", const std::string& key = "user") {
    return {"root@127.0.0.1",
            program(mode),
            {"-F", "none", "-p", std::to_string(port), "-i", (folder / key).string(), "-o",
             "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o",
             "UserKnownHostsFile=" + (folder / known).string(), "-o", "GlobalKnownHostsFile=/dev/null"}};
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
      if (sscanf(text.c_str() + name_end + 1, " %c %d", &state, &parent) == 2 && parent == daemon)
        kill(std::stoi(pid), SIGKILL);
    }
  }

  int port = 0;
  pid_t daemon = -1;
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
  ASSERT_EQ(system(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}/other", folder.string()).c_str()), 0);
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
