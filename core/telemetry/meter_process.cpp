#include "core/telemetry/meter_process.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

std::int64_t now_ns() { return std::chrono::duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count(); }

// A source that hangs must not outlive the program that asked.
void end_with_the_input(int in) {
  std::thread([in] {
    pollfd waiting{in, POLLRDHUP, 0};
    while (poll(&waiting, 1, -1) <= 0 || (waiting.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0) {}
    _exit(0);
  }).detach();
}

Status send(int out, const json& message) {
  const std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = write(out, line.data() + sent, line.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(ErrorKind::io, "the program that asked for readings is gone");
    sent += static_cast<std::size_t>(n);
  }
  return {};
}

json as_json(const MeteredDevice& device) {
  return {{"kind", metered_kind_name(device.kind)}, {"id", device.id}, {"name", device.name}, {"shared", device.shared},
          {"least_window_s", device.least_window_s}, {"note", device.note}};
}

class MeterProcess {
 public:
  MeterProcess(Meter& meter, int in, int out) : meter_(meter), in_(in), out_(out) {}

  Status run() {
    for (;;) {
      pollfd waiting{in_, POLLIN, 0};
      const int ready = poll(&waiting, 1, wait_ms());
      if (ready < 0 && errno != EINTR) return fail(ErrorKind::io, "waiting for commands failed");
      if (ready > 0) {
        char chunk[4096];
        const ssize_t got = read(in_, chunk, sizeof chunk);
        if (got <= 0) return {};
        words_.append(chunk, static_cast<std::size_t>(got));
        for (std::size_t end; (end = words_.find('\n')) != std::string::npos; words_.erase(0, end + 1))
          TOKENMARK_CHECK(obey(words_.substr(0, end)));
      }
      if (every_.count() > 0 && Clock::now() >= next_) {
        TOKENMARK_CHECK(look());
        // The grid stays where it is: a look that took long costs the looks it covers, not the ones after it.
        next_ += every_ * ((Clock::now() - next_) / every_ + 1);
      }
    }
  }

 private:
  int wait_ms() const {
    if (every_.count() == 0) return -1;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(next_ - Clock::now()).count();
    return left <= 0 ? 0 : static_cast<int>((left + 999) / 1000);
  }

  Status obey(const std::string& command) {
    std::istringstream in(command);
    std::string word;
    in >> word;
    if (word == "stop") {
      every_ = {};
      TOKENMARK_CHECK(look());
      json left_out = json::array();
      for (const auto& [what, seen] : nonsense_) left_out.push_back({what.first, what.second, seen.first, seen.second});
      return send(out_, {{"stopped", left_out}});
    }
    std::int64_t every = 0;
    if (word != "start" || !(in >> every) || every <= 0) return fail(ErrorKind::protocol, "'{}' is no command of a meter", command.substr(0, 60));
    chosen_.clear();
    nonsense_.clear();
    for (std::size_t device; in >> device;)
      if (device < meter_.devices().size()) chosen_.push_back(device);
    every_ = nanoseconds(every);
    next_ = Clock::now();
    return {};
  }

  // The time of a reading is the middle of the call.
  Status look() {
    for (const std::size_t device : chosen_) {
      const std::int64_t before = now_ns();
      MeterReading reading = meter_.read(device);
      reading.at_ns = before + (now_ns() - before) / 2;
      note_nonsense(device, reading);
      take_out_nonsense(reading);
      json line = {device, reading.at_ns};
      for (const double value : reading.values) line.push_back(std::isnan(value) ? json() : json(value));
      TOKENMARK_CHECK(send(out_, {{"reading", std::move(line)}}));
    }
    return {};
  }

  void note_nonsense(std::size_t device, const MeterReading& reading) {
    for (std::size_t i = 0; i < kQuantities; ++i) {
      const auto quantity = static_cast<Quantity>(i);
      const double value = reading.values[i];
      if (std::isnan(value) || is_plausible(quantity, value)) continue;
      auto& [count, first] = nonsense_[{device, std::string(quantity_name(quantity))}];
      if (count++ == 0) first = fmt::format("{:g}", value);
    }
  }

  Meter& meter_;
  int in_, out_;
  std::string words_;
  std::vector<std::size_t> chosen_;
  nanoseconds every_{0};  // 0: not reading
  Clock::time_point next_;
  std::map<std::pair<std::size_t, std::string>, std::pair<std::int64_t, std::string>> nonsense_;  // device, quantity: how often, what
};

}  // namespace

Status serve_meter(const MeterSource& source, const MeterPlaces& places, int in, int out) {
  end_with_the_input(in);
  auto meter = source.open(places);
  if (!meter) return send(out, {{"missing", meter.error().message}});
  json devices = json::array();
  for (const MeteredDevice& device : (*meter)->devices()) devices.push_back(as_json(device));
  TOKENMARK_CHECK(send(out, {{"devices", devices}}));
  return MeterProcess(**meter, in, out).run();
}

}  // namespace tokenmark
