// The form's changes in a sweep's YAML, key by key.
#include <algorithm>

#include "app/desktop/sweep_form.h"
#include "app/desktop/sweep_form_reading.h"
#include "core/sweep/yaml_change.h"

namespace tokenmark {
namespace {

// A new sweep: SweepForm's defaults.
constexpr auto kNew = R"(name: My sweep
node: local
target:
  engine: {model: "shape:llama-3.2-1b:q4_0", device: cpu}
workload: {input: 128, output: 64, range_ratio: 1}
load: {requests_per_concurrency: 10, warmups_per_concurrency: 2}
axes: {concurrency: [1, 2, 4, 8]}
repeats: 1
)";

// What an open loop has and a closed one must not have.
constexpr const char* kOpenLoopOnly[] = {"rate",  "ramp",       "rate_end",   "stages",
                                         "burst", "burstiness", "time_scale", "max_in_flight"};

YamlPath path_at(const std::string& dotted_path) {
  YamlPath path;
  for (std::size_t begin = 0; begin <= dotted_path.size();) {
    const std::size_t end = std::min(dotted_path.find('.', begin), dotted_path.size());
    path.push_back(dotted_path.substr(begin, end - begin));
    begin = end + 1;
  }
  return path;
}

std::string scalar(const QString& value) { return yaml_scalar(value.toStdString()); }

// A text that is changed step by step; after the first step that cannot be done it stays as it is.
class Changes {
 public:
  explicit Changes(std::string text) : text_(std::move(text)) {}

  void set(const YamlPath& path, const std::string& value) { take(yaml_with(text_, path, value)); }
  void drop(const YamlPath& path) { take(yaml_without(text_, path)); }
  YamlNode tree() const { return yaml_map_of(text_).value_or(YamlNode()); }

  Result<QString> result() && {
    if (error_) return tl::unexpected(*error_);
    return QString::fromStdString(text_);
  }

 private:
  void take(Result<std::string> changed) {
    if (error_) return;
    if (changed) text_ = *std::move(changed);
    else error_ = changed.error();
  }

  std::string text_;
  std::optional<Error> error_;
};

void change_field(const FormField& field, const SweepForm& form, Changes& changes) {
  const QString value = value_of(form, field);
  if (field.absent && value == QLatin1String(field.absent)) changes.drop(path_at(field.path));
  else changes.set(path_at(field.path), scalar(value));
}

void change_node(const SweepForm& before, const SweepForm& form, Changes& changes) {
  if (!form.node.isEmpty() || form.ssh_host.isEmpty())
    return changes.set({"node"}, form.node.isEmpty() ? "local" : scalar(form.node));
  const YamlNode root = changes.tree();
  const YamlNode* node = root.find("node");
  if (!node || node->kind != YamlNode::Kind::map)
    return changes.set({"node"}, "{ssh: " + scalar(form.ssh_host) + ", agent: " + scalar(form.ssh_agent) + "}");
  if (before.ssh_host != form.ssh_host) changes.set({"node", "ssh"}, scalar(form.ssh_host));
  if (before.ssh_agent != form.ssh_agent) changes.set({"node", "agent"}, scalar(form.ssh_agent));
}

// The other kind of target with all that the form says of it; what the first had is gone with it.
void change_target(const SweepForm& form, Changes& changes) {
  const std::string kind = form.endpoint ? "endpoint" : "engine", other = form.endpoint ? "engine" : "endpoint";
  std::string fields;
  for (const FormField& field : form_fields()) {
    const YamlPath path = path_at(field.path);
    const QString value = value_of(form, field);
    if (path.size() < 3 || path[1] != kind || (field.absent && value == QLatin1String(field.absent))) continue;
    fields += (fields.empty() ? "" : ", ") + path[2] + ": " + scalar(value);
  }
  changes.set({"target", kind}, "{" + fields + "}");
  changes.drop({"target", other});
}

// Where the file has them: as an axis, as the one value of the section, or as an axis from now on.
void change_load_values(const char* path, const QString& values, Changes& changes) {
  const YamlNode root = changes.tree();
  const YamlPath at = path_at(path);
  const std::string list = yaml_list(values.toStdString());
  const std::vector<FileAxis> axes = axes_of(root);
  if (const FileAxis* axis = axis_of(axes, path)) return changes.set({"axes", axis->key}, list);
  const bool one = list.find(',') == std::string::npos && list.size() > 2;
  if (one && node_at(root, path)) return changes.set(at, list.substr(1, list.size() - 2));
  changes.set({"axes", at.back()}, list);
  changes.drop(at);
}

void drop_axis(const char* path, Changes& changes) {
  const std::vector<FileAxis> axes = axes_of(changes.tree());
  if (const FileAxis* axis = axis_of(axes, path); axis && !axis->zipped) changes.drop({"axes", axis->key});
}

void change_load(const SweepForm& before, const SweepForm& after, Changes& changes) {
  if (before.closed() && !after.closed()) {
    change_load_values(kRatePath, after.rates, changes);
    drop_axis(kConcurrencyPath, changes);
    changes.drop({"load", "concurrency"});
  } else if (!before.closed() && after.closed()) {
    change_load_values(kConcurrencyPath, after.concurrency, changes);
    drop_axis(kRatePath, changes);
    for (const char* field : kOpenLoopOnly) changes.drop({"load", field});
  } else {
    if (before.concurrency != after.concurrency) change_load_values(kConcurrencyPath, after.concurrency, changes);
    if (before.rates != after.rates) change_load_values(kRatePath, after.rates, changes);
  }
  if (before.arrivals == after.arrivals) return;
  if (after.closed()) changes.drop({"load", "arrivals"});
  else changes.set({"load", "arrivals"}, scalar(after.arrivals));
}

void change_axis(const SweepForm& before, const SweepForm& after, Changes& changes) {
  if (before.axis == after.axis && before.axis_values == after.axis_values) return;
  if (!after.axis.isEmpty()) changes.set({"axes", after.axis.toStdString()}, yaml_list(after.axis_values.toStdString()));
  if (before.axis != after.axis && !before.axis.isEmpty()) changes.drop({"axes", before.axis.toStdString()});
}

}  // namespace

Result<QString> with_changes(const QString& yaml, const SweepForm& before, const SweepForm& after) {
  Changes changes(yaml.toStdString());
  if (before.node != after.node || before.ssh_host != after.ssh_host || before.ssh_agent != after.ssh_agent)
    change_node(before, after, changes);
  const bool other_target = before.endpoint != after.endpoint;
  if (other_target) change_target(after, changes);
  for (const FormField& field : form_fields()) {
    const bool of_target = QLatin1String(field.path).startsWith(QLatin1String("target."));
    const bool of_other =
        of_target && QLatin1String(field.path).startsWith(QLatin1String("target.endpoint")) != after.endpoint;
    if (value_of(before, field) == value_of(after, field) || of_other || (of_target && other_target)) continue;
    change_field(field, after, changes);
  }
  change_load(before, after, changes);
  change_axis(before, after, changes);
  return std::move(changes).result();
}

QString to_yaml(const SweepForm& form) {
  const QString text = QString::fromLatin1(kNew);
  return with_changes(text, SweepForm(), form).value_or(text);
}

}  // namespace tokenmark
