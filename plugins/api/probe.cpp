#include "plugins/api/probe.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxReport = 4096;

struct Child {
  pid_t pid = -1;
  int pipe = -1;  // its report: a line a stage ("loading"), at the end "ok" or "refused: reason"
};

Result<Child> start(const std::string& program, const std::string& file) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::internal, "no pipe to a probe: {}", strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // A group of its own, so that whatever the library starts ends with it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  char* const arguments[] = {const_cast<char*>(program.c_str()), const_cast<char*>(file.c_str()), nullptr};
  Child child;
  const int error = posix_spawn(&child.pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  child.pipe = ends[0];
  if (error == 0) return child;
  close(ends[0]);
  return fail(ErrorKind::unavailable,
              "not loaded, since the program that tries plugins first cannot be started: {}: {}", program,
              strerror(error));
}

// Reads what is there for at most `wait`; false at the end of the pipe.
bool read_report(int pipe, std::chrono::milliseconds wait, std::string& report) {
  pollfd waiting{pipe, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(wait.count())) <= 0) return true;
  std::array<char, 512> bytes;
  const ssize_t n = read(pipe, bytes.data(), bytes.size());
  if (n > 0 && report.size() < kMaxReport) report.append(bytes.data(), static_cast<std::size_t>(n));
  return n > 0;
}

struct Ending {
  bool in_time = false;
  int status = 0;
  std::string report;
};

Ending await(const Child& child, std::chrono::milliseconds limit) {
  Ending ending;
  const auto deadline = Clock::now() + limit;
  bool open = true, ended = false;
  while (!ended && Clock::now() < deadline) {
    // Short turns, because a process that the library left behind can keep the pipe open.
    if (open) open = read_report(child.pipe, std::chrono::milliseconds(20), ending.report);
    else std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const pid_t got = waitpid(child.pid, &ending.status, WNOHANG);
    ended = got == child.pid || (got < 0 && errno != EINTR);
  }
  ending.in_time = ended;
  kill(-child.pid, SIGKILL);
  while (!ended && waitpid(child.pid, &ending.status, 0) < 0 && errno == EINTR) {
  }
  while (open && Clock::now() < deadline + std::chrono::milliseconds(100))
    open = read_report(child.pipe, std::chrono::milliseconds(20), ending.report);
  close(child.pipe);
  return ending;
}

std::string last_line(const std::string& report) {
  const std::size_t end = report.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const std::size_t before = report.rfind('\n', end);
  return report.substr(before == std::string::npos ? 0 : before + 1, end - (before == std::string::npos ? 0 : before + 1) + 1);
}

}  // namespace

std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

std::filesystem::path default_probe_program() {
  const auto beside = program_folder() / "tokenmark-plugin-probe";
  std::error_code error;
  if (std::filesystem::exists(beside, error)) return beside;
  const auto installed = program_folder().parent_path() / "lib/tokenmark/tokenmark-plugin-probe";
  return std::filesystem::exists(installed, error) ? installed : beside;
}

Status probe_plugin(const std::filesystem::path& program, const std::filesystem::path& file,
                    std::chrono::milliseconds limit) {
  TOKENMARK_TRY(const Child child, start(program.string(), file.string()));
  const Ending ending = await(child, limit);
  const std::string stage = last_line(ending.report);
  const std::string_view doing = stage.empty() ? "starting" : std::string_view(stage);
  if (stage == "ok") return {};
  constexpr std::string_view kRefused = "refused: ";
  if (stage.starts_with(kRefused))
    return fail(ErrorKind::unavailable, "{}", stage.substr(kRefused.size()));
  if (!ending.in_time)
    return fail(ErrorKind::unavailable, "it did not answer within {} ms while {}", limit.count(), doing);
  if (WIFSIGNALED(ending.status))
    return fail(ErrorKind::unavailable, "it crashed while {}: signal {} ({})", doing, WTERMSIG(ending.status),
                strsignal(WTERMSIG(ending.status)));
  return fail(ErrorKind::unavailable, "it ended the process while {}: exit status {}", doing,
              WEXITSTATUS(ending.status));
}

}  // namespace tokenmark
