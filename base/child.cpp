#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

extern char** environ;

namespace tokenmark {
namespace {

constexpr std::chrono::milliseconds kLeavesByItself{3000}, kAfterTerm{2000};

void close_all(std::initializer_list<int> descriptors) {
  for (const int fd : descriptors)
    if (fd >= 0) close(fd);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& arguments) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
  // Close-on-exec: another child must not hold this one's input open.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
      pipe2(err, O_CLOEXEC) != 0) {
    const int code = errno;
    close_all({in[0], in[1], out[0], out[1], err[0], err[1]});
    return fail(ErrorKind::exhausted, "{}: no pipes for a child process: {}", arguments.front(),
                std::strerror(code));
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int code = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close_all({in[1], out[1], err[1]});
  if (code != 0) {
    close_all({in[0], out[0], err[0]});
    return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{}: it cannot be started: {}",
                arguments.front(), std::strerror(code));
  }
  return Child(pid, in[0], out[0], err[0]);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      status_(other.status_) {}

Child::~Child() {
  close_in();
  if (pid_ > 0 && !wait(kLeavesByItself)) {
    kill_group(SIGTERM);
    if (!wait(kAfterTerm)) {
      kill_group(SIGKILL);
      wait(std::chrono::hours(1));
    }
  }
  close_all({out_, err_});
}

void Child::close_in() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

std::optional<int> Child::wait(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!status_) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_)
      status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    else if (ended < 0 && errno == ECHILD)
      status_ = 0;  // reaped by someone else, as with SIGCHLD ignored
    else if (std::chrono::steady_clock::now() >= deadline)
      return std::nullopt;
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return status_;
}

void Child::kill_group(int signal) {
  if (pid_ > 0 && !status_) kill(-pid_, signal);
}

}  // namespace tokenmark
