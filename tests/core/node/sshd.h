// A real sshd on loopback with its own configuration, keys and port; nothing of the user's is read or written.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace tokenmark {

inline int free_port() {
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

class Sshd {
 public:
  // Why it cannot be started here, or nothing.
  static const char* missing() {
    if (access("/usr/sbin/sshd", X_OK) != 0 || access("/usr/bin/ssh", X_OK) != 0)
      return "openssh-server and openssh-client are not installed";
    return geteuid() == 0 ? nullptr : "starting sshd needs root";
  }

  // False where it does not come up. Keys and configuration lie in the folder.
  bool start(const std::filesystem::path& where) {
    folder = where;
    std::filesystem::create_directories("/run/sshd");
    for (const std::string key : {"host", "user"})
      if (!make_key(key)) return false;
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
    daemon = fork();
    if (daemon == 0) {
      setpgid(0, 0);
      execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", (folder / "sshd_config").c_str(), "-E",
            (folder / "log").c_str(), nullptr);
      _exit(127);
    }
    setpgid(daemon, daemon);
    for (int i = 0; i < 1000 && !listens(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return listens();
  }
  ~Sshd() {
    if (daemon <= 0) return;
    kill(daemon, SIGTERM);
    waitpid(daemon, nullptr, 0);
  }

  bool make_key(const std::string& name) const {
    return system(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}/{}", folder.string(), name).c_str()) == 0;
  }
  // What ssh is told to reach it as root@127.0.0.1; the port stands at [3].
  std::vector<std::string> options(const std::string& known = "known", const std::string& key = "user") const {
    return {"-F", "none", "-p", std::to_string(port), "-i", (folder / key).string(), "-o",
            "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o",
            "UserKnownHostsFile=" + (folder / known).string(), "-o", "GlobalKnownHostsFile=/dev/null"};
  }

  std::filesystem::path folder;
  int port = 0;
  pid_t daemon = -1;

 private:
  bool listens() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool open = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return open;
  }
};

}  // namespace tokenmark
