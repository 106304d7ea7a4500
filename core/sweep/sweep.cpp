#include "core/sweep/sweep.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/node/node_list.h"
#include "core/sweep/spelling.h"
#include "core/sweep/sweep_fields.h"
#include "core/sweep/yaml_tree.h"
#include "core/workload/lengths.h"
#include "core/workload/point_json.h"
#include "core/workload/requests.h"
#include "core/workload/traffic.h"
#include "engine/model/hash.h"
#include "plugins/api/device_ids.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPoints = 100'000;
constexpr std::int64_t kMaxRepeats = 10'000;
const std::vector<std::string> kTopKeys = {"name", "node",    "target",  "workload", "load", "axes",
                                           "zip",  "exclude", "repeats", "order",    "limits", "stop", "power", "quality"};

// One dimension of a sweep: fields that go together (one for an axis, several for a zip group) and their
// values.
struct Dimension {
  int line = 0;
  std::vector<FieldPath> fields;
  std::vector<std::vector<json>> steps;  // [step][field]
};

struct Exclusion {
  int line = 0;
  std::vector<std::pair<FieldPath, std::vector<json>>> matches;
};

// YAML as JSON: scalars by what they look like (whole number, number, true and false, text).
json plain_value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null: return nullptr;
    case YamlNode::Kind::list: {
      json list = json::array();
      for (const YamlNode& item : node.items) list.push_back(plain_value(item));
      return list;
    }
    case YamlNode::Kind::map: {
      json map = json::object();
      for (const auto& [key, value] : node.entries) map[key.text] = plain_value(value);
      return map;
    }
    case YamlNode::Kind::scalar: break;
  }
  const json value = json::parse(node.text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : json(node.text);
}

