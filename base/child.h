// A child process with its three standard streams on descriptors of ours. Its process group is its own, so
// that a Ctrl-C on the terminal reaches only this program, which then ends the child cleanly.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tokenmark {

class Child {
 public:
  static Result<Child> start(
      const std::vector<std::string>& arguments);  // the first is the program, looked up in PATH
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // closes the streams; a child that does not leave by itself gets SIGTERM, then SIGKILL, with its
             // group

  int in() const { return in_; }  // a socket: writes to its standard input
  int out() const { return out_; }
  int err() const { return err_; }
  void close_in();
  // Its exit status (128 + n: killed by signal n) if it ends within `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);
  void kill_group(int signal);
  // Nothing waits for it any more: for one that does not even end when killed, because a driver holds it.
  void abandon() { pid_ = -1; }

 private:
  Child(pid_t pid, int in, int out, int err) : pid_(pid), in_(in), out_(out), err_(err) {}
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  std::optional<int> status_;
};

}  // namespace tokenmark
