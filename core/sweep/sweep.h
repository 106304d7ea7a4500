// Sweep files (YAML): checked completely before anything runs, then expanded into points.
// Every unknown key, wrong type, empty axis and impossible value is an error that names file, line and key.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

// Where points run: this machine, or a host reached over the user's own OpenSSH client.
struct LocalNode {
  bool operator==(const LocalNode&) const = default;
};
struct SshNode {
  std::string host;    // "user@host", or a Host of the user's ssh configuration
  std::string agent = "tokenmark-cli";  // path of the program there
  std::vector<std::string> options;     // further arguments of ssh, e.g. {"-p", "2222"}
  bool operator==(const SshNode&) const = default;
};
using Node = std::variant<LocalNode, SshNode>;
std::string node_name(const Node& node);  // "local", "user@host"

struct Sweep {
  std::string name;
  Node node;
  std::vector<Point> points;   // expanded, in the order they run: repeats outermost
  std::string yaml;            // the file as read
  std::string hash;            // of name, node and points
};

// All problems are reported, one a line: "sweep.yaml:7: unknown key 'concurency' in load (did you mean 'concurrency'?)".
Result<Sweep> parse_sweep(std::string_view yaml, const std::string& file_name);
Result<Sweep> read_sweep(const std::string& path);

}  // namespace tokenmark