// Reads a file section by section; what is wrong goes to `problems`, and reading goes on.
class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems) {}

  void read(const YamlNode& root) {
    if (root.kind != YamlNode::Kind::map) {
      if (!problems_.any())
        problems_.add(root.line,
                      "a sweep file is a map with the keys target, workload, load, axes …; found {}",
                      yaml_kind_name(root.kind));
      return;
    }
    known_keys(root, kTopKeys, "a sweep file");
    for (const auto& [key, value] : root.entries) last_line_ = std::max(last_line_, key.line);
    read_name(root.find("name"));
    read_node(root.find("node"));
    read_target(root.find("target"));
    for (const char* section : {"workload", "load", "limits", "stop", "power"})
      read_fields({section}, root.find(section));
    read_axes(root.find("axes"));
    read_zip(root.find("zip"));
    read_exclude(root.find("exclude"));
    read_repeats(root.find("repeats"));
    read_order(root.find("order"));
    read_quality(root.find("quality"));
    check_model();
  }

  std::string name;
  Node node;
  json base = json::object();
  std::vector<Dimension> dimensions;
  std::vector<Exclusion> exclusions;
  std::vector<QualityTask> quality;
  std::int32_t repeats = 1;
  SweepOrder order = SweepOrder::interleaved;
  std::map<std::string, int> lines;  // of the fields and axes of the file
  int load_line = 1;

 private:
  bool is_map(const YamlNode* value, const std::string& what) {
    if (value == nullptr) return false;
    if (value->kind == YamlNode::Kind::map) return true;
    problems_.add(value->line, "{} must be a map, not {}", what, yaml_kind_name(value->kind));
    return false;
  }
  bool is_list(const YamlNode& value, const std::string& what) {
    if (value.kind == YamlNode::Kind::list) return true;
    problems_.add(value.line, "{} must be a list, not {}", what, yaml_kind_name(value.kind));
    return false;
  }
  bool is_text(const YamlNode& value, const std::string& what) {
    if (value.kind == YamlNode::Kind::scalar && !value.text.empty()) return true;
    problems_.add(value.line, "{} must be a text, not {}", what, yaml_kind_name(value.kind));
    return false;
  }
  void known_keys(const YamlNode& map, const std::vector<std::string>& known, const std::string& where) {
    for (const auto& [key, value] : map.entries)
      if (std::find(known.begin(), known.end(), key.text) == known.end())
        problems_.add(key.line, "unknown key '{}' in {}{}", key.text, where, suggestion(key.text, known));
  }

  void read_name(const YamlNode* value) {
    if (value == nullptr || !is_text(*value, "name")) return;
    name = value->text;
    if (name.size() > 200)
      problems_.add(value->line, "name has {} bytes, at most 200 are possible", name.size());
  }

  void read_node(const YamlNode* value) {
    if (value == nullptr) return;
    if (value->kind == YamlNode::Kind::scalar) {
      if (auto found = find_node(value->text))
        node = *std::move(found);
      else
        problems_.add(value->line, "{}, or write {{ssh: user@host}}", found.error().message);
      return;
    }
    if (!is_map(value, "node")) return;
    known_keys(*value, {"ssh", "agent", "options"}, "node");
    SshNode ssh;
    if (const YamlNode* host = value->find("ssh"); host == nullptr) {
      problems_.add(value->line, "node needs the key ssh: user@host");
    } else if (is_text(*host, "node.ssh")) {
      ssh.host = host->text;
      if (ssh.host.starts_with('-') || ssh.host.find_first_of(" \t\n\r") != std::string::npos)
        problems_.add(host->line, "node.ssh is '{}' but must be a host or user@host", ssh.host);
    }
    if (const YamlNode* agent = value->find("agent"); agent != nullptr && is_text(*agent, "node.agent"))
      ssh.agent = agent->text;
    if (const YamlNode* options = value->find("options");
        options != nullptr && is_list(*options, "node.options"))
      for (const YamlNode& option : options->items)
        if (is_text(option, "each of node.options")) ssh.options.push_back(option.text);
    node = std::move(ssh);
  }

  void read_target(const YamlNode* value) {
    if (value == nullptr) {
      problems_.add(1, "target is missing: give it an engine or an endpoint");
      return;
    }
    target_line_ = value->line;
    if (!is_map(value, "target")) return;
    if (const YamlNode* server = value->find("server")) {
      problems_.add(server->line,
                    "target.server is not available yet: start the server yourself and measure it with "
                    "target.endpoint");
      return;
    }
    known_keys(*value, {"engine", "endpoint", "server"}, "target");
    const YamlNode* engine = value->find("engine");
    const YamlNode* endpoint = value->find("endpoint");
    if ((engine == nullptr) == (endpoint == nullptr)) {
      problems_.add(value->line, "target must hold either an engine or an endpoint");
      return;
    }
    target_ = engine != nullptr ? "engine" : "endpoint";
    target_line_ = (engine != nullptr ? engine : endpoint)->line;
    base["target"][target_] = json::object();
    read_fields({"target", target_}, engine != nullptr ? engine : endpoint);
    target_read_ = true;
  }

  void read_fields(const FieldPath& section, const YamlNode* value) {
    const std::string where = dotted(section);
    if (!is_map(value, where)) return;
    if (where == "load") load_line = value->line;
    const std::vector<std::string> known = section_fields(section);
    known_keys(*value, known, where);
    for (const auto& [key, field] : value->entries) {
      if (std::find(known.begin(), known.end(), key.text) == known.end()) continue;
      FieldPath path = section;
      path.push_back(key.text);
      int line = field.line;
      if (auto read = field_value(path, field, line)) {
        at(base, path) = std::move(*read);
        lines[dotted(path)] = field.line;
      } else {
        problems_.add(line, "{}", read.error().message);
        wrong_.insert(dotted(path));
      }
    }
  }

  // The values of one axis; nothing where one of them is wrong.
  std::optional<std::vector<json>> axis_values(const YamlNode& key, const YamlNode& value,
                                               const FieldPath& field) {
    if (!is_list(value, "axis '" + key.text + "'")) return std::nullopt;
    if (value.items.empty()) {
      problems_.add(value.line, "axis '{}' is empty: give it at least one value", key.text);
      return std::nullopt;
    }
    std::vector<json> values;
    bool good = true;
    for (const YamlNode& item : value.items) {
      int line = item.line;
      auto read = field_value(field, item, line);
      if (!read) problems_.add(line, "{}", read.error().message);
      good = good && read.has_value();
      if (read) values.push_back(std::move(*read));
    }
    return good ? std::optional(std::move(values)) : std::nullopt;
  }

  std::optional<FieldPath> new_axis(const YamlNode& key) {
    auto field = axis_field(key.text, target_);
    if (!field) {
      if (target_read_ || key.text.find("target") == std::string::npos)
        problems_.add(key.line, "axis {}", field.error().message);
      return std::nullopt;
    }
    if (!axis_paths_.insert(dotted(*field)).second) {
      problems_.add(key.line, "axis '{}' varies {}, which another axis varies already", key.text,
                    dotted(*field));
      return std::nullopt;
    }
    lines[dotted(*field)] = key.line;
    return *field;
  }

  void read_axes(const YamlNode* value) {
    if (!is_map(value, "axes")) return;
    for (const auto& [key, list] : value->entries) {
      const auto field = new_axis(key);
      if (!field) continue;
      const auto values = axis_values(key, list, *field);
      if (!values) continue;
      Dimension dimension{key.line, {*field}, {}};
      std::set<json> seen;
      for (std::size_t i = 0; i < values->size(); ++i) {
        if (!seen.insert((*values)[i]).second)
          problems_.add(list.items[i].line, "axis '{}' has {} twice; use repeats to measure a point again",
                        key.text, (*values)[i].dump());
        dimension.steps.push_back({(*values)[i]});
      }
      dimensions.push_back(std::move(dimension));
    }
  }

  void read_zip(const YamlNode* value) {
    if (value == nullptr || !is_list(*value, "zip")) return;
    for (const YamlNode& group : value->items) {
      if (!is_map(&group, "each group of zip")) continue;
      Dimension dimension{group.line, {}, {}};
      bool good = !group.entries.empty();
      for (const auto& [key, list] : group.entries) {
        const auto field = new_axis(key);
        const auto values = field ? axis_values(key, list, *field) : std::nullopt;
        if (!values) {
          good = false;
          continue;
        }
        if (dimension.fields.empty()) dimension.steps.resize(values->size());
        if (values->size() != dimension.steps.size()) {
          problems_.add(key.line,
                        "the axes of a zip group must be equally long: '{}' has {} values, '{}' has {}",
                        group.entries.front().first.text, dimension.steps.size(), key.text, values->size());
          good = false;
          continue;
        }
        dimension.fields.push_back(*field);
        for (std::size_t i = 0; i < values->size(); ++i) dimension.steps[i].push_back((*values)[i]);
      }
      if (group.entries.empty()) problems_.add(group.line, "a zip group is empty: give it axes");
      if (good) dimensions.push_back(std::move(dimension));
    }
  }

  void read_exclude(const YamlNode* value) {
    if (value == nullptr || !is_list(*value, "exclude")) return;
    for (const YamlNode& item : value->items) {
      if (!is_map(&item, "each entry of exclude")) continue;
      if (item.entries.empty())
        problems_.add(item.line, "an entry of exclude is empty: it would leave out every point");
      Exclusion exclusion{item.line, {}};
      for (const auto& [key, wanted] : item.entries) {
        const auto field = axis_field(key.text, target_);
        if (!field) {
          problems_.add(key.line, "exclude: {}", field.error().message);
          continue;
        }
        std::vector<json> values;
        const bool several = wanted.kind == YamlNode::Kind::list && !is_list_field(*field);
        for (const YamlNode& one : several ? wanted.items : std::vector<YamlNode>{wanted}) {
          int line = one.line;
          auto read = field_value(*field, one, line);
          if (read)
            values.push_back(std::move(*read));
          else
            problems_.add(line, "exclude: {}", read.error().message);
        }
        exclusion.matches.emplace_back(*field, std::move(values));
      }
      exclusions.push_back(std::move(exclusion));
    }
  }

  void read_repeats(const YamlNode* value) {
    if (value == nullptr) return;
    int number = 0;
    const char* end = value->text.data() + value->text.size();
    const auto parsed = std::from_chars(value->text.data(), end, number);
    if (value->kind != YamlNode::Kind::scalar || parsed.ec != std::errc() || parsed.ptr != end ||
        number < 1 || number > kMaxRepeats)
      problems_.add(value->line, "repeats must be a whole number from 1 to {}{}", kMaxRepeats,
                    value->kind == YamlNode::Kind::scalar ? ", not '" + value->text.substr(0, 40) + "'" : "");
    else
      repeats = number;
  }

  void read_order(const YamlNode* value) {
    if (value == nullptr || !is_text(*value, "order")) return;
    const auto found = std::find(std::begin(kSweepOrders), std::end(kSweepOrders), value->text);
    if (found == std::end(kSweepOrders))
      problems_.add(value->line, "order is '{}' but must be sequential, interleaved or abba", value->text.substr(0, 40));
    else
      order = static_cast<SweepOrder>(found - std::begin(kSweepOrders));
  }

  // A list of tasks, or one; their keys are those of core/quality/task.h.
  void read_quality(const YamlNode* value) {
    if (value == nullptr) return;
    for (const YamlNode& item : value->kind == YamlNode::Kind::list ? value->items : std::vector<YamlNode>{*value}) {
      auto task = task_from_json(plain_value(item));
      if (!task) {
        problems_.add(item.line, "{}", task.error().message);
        continue;
      }
      for (const QualityTask& other : quality)
        if (other.name == task->name) problems_.add(item.line, "quality has two tasks named '{}'", task->name);
      quality.push_back(*std::move(task));
    }
  }

  // What a target cannot do without may also come from an axis.
  void check_model() {
    if (!target_read_) return;
    for (const char* field : {"url", "model"}) {
      if (std::string_view(field) == "url" && target_ == "engine") continue;
      const FieldPath path = {"target", target_, field};
      if (find(base, path) == nullptr && !axis_paths_.contains(dotted(path)) && !wrong_.contains(dotted(path)))
        problems_.add(target_line_, "{} is missing", dotted(path));
    }
  }

  Problems& problems_;
  std::string target_ = "engine";
  bool target_read_ = false;
  std::set<std::string> wrong_;  // fields that are there but with a value that was refused
  int target_line_ = 1, last_line_ = 1;
  std::set<std::string> axis_paths_;
};

