// Starts tokenmark-cli as a user does, in a folder of the test's own, waited for or left running.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace tokenmark {

inline std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

using Variables = std::map<std::string, std::string>;

// One process of tokenmark-cli. Killed with its process group when it goes out of scope.
class Program {
 public:
  Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments, const Variables& variables)
      : out_(folder / "out-XXXXXX"), err_(folder / "err-XXXXXX") {
    const int out = mkstemp(out_.data()), err = mkstemp(err_.data());
    std::vector<char*> argv{const_cast<char*>(TOKENMARK_CLI)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      const int in = open("/dev/null", O_RDONLY);
      dup2(in, 0);
      dup2(out, 1);
      dup2(err, 2);
      for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
      execv(TOKENMARK_CLI, argv.data());
      _exit(127);
    }
    setpgid(pid_, pid_);
    close(out);
    close(err);
  }
  Program(const Program&) = delete;
  ~Program() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }

  pid_t pid() const { return pid_; }
  void signal(int number) { ::kill(pid_, number); }  // the program alone, not what it started
  // The exit code, or 128 + signal.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  bool running() {
    siginfo_t info{};
    return pid_ > 0 && waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
  }
  std::string out() const { return content(out_); }
  std::string err() const { return content(err_); }

 private:
  std::string out_, err_;
  pid_t pid_ = -1;
};

class CliTest : public testing::Test {
 protected:
  CliTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tokenmark-cli-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    variables["XDG_DATA_HOME"] = folder.string();  // no store of the user's is read or written, and no cache
    variables["XDG_CACHE_HOME"] = (folder / "cache").string();
  }
  ~CliTest() override {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  }

  struct Ran {
    int code;
    std::string out, err;
  };
  Ran cli(const std::vector<std::string>& arguments) {
    Program program(folder, arguments, variables);
    const int code = program.wait();
    return {code, program.out(), program.err()};
  }
  // The document that a verb prints, which must be the only thing on standard output.
  nlohmann::json document(const std::vector<std::string>& arguments) {
    const Ran ran = cli(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    auto parsed = nlohmann::json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << ran.out;
    return parsed;
  }
  std::string file(const std::string& name) const { return (folder / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return file(name);
  }
  // Waits at most half a minute: what is waited for comes, or the test has failed.
  template <class Condition>
  static bool comes_true(Condition&& condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // Everything that this test has started and that still runs: children inherit the data folder of its own.
  std::vector<std::string> processes_left() const {
    std::vector<std::string> left;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string pid = entry.path().filename();
      if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(getpid())) continue;
      if (content(entry.path() / "environ").find("XDG_DATA_HOME=" + folder.string()) != std::string::npos)
        left.push_back(pid + " " + content(entry.path() / "cmdline"));
    }
    return left;
  }

  std::filesystem::path folder;
  Variables variables;
};

}  // namespace tokenmark
