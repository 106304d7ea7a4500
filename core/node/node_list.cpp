#include "core/node/node_list.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace tokenmark {
namespace {

using nlohmann::json;
constexpr std::uintmax_t kMaxBytes = 1 << 20;

Result<std::string> text(const json& object, const char* key, const std::string& where, const char* otherwise = nullptr) {
  const auto found = object.find(key);
  if (found == object.end() && otherwise) return std::string(otherwise);
  if (found == object.end() || !found->is_string()) return fail(ErrorKind::invalid_input, "{}: '{}' must be a text", where, key);
  return found->get<std::string>();
}

Result<SshNode> node_from(const json& object, const std::string& where) {
  if (!object.is_object()) return fail(ErrorKind::invalid_input, "{}: is not an object", where);
  for (const auto& [key, value] : object.items())
    if (key != "name" && key != "ssh" && key != "agent" && key != "options")
      return fail(ErrorKind::invalid_input, "{}: the key '{}' is not known (name, ssh, agent, options)", where, key);
  SshNode node;
  TOKENMARK_TRY(node.name, text(object, "name", where));
  TOKENMARK_TRY(node.host, text(object, "ssh", where));
  TOKENMARK_TRY(node.agent, text(object, "agent", where, "tokenmark-cli"));
  if (const auto options = object.find("options"); options != object.end()) {
    if (!options->is_array()) return fail(ErrorKind::invalid_input, "{}: 'options' must be a list of texts", where);
    for (const json& option : *options) {
      if (!option.is_string()) return fail(ErrorKind::invalid_input, "{}: 'options' must be a list of texts", where);
      node.options.push_back(option.get<std::string>());
    }
  }
  TOKENMARK_CHECK(check_named_node(node));
  return node;
}

}  // namespace

std::filesystem::path node_list_path() {
  const char *config = std::getenv("XDG_CONFIG_HOME"), *home = std::getenv("HOME");
  if (config != nullptr && *config == '/') return std::filesystem::path(config) / "tokenmark/nodes.json";
  return std::filesystem::path(home != nullptr ? home : "/") / ".config/tokenmark/nodes.json";
}

Status check_named_node(const SshNode& node) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.'; };
  if (node.name.empty() || node.name.size() > 64 || node.name[0] == '-' || !std::all_of(node.name.begin(), node.name.end(), plain))
    return fail(ErrorKind::invalid_input, "a node's name is '{}' but must be 1 to 64 letters, digits, '-', '_' and '.'", node.name.substr(0, 80));
  if (node.name == "local") return fail(ErrorKind::invalid_input, "'local' is this machine already: give the node another name");
  const auto control = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  if (node.host.empty() || node.host[0] == '-' || std::any_of(node.host.begin(), node.host.end(), control))
    return fail(ErrorKind::invalid_input, "node {}: its host is '{}' but must be a host or user@host", node.name, node.host.substr(0, 80));
  if (node.agent.empty()) return fail(ErrorKind::invalid_input, "node {}: the path of tokenmark-cli there is empty", node.name);
  return {};
}

Result<std::vector<SshNode>> read_nodes(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return std::vector<SshNode>{};
  if (bytes > kMaxBytes) return fail(ErrorKind::invalid_input, "{}: has {} bytes, at most {} are read", file.string(), bytes, kMaxBytes);
  std::ifstream in(file);
  const json document = json::parse(in, nullptr, false);
  if (!document.is_object() || !document.contains("nodes") || !document["nodes"].is_array())
    return fail(ErrorKind::invalid_input, "{}: is not {{\"nodes\": […]}}", file.string());
  std::vector<SshNode> nodes;
  std::set<std::string> names;
  for (const json& one : document["nodes"]) {
    TOKENMARK_TRY(SshNode node, node_from(one, fmt::format("{}: node {}", file.string(), nodes.size() + 1)));
    if (!names.insert(node.name).second) return fail(ErrorKind::invalid_input, "{}: there are two nodes '{}'", file.string(), node.name);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Status write_nodes(const std::filesystem::path& file, const std::vector<SshNode>& nodes) {
  json document = {{"nodes", json::array()}};
  std::set<std::string> names;
  for (const SshNode& node : nodes) {
    TOKENMARK_CHECK(check_named_node(node));
    if (!names.insert(node.name).second) return fail(ErrorKind::invalid_input, "there is a node '{}' already", node.name);
    json one = {{"name", node.name}, {"ssh", node.host}, {"agent", node.agent}};
    if (!node.options.empty()) one["options"] = node.options;
    document["nodes"].push_back(std::move(one));
  }
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream out(fresh);
  out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) return fail(ErrorKind::io, "{}: cannot be written{}", file.string(), error ? ": " + error.message() : "");
  return {};
}

Result<Node> find_node(const std::string& name) {
  if (name == "local") return Node(LocalNode{});
  TOKENMARK_TRY(const auto nodes, read_nodes(node_list_path()));
  std::string known = "local";
  for (const SshNode& node : nodes) {
    if (node.name == name) return Node(node);
    known += ", " + node.name;
  }
  return fail(ErrorKind::not_found, "there is no node '{}' (known: {}); `tokenmark-cli node add` or the Nodes page adds one", name, known);
}

}  // namespace tokenmark
