#include "app/cli/pause_signal.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace tokenmark::cli {
namespace {

int signal_pipe[2] = {-1, -1};  // a handler reaches nothing else

void on_stop(int) {
  const int kept = errno;
  const char byte = 1;
  [[maybe_unused]] const auto written = write(signal_pipe[1], &byte, 1);
  errno = kept;
}

}  // namespace

PauseBySignal::PauseBySignal() {
  if (pipe(signal_pipe) != 0) return;
  thread_ = std::thread([this] {
    for (char byte = 0; read(signal_pipe[0], &byte, 1) == 1 && byte == 1;) {
      const bool again = pause_.wanted();
      pause_.pause(again);
      fmt::print(stderr, "\n{}\n", again ? "giving the point up; it is measured again" : "pausing when this point is done; Ctrl+Z again gives it up");
    }
  });
  struct sigaction action {};
  action.sa_handler = on_stop;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTSTP, &action, nullptr);
}

PauseBySignal::~PauseBySignal() {
  signal(SIGTSTP, SIG_DFL);
  if (!thread_.joinable()) return;
  const char end = 0;
  [[maybe_unused]] const auto written = write(signal_pipe[1], &end, 1);
  thread_.join();
  close(signal_pipe[0]);
  close(signal_pipe[1]);
}

void PauseBySignal::stand_still() {
  fmt::print(stderr, "\npaused; go on with fg\n");
  raise(SIGSTOP);
  pause_.resume();
}

}  // namespace tokenmark::cli
