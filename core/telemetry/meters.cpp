#include "core/telemetry/meters.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <thread>

#include "base/child.h"
#include "core/telemetry/meter_link.h"
#include "plugins/api/probe.h"

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::filesystem::path default_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return self.filename().string().starts_with("tokenmark-cli") ? self : program_folder() / "tokenmark-cli";
}

}  // namespace

struct Meters::State {
  MetersOptions options;
  std::vector<std::unique_ptr<MeterLink>> links;     // those that are or were usable
  std::vector<MissingMeter> missing;                 // those that never were
  std::vector<MeteredDevice> devices;                // of all links, doubles left out
  std::vector<std::pair<MeterLink*, std::size_t>> places;  // of devices: link and number there
  std::vector<Role> roles;                           // of devices, in this run
  std::chrono::nanoseconds every{0};
  int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::jthread collecting;

  ~State() {
    end_collecting();
    if (wake >= 0) close(wake);
  }

  milliseconds patience(const MeterLink& link) const {
    return (options.patience.count() > 0 ? options.patience : link.source().patience) +
           std::chrono::duration_cast<milliseconds>(every);
  }

  // Reads what the processes say until `over`, or until the stop token. A process that says nothing for as long as
  // `limit` gives it is given up.
  void collect(const std::function<bool()>& over, const std::function<milliseconds(const MeterLink&)>& limit, const std::stop_token& stop) {
    while (!over() && !stop.stop_requested()) {
      std::vector<pollfd> waiting = {{wake, POLLIN, 0}};
      auto next = Clock::now() + milliseconds(500);
      for (const auto& link : links)
        if (link->busy()) {
          waiting.push_back({link->out(), POLLIN, 0});
          waiting.push_back({link->err(), POLLIN, 0});
          next = std::min(next, link->last_word() + limit(*link));
        }
      const auto left = std::chrono::duration_cast<milliseconds>(next - Clock::now()).count();
      (void)poll(waiting.data(), waiting.size(), static_cast<int>(std::clamp<std::int64_t>(left + 1, 0, 500)));
      std::size_t k = 1;
      for (const auto& link : links) {
        if (!link->busy()) continue;
        const short said = waiting[k].revents, complained = waiting[k + 1].revents;
        k += 2;
        if (complained != 0) link->read_complaints();
        if (said != 0) link->read_words();
        if (link->busy() && Clock::now() - link->last_word() > limit(*link)) link->give_up_hung(Clock::now() - link->last_word());
      }
    }
  }

  void end_collecting() {
    if (!collecting.joinable()) return;
    collecting.request_stop();
    const std::uint64_t one = 1;
    (void)!write(wake, &one, sizeof one);
    collecting.join();
    std::uint64_t gone = 0;
    (void)!read(wake, &gone, sizeof gone);
  }

  bool any(bool (MeterLink::*is)() const) const {
    return std::any_of(links.begin(), links.end(), [&](const auto& link) { return (link.get()->*is)(); });
  }

  void start_links();
  void sort_out();
};

// Why a source needs no process: it is not set up, or its files are not there.
std::string why_not(const MeterSource& source, const MeterPlaces& places) {
  const std::string_view name = source.name;
  if (source.is_set_up_by_hand && (name == "ipmi" ? places.ipmi.command.empty() : places.redfish.url.empty())) return "it is not set up (docs/power.md)";
  std::error_code error;
  if (source.folder && !std::filesystem::exists(places.sys / source.folder, error))
    return fmt::format("{} is not there{}", (places.sys / source.folder).string(), name == "powercap" || name == "perf" ? " (virtual machines have none)" : "");
  return {};
}

void Meters::State::start_links() {
  const std::filesystem::path program = options.program.empty() ? default_program() : options.program;
  const auto places = configured_places();
  for (const MeterSource& source : meter_sources()) {
    const auto& only = options.sources;
    if (!only.empty() && std::find(only.begin(), only.end(), source.name) == only.end()) continue;
    std::string why = places ? why_not(source, *places) : places.error().message;
    if (why.empty()) {
      auto link = MeterLink::start(source, program);
      if (link) links.push_back(std::move(*link));
      else why = link.error().message;
    }
    if (!why.empty()) missing.push_back({source.name, why});
  }
}

void Meters::State::sort_out() {
  std::set<std::pair<MeteredKind, std::string>> known;
  for (auto it = links.begin(); it != links.end();) {
    MeterLink& link = **it;
    std::size_t used = 0;
    for (std::size_t i = 0; link.usable() && i < link.devices().size(); ++i) {
      const MeteredDevice& device = link.devices()[i];
      if (!known.emplace(device.kind, device.id).second) continue;
      devices.push_back(device);
      places.emplace_back(&link, i);
      ++used;
    }
    if (used > 0) {
      ++it;
      continue;
    }
    missing.push_back({link.source().name, link.usable() ? "another source meters the same devices" : link.why()});
    it = links.erase(it);
  }
}

Meters::Meters(std::unique_ptr<State> state) : state_(std::move(state)) {}
Meters::~Meters() = default;

std::unique_ptr<Meters> Meters::open(const MetersOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->start_links();
  state->collect([&] { return !state->any(&MeterLink::busy); }, [&](const MeterLink&) { return options.open_limit; }, {});
  state->sort_out();
  return std::unique_ptr<Meters>(new Meters(std::move(state)));
}

const std::vector<MeteredDevice>& Meters::devices() const { return state_->devices; }

std::vector<MissingMeter> Meters::missing() const {
  std::vector<MissingMeter> all = state_->missing;
  for (const auto& link : state_->links)
    if (!link->usable()) all.push_back({link->source().name, link->why()});
  return all;
}

void Meters::start(const std::function<Role(const MeteredDevice&)>& role, std::chrono::nanoseconds every) {
  State& state = *state_;
  state.every = every;
  state.roles.clear();
  for (const MeteredDevice& device : state.devices) state.roles.push_back(role(device));
  for (const auto& link : state.links) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < state.devices.size(); ++i)
      if (state.places[i].first == link.get() && state.roles[i] != Role::unused) chosen.push_back(state.places[i].second);
    if (link->usable() && !chosen.empty()) link->begin(chosen, every);
  }
  const auto patience = [&state](const MeterLink& link) { return state.patience(link); };
  state.collect([&state] { return !state.any(&MeterLink::awaits_first); }, patience, {});
  state.collecting = std::jthread([&state, patience](const std::stop_token& stop) { state.collect([] { return false; }, patience, stop); });
}

Metering Meters::stop() {
  State& state = *state_;
  state.end_collecting();
  for (const auto& link : state.links)
    if (link->busy()) link->end();
  state.collect([&state] { return !state.any(&MeterLink::busy); }, [&state](const MeterLink& link) { return state.patience(link); }, {});
  Metering metering;
  metering.every_s = std::chrono::duration<double>(state.every).count();
  for (std::size_t i = 0; i < state.devices.size(); ++i) {
    const auto [link, number] = state.places[i];
    if (i >= state.roles.size() || state.roles[i] == Role::unused || !link->was_begun()) continue;
    metering.series.push_back({state.devices[i], state.roles[i] == Role::computes, link->take_readings(number)});
  }
  metering.missing = missing();
  for (const auto& link : state.links) link->take_left_out(metering.missing);
  return metering;
}

void rebase(Metering& metering, std::int64_t origin_ns) {
  for (MeterSeries& series : metering.series)
    for (MeterReading& reading : series.readings) reading.at_ns -= origin_ns;
}

}  // namespace tokenmark
