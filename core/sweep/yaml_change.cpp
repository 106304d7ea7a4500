#include "core/sweep/yaml_change.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "core/sweep/yaml_tree.h"

namespace tokenmark {
namespace {

using Kind = YamlNode::Kind;
using Entry = std::pair<YamlNode, YamlNode>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_bracket_mark(char c) { return std::string_view(",[]{}").find(c) != std::string_view::npos; }

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}
std::size_t line_end(std::string_view text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }
std::size_t indent_at(std::string_view text, std::size_t line) {
  return std::min(text.find_first_not_of(' ', line), text.size()) - line;
}

std::size_t quoted_end(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[begin] == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == text[begin]) {
      if (text[i] == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
      ++i;   // '' is one of them
    }
  }
  return text.size();
}

std::size_t bracket_end(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    const bool starts = i == begin || is_blank(text[i - 1]) || is_bracket_mark(text[i - 1]) || text[i - 1] == ':';
    if ((c == '"' || c == '\'') && starts) i = quoted_end(text, i) - 1;
    else if (c == '#' && is_blank(text[i - 1])) i = line_end(text, i);
    else if (c == '[' || c == '{') ++depth;
    else if ((c == ']' || c == '}') && --depth == 0) return i + 1;
  }
  return text.size();
}

// Behind the lines that are further in than the one of `begin`: of a text in several lines.
std::size_t further_in_end(std::string_view text, std::size_t begin, std::size_t end, bool block) {
  const std::size_t indent = indent_at(text, line_begin(text, begin));
  for (std::size_t line = line_end(text, end); line < text.size();) {
    const std::size_t next = line + 1, first = std::min(text.find_first_not_of(" \r", next), text.size());
    const bool blank = first == text.size() || text[first] == '\n';
    if (!blank && (first - next <= indent || (!block && text[first] == '#'))) break;
    line = line_end(text, next);
    if (!blank) end = line;
  }
  return end;
}

std::size_t scalar_end(std::string_view text, std::size_t begin, bool flow, bool key) {
  if (begin >= text.size()) return text.size();
  if (text[begin] == '"' || text[begin] == '\'') return quoted_end(text, begin);
  if (!flow && (text[begin] == '|' || text[begin] == '>')) return further_in_end(text, begin, line_end(text, begin), true);
  std::size_t end = begin;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '\n' && !flow) break;
    if (c == '#' && end > begin && is_blank(text[end - 1])) break;
    if (c == ':' && (end + 1 == text.size() || is_blank(text[end + 1]) || (flow && is_bracket_mark(text[end + 1])))) break;
    if (flow && is_bracket_mark(c)) break;
  }
  const bool whole_line = end == text.size() || text[end] == '\n';
  while (end > begin && is_blank(text[end - 1])) --end;
  return flow || key || !whole_line ? end : further_in_end(text, begin, end, false);
}

// Behind the ':' of an entry.
std::size_t colon_end(std::string_view text, const YamlNode& key) {
  const std::size_t colon = text.find(':', scalar_end(text, key.begin, key.flow, true));
  return colon == std::string_view::npos ? text.size() : colon + 1;
}

bool is_block(const YamlNode& node) { return !node.flow && (node.kind == Kind::map || node.kind == Kind::list); }
bool is_nothing(const YamlNode& node) { return node.kind == Kind::null && node.text.empty(); }

std::size_t value_end(std::string_view text, const YamlNode& value);

std::size_t entry_end(std::string_view text, const Entry& entry) {
  return is_nothing(entry.second) ? colon_end(text, entry.first) : value_end(text, entry.second);
}

std::size_t value_end(std::string_view text, const YamlNode& value) {
  if (value.kind == Kind::scalar || value.kind == Kind::null) return scalar_end(text, value.begin, value.flow, false);
  if (value.flow) return bracket_end(text, value.begin);
  if (value.kind == Kind::map) return entry_end(text, value.entries.back());
  return value_end(text, value.items.back());
}

template <class Map>
auto entry_of(Map& map, const std::string& key) {
  return std::find_if(map.entries.begin(), map.entries.end(), [&](const Entry& one) { return one.first.text == key; });
}

// "{b: {c: value}}" for what is missing of a path.
std::string nested(std::span<const std::string> missing, std::string_view value) {
  std::string out(value);
  for (auto key = missing.rbegin(); key != missing.rend(); ++key) out = fmt::format("{{{}: {}}}", yaml_scalar(*key), out);
  return out;
}

std::string replaced(std::string_view text, std::size_t begin, std::size_t end, std::string_view by) {
  return fmt::format("{}{}{}", text.substr(0, begin), by, text.substr(end));
}

std::string with_value(std::string_view text, const Entry& entry, std::string_view value) {
  const auto& [key, old] = entry;
  if (is_nothing(old) || is_block(old))
    return replaced(text, colon_end(text, key), entry_end(text, entry), fmt::format(" {}", value));
  return replaced(text, old.begin, value_end(text, old), value);
}

std::string with_entry(std::string_view text, const YamlNode& map, const std::string& entry) {
  if (map.flow) {
    if (map.entries.empty()) return replaced(text, map.begin + 1, map.begin + 1, entry);
    if (is_nothing(map.entries.back().second)) return replaced(text, map.begin + 1, map.begin + 1, entry + ", ");
    const std::size_t at = entry_end(text, map.entries.back());
    return replaced(text, at, at, fmt::format(", {}", entry));
  }
  const std::size_t at = line_end(text, entry_end(text, map.entries.back()));
  const std::size_t first = map.entries.front().first.begin;
  const std::string_view end = at == text.size() ? "\n" : "";
  return replaced(text, at, at, fmt::format("\n{:{}}{}{}", "", first - line_begin(text, first), entry, end));
}

