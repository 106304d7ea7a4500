#include "core/sweep/ceilings_file.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

using nlohmann::json;
constexpr std::uintmax_t kMaxBytes = 1 << 20;

double rate(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() && found->get<double>() > 0 ? found->get<double>() : 0;
}

}  // namespace

std::filesystem::path ceilings_path() {
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache != nullptr && *cache == '/') return std::filesystem::path(cache) / "tokenmark/ceilings.json";
  return home != nullptr && *home == '/' ? std::filesystem::path(home) / ".cache/tokenmark/ceilings.json" : std::filesystem::path();
}

std::map<std::string, DeviceCeilings> read_ceilings(const std::filesystem::path& file) {
  std::map<std::string, DeviceCeilings> devices;
  std::error_code error;
  if (const auto bytes = std::filesystem::file_size(file, error); error || bytes > kMaxBytes) return devices;
  std::ifstream in(file);
  const json document = json::parse(in, nullptr, false);
  const auto list = document.is_object() ? document.find("devices") : document.end();
  if (!document.is_object() || list == document.end() || !list->is_object()) return devices;
  for (const auto& [id, one] : list->items())
    if (one.is_object()) devices[id] = {rate(one, "memory_gb_s"), rate(one, "arithmetic_gop_s")};
  return devices;
}

Status keep_ceilings(const std::filesystem::path& file, const std::map<std::string, DeviceCeilings>& measured) {
  if (file.empty()) return fail(ErrorKind::io, "the environment names no folder to keep the measured ceilings in");
  auto all = read_ceilings(file);
  for (const auto& [id, one] : measured) all[id] = one;
  json devices = json::object();
  for (const auto& [id, one] : all) devices[id] = {{"memory_gb_s", one.memory_gb_s}, {"arithmetic_gop_s", one.arithmetic_gop_s}};
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream out(fresh);
  out << json{{"devices", devices}}.dump(1) << '\n';
  out.close();
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) return fail(ErrorKind::io, "{}: cannot be written", file.string());
  return {};
}

}  // namespace tokenmark
