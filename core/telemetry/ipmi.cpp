// The whole machine's power as its management controller gives it to ipmitool (`ipmitool dcmi power reading`, IPMI DCMI 1.5,
// section 6.6.1). A call takes a few tenths of a second, and the controller's own value is often seconds old.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "base/child.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kLimit{8};
constexpr std::size_t kMostWords = 1 << 16;

// What the command says on its two outputs, and its exit status.
Result<std::string> output_of(const std::vector<std::string>& command) {
  TOKENMARK_TRY(Child child, Child::start(command));
  child.close_in();
  std::string out, err;
  const auto deadline = Clock::now() + kLimit;
  pollfd waiting[2] = {{child.out(), POLLIN, 0}, {child.err(), POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 || poll(waiting, 2, static_cast<int>(left)) == 0) {
      child.kill_group(SIGKILL);
      return fail(ErrorKind::unavailable, "{}: it gave no answer for {} s", command.front(), kLimit.count());
    }
    for (pollfd& one : waiting) {
      if (one.fd < 0 || one.revents == 0) continue;
      char chunk[4096];
      const ssize_t got = read(one.fd, chunk, sizeof chunk);
      std::string& text = &one == waiting ? out : err;
      if (got <= 0) one.fd = -1;
      else if (text.size() < kMostWords) text.append(chunk, static_cast<std::size_t>(got));
    }
  }
  const auto status = child.wait(kLimit);
  if (status != 0)
    return fail(ErrorKind::unavailable, "{}: it ended with status {}: {}", command.front(), status.value_or(-1), err.substr(0, err.find('\n')).substr(0, 200));
  return out;
}

Result<double> watts_in(const std::string& text, const std::string& program) {
  const std::size_t at = text.find("Instantaneous power reading");
  double watts = 0;
  if (at == std::string::npos || std::sscanf(text.c_str() + at, "Instantaneous power reading : %lf Watts", &watts) != 1)
    return fail(ErrorKind::unavailable, "{}: its answer has no line 'Instantaneous power reading: … Watts'", program);
  if (const std::size_t state = text.find("Power reading state is"); state != std::string::npos &&
      text.substr(state, text.find('\n', state) - state).find("deactivated") != std::string::npos)
    return fail(ErrorKind::unavailable, "{}: the controller says that its power reading is deactivated", program);
  return watts;
}

class Ipmi : public Meter {
 public:
  explicit Ipmi(std::vector<std::string> command) : command_(std::move(command)) {
    for (const char* word : {"dcmi", "power", "reading"}) command_.emplace_back(word);
    devices_.push_back({.kind = MeteredKind::machine, .source = "ipmi", .id = "machine", .name = "whole machine (IPMI)",
                        .note = "the controller's own value, often seconds old"});
  }

  Result<double> watts() const {
    TOKENMARK_TRY(const std::string text, output_of(command_));
    return watts_in(text, command_.front());
  }

  MeterReading read(std::size_t) override {
    MeterReading reading;
    if (const auto now = watts()) reading.set(Quantity::power_w, *now);
    return reading;
  }

 private:
  std::vector<std::string> command_;
};

}  // namespace

OpenedMeter open_ipmi(const MeterPlaces& places) {
  if (places.ipmi.command.empty()) return fail(ErrorKind::unavailable, "ipmi is not set up (docs/power.md)");
  auto ipmi = std::make_unique<Ipmi>(places.ipmi.command);
  TOKENMARK_TRY([[maybe_unused]] const double first, ipmi->watts());
  return ipmi;
}

}  // namespace tokenmark
