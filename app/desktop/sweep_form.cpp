#include "app/desktop/sweep_form.h"

#include <QRegularExpression>
#include <algorithm>
#include <set>

#include "app/desktop/sweep_form_reading.h"
#include "core/sweep/sweep_fields.h"

namespace tokenmark {
namespace {

using Kind = YamlNode::Kind;
using Form = SweepForm;

constexpr FormField kFields[] = {
    {"name", &Form::name, nullptr},
    {"target.engine.model", &Form::model, nullptr},
    {"target.engine.device", &Form::device, nullptr},
    {"target.engine.threads", &Form::threads, "0"},
    {"target.engine.context", &Form::context, "0"},
    {"target.endpoint.url", &Form::url, nullptr},
    {"target.endpoint.model", &Form::served_model, nullptr},
    {"target.endpoint.api", &Form::api, nullptr},
    {"target.endpoint.api_key_env", &Form::api_key_env, ""},
    {"target.endpoint.tokenizer", &Form::tokenizer, ""},
    {"target.endpoint.gpus", &Form::gpus, "0"},
    {"target.endpoint.hardware", &Form::hardware, ""},
    {"workload.input", &Form::input, nullptr},
    {"workload.output", &Form::output, nullptr},
    {"workload.range_ratio", &Form::range_ratio, ""},
    {"workload.prefix", &Form::prefix, "0"},
    {"workload.prefix_groups", &Form::prefix_groups, "1"},
    {"workload.prefix_zipf", &Form::prefix_zipf, ""},
    {"workload.turns", &Form::turns, "1"},
    {"workload.think_s", &Form::think_s, ""},
    {"load.requests_per_concurrency", &Form::requests_per_concurrency, nullptr},
    {"load.warmups_per_concurrency", &Form::warmups_per_concurrency, nullptr},
    {"load.min_requests", &Form::min_requests, "0"},
    {"load.duration_s", &Form::duration_s, ""},
    {"repeats", &Form::repeats, nullptr},
    {"limits.ttft_s", &Form::ttft_limit_s, ""},
    {"limits.tpot_s", &Form::tpot_limit_s, ""},
};

QString text(const std::string& s) { return QString::fromStdString(s); }

// Of a file that says nothing: what a point has then (core/workload/point.h).
SweepForm unsaid(bool endpoint) {
  SweepForm form;
  form.name.clear();
  form.output = Workload().output;
  form.range_ratio.clear();
  form.concurrency = QString::number(Load().concurrency);
  (endpoint ? form.url : form.model).clear();
  return form;
}

void take(const YamlNode& value, FormMember member, SweepForm& form) {
  if (value.kind != Kind::scalar) return;
  if (const auto* words = std::get_if<QString SweepForm::*>(&member)) {
    form.**words = text(value.text);
    return;
  }
  bool whole = false;
  const int number = text(value.text).toInt(&whole);
  if (whole) form.*std::get<int SweepForm::*>(member) = number;
}

void take_node(const YamlNode* node, SweepForm& form) {
  if (!node) return;
  if (node->kind == Kind::scalar && node->text != "local") form.node = text(node->text);
  if (node->kind != Kind::map) return;
  if (const YamlNode* host = node->find("ssh")) form.ssh_host = text(host->text);
  if (const YamlNode* agent = node->find("agent")) form.ssh_agent = text(agent->text);
}

// The values of one load: those of its axis, or the one that `load` has.
QString load_values(const YamlNode& root, const std::vector<FileAxis>& axes, const char* path, const QString& otherwise) {
  const FileAxis* axis = axis_of(axes, path);
  if (axis && !axis->values.empty()) return text(axis->values);
  const YamlNode* value = node_at(root, path);
  return value && value->kind == Kind::scalar ? text(value->text) : otherwise;
}

void take_axes(const std::vector<FileAxis>& axes, SweepFormView& view) {
  for (const FileAxis& axis : axes) {
    const bool of_load = axis.path == kConcurrencyPath || axis.path == kRatePath;
    const bool shown = !axis.zipped && !axis.values.empty();
    if (of_load && shown) {
      const bool seen = (axis.path == kConcurrencyPath) == view.form.closed();
      if (!seen) view.beyond << QStringLiteral("axes.") + text(axis.key);
      continue;
    }
    view.varied << text(axis.path);
    if (!shown || !view.form.axis.isEmpty()) {
      if (!axis.zipped) view.beyond << QStringLiteral("axes.") + text(axis.key);
      continue;
    }
    view.form.axis = text(axis.key);
    view.form.axis_values = text(axis.values);
  }
}

// What the form has no place for, by the names of sections and their keys.
void list_beyond(const YamlNode& root, QStringList& beyond) {
  std::set<std::string> known = {kConcurrencyPath, kRatePath, "load.arrivals", "node.ssh", "node.agent"};
  for (const FormField& field : kFields) known.insert(field.path);
  const std::set<std::string> sections = {"node", "workload", "load", "limits", "target"};
  const auto list = [&](const std::string& where, const YamlNode& map) {
    for (const auto& [key, value] : map.entries)
      if (!known.contains(where + "." + key.text)) beyond << text(where + "." + key.text);
  };
  for (const auto& [key, value] : root.entries) {
    if (key.text == "target") {
      for (const auto& [kind, fields] : value.entries) list("target." + kind.text, fields);
    } else if (sections.contains(key.text)) {
      list(key.text, value);
    } else if (key.text != "axes" && !known.contains(key.text)) {
      beyond << text(key.text);
    }
  }
}

}  // namespace

std::span<const FormField> form_fields() { return kFields; }

QString path_of(FormMember member) {
  const auto found =
      std::find_if(std::begin(kFields), std::end(kFields), [&](const FormField& field) { return field.member == member; });
  return found == std::end(kFields) ? QString() : QString::fromLatin1(found->path);
}

QString value_of(const SweepForm& form, const FormField& field) {
  if (const auto* words = std::get_if<QString SweepForm::*>(&field.member)) return form.**words;
  return QString::number(form.*std::get<int SweepForm::*>(field.member));
}

std::optional<YamlNode> yaml_map_of(const std::string& yaml) {
  Problems problems("sweep");
  YamlNode root = parse_yaml(yaml, problems);
  if (problems.any() || (root.kind != Kind::map && root.kind != Kind::null)) return std::nullopt;
  return root;
}

const YamlNode* node_at(const YamlNode& root, const std::string& path) {
  const YamlNode* here = &root;
  for (std::size_t begin = 0; here && begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    here = here->find(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return here;
}

bool is_endpoint(const YamlNode& root) { return node_at(root, "target.endpoint") != nullptr; }

std::vector<FileAxis> axes_of(const YamlNode& root) {
  std::vector<FileAxis> axes;
  const auto add = [&](const YamlNode& map, bool zipped) {
    for (const auto& [key, list] : map.entries) {
      const auto field = axis_field(key.text, is_endpoint(root) ? "endpoint" : "engine");
      FileAxis axis{key.text, field ? dotted(*field) : key.text, {}, zipped};
      const bool plain = std::all_of(list.items.begin(), list.items.end(), [](const YamlNode& item) {
        return item.kind == Kind::scalar && item.text.find_first_of(", \t\n") == std::string::npos;
      });
      for (const YamlNode& item : list.items)
        if (plain) axis.values += (axis.values.empty() ? "" : ", ") + item.text;
      axes.push_back(std::move(axis));
    }
  };
  if (const YamlNode* map = root.find("axes")) add(*map, false);
  if (const YamlNode* zip = root.find("zip"))
    for (const YamlNode& group : zip->items) add(group, true);
  return axes;
}

const FileAxis* axis_of(const std::vector<FileAxis>& axes, const std::string& path) {
  const auto found = std::find_if(axes.begin(), axes.end(), [&](const FileAxis& axis) { return axis.path == path; });
  return found == axes.end() ? nullptr : &*found;
}

std::optional<SweepFormView> form_of(const QString& yaml) {
  const auto root = yaml_map_of(yaml.toStdString());
  if (!root) return std::nullopt;
  SweepFormView view;
  SweepForm& form = view.form;
  form = unsaid(is_endpoint(*root));
  form.endpoint = is_endpoint(*root);
  take_node(root->find("node"), form);
  for (const FormField& field : kFields)
    if (const YamlNode* value = node_at(*root, field.path)) take(*value, field.member, form);
  if (const YamlNode* arrivals = node_at(*root, "load.arrivals")) take(*arrivals, &Form::arrivals, form);
  const std::vector<FileAxis> axes = axes_of(*root);
  form.concurrency = load_values(*root, axes, kConcurrencyPath, form.concurrency);
  form.rates = load_values(*root, axes, kRatePath, {});
  take_axes(axes, view);
  list_beyond(*root, view.beyond);
  return view;
}

QStringList axis_names(bool endpoint) {
  QStringList names;
  const std::string target = endpoint ? "endpoint" : "engine";
  for (const FieldPath& section : {FieldPath{"target", target}, FieldPath{"workload"}, FieldPath{"load"}})
    for (const std::string& field : section_fields(section)) {
      FieldPath path = section;
      path.push_back(field);
      if (is_list_field(path) || dotted(path) == kConcurrencyPath || dotted(path) == kRatePath) continue;
      names << text(axis_field(field, target) ? field : section.front() + "." + field);
    }
  return names;
}

QList<SweepProblem> problems_of(const Error& error) {
  static const QRegularExpression place(QStringLiteral("^[^:]*:(\\d+):(?:\\d+:)?\\s*(.*)$"));
  QList<SweepProblem> problems;
  for (const QString& line : text(error.message).split('\n', Qt::SkipEmptyParts)) {
    const QRegularExpressionMatch match = place.match(line);
    if (match.hasMatch())
      problems.push_back({match.captured(1).toInt(), match.captured(2)});
    else
      problems.push_back({0, line});
  }
  return problems;
}

}  // namespace tokenmark
