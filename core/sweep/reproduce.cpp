#include "core/sweep/reproduce.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/sweep/sweep.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 200;  // of a sweep

// JSON on one line is a flow value of YAML. DEL is no character of YAML, and JSON writes it as it is.
std::string flow(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  for (std::size_t at = text.find('\x7f'); at != std::string::npos; at = text.find('\x7f', at)) text.replace(at, 1, "\\x7f");
  return text;
}

// Keys without quotes, as a person writes them; they are the point's own names.
std::string flow_map(const json& map) {
  std::string text;
  for (const auto& item : map.items())
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", item.key(), item.value().is_object() ? flow_map(item.value()) : flow(item.value()));
  return "{" + text + "}";
}

json without_defaults(const json& values, const json& defaults, std::initializer_list<std::string_view> kept) {
  json different = json::object();
  for (const auto& item : values.items()) {
    const auto same = defaults.find(item.key());
    const bool keep = std::find(kept.begin(), kept.end(), item.key()) != kept.end();
    if (keep || same == defaults.end() || *same != item.value()) different[item.key()] = item.value();
  }
  return different;
}

std::string node_text(const SshNode& node) {
  json map = {{"ssh", node.host}};
  if (node.agent != SshNode().agent) map["agent"] = node.agent;
  if (!node.options.empty()) map["options"] = node.options;
  return flow_map(map);
}

std::string short_name(const MeasuredPoint& measured) {
  std::string name = measured.name.empty() ? "again" : measured.name;
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // never half a character
  return name.substr(0, end);
}

std::string written(const MeasuredPoint& measured) {
  Point plain;
  const bool engine = std::holds_alternative<EngineTarget>(measured.point.target);
  if (!engine) plain.target = EndpointTarget{};
  const json values = to_json(measured.point), defaults = to_json(plain);
  const char* kind = engine ? "engine" : "endpoint";
  std::string yaml = fmt::format("name: {}\n", flow(short_name(measured)));
  if (const auto* ssh = std::get_if<SshNode>(&measured.node)) yaml += fmt::format("node: {}\n", node_text(*ssh));
  const json target = without_defaults(values["target"][kind], defaults["target"][kind], {"url", "model", "device", "api"});
  yaml += fmt::format("target: {{{}: {}}}\n", kind, flow_map(target));
  const auto section = [&](const char* name, std::initializer_list<std::string_view> kept) {
    if (!values.contains(name)) return;  // all of it as by default
    const json map = without_defaults(values[name], defaults.value(name, json::object()), kept);
    if (!map.empty()) yaml += fmt::format("{}: {}\n", name, flow_map(map));
  };
  section("workload", {"input", "output", "seed"});
  section("load", {"concurrency", "requests_per_concurrency", "warmups_per_concurrency"});
  for (const char* name : {"limits", "stop", "power"}) section(name, {});
  if (measured.repeats > 1) yaml += fmt::format("repeats: {}\n", measured.repeats);
  for (std::size_t i = 0; i < measured.quality.size(); ++i)
    yaml += fmt::format("{}  - {}\n", i == 0 ? "quality:\n" : "", flow_map(to_json(measured.quality[i])));
  return yaml;
}

// What the written file means must be what was measured: foreign names may hold what no sweep file can say.
std::string difference(const MeasuredPoint& measured, const Sweep& read) {
  for (Point point : read.points) {
    point.repeat = measured.point.repeat;
    if (point != measured.point) return "its configuration";
  }
  if (static_cast<std::int32_t>(read.points.size()) != std::max(1, measured.repeats)) return "its repeats";
  if (read.node != measured.node) return "its node";
  if (read.quality.size() != measured.quality.size()) return "its tasks of quality";
  for (std::size_t i = 0; i < read.quality.size(); ++i)
    if (to_json(read.quality[i]) != to_json(measured.quality[i])) return fmt::format("its task of quality '{}'", measured.quality[i].name);
  return {};
}

// ---- the server ----

// Words of a command line: a list of texts, or a text as it stands.
std::optional<std::string> command_text(const json& value) {
  if (value.is_string() && !value.get_ref<const std::string&>().empty()) return value.get<std::string>();
  if (!value.is_array() || value.empty()) return std::nullopt;
  std::string line;
  for (const json& word : value) {
    if (!word.is_string()) return std::nullopt;
    line += (line.empty() ? "" : " ") + sh_quoted(word.get_ref<const std::string&>());
  }
  return line;
}

