#include "core/node/node.h"

namespace tokenmark {

std::string node_name(const Node& node) {
  const auto* ssh = std::get_if<SshNode>(&node);
  return ssh == nullptr ? "local" : ssh->name.empty() ? ssh->host : ssh->name;
}

}  // namespace tokenmark
