// The whole machine's power as its management controller gives it over HTTP: Redfish (DMTF DSP0266, schemas DSP0268).
// Newer controllers have EnvironmentMetrics (PowerWatts, EnergyJoules or EnergykWh), older ones Power
// (PowerControl[0].PowerConsumedWatts).
#include <curl/curl.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 4 << 20;
constexpr long kLimit_s = 8;

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.size() + size * count > kMostBytes) return 0;
  text.append(bytes, size * count);
  return size * count;
}

// Numbers at a path of members and places: {"PowerControl", "0", "PowerConsumedWatts"}.
const json* at(const json& document, std::initializer_list<const char*> path) {
  const json* here = &document;
  for (const char* step : path) {
    if (here->is_array() && !here->empty()) here = &here->front();
    else if (here->is_object() && here->contains(step)) here = &(*here)[step];
    else return nullptr;
  }
  return here;
}
std::optional<double> number(const json& document, std::initializer_list<const char*> path) {
  const json* found = at(document, path);
  return found && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}
std::optional<std::string> path_at(const json& document, std::initializer_list<const char*> path) {
  const json* found = at(document, path);
  if (!found || !found->is_string() || !found->get_ref<const std::string&>().starts_with('/')) return std::nullopt;
  return found->get<std::string>();
}

Result<std::string> password_of(const RedfishPlace& place) {
  if (!place.password_env.empty()) {
    const char* value = std::getenv(place.password_env.c_str());
    if (value == nullptr) return fail(ErrorKind::not_found, "redfish: the variable {} that holds the password is not set", place.password_env);
    return std::string(value);
  }
  if (place.password_file.empty()) return std::string();
  std::ifstream in(place.password_file);
  std::string password;
  if (!std::getline(in, password)) return fail(ErrorKind::not_found, "redfish: the password's file {} cannot be read", place.password_file);
  return password;
}

class Redfish : public Meter {
 public:
  explicit Redfish(RedfishPlace place) : place_(std::move(place)), curl_(curl_easy_init(), curl_easy_cleanup) {}

  Status open() {
    while (place_.url.ends_with('/')) place_.url.pop_back();
    if (!place_.url.starts_with("http://") && !place_.url.starts_with("https://"))
      return fail(ErrorKind::invalid_input, "redfish: url is '{}' but must be like https://bmc.example", place_.url);
    TOKENMARK_TRY(const std::string password, password_of(place_));
    set_options(password);
    TOKENMARK_TRY(const std::string chassis, chassis_path());
    TOKENMARK_TRY(const json document, get(chassis));
    if (const auto metrics = path_at(document, {"EnvironmentMetrics", "@odata.id"})) readings_ = *metrics;
    else readings_ = path_at(document, {"Power", "@odata.id"}).value_or(chassis + "/Power");
    TOKENMARK_TRY(const json first, get(readings_));
    if (!power_w(first)) return fail(ErrorKind::unavailable, "{}{}: it tells no power", place_.url, readings_);
    devices_.push_back({.kind = MeteredKind::machine, .source = "redfish", .id = "machine", .name = "whole machine (Redfish)",
                        .note = "the controller's own value, often seconds old"});
    return {};
  }

  MeterReading read(std::size_t) override {
    MeterReading reading;
    const auto document = get(readings_);
    if (!document) return reading;
    if (const auto power = power_w(*document)) reading.set(Quantity::power_w, *power);
    if (const auto joules = number(*document, {"EnergyJoules", "Reading"})) reading.set(Quantity::energy_j, *joules);
    return reading;  // EnergykWh is too coarse for a run
  }

 private:
  static std::optional<double> power_w(const json& document) {
    if (const auto power = number(document, {"PowerWatts", "Reading"})) return power;
    return number(document, {"PowerControl", "0", "PowerConsumedWatts"});
  }

  void set_options(const std::string& password) {
    CURL* curl = curl_.get();
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kLimit_s);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // a controller is reached directly
    if (!place_.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      curl_easy_setopt(curl, CURLOPT_USERNAME, place_.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, password.c_str());
    }
    if (!place_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, place_.ca_file.c_str());
    if (place_.tls_verify == "off") {
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
  }

  Result<json> get(const std::string& path) const {
    const std::string url = place_.url + path;
    std::string text;
    curl_easy_setopt(curl_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, &text);
    if (const CURLcode code = curl_easy_perform(curl_.get()); code != CURLE_OK)
      return fail(ErrorKind::unavailable, "{}: {}", url, curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 401 || status == 403) return fail(ErrorKind::unavailable, "{}: HTTP {}: user or password were refused", url, status);
    if (status != 200) return fail(ErrorKind::unavailable, "{}: HTTP {}", url, status);
    json document = json::parse(text, nullptr, false);
    if (!document.is_object()) return fail(ErrorKind::protocol, "{}: the answer is no JSON object", url);
    return document;
  }

  Result<std::string> chassis_path() const {
    if (!place_.chassis.empty()) return "/redfish/v1/Chassis/" + place_.chassis;
    TOKENMARK_TRY(const json list, get("/redfish/v1/Chassis"));
    if (const auto first = path_at(list, {"Members", "0", "@odata.id"})) return *first;
    return fail(ErrorKind::unavailable, "{}/redfish/v1/Chassis: it lists no chassis", place_.url);
  }

  RedfishPlace place_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  std::string readings_;  // path of the document that tells power
};

}  // namespace

OpenedMeter open_redfish(const MeterPlaces& places) {
  if (places.redfish.url.empty()) return fail(ErrorKind::unavailable, "redfish is not set up (docs/power.md)");
  auto redfish = std::make_unique<Redfish>(places.redfish);
  TOKENMARK_CHECK(redfish->open());
  return redfish;
}

}  // namespace tokenmark