// Where recipes and other tools keep it: any of these keys; "command" and "args" only within "server" or "target".
std::optional<std::string> found_command(const json& here, bool of_server, int depth) {
  if (!here.is_object() || depth > 8) return std::nullopt;
  constexpr std::string_view kAnywhere[] = {"server_command", "server_cmd", "launch_command", "launch_server_command"};
  constexpr std::string_view kOfServer[] = {"command", "command_line", "cmdline"};
  for (const auto& item : here.items()) {
    const std::string& key = item.key();
    const bool named = std::find(std::begin(kAnywhere), std::end(kAnywhere), key) != std::end(kAnywhere) ||
                       (of_server && std::find(std::begin(kOfServer), std::end(kOfServer), key) != std::end(kOfServer));
    if (named)
      if (auto text = command_text(item.value())) return text;
  }
  for (const auto& item : here.items())
    if (auto text = found_command(item.value(), of_server || item.key() == "server" || item.key() == "target", depth + 1)) return text;
  return std::nullopt;
}

// The same engine behind the OpenAI-compatible interface; what `serve` has no option for is said in a comment.
std::string serve_command(const EngineTarget& engine) {
  std::string line = fmt::format("tokenmark-cli serve --model {} --device {}", sh_quoted(engine.model), sh_quoted(engine.device));
  const auto add = [&](const char* option, const auto& value, const auto& otherwise) {
    if (value != otherwise) line += fmt::format(" {} {}", option, sh_quoted(fmt::format("{}", value)));
  };
  add("--replicas", engine.replicas, 1);
  add("--threads", engine.threads, 0U);
  add("--kernels", engine.kernels, std::string());
  add("--context", engine.context, 0);
  add("--kv-format", engine.kv_format, std::string());
  add("--max-sequences", engine.max_sequences, 0);
  add("--step-tokens", engine.step_tokens, 0);
  add("--chunk-slowdown", engine.chunk_slowdown, 0.0);
  add("--policy", engine.policy, std::string());
  add("--admission-free", engine.admission_free, 0.0);
  if (engine.prefix_cache == "off") line += " --no-prefix-cache";
  if (!engine.speculate.empty() && engine.speculate != "none") add("--speculate", engine.speculate, std::string());
  add("--draft-tokens", engine.draft_tokens, 0);
  if (!engine.cores.empty()) line += "  # was pinned to cores";
  return line;
}

// What an imported file says of its server instead: "; it says: image a#b, tp 8".
std::string configuration_said(const json& environment) {
  const json* here = &environment;
  for (const char* key : {"import", "configuration"}) {
    if (!here->is_object() || !here->contains(key)) return {};
    here = &(*here)[key];
  }
  std::string said;
  if (here->is_object())
    for (const auto& item : here->items())
      said += fmt::format("{}{} {}", said.empty() ? "; it says: " : ", ", item.key(), item.value().is_string() ? item.value().get<std::string>() : flow(item.value()));
  return said;
}

Recipe server_recipe(const MeasuredPoint& measured, const json& environment) {
  if (auto found = found_command(environment, false, 0)) return {*found, {}};
  if (!measured.source.starts_with("measured"))
    return {{}, "what it was read from does not say how its server was started" + configuration_said(environment)};
  if (const auto* engine = std::get_if<EngineTarget>(&measured.point.target)) return {serve_command(*engine), {}};
  return {{}, "the server was running already when it was measured, and servers do not tell how they were started"};
}

}  // namespace

std::string sh_quoted(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Recipe sweep_file(const MeasuredPoint& measured) {
  if (measured.source.starts_with("sample:")) return {{}, "it is a published figure: its source does not say how exactly it was measured"};
  if (measured.source.starts_with("import:"))
    return {{}, "another tool measured it: its file says neither where the server is to be found nor all of its load"};
  std::string yaml = written(measured);
  const auto read = parse_sweep(yaml, "sweep.yaml");
  if (!read) return {{}, fmt::format("a sweep file cannot say it: {}", read.error().message)};
  if (const std::string differs = difference(measured, *read); !differs.empty())
    return {{}, fmt::format("a sweep file cannot say {} exactly", differs)};
  return {std::move(yaml), {}};
}

Reproduction reproduce(const MeasuredPoint& measured, const json& environment) {
  Reproduction made;
  made.sweep = sweep_file(measured);
  made.command.why_not = made.sweep.why_not;
  if (!made.sweep.text.empty()) {
    made.command.text = "printf '%s\\n'";
    std::istringstream lines(made.sweep.text);
    for (std::string line; std::getline(lines, line);) made.command.text += " \\\n  " + sh_quoted(line);
    made.command.text += " |\n  tokenmark-cli run /dev/stdin";
  }
  made.server = server_recipe(measured, environment);
  return made;
}

}  // namespace tokenmark
