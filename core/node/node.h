// Where points run.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace tokenmark {

// This machine, or a host reached over the user's own OpenSSH client.
struct LocalNode {
  bool operator==(const LocalNode&) const = default;
};
struct SshNode {
  std::string host;                     // "user@host", or a Host of the user's ssh configuration
  std::string agent = "tokenmark-cli";  // path of the program there
  std::vector<std::string> options;     // further arguments of ssh, e.g. {"-p", "2222"}
  std::string name;                     // in the user's list (node_list.h); empty: it is not from there
  bool operator==(const SshNode&) const = default;
};
using Node = std::variant<LocalNode, SshNode>;
std::string node_name(const Node& node);  // "local", the name of a node of the list, "user@host"

}  // namespace tokenmark
