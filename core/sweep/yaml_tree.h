// A YAML document as a small tree that remembers lines. Foreign text: size, depth and characters are checked,
// and anchors and aliases are refused, so a tree is never larger than its text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct YamlNode {
  enum class Kind : unsigned char { null, scalar, list, map };
  Kind kind = Kind::null;
  int line = 1;                                        // 1-based
  std::size_t begin = 0;                               // byte of the text at which it begins
  bool flow = false;                                   // in brackets or a bracket itself: [1, 2], {a: 1}
  std::string text;                                    // of a scalar
  std::vector<YamlNode> items;                         // of a list
  std::vector<std::pair<YamlNode, YamlNode>> entries;  // of a map, in file order; keys are scalars

  const YamlNode* find(std::string_view key) const;  // the value of a map's key, or null
};

std::string_view yaml_kind_name(YamlNode::Kind kind);  // "nothing", "a value", "a list", "a map"

// What is wrong with a file, all of it: one line each, in the order of the file.
class Problems {
 public:
  explicit Problems(std::string file_name) : file_(std::move(file_name)) {}
  template <class... Args>
  void add(int line, fmt::format_string<Args...> format, Args&&... args) {
    lines_.emplace_back(line, fmt::format(format, std::forward<Args>(args)...));
  }
  bool any() const { return !lines_.empty(); }
  std::size_t count() const { return lines_.size(); }
  Error error() const;

 private:
  std::string file_;
  std::vector<std::pair<int, std::string>> lines_;
};

// One document of at most 1 MiB. Broken YAML is one problem and gives an empty tree; keys that occur twice
// are problems each.
YamlNode parse_yaml(std::string_view text, Problems& problems);

}  // namespace tokenmark