bool excluded(const json& point, const Exclusion& exclusion) {
  return std::all_of(exclusion.matches.begin(), exclusion.matches.end(), [&](const auto& match) {
    const json* value = find(point, match.first);
    return value != nullptr &&
           std::find(match.second.begin(), match.second.end(), *value) != match.second.end();
  });
}

Status check_context(const Workload& workload, const EngineTarget& engine) {
  for (const TrafficMix mix(workload, 0); const TrafficClass& kind : mix.classes()) {
    const std::int64_t input = kind.prefix + longest_length(workload, kind.input), output = longest_length(workload, kind.output);
    if (engine.context > 0 && kind.turns * (input + output) - (kind.turns - 1) * kind.prefix > engine.context)
      return fail(ErrorKind::invalid_input, "input {} and output {}{} do not fit target.engine.context {}", input, output,
                  kind.turns > 1 ? fmt::format(" in {} turns", kind.turns) : "", engine.context);
  }
  return {};
}

Status check_point(const Point& point) {
  TOKENMARK_CHECK(check_plan(point));
  const Workload& workload = point.workload;
  if (workload.lengths == "inferencex" && workload.range_ratio <= 0)
    return fail(ErrorKind::invalid_input, "workload.range_ratio is {} but must be above 0 and at most 1 (lengths are uniform in "
                "[ratio·L, L])", workload.range_ratio);
  const auto* engine = std::get_if<EngineTarget>(&point.target);
  if (engine == nullptr) return {};
  if (const auto groups = replica_devices(engine->device, static_cast<std::uint32_t>(engine->replicas)); !groups)
    return fail(ErrorKind::invalid_input, "target.engine.replicas {} on target.engine.device '{}': {}", engine->replicas, engine->device, groups.error().message);
  return workload.source == "random" ? check_context(workload, *engine) : Status{};
}

