// What reading and changing a sweep's YAML by its form share. Within the sweep editor only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/sweep/yaml_tree.h"

namespace tokenmark {

std::optional<YamlNode> yaml_map_of(const std::string& yaml);   // nothing: it is no map
const YamlNode* node_at(const YamlNode& root, const std::string& dotted_path);
bool is_endpoint(const YamlNode& root);

struct FileAxis {
  std::string key, path;        // as written; of the field, "load.concurrency"
  std::string values;           // "1, 2, 4"; empty where they are no plain values
  bool zipped = false;
};
std::vector<FileAxis> axes_of(const YamlNode& root);
const FileAxis* axis_of(const std::vector<FileAxis>& axes, const std::string& path);   // null: none

inline constexpr const char *kConcurrencyPath = "load.concurrency", *kRatePath = "load.rate";

}  // namespace tokenmark
