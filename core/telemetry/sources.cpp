// Which meters there are, and where the person who runs this machine says that they look.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kQuick{2000}, kSlow{20'000};

// Walks the file's members; remembers the first that is wrong.
class Members {
 public:
  Members(const json& from, std::string place) : from_(from), place_(std::move(place)) {
    if (!from.is_object()) wrong_ = fmt::format("{} must be an object", place_);
  }
  void text(const char* key, std::string& to) {
    if (const json* value = find(key)) {
      if (value->is_string()) to = value->get<std::string>();
      else wrong(key, "a text");
    }
  }
  void texts(const char* key, std::vector<std::string>& to) {
    const json* value = find(key);
    if (!value) return;
    if (!value->is_array() || value->empty()) return wrong(key, "a list of texts");
    to.clear();
    for (const json& one : *value) {
      if (!one.is_string()) return wrong(key, "a list of texts");
      to.push_back(one.get<std::string>());
    }
  }
  const json* object(const char* key) { return find(key); }
  Status finish() {
    if (from_.is_object() && wrong_.empty())
      for (const auto& item : from_.items())
        if (std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end()) wrong_ = fmt::format("{}: '{}' is not a known key", place_, item.key());
    return wrong_.empty() ? Status() : fail(ErrorKind::invalid_input, "{}", wrong_);
  }

 private:
  const json* find(const char* key) {
    asked_.emplace_back(key);
    return from_.is_object() && from_.contains(key) ? &from_[key] : nullptr;
  }
  void wrong(const char* key, const char* expected) {
    if (wrong_.empty()) wrong_ = fmt::format("{}: {} must be {}", place_, key, expected);
  }
  const json& from_;
  std::string place_, wrong_;
  std::vector<std::string> asked_;
};

}  // namespace

const std::vector<MeterSource>& meter_sources() {
  static const std::vector<MeterSource> sources = {
      {"nvml", "NVIDIA GPUs (libnvidia-ml)", open_nvml, kQuick},
      {"amd-smi", "AMD GPUs (libamd_smi)", open_amd_smi, kQuick},
      {"rocm-smi", "AMD GPUs (librocm_smi64)", open_rocm_smi, kQuick},
      {"amdgpu", "AMD GPUs (the kernel's files)", open_amdgpu, kQuick, "class/drm"},
      {"powercap", "CPU packages (powercap)", open_powercap, kQuick, "class/powercap"},
      {"perf", "CPU packages (perf)", open_perf, kQuick, "bus/event_source/devices/power"},
      {"redfish", "whole machine (Redfish)", open_redfish, kSlow, nullptr, true},
      {"ipmi", "whole machine (IPMI)", open_ipmi, kSlow, nullptr, true}};
  return sources;
}

const MeterSource* find_meter_source(std::string_view name) {
  for (const MeterSource& source : meter_sources())
    if (source.name == name) return &source;
  return nullptr;
}

Result<MeterPlaces> places_from_json(std::string_view text, const std::string& file) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "{}: it is no JSON", file);
  MeterPlaces places;
  Members members(document, file);
  std::string sys = places.sys;
  members.text("sys", sys);
  places.sys = sys;
  members.text("nvml", places.nvml);
  members.texts("rocm_smi", places.rocm_smi);
  members.texts("amd_smi", places.amd_smi);
  const json *ipmi = members.object("ipmi"), *redfish = members.object("redfish");
  TOKENMARK_CHECK(members.finish());
  if (ipmi) {
    Members of_ipmi(*ipmi, file + ": ipmi");
    of_ipmi.texts("command", places.ipmi.command);
    TOKENMARK_CHECK(of_ipmi.finish());
    if (places.ipmi.command.empty()) places.ipmi.command = {"ipmitool"};
  }
  if (redfish) {
    Members of_redfish(*redfish, file + ": redfish");
    RedfishPlace& place = places.redfish;
    of_redfish.text("url", place.url);
    of_redfish.text("chassis", place.chassis);
    of_redfish.text("user", place.user);
    of_redfish.text("password_file", place.password_file);
    of_redfish.text("password_env", place.password_env);
    of_redfish.text("ca_file", place.ca_file);
    of_redfish.text("tls_verify", place.tls_verify);
    TOKENMARK_CHECK(of_redfish.finish());
    if (place.url.empty()) return fail(ErrorKind::invalid_input, "{}: redfish: url is missing", file);
    if (place.tls_verify != "on" && place.tls_verify != "off")
      return fail(ErrorKind::invalid_input, "{}: redfish: tls_verify is '{}' but must be 'on' or 'off'", file, place.tls_verify);
  }
  return places;
}

Result<MeterPlaces> configured_places() {
  const char *named = std::getenv("TOKENMARK_METERS"), *config = std::getenv("XDG_CONFIG_HOME"), *home = std::getenv("HOME");
  std::filesystem::path file = named ? named : "";
  if (!named && config && *config) file = std::filesystem::path(config) / "tokenmark/meters.json";
  else if (!named && home) file = std::filesystem::path(home) / ".config/tokenmark/meters.json";
  std::ifstream in(file);
  if (!in && named) return fail(ErrorKind::not_found, "{}: $TOKENMARK_METERS names it, but it cannot be read", file.string());
  if (!in) return MeterPlaces{};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return places_from_json(text, file.string());
}

}  // namespace tokenmark