// Where the file says what a complaint names: the line of the field that is named first, or the one given.
int line_of(const std::string& complaint, const Reader& file, int otherwise) {
  std::size_t first = std::string::npos;
  for (const auto& [field, line] : file.lines) {
    const std::size_t found = complaint.find(field + " ");
    if (found >= first) continue;
    first = found;
    otherwise = line;
  }
  return otherwise;
}

// The product of all dimensions, the last one fastest, without what is excluded; one repeat.
std::vector<Point> expand(const Reader& file, Problems& problems) {
  std::size_t count = static_cast<std::size_t>(file.repeats);
  for (const Dimension& dimension : file.dimensions) {
    count *= dimension.steps.size();
    if (count > kMaxPoints) {
      problems.add(dimension.line, "more than {} points with repeats; make axes or repeats shorter",
                   kMaxPoints);
      return {};
    }
  }
  std::vector<Point> points;
  std::vector<bool> used(file.exclusions.size(), false);
  std::set<std::string> complaints;
  std::vector<std::size_t> step(file.dimensions.size(), 0);
  // With every default filled in, so that exclusions match what is not written in the file too.
  json filled = file.base;
  for (const Dimension& d : file.dimensions)
    for (std::size_t f = 0; f < d.fields.size(); ++f) at(filled, d.fields[f]) = d.steps[0][f];
  if (const auto whole = point_from_json(filled)) filled = to_json(*whole);
  for (;;) {
    for (std::size_t d = 0; d < step.size(); ++d)
      for (std::size_t f = 0; f < file.dimensions[d].fields.size(); ++f)
        at(filled, file.dimensions[d].fields[f]) = file.dimensions[d].steps[step[d]][f];
    bool out = false;
    for (std::size_t e = 0; e < file.exclusions.size(); ++e)
      if (excluded(filled, file.exclusions[e])) used[e] = out = true;
    if (!out) {
      auto point = point_from_json(filled);
      const Status sense = point ? check_point(*point) : Status(tl::unexpected(point.error()));
      if (!sense && complaints.insert(sense.error().message).second)
        problems.add(line_of(sense.error().message, file,
                             file.dimensions.empty() ? file.load_line : file.dimensions.back().line),
                     "impossible point: {}", sense.error().message);
      if (complaints.size() >= 10) return {};
      if (sense) points.push_back(std::move(*point));
    }
    std::size_t d = step.size();
    while (d > 0 && ++step[d - 1] == file.dimensions[d - 1].steps.size()) step[--d] = 0;
    if (d == 0) break;
  }
  for (std::size_t e = 0; e < used.size(); ++e)
    if (!used[e]) problems.add(file.exclusions[e].line, "this entry of exclude matches no point");
  if (points.empty() && !problems.any()) problems.add(1, "exclude leaves no point");
  return points;
}

