#include "core/sweep/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace tokenmark {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxProblemsShown = 50;

struct Refused {  // thrown through yaml-cpp to end parsing early; never leaves this file
  int line;
  std::string why;
};

// Builds the tree from the parser's events. Keys and values of a map arrive in turns.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}
  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, YamlNode::Kind::null, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_alias(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // A plain `null`, `~` or nothing arrives as a scalar with the tag "?".
    const bool null = tag == "?" && (value.empty() || value == "~" || value == "null");
    add(mark, anchor, null ? YamlNode::Kind::null : YamlNode::Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, anchor, YamlNode::Kind::list, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, anchor, YamlNode::Kind::map, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;  // of a map: its last entry waits for the value
    std::set<std::string> keys;
  };

  [[noreturn]] static void refuse_alias(const YAML::Mark& mark) {
    throw Refused{mark.line + 1,
                  "anchors (&) and aliases (*) are not allowed in a sweep file; write the value out (or in "
                  "quotes, if it is text)"};
  }
  YamlNode node(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) const {
    if (anchor != 0) refuse_alias(mark);
    YamlNode made;
    made.kind = kind;
    made.line = mark.line + 1;
    made.begin = static_cast<std::size_t>(std::max(0, mark.pos));
    made.flow = !open_.empty() && open_.back().node.flow;
    return made;
  }
  void add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& value) {
    YamlNode made = node(mark, anchor, kind);
    made.text = value;
    put(std::move(made));
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, YAML::EmitterStyle::value style) {
    if (open_.size() >= kMaxDepth)
      throw Refused{mark.line + 1, fmt::format("nested deeper than {} levels", kMaxDepth)};
    open_.push_back({node(mark, anchor, kind), false, {}});
    open_.back().node.flow = open_.back().node.flow || style == YAML::EmitterStyle::Flow;
  }
  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(done));
  }
  void put(YamlNode made) {
    if (open_.empty()) {
      root_ = std::move(made);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(made));
    } else if (!parent.has_key) {
      if (made.kind == YamlNode::Kind::list || made.kind == YamlNode::Kind::map)
        throw Refused{made.line, "a key must be a name, not a list or a map"};
      if (!parent.keys.insert(made.text).second) problems_.add(made.line, "key '{}' occurs twice", made.text);
      parent.node.entries.emplace_back(std::move(made), YamlNode{});
      parent.has_key = true;
    } else {
      parent.node.entries.back().second = std::move(made);
      parent.has_key = false;
    }
  }

  Problems& problems_;
  std::vector<Open> open_;
  YamlNode root_;
};

// The line of the first byte that is not UTF-8 text (or a control character), 0 if there is none.
int line_of_bad_byte(std::string_view text) {
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') ++line;
    if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f) return line;
    const std::size_t length = byte < 0x80             ? 1
                               : (byte & 0xE0) == 0xC0 ? 2
                               : (byte & 0xF0) == 0xE0 ? 3
                               : (byte & 0xF8) == 0xF0 ? 4
                                                       : 0;
    if (length == 0 || i + length > text.size()) return line;
    unsigned code = length == 1 ? byte : byte & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return line;
      code = code << 6 | (next & 0x3F);
    }
    constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return line;
    i += length;
  }
  return 0;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name.text == key) return &value;
  return nullptr;
}

std::string_view yaml_kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

Error Problems::error() const {
  auto sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMaxProblemsShown); ++i)
    text += fmt::format("{}{}:{}: {}", i == 0 ? "" : "\n", file_, sorted[i].first, sorted[i].second);
  if (sorted.size() > kMaxProblemsShown)
    text += fmt::format("\n… and {} more", sorted.size() - kMaxProblemsShown);
  return {ErrorKind::invalid_input, text};
}

YamlNode parse_yaml(std::string_view text, Problems& problems) {
  if (text.size() > kMaxBytes) {
    problems.add(1, "the file has {} bytes, a sweep file at most {}", text.size(), kMaxBytes);
    return {};
  }
  if (const int line = line_of_bad_byte(text); line != 0) {
    problems.add(line, "not a text file: a byte here is not UTF-8 text");
    return {};
  }
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    TreeBuilder builder(problems);
    if (!parser.HandleNextDocument(builder)) return {};
    TreeBuilder second(problems);
    YamlNode root = builder.take();
    if (parser.HandleNextDocument(second))
      problems.add(second.take().line, "a second document begins here; a sweep file has one");
    return root;
  } catch (const Refused& refused) {
    problems.add(refused.line, "{}", refused.why);
  } catch (const YAML::Exception& exception) {
    problems.add(std::max(0, exception.mark.line) + 1, "not valid YAML: {}", exception.msg);
  } catch (const std::exception& exception) {
    problems.add(1, "not valid YAML: {}", exception.what());
  }
  return {};
}

}  // namespace tokenmark
