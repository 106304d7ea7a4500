// The user's nodes by name: $XDG_CONFIG_HOME/tokenmark/nodes.json, or below ~/.config. Sweeps name them (`node: NAME`),
// `tokenmark-cli node` and the Nodes page edit them. "local" is this machine and needs no entry.
//   {"nodes": [{"name": "box", "ssh": "user@host", "agent": "tokenmark-cli", "options": ["-p", "2222"]}]}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/node/node.h"

namespace tokenmark {

std::filesystem::path node_list_path();
// A file that is not there is an empty list.
Result<std::vector<SshNode>> read_nodes(const std::filesystem::path& file);
// Checks them first; the file is replaced as a whole.
Status write_nodes(const std::filesystem::path& file, const std::vector<SshNode>& nodes);
// What a node of the list may not be: a name or host that is empty, begins with '-' or holds spaces …
Status check_named_node(const SshNode& node);

// Of the user's list; "local": this machine. An error names those that there are.
Result<Node> find_node(const std::string& name);

}  // namespace tokenmark
