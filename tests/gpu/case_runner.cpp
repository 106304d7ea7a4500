#include "tests/gpu/case_runner.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "base/child.h"
#include "tests/kernels/gpu/case.h"

namespace tokenmark::gpu {
namespace {

constexpr int kLimitMs = 120'000;  // of one case

std::vector<Case> cases_of(const std::string& only) {
  std::vector<Case> some;
  for (Case& one : all_cases())
    if (one.kernel.starts_with(only)) some.push_back(std::move(one));
  return some;
}

// The next line of a descriptor; nothing: it ended, or nothing came in time.
class Lines {
 public:
  explicit Lines(int fd) : fd_(fd) {}
  std::optional<std::string> next() {
    for (;;) {
      if (const std::size_t end = text_.find('\n'); end != std::string::npos) {
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
      }
      pollfd ready{fd_, POLLIN, 0};
      char piece[4096];
      late = poll(&ready, 1, kLimitMs) == 0;
      const ssize_t n = late ? 0 : read(fd_, piece, sizeof piece);
      if (n <= 0) return std::nullopt;
      text_.append(piece, static_cast<std::size_t>(n));
    }
  }
  bool late = false;

 private:
  int fd_;
  std::string text_;
};

// One child's work: results from `first` on are added, of the case that it ended in too. An error: it did not start.
Status run_child(const std::vector<std::string>& command, const std::vector<Case>& cases, std::vector<CaseResult>& results) {
  TOKENMARK_TRY(Child child, Child::start(command));
  Lines lines(child.out());
  const auto add = [&](std::string problem) {
    const Case& one = cases[results.size()];
    if (!problem.empty()) std::printf("FAILED %s %s, %s: %s\n", one.kernel.c_str(), one.format.c_str(), one.what.c_str(), problem.c_str());
    results.push_back({one.kernel, one.format, one.what, std::move(problem)});
  };
  const std::size_t first = results.size();
  while (const auto line = lines.next())
    if (results.size() < cases.size() && (line->starts_with("passed") || line->starts_with("failed "))) add(line->substr(std::min<std::size_t>(line->size(), 7)));
  std::optional<int> status;
  if (!lines.late) status = child.wait(std::chrono::seconds(10));
  if (results.size() == cases.size()) return {};
  if (results.size() == first || lines.late || !status || *status >= 128)
    add(lines.late ? fmt::format("did not end within {} s", kLimitMs / 1000) : fmt::format("ended its process with status {}", status.value_or(-1)));
  return {};
}

}  // namespace

std::vector<CaseResult> run_cases(const std::string& program, const std::string& device, const std::string& only) {
  const std::vector<Case> cases = cases_of(only);
  std::vector<CaseResult> results;
  while (results.size() < cases.size()) {
    const Status ran = run_child({program, "--device", device, "--cases", only.empty() ? "all" : only, "--run-cases", std::to_string(results.size())}, cases, results);
    if (ran) continue;
    std::fprintf(stderr, "%s\n", ran.error().message.c_str());
    break;
  }
  return results;
}

int run_cases_here(Gpu& gpu, const std::string& only, std::size_t first) {
  const std::vector<Case> cases = cases_of(only);
  for (std::size_t i = first; i < cases.size(); ++i) {
    const Status done = cases[i].run(gpu);
    std::string problem = done ? "" : done.error().message;
    for (char& c : problem)
      if (c == '\n') c = ' ';
    std::printf("%s%s\n", done ? "passed" : "failed ", problem.c_str());
    std::fflush(stdout);
    if (!done && !gpu.wait()) return 3;  // the driver answers no more
  }
  return 0;
}

}  // namespace tokenmark::gpu
