#include "core/telemetry/meter_link.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kMostLine = 1 << 20, kMostDevices = 4096, kMostReadings = 20'000'000, kMostComplaints = 4096, kMostText = 300;

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>().substr(0, kMostText) : std::string();
}

std::optional<MeteredKind> kind_named(const std::string& name) {
  for (const MeteredKind kind : {MeteredKind::accelerator, MeteredKind::cpu, MeteredKind::machine})
    if (metered_kind_name(kind) == name) return kind;
  return std::nullopt;
}

// One line of what it printed: the last one that says something.
std::string last_line(std::string text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.pop_back();
  text.erase(0, text.rfind('\n') + 1);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text.substr(0, kMostText);
}

}  // namespace

Result<std::unique_ptr<MeterLink>> MeterLink::start(const MeterSource& source, const std::filesystem::path& program) {
  TOKENMARK_TRY(Child child, Child::start({program.string(), "meter", source.name}));
  return std::unique_ptr<MeterLink>(new MeterLink(source, std::move(child)));
}

MeterLink::~MeterLink() {
  if (phase_ == Phase::given_up && !child_.wait(std::chrono::milliseconds(200))) child_.abandon();
}

bool MeterLink::awaits_first() const {
  return phase_ == Phase::reading && std::any_of(chosen_.begin(), chosen_.end(), [&](std::size_t i) { return readings_[i].empty(); });
}

void MeterLink::begin(const std::vector<std::size_t>& chosen, std::chrono::nanoseconds every) {
  chosen_ = chosen;
  readings_.assign(devices_.size(), {});
  left_out_.clear();
  begun_ = true;
  phase_ = Phase::reading;
  last_word_ = Clock::now();
  std::string command = fmt::format("start {}", every.count());
  for (const std::size_t device : chosen) command += fmt::format(" {}", device);
  say(command + "\n");
}

void MeterLink::end() {
  phase_ = Phase::stopping;
  last_word_ = Clock::now();
  say("stop\n");
}

void MeterLink::say(const std::string& command) {
  if (send(child_.in(), command.data(), command.size(), MSG_NOSIGNAL | MSG_DONTWAIT) != static_cast<ssize_t>(command.size()))
    give_up("its process takes no commands any more");
}

void MeterLink::give_up(const std::string& why) {
  phase_ = Phase::given_up;
  why_ = why;
  child_.kill_group(SIGKILL);
}

void MeterLink::give_up_hung(Clock::duration silent) {
  give_up(fmt::format("it hangs: no answer for {:.1f} s; its process was ended", std::chrono::duration<double>(silent).count()));
}

void MeterLink::read_complaints() {
  char chunk[4096];
  const ssize_t got = read(child_.err(), chunk, sizeof chunk);
  if (got > 0) complaints_.append(chunk, static_cast<std::size_t>(got));
  if (complaints_.size() > 2 * kMostComplaints) complaints_.erase(0, complaints_.size() - kMostComplaints);
}

void MeterLink::read_words() {
  char chunk[65536];
  const ssize_t got = read(child_.out(), chunk, sizeof chunk);
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    const auto status = child_.wait(std::chrono::milliseconds(1000));
    const std::string end = !status         ? "its process closed its output"
                            : *status > 128 ? fmt::format("its process was killed by signal {} ({})", *status - 128, strsignal(*status - 128))
                                            : fmt::format("its process ended with status {}", *status);
    const std::string said = last_line(complaints_);
    return give_up(said.empty() ? end : end + ": " + said);
  }
  last_word_ = Clock::now();
  words_.append(chunk, static_cast<std::size_t>(got));
  std::size_t begin = 0;
  for (std::size_t end; busy() && (end = words_.find('\n', begin)) != std::string::npos; begin = end + 1) take(words_.substr(begin, end - begin));
  words_.erase(0, begin);
  if (words_.size() > kMostLine) give_up(fmt::format("its process says a line of more than {} bytes", kMostLine));
}

void MeterLink::take(const std::string& line) {
  const json message = json::parse(line, nullptr, false);
  bool understood = false;
  if (message.is_object() && message.size() == 1) {
    const std::string& kind = message.begin().key();
    const json& body = message.begin().value();
    if (kind == "missing" && body.is_string()) return give_up(body.get<std::string>().substr(0, 1000));
    if (kind == "devices" && phase_ == Phase::opening) understood = take_devices(body);
    else if (kind == "reading" && begun_) understood = take_reading(body);
    else if (kind == "stopped" && phase_ == Phase::stopping) understood = take_stopped(body);
  }
  if (!understood && busy()) give_up(fmt::format("its process says what cannot be: '{}'", last_line(line).substr(0, 80)));
}

bool MeterLink::take_devices(const json& list) {
  if (!list.is_array() || list.size() > kMostDevices) return false;
  for (const json& one : list) {
    if (!one.is_object()) return false;
    const auto kind = kind_named(text_in(one, "kind"));
    const auto shared = one.find("shared"), window = one.find("least_window_s");
    if (!kind || text_in(one, "id").empty() || shared == one.end() || !shared->is_boolean() || window == one.end() || !window->is_number()) return false;
    devices_.push_back({*kind, source_.name, text_in(one, "id"), text_in(one, "name"), shared->get<bool>(),
                        std::clamp(window->get<double>(), 0.0, 3600.0), text_in(one, "note")});
  }
  phase_ = Phase::idle;
  return true;
}

bool MeterLink::take_reading(const json& values) {
  if (!values.is_array() || values.size() != kQuantities + 2 || !values[0].is_number_unsigned() || !values[1].is_number_integer()) return false;
  const auto device = values[0].get<std::size_t>();
  if (device >= readings_.size() || readings_[device].size() >= kMostReadings) return false;
  MeterReading reading;
  reading.at_ns = values[1].get<std::int64_t>();
  for (std::size_t i = 0; i < kQuantities; ++i)
    if (values[i + 2].is_number()) reading.values[i] = values[i + 2].get<double>();
    else if (!values[i + 2].is_null()) return false;
  take_out_nonsense(reading);
  auto& series = readings_[device];
  if (series.empty() || reading.at_ns > series.back().at_ns) series.push_back(reading);
  return true;
}

bool MeterLink::take_stopped(const json& list) {
  if (!list.is_array()) return false;
  for (const json& one : list) {
    if (!one.is_array() || one.size() != 4 || !one[0].is_number_unsigned() || !one[1].is_string() || !one[2].is_number_integer() || !one[3].is_string()) return false;
    const auto device = one[0].get<std::size_t>();
    if (device >= devices_.size()) return false;
    left_out_.push_back({fmt::format("{} {} {}", source_.name, devices_[device].id, one[1].get<std::string>().substr(0, 40)),
                         fmt::format("{} of {} readings cannot be ({}) and were left out", one[2].get<std::int64_t>(), readings_[device].size(),
                                     one[3].get<std::string>().substr(0, 40))});
  }
  phase_ = Phase::idle;
  return true;
}

std::vector<MeterReading> MeterLink::take_readings(std::size_t device) {
  return device < readings_.size() ? std::exchange(readings_[device], {}) : std::vector<MeterReading>();
}

void MeterLink::take_left_out(std::vector<MissingMeter>& to) {
  to.insert(to.end(), left_out_.begin(), left_out_.end());
  left_out_.clear();
  begun_ = false;
}

}  // namespace tokenmark