void check_duplicates(const std::vector<Point>& points, Problems& problems, int line) {
  std::set<std::string> seen;
  for (const Point& point : points)
    if (!seen.insert(configuration_key(point)).second) {
      problems.add(line, "two points are the same; use repeats to measure a point again");
      return;
    }
}

}  // namespace

std::string sweep_hash(const Sweep& sweep) {
  std::string text = json(sweep.name).dump(-1, ' ', false, json::error_handler_t::replace);
  if (const auto* ssh = std::get_if<SshNode>(&sweep.node))
    text += json({ssh->host, ssh->agent, ssh->options}).dump(-1, ' ', false, json::error_handler_t::replace);
  for (const Point& point : sweep.points)
    text += fmt::format("\n{} {}", configuration_key(point), point.repeat);
  for (const QualityTask& task : sweep.quality)
    text += fmt::format("\n{}", to_json(task).dump(-1, ' ', false, json::error_handler_t::replace));
  return sha256(text).value_or("");
}

Result<Sweep> parse_sweep(std::string_view yaml, const std::string& file_name) {
  Problems problems(file_name);
  Reader file(problems);
  file.read(parse_yaml(yaml, problems));
  if (problems.any()) return tl::unexpected(problems.error());
  const std::vector<Point> once = expand(file, problems);
  if (!problems.any())
    check_duplicates(once, problems, file.dimensions.empty() ? 1 : file.dimensions.back().line);
  if (problems.any()) return tl::unexpected(problems.error());

  Sweep sweep;
  sweep.name = file.name.empty() ? std::filesystem::path(file_name).stem().string() : file.name;
  sweep.node = file.node;
  sweep.yaml = std::string(yaml);
  sweep.quality = file.quality;
  for (const Dimension& dimension : file.dimensions)
    if (dimension.steps.size() > 1)
      for (const FieldPath& field : dimension.fields) sweep.axes.push_back(dotted(field));
  sweep.order = file.order;
  sweep.points = in_order(once, file.repeats, file.order);
  sweep.hash = sweep_hash(sweep);
  return sweep;
}

Result<Sweep> read_sweep(const std::string& path) {
  constexpr std::string_view kBuiltin = "builtin:";
  if (path.starts_with(kBuiltin)) {
    const std::string name = path.substr(kBuiltin.size());
    if (const std::string_view text = resource("sweeps/" + name + ".yaml"); !text.empty())
      return parse_sweep(text, path);
    std::vector<std::string> known;
    for (const std::string_view file : resource_paths("sweeps/"))
      known.push_back(std::filesystem::path(file).stem());
    return fail(ErrorKind::not_found, "there is no built-in sweep '{}'{}", name, suggestion(name, known));
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return fail(ErrorKind::invalid_input, "{}: a folder, not a sweep file", path);
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(ErrorKind::not_found, "{}: there is no such sweep file, or it may not be read", path);
  constexpr std::size_t kMost = (1 << 20) + 1;  // one byte more than parse_yaml takes, so that it can say so
  std::string text(kMost, '\0');
  file.read(text.data(), kMost);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_sweep(text, path);
}

std::string point_label(const Sweep& sweep, const Point& point) {
  const json values = to_json(point);
  std::string label;
  for (const std::string& axis : sweep.axes) {
    FieldPath path;
    for (std::size_t begin = 0; begin <= axis.size();) {
      const std::size_t end = std::min(axis.find('.', begin), axis.size());
      path.push_back(axis.substr(begin, end - begin));
      begin = end + 1;
    }
    const json* value = find(values, path);
    if (value == nullptr) continue;
    label += (label.empty() ? "" : ", ") + path.back() + " " +
             (value->is_string() ? value->get<std::string>() : value->dump());
  }
  return label.empty() ? "the point" : label;
}

}  // namespace tokenmark
