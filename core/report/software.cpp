#include "core/report/software.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kMostFacts = 4096, kLongest = 400, kMostShown = 3;
constexpr int kDeepest = 16;

std::string shortened(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;   // not inside a character
  return text.substr(0, end) + "…";
}

void flatten_into(const json& value, const std::string& path, int depth, SoftwareFacts& facts) {
  if (facts.size() >= kMostFacts || depth > kDeepest || path.size() > kLongest) return;
  if (!value.is_structured()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (!text.empty() && !value.is_null()) facts.emplace(shortened(path), shortened(text));
    return;
  }
  std::size_t index = 0;
  for (const auto& entry : value.items()) {
    const std::string key = value.is_array() ? std::to_string(index++) : entry.key();
    flatten_into(entry.value(), path.empty() ? key : path + "." + key, depth + 1, facts);
  }
}

std::string last_key(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  std::string key = dot == std::string::npos ? path : path.substr(dot + 1);
  std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}

// The first fact, by the order of `keys` and then of paths, whose path ends in one of them; what this program says of itself
// apart.
std::string named(const SoftwareFacts& facts, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    for (const auto& [path, value] : facts)
      if (last_key(path) == key && !path.starts_with("tokenmark.")) return value;
  return {};
}

std::string fact(const SoftwareFacts& facts, const char* path) {
  const auto found = facts.find(path);
  return found == facts.end() ? std::string() : found->second;
}

bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return text.size() >= kForm.size() && std::equal(kForm.begin(), kForm.end(), text.begin(), [](char form, char c) {
    return form == 'd' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : form == c;
  });
}

// Names that follow from the run alone, not from what it ran on.
bool is_about_the_run(const std::string& path) {
  if (last_key(path) == "readings") return true;
  for (const std::string_view part : {"import.file", "import.notes", "import.gpu_check.step", "import.gpu_check.tests", "import.gpu_check.started",
                                      "import.server_metrics", "import.said.date", "import.gpu_metrics"})
    if (path.starts_with(part)) return true;
  return false;
}

// An imported run's target is named "import:FORMAT?framework=…&image=…" (core/exchange/settings.cpp).
std::string image_in(const std::string& configuration_key) {
  for (const std::string_view before : {"?image=", "&image="})
    if (const std::size_t at = configuration_key.find(before); at != std::string::npos) {
      const std::size_t from = at + before.size();
      return configuration_key.substr(from, configuration_key.find_first_of("&\"\\", from) - from);
    }
  return {};
}

std::set<std::string> values(const std::vector<const SoftwareFacts*>& side, const std::string& key) {
  std::set<std::string> found;
  for (const SoftwareFacts* facts : side) found.insert(fact(*facts, key.c_str()));
  return found;
}

std::string shown(const std::set<std::string>& values) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& value : values) {
    if (++count > kMostShown) return text + " …";
    text += (text.empty() ? "" : ", ") + (value.empty() ? std::string("–") : value);
  }
  return text;
}

}  // namespace

std::optional<SoftwareFacts> facts_of(std::string_view environment) {
  const json document = json::parse(environment, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  SoftwareFacts facts;
  flatten_into(document, "", 0, facts);
  return facts;
}

void add_row_facts(const RunRow& run, SoftwareFacts& facts) {
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) facts.insert_or_assign(key, shortened(value));
  };
  add("framework", run.framework);
  add("device", run.device);
  add("node", run.node);
  if (named(facts, {"image"}).empty()) add("image", image_in(run.configuration_key));
}

Framework split_framework(const std::string& framework) {
  for (std::size_t at = framework.find_first_of(" :/@-"); at != std::string::npos; at = framework.find_first_of(" :/@-", at + 1)) {
    std::size_t from = at + 1;
    if (from < framework.size() && (framework[from] == 'v' || framework[from] == 'V')) ++from;
    if (at > 0 && from < framework.size() && std::isdigit(static_cast<unsigned char>(framework[from])))
      return {framework.substr(0, at), framework.substr(from)};
  }
  return {framework, {}};
}

std::string software_state(const RunRow& run, const SoftwareFacts& facts, TrendBy by) {
  const Framework framework = split_framework(run.framework);
  const bool own = framework.name == "tokenmark";
  switch (by) {
    case TrendBy::version:
      if (!framework.version.empty()) return framework.version;
      return own ? fact(facts, "tokenmark.version")
                 : named(facts, {"framework_version", "server_version", "engine_version", "vllm_version", "sglang_version"});
    case TrendBy::commit:
      return own ? fact(facts, "tokenmark.commit") : named(facts, {"framework_commit", "server_commit", "git_commit", "git_sha", "commit"});
    case TrendBy::driver:
      return named(facts, {"driver_version", "driver", "nvidia_driver", "nvidia_driver_version", "cuda_driver", "amdgpu_driver", "rocm_version", "rocm"});
    case TrendBy::image:
      return named(facts, {"image", "container_image", "docker_image", "framework_image", "container"});
    case TrendBy::date:
      return is_date(run.started) ? run.started.substr(0, 10) : std::string();
  }
  return {};
}

std::vector<FactChange> difference(const std::vector<const SoftwareFacts*>& before, const std::vector<const SoftwareFacts*>& after) {
  std::set<std::string> keys;
  for (const auto* side : {&before, &after})
    for (const SoftwareFacts* facts : *side)
      for (const auto& [key, value] : *facts)
        if (!is_about_the_run(key)) keys.insert(key);
  std::vector<FactChange> differs;
  for (const std::string& key : keys) {
    const std::set<std::string> old_values = values(before, key), new_values = values(after, key);
    const bool apart = std::none_of(old_values.begin(), old_values.end(), [&](const std::string& value) { return new_values.contains(value); });
    if (apart && !old_values.empty() && !new_values.empty()) differs.push_back({key, shown(old_values), shown(new_values)});
  }
  return differs;
}

}  // namespace tokenmark