std::string without_entry(std::string_view text, const YamlNode& map, std::size_t index) {
  const Entry& entry = map.entries[index];
  if (!map.flow) {
    const std::size_t end = line_end(text, entry_end(text, entry));
    return replaced(text, line_begin(text, entry.first.begin), std::min(end + 1, text.size()), "");
  }
  if (index + 1 < map.entries.size()) return replaced(text, entry.first.begin, map.entries[index + 1].first.begin, "");
  return replaced(text, index == 0 ? entry.first.begin : entry_end(text, map.entries[index - 1]), entry_end(text, entry),
                  "");
}

bool same(const YamlNode& a, const YamlNode& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
  if (a.kind == Kind::scalar && a.text != b.text) return false;
  if (!std::equal(a.items.begin(), a.items.end(), b.items.begin(), same)) return false;
  return std::all_of(a.entries.begin(), a.entries.end(), [&](const Entry& one) {
    const YamlNode* other = b.find(one.first.text);
    return other != nullptr && same(one.second, *other);
  });
}

// The change in the tree, against which the text is checked. No value: the key goes.
void change(YamlNode& map, std::span<const std::string> path, const YamlNode* value) {
  if (map.kind != Kind::map) map = {};
  map.kind = Kind::map;
  auto found = entry_of(map, path.front());
  if (found == map.entries.end()) {
    if (value == nullptr) return;
    map.entries.emplace_back();
    map.entries.back().first.text = path.front();
    found = std::prev(map.entries.end());
  }
  if (path.size() > 1) change(found->second, path.subspan(1), value);
  else if (value != nullptr) found->second = *value;
  const bool empty =
      value == nullptr && (path.size() == 1 || (found->second.kind == Kind::map && found->second.entries.empty()));
  if (empty) map.entries.erase(found);
}

Result<YamlNode> read(std::string_view text) {
  Problems problems("YAML");
  YamlNode root = parse_yaml(text, problems);
  if (problems.any()) return tl::unexpected(problems.error());
  return root;
}

Result<std::string> checked(std::string text, YamlNode wanted, const YamlPath& path, const YamlNode* value) {
  change(wanted, path, value);
  const auto now = read(text);
  if (now && (same(*now, wanted) || (wanted.entries.empty() && now->kind == Kind::null))) return text;
  std::string name;
  for (const std::string& key : path) name += (name.empty() ? "" : ".") + key;
  return fail(ErrorKind::invalid_input, "{} is written in a way that only its YAML can be edited", name);
}

}  // namespace

Result<std::string> yaml_with(std::string_view text, const YamlPath& path, std::string_view value) {
  TOKENMARK_TRY(const YamlNode root, read(text));
  TOKENMARK_TRY(const YamlNode wanted, read(value));
  const std::span<const std::string> keys(path);
  const Entry* here = nullptr;
  const YamlNode* map = &root;
  std::string out;
  for (std::size_t depth = 0; depth < keys.size(); ++depth) {
    if (map->kind != Kind::map || (map->entries.empty() && !map->flow)) {
      const std::string missing = nested(keys.subspan(depth), value);
      if (here) out = with_value(text, *here, missing);
      else
        out = fmt::format("{}{}{}: {}\n", text, text.empty() || text.back() == '\n' ? "" : "\n", yaml_scalar(keys[0]),
                          nested(keys.subspan(1), value));
      return checked(std::move(out), root, path, &wanted);
    }
    const auto found = entry_of(*map, keys[depth]);
    if (found == map->entries.end()) {
      out = with_entry(text, *map, fmt::format("{}: {}", yaml_scalar(keys[depth]), nested(keys.subspan(depth + 1), value)));
      return checked(std::move(out), root, path, &wanted);
    }
    here = &*found;
    map = &here->second;
  }
  return checked(with_value(text, *here, value), root, path, &wanted);
}

Result<std::string> yaml_without(std::string_view text, const YamlPath& path) {
  TOKENMARK_TRY(const YamlNode root, read(text));
  // The outermost map of which all goes with it.
  const YamlNode *map = &root, *from = &root;
  std::size_t from_index = 0;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const auto found = entry_of(*map, path[depth]);
    if (found == map->entries.end()) return std::string(text);
    if (map->entries.size() > 1 || depth == 0) {
      from = map;
      from_index = static_cast<std::size_t>(found - map->entries.begin());
    }
    map = &found->second;
  }
  return checked(without_entry(text, *from, from_index), root, path, nullptr);
}

std::string yaml_scalar(std::string_view text) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_.-/+@").find(c) != std::string_view::npos;
  };
  const auto one_of = [&](auto... words) { return ((text == words) || ...); };
  const bool negative = text.size() > 1 && text[0] == '-' && std::isdigit(static_cast<unsigned char>(text[1]));
  const bool starts = !text.empty() && (negative || text[0] == '/' || std::isalnum(static_cast<unsigned char>(text[0])));
  if (starts && std::all_of(text.begin(), text.end(), is_word) &&
      !one_of("null", "Null", "NULL", "true", "false", "yes", "no", "on", "off"))
    return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out + '"';
}

std::string yaml_list(std::string_view values) {
  std::string out = "[";
  for (std::size_t begin = 0; begin < values.size();) {
    const std::size_t from = std::min(values.find_first_not_of(", \t\n", begin), values.size());
    const std::size_t to = std::min(values.find_first_of(", \t\n", from), values.size());
    if (to > from) out += (out.size() > 1 ? ", " : "") + yaml_scalar(values.substr(from, to - from));
    begin = to;
  }
  return out + "]";
}

}  // namespace tokenmark
