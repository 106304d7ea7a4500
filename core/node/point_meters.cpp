#include "core/node/point_meters.h"

#include <algorithm>

#include "core/load/endpoint_url.h"
#include "engine/runtime/engine.h"

namespace tokenmark {
namespace {

bool wanted(const Point& point) {
  if (point.power.meter != "auto") return point.power.meter == "on";
  const auto* endpoint = std::get_if<EndpointTarget>(&point.target);
  return endpoint == nullptr || is_loopback(endpoint->url);
}

std::string canonical(const std::string& id) {
  const std::string pci = pci_id(id);
  return pci.empty() ? id : pci;
}

bool names(const PowerMeters& power, const std::string& id) {
  return std::any_of(power.devices.begin(), power.devices.end(), [&](const std::string& named) { return canonical(named) == id; });
}

void note_unknown(const PowerMeters& power, const std::vector<MeteredDevice>& all, std::vector<MissingMeter>& missing) {
  for (const std::string& named : power.devices)
    if (std::none_of(all.begin(), all.end(), [&](const MeteredDevice& device) { return device.id == canonical(named); }))
      missing.push_back({named, "no meter knows a device of this id"});
}

}  // namespace

Meters::Role role_of(const MeteredDevice& device, const std::vector<MeteredDevice>& all, const PowerMeters& power,
                     const std::vector<std::string>* engine_pci_ids) {
  using Role = Meters::Role;
  if (!power.devices.empty()) {
    if (names(power, device.id)) return Role::computes;
    return device.kind == MeteredKind::accelerator ? Role::unused : Role::beside;
  }
  const bool any_accelerator = std::any_of(all.begin(), all.end(), [](const auto& one) { return one.kind == MeteredKind::accelerator; });
  const bool on_accelerator = engine_pci_ids ? !engine_pci_ids->empty() : any_accelerator;
  const auto of_engine = [&] { return !engine_pci_ids || std::find(engine_pci_ids->begin(), engine_pci_ids->end(), device.id) != engine_pci_ids->end(); };
  switch (device.kind) {
    case MeteredKind::accelerator: return on_accelerator && of_engine() ? Role::computes : Role::unused;
    case MeteredKind::cpu: return on_accelerator ? Role::beside : Role::computes;
    case MeteredKind::machine: return Role::beside;
  }
  return Role::unused;
}

// Where another meter knows the device its readings say more.
bool PointMeters::start_plugin(const Point& point, const Engine& engine, std::chrono::nanoseconds every) {
  if (!engine.has_telemetry() || !point.power.devices.empty()) return false;
  const tm_device_capabilities& device = engine.devices().front();
  const std::string pci = pci_id(device.pci_id);
  const auto& all = meters_->devices();
  if (!pci.empty() && std::any_of(all.begin(), all.end(), [&](const MeteredDevice& one) { return one.id == pci; })) return false;
  if (!plugin_) {
    const bool is_cpu = pci.empty() && device.id == std::string_view("cpu");
    MeteredDevice metered{.kind = is_cpu ? MeteredKind::cpu : MeteredKind::accelerator, .source = "plugin",
                          .id = pci.empty() ? std::string(device.id) : pci, .name = device.name};
    plugin_ = std::make_unique<PluginSampler>(std::move(metered), [&engine](tm_telemetry& out) { return engine.telemetry(out); });
  }
  plugin_->start(every);
  return true;
}

Result<EventLog> PointMeters::beside(const Point& point, const Engine* engine, const std::function<Result<EventLog>()>& measure) {
  if (!wanted(point)) return measure();
  if (!meters_) meters_ = Meters::open(options_);
  const auto every = std::chrono::nanoseconds(static_cast<std::int64_t>(point.power.every_s * 1e9));
  std::vector<std::string> engine_ids;
  if (engine)
    for (const tm_device_capabilities& device : engine->devices())
      if (const std::string id = pci_id(device.pci_id); !id.empty()) engine_ids.push_back(id);
  const auto role = [&](const MeteredDevice& device) { return role_of(device, meters_->devices(), point.power, engine ? &engine_ids : nullptr); };
  const bool by_plugin = engine && start_plugin(point, *engine, every);
  meters_->start(role, every);
  Result<EventLog> log = measure();
  Metering metering = meters_->stop();
  if (by_plugin) plugin_->stop(true, metering);
  if (!log) return log;
  note_unknown(point.power, meters_->devices(), metering.missing);
  rebase(metering, log->steady_clock_start_ns);
  log->metering = std::move(metering);
  return log;
}

}  // namespace tokenmark
