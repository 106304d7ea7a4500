#include "engine/server/tool_call_json.h"

#include <nlohmann/json.hpp>

namespace tokenmark::server {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kLongestCall = 1u << 20, kMostCalls = 64;
constexpr int kDeepest = 64;

// Where the first JSON value of a text ends that begins with a bracket: its brackets are closed again. 0: nowhere.
std::size_t end_of_value(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (depth > kDeepest) return 0;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
  }
  return 0;
}

std::string written(const json& value) {
  if (value.is_string()) return value.get<std::string>();  // JSON in JSON
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool add(const json& call, std::vector<ToolCallJson>& calls) {
  if (!call.is_object() || calls.size() >= kMostCalls) return false;
  const auto name = call.find("name");
  auto arguments = call.find("arguments");
  if (arguments == call.end()) arguments = call.find("parameters");
  if (name == call.end() || !name->is_string() || name->get_ref<const std::string&>().empty()) return false;
  calls.push_back({name->get<std::string>(), arguments == call.end() ? "{}" : written(*arguments)});
  return true;
}

std::string_view without_space(std::string_view text) {
  constexpr std::string_view kSpace = " \n\r\t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

std::vector<ToolCallJson> read_tool_calls(std::string_view text) {
  std::vector<ToolCallJson> calls;
  text = without_space(text);
  if (text.size() > kLongestCall || text.empty() || (text.front() != '{' && text.front() != '[')) return {};
  while (!text.empty()) {
    const std::size_t end = end_of_value(text);
    if (end == 0) return {};
    const json value = json::parse(text.substr(0, end), nullptr, false);
    const json list = value.is_array() ? value : json::array({value});
    for (const json& call : list)
      if (!add(call, calls)) return {};
    text = without_space(text.substr(end));
    if (text.starts_with(';') || text.starts_with(',')) text = without_space(text.substr(1));
    if (!text.empty() && text.front() != '{') return {};
  }
  return calls;
}

std::vector<ToolCallJson> read_deepseek_call(std::string_view before, std::string_view after) {
  std::string_view name = before, arguments = without_space(after);
  if (before == "function") {
    const std::size_t line = arguments.find('\n');
    if (line == std::string_view::npos) return {};
    name = without_space(arguments.substr(0, line));
    arguments = without_space(arguments.substr(line));
  }
  if (arguments.starts_with("```")) {
    arguments.remove_prefix(std::min(arguments.find('\n'), arguments.size()));
    if (const std::size_t fence = arguments.rfind("```"); fence != std::string_view::npos) arguments = arguments.substr(0, fence);
    arguments = without_space(arguments);
  }
  const bool plausible = !name.empty() && arguments.starts_with('{') && arguments.size() <= kLongestCall &&
                         end_of_value(arguments) == arguments.size() && json::accept(arguments);
  if (!plausible) return {};
  return {{std::string(name), std::string(arguments)}};
}

}  // namespace tokenmark::server
