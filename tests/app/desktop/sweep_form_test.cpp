#include "app/desktop/sweep_form.h"

#include <gtest/gtest.h>

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

#include <nlohmann/json.hpp>
#include <set>

#include "app/desktop/offer_box.h"
#include "app/desktop/sweep_form_widget.h"
#include "core/load/api.h"
#include "core/sweep/builtin_sweeps.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

SweepForm engine_form() {
  SweepForm form;
  form.name = "a \"quoted\" name: with # signs";
  form.concurrency = "1, 3, 9";
  form.repeats = 2;
  form.threads = 2;
  form.range_ratio = "0.8";
  form.ttft_limit_s = "1.5";
  return form;
}

TEST(SweepForm, what_the_form_says_comes_back_from_its_yaml) {
  SweepForm endpoint;
  endpoint.endpoint = true;
  endpoint.url = "http://127.0.0.1:8000";
  endpoint.served_model = "m";
  endpoint.api = "chat";
  endpoint.api_key_env = "KEY";
  endpoint.gpus = 8;
  SweepForm remote = engine_form();
  remote.ssh_host = "me@there";
  SweepForm open = engine_form();
  open.arrivals = "poisson";
  open.rates = "0.5, 1, 2.25";
  open.duration_s = "12.5";
  open.prefix = 100;
  open.prefix_groups = 4;
  open.prefix_zipf = "0.75";
  open.turns = 3;
  open.axis = "output";
  open.axis_values = "8, 16";
  for (const SweepForm& form : {SweepForm(), engine_form(), endpoint, remote, open}) {
    const QString yaml = to_yaml(form);
    const Result<Sweep> sweep = parse_sweep(yaml.toStdString(), "form");
    ASSERT_TRUE(sweep) << sweep.error().message << "\n" << yaml.toStdString();
    const auto back = form_of(yaml);
    ASSERT_TRUE(back);
    EXPECT_EQ(to_yaml(back->form), yaml);
    EXPECT_EQ(back->beyond, QStringList());
  }
  EXPECT_EQ(form_of(to_yaml({}))->form, SweepForm());
  EXPECT_EQ(parse_sweep(to_yaml(open).toStdString(), "form")->points.size(), 12u);
}

constexpr auto kRich = R"(# Mine.
name: two axes   # and more
node: {ssh: me@there, options: ["-p", "2222"]}
target:
  engine: {model: "shape:smollm2-135m:q4_0", speculate: ngram}
workload:
  input: 16
  output: 8   # short
  seed: 7
axes:
  concurrency: [1, 2]
  output: [8, 16]
  seed: [1, 2]
zip:
  - {input: [16, 32], prefix: [0, 8]}
stop: {timeout_s: 60}
)";

TEST(SweepForm, what_the_form_does_not_show_is_named_and_kept) {
  const auto view = form_of(kRich);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->form.axis, "output");
  EXPECT_EQ(view->form.axis_values, "8, 16");
  for (const char* name : {"node.options", "target.engine.speculate", "workload.seed", "axes.seed", "zip", "stop"})
    EXPECT_TRUE(view->beyond.contains(name)) << name << " of " << view->beyond.join(' ').toStdString();
  EXPECT_EQ(view->beyond.size(), 6);
  for (const char* name : {"workload.output", "workload.input", "workload.prefix"})
    EXPECT_TRUE(view->varied.contains(name)) << name;
  SweepForm changed = view->form;
  changed.name = "another";
  changed.ssh_host = "you@there";
  changed.threads = 4;
  changed.concurrency = "3";
  changed.tpot_limit_s = "0.0125";
  changed.axis.clear();
  changed.axis_values.clear();
  const auto text = with_changes(kRich, view->form, changed);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->toStdString(), R"(# Mine.
name: another   # and more
node: {ssh: you@there, options: ["-p", "2222"]}
target:
  engine: {model: "shape:smollm2-135m:q4_0", speculate: ngram, threads: 4}
workload:
  input: 16
  output: 8   # short
  seed: 7
axes:
  concurrency: [3]
  seed: [1, 2]
zip:
  - {input: [16, 32], prefix: [0, 8]}
stop: {timeout_s: 60}
limits: {tpot_s: 0.0125}
)");
}

TEST(SweepForm, a_text_that_is_no_map_has_no_form_and_a_wrong_sweep_has_one) {
  EXPECT_FALSE(form_of("a: ["));
  EXPECT_FALSE(form_of("no sweep"));
  EXPECT_TRUE(form_of(""));
  EXPECT_TRUE(form_of("workload: {input: many, unheard_of: 1}\nworkloda: 3\n"));
}

TEST(SweepForm, every_problem_has_its_line) {
  const Result<Sweep> sweep = parse_sweep("name: x\nworkloda: {input: 1}\nrepeats: many\n", "sweep");
  ASSERT_FALSE(sweep);
  QList<int> lines;
  for (const SweepProblem& problem : problems_of(sweep.error())) lines << problem.line;
  EXPECT_TRUE(lines.contains(2)) << sweep.error().message;
  EXPECT_TRUE(lines.contains(3)) << sweep.error().message;
}

TEST(SweepForm, a_message_without_a_place_is_shown_whole) {
  const QList<SweepProblem> problems = problems_of({ErrorKind::internal, "something: went wrong"});
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].line, 0);
  EXPECT_EQ(problems[0].text, "something: went wrong");
}

// The widget, with the YAML that its changes make.
class FormWidgetTest : public testing::Test {
 protected:
  FormWidgetTest() {
    QObject::connect(&form_, &SweepFormWidget::edited, [this](const SweepForm& before, const SweepForm& after) {
      const auto text = with_changes(yaml_, before, after);
      ASSERT_TRUE(text) << text.error().message;
      yaml_ = *text;
    });
    form_.resize(420, 1200);
    form_.show();
  }
  void load(const QString& yaml) {
    yaml_ = yaml;
    const auto view = form_of(yaml);
    ASSERT_TRUE(view);
    form_.setForm(view->form);
    form_.setVaried(view->varied);
  }
  template <class T = QLineEdit>
  T& field(const char* name) {
    T* found = form_.findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  // As a person does: all that is there is replaced.
  void type(QWidget& into, const QString& text) {
    auto* edit = qobject_cast<QLineEdit*>(&into);
    if (!edit) edit = into.findChild<QLineEdit*>();
    edit->setFocus();
    edit->selectAll();
    if (text.isEmpty()) QTest::keyClick(edit, Qt::Key_Delete);
    QTest::keyClicks(edit, text);
  }
  // By the keyboard, without the list.
  void choose(QComboBox& box, int index) {
    box.setFocus();
    while (box.currentIndex() != index) QTest::keyClick(&box, box.currentIndex() < index ? Qt::Key_Down : Qt::Key_Up);
  }

  SweepFormWidget form_;
  QString yaml_;
};

// Each value of a document under its dotted path.
void flatten(const nlohmann::json& value, const std::string& path, std::map<std::string, std::string>& out) {
  if (value.is_object())
    for (const auto& [key, one] : value.items()) flatten(one, path.empty() ? key : path + "." + key, out);
  else
    out[path] = value.dump();
}

// What differs between two sweeps: fields of their points, and how many there are.
std::set<std::string> differences(const Sweep& a, const Sweep& b) {
  std::set<std::string> paths;
  if (a.name != b.name) paths.insert("name");
  if (a.node != b.node) paths.insert("node");
  if (a.points.size() != b.points.size()) paths.insert("points");
  for (std::size_t i = 0; i < std::min(a.points.size(), b.points.size()); ++i) {
    std::map<std::string, std::string> left, right;
    flatten(to_json(a.points[i]), "", left);
    flatten(to_json(b.points[i]), "", right);
    for (const auto& [path, value] : left)
      if (!right.contains(path) || right[path] != value) paths.insert(path);
    for (const auto& [path, value] : right)
      if (!left.contains(path)) paths.insert(path);
  }
  return paths;
}

// Every field of every built-in sweep that can be edited by the form, one at a time: only its key of the sweep changes, and
// all lines of the YAML stay but the one of the change.
TEST_F(FormWidgetTest, each_field_of_each_built_in_sweep_changes_its_own_key_only) {
  const std::map<std::string, QString> texts = {{"name", "Another name"},
                                                {"target.engine.model", "shape:smollm2-135m:f16"},
                                                {"target.engine.device", "cuda:0"},
                                                {"target.endpoint.url", "http://127.0.0.1:9"},
                                                {"target.endpoint.model", "other"},
                                                {"target.endpoint.api_key_env", "A_KEY"},
                                                {"target.endpoint.tokenizer", "t.gguf"},
                                                {"target.endpoint.hardware", "h200"},
                                                {"workload.range_ratio", "0.8125"},
                                                {"workload.prefix_zipf", "0.125"},
                                                {"workload.think_s", "1.0625"},
                                                {"load.duration_s", "30.03125"},
                                                {"limits.ttft_s", "0.0375"},
                                                {"limits.tpot_s", "0.0125"}};
  int edited = 0;
  for (const BuiltinSweep& sweep : builtin_sweeps()) {
    const QString original = QString::fromStdString(sweep.yaml);
    const Sweep before = *parse_sweep(sweep.yaml, "before");
    load(original);
    EXPECT_TRUE(form_.isEnabled());
    for (const FormField& one : form_fields()) {
      const QString path = QString::fromLatin1(one.path);
      load(original);
      QWidget* widget = nullptr;
      for (QWidget* candidate : form_.findChildren<QWidget*>())
        if (form_.pathOf(candidate) == path) widget = candidate;
      const bool other_target = path.startsWith("target.") && path.contains("endpoint") != form_.form().endpoint;
      if (other_target || path == "target.endpoint.api") continue;   // tested below
      ASSERT_NE(widget, nullptr) << one.path;
      if (!widget->isEnabled()) {
        EXPECT_TRUE(form_of(original)->varied.contains(path)) << one.path << " of " << sweep.name;
        continue;
      }
      if (!widget->isVisibleTo(&form_)) continue;   // what is not asked: groups without prefixes, requests of an open loop
      if (auto* box = qobject_cast<QSpinBox*>(widget)) {
        if (path == "target.engine.context") type(*box, "20480");   // one more than none is too short
        else QTest::keyClick(box, Qt::Key_Up);
      } else {
        type(*widget, texts.at(one.path));
      }
      ASSERT_NE(yaml_, original) << one.path << " of " << sweep.name;
      int same = 0;
      for (const QString& line : original.split('\n')) same += yaml_.split('\n').contains(line);
      EXPECT_GE(same, original.split('\n').size() - 1) << one.path << ": more than a line of it has changed\n"
                                                       << yaml_.toStdString();
      const auto after = parse_sweep(yaml_.toStdString(), "after");
      if (!after && path == "workload.turns") continue;   // longer than the context: rightly refused
      ASSERT_TRUE(after) << one.path << " of " << sweep.name << ": " << after.error().message << "\n" << yaml_.toStdString();
      const std::set<std::string> expected{path == "repeats" ? "points" : path.toStdString()};
      std::set<std::string> changed = differences(before, *after);
      if (path == "repeats") changed = {changed.contains("points") ? "points" : ""};   // they lie in another order
      EXPECT_EQ(changed, expected) << sweep.name << "\n" << yaml_.toStdString();
      ++edited;
    }
  }
  EXPECT_GT(edited, 9 * 12);
}

TEST_F(FormWidgetTest, loads_and_axes_of_the_built_in_sweeps_are_edited_where_they_are) {
  for (const BuiltinSweep& sweep : builtin_sweeps()) {
    load(QString::fromStdString(sweep.yaml));
    const Sweep before = *parse_sweep(sweep.yaml, "before");
    const bool closed = form_.form().closed();
    auto& values = field(closed ? "sweepConcurrency" : "sweepRates");
    EXPECT_TRUE(values.isVisibleTo(&form_)) << sweep.name;
    EXPECT_FALSE(field(closed ? "sweepRates" : "sweepConcurrency").isVisibleTo(&form_)) << sweep.name;
    QString changed = values.text();
    changed.replace(QRegularExpression("^[0-9.]+"), "3");
    type(values, changed);
    const auto after = parse_sweep(yaml_.toStdString(), "after");
    ASSERT_TRUE(after) << after.error().message << "\n" << yaml_.toStdString();
    EXPECT_EQ(differences(before, *after), std::set<std::string>{closed ? "load.concurrency" : "load.rate"})
        << yaml_.toStdString();
  }
  load(QString::fromStdString(builtin_sweeps()[0].yaml));
}

TEST_F(FormWidgetTest, a_free_axis_begins_with_the_one_value_that_the_field_has) {
  load(to_yaml({}));
  auto& axis = field<QComboBox>("sweepAxis");
  EXPECT_FALSE(field("sweepAxisValues").isVisibleTo(&form_));
  choose(axis, axis.findData("output"));
  EXPECT_TRUE(field("sweepAxisValues").isVisibleTo(&form_));
  EXPECT_TRUE(yaml_.contains("axes: {concurrency: [1, 2, 4, 8], output: [64]}")) << yaml_.toStdString();
  type(field("sweepAxisValues"), "32, 64, 128");
  EXPECT_EQ(parse_sweep(yaml_.toStdString(), "s")->points.size(), 12u);
  choose(axis, 0);
  EXPECT_EQ(yaml_, to_yaml({}));
}

TEST_F(FormWidgetTest, every_api_survives_an_edit_of_another_field) {
  for (const Api& api : apis()) {
    SweepForm form;
    form.endpoint = true;
    form.served_model = "m";
    form.api = QString::fromStdString(std::string(api.name));
    load(to_yaml(form));
    type(field("sweepName"), "edited");
    const auto sweep = parse_sweep(yaml_.toStdString(), "s");
    ASSERT_TRUE(sweep) << sweep.error().message;
    EXPECT_EQ(std::get<EndpointTarget>(sweep->points[0].target).api, api.name);
    EXPECT_EQ(sweep->name, "edited");
  }
  auto& box = field<QComboBox>("sweepApi");
  for (const Api& api : apis()) {
    if (api.media) continue;
    EXPECT_GE(box.findText(QString::fromStdString(std::string(api.name))), 0) << api.name;
  }
  choose(box, box.findText("tgi"));
  EXPECT_TRUE(yaml_.contains("api: tgi")) << yaml_.toStdString();
}

TEST_F(FormWidgetTest, no_number_is_rounded_by_an_edit_of_another_field) {
  load(
      "name: fine\ntarget: {engine: {model: m.gguf}}\nworkload: {input: 16, output: 8, range_ratio: 0.33333333, think_s: "
      "0.00001}\n"
      "axes: {concurrency: [1]}\nlimits: {ttft_s: 1.23456789, tpot_s: 0.0125}\n");
  EXPECT_EQ(field("sweepTpotLimit").text(), "0.0125");
  type(field("sweepName"), "edited");
  for (const char* kept : {"0.33333333", "0.00001", "1.23456789", "tpot_s: 0.0125"})
    EXPECT_TRUE(yaml_.contains(kept)) << kept << "\n" << yaml_.toStdString();
}

TEST_F(FormWidgetTest, limits_and_ratio_are_typed_and_taken_away) {
  load(to_yaml({}));
  type(field("sweepTtftLimit"), "1.5");
  type(field("sweepTpotLimit"), "0.0125");
  EXPECT_TRUE(yaml_.contains("limits: {ttft_s: 1.5, tpot_s: 0.0125}")) << yaml_.toStdString();
  type(field("sweepTtftLimit"), "");
  type(field("sweepTpotLimit"), "");
  EXPECT_FALSE(yaml_.contains("limits")) << yaml_.toStdString();
  type(field("sweepRangeRatio"), "0.85x");
  EXPECT_TRUE(yaml_.contains("range_ratio: 0.85}")) << yaml_.toStdString();
}

TEST_F(FormWidgetTest, engine_and_load_fields_go_to_their_keys) {
  load(to_yaml({}));
  type(field<OfferBox>("sweepModel"), "m.gguf");
  type(field<OfferBox>("sweepDevice"), "cuda:1");
  type(field<QSpinBox>("sweepThreads"), "6");
  type(field<QSpinBox>("sweepContext"), "4096");
  type(field<QSpinBox>("sweepInput"), "100");
  type(field<QSpinBox>("sweepOutput"), "50");
  type(field<QSpinBox>("sweepRequests"), "7");
  type(field<QSpinBox>("sweepMinRequests"), "30");
  type(field<QSpinBox>("sweepWarmups"), "3");
  type(field<QSpinBox>("sweepRepeats"), "2");
  type(field<QSpinBox>("sweepPrefix"), "40");
  type(field<QSpinBox>("sweepPrefixGroups"), "5");
  type(field("sweepPrefixZipf"), "1.25");
  type(field<QSpinBox>("sweepTurns"), "4");
  type(field("sweepThink"), "2.5");
  type(field("sweepConcurrency"), "1, 5");
  const auto sweep = parse_sweep(yaml_.toStdString(), "s");
  ASSERT_TRUE(sweep) << sweep.error().message << "\n" << yaml_.toStdString();
  ASSERT_EQ(sweep->points.size(), 4u);
  const auto& engine = std::get<EngineTarget>(sweep->points[0].target);
  EXPECT_EQ(engine.model, "m.gguf");
  EXPECT_EQ(engine.device, "cuda:1");
  EXPECT_EQ(engine.threads, 6u);
  EXPECT_EQ(engine.context, 4096);
  const Workload& workload = sweep->points[0].workload;
  EXPECT_EQ(std::tuple(workload.input, workload.output, workload.prefix, workload.prefix_groups, workload.turns),
            std::tuple(100, 50, 40, 5, 4));
  EXPECT_EQ(std::tuple(workload.prefix_zipf, workload.think_s), std::tuple(1.25, 2.5));
  const Load& load = sweep->points[1].load;
  EXPECT_EQ(std::tuple(load.concurrency, load.requests_per_concurrency, load.min_requests, load.warmups_per_concurrency),
            std::tuple(5, 7, 30, 3));
}

TEST_F(FormWidgetTest, a_closed_loop_becomes_an_open_one_and_back) {
  load(to_yaml({}));
  auto& kind = field<QComboBox>("sweepLoad");
  choose(kind, kind.findData("poisson"));
  type(field("sweepRates"), "0.5, 2");
  type(field("sweepDuration"), "12.5");
  const auto open = parse_sweep(yaml_.toStdString(), "s");
  ASSERT_TRUE(open) << open.error().message << "\n" << yaml_.toStdString();
  ASSERT_EQ(open->points.size(), 2u);
  EXPECT_EQ(open->points[0].load.arrivals, "poisson");
  EXPECT_EQ(open->points[1].load.rate, 2);
  EXPECT_EQ(open->points[1].load.duration_s, 12.5);
  choose(kind, kind.findData("closed"));
  const auto closed = parse_sweep(yaml_.toStdString(), "s");
  ASSERT_TRUE(closed) << closed.error().message << "\n" << yaml_.toStdString();
  EXPECT_EQ(closed->points, parse_sweep(to_yaml({}).toStdString(), "s")->points) << yaml_.toStdString();
}

TEST_F(FormWidgetTest, engine_and_server_change_places) {
  load(to_yaml({}));
  auto& target = field<QComboBox>("sweepTarget");
  choose(target, 1);
  EXPECT_TRUE(field("sweepUrl").isVisible());
  type(field("sweepUrl"), "http://127.0.0.1:8123");
  type(field("sweepServedModel"), "llama");
  type(field("sweepKeyEnv"), "MY_KEY");
  type(field("sweepTokenizer"), "t.gguf");
  type(field<QSpinBox>("sweepGpus"), "8");
  type(field("sweepHardware"), "h200");
  const auto sweep = parse_sweep(yaml_.toStdString(), "s");
  ASSERT_TRUE(sweep) << sweep.error().message << "\n" << yaml_.toStdString();
  const EndpointTarget expected{.url = "http://127.0.0.1:8123",
                                .model = "llama",
                                .api_key_env = "MY_KEY",
                                .tokenizer = "t.gguf",
                                .gpus = 8,
                                .hardware = "h200"};
  EXPECT_EQ(std::get<EndpointTarget>(sweep->points[0].target), expected);
  choose(target, 0);
  EXPECT_EQ(yaml_, to_yaml({}));
}

TEST_F(FormWidgetTest, nodes_are_chosen_from_the_list_or_typed) {
  load(to_yaml({}));
  form_.setNodes({"box", "rack"});
  auto& node = field<QComboBox>("sweepNode");
  EXPECT_FALSE(field("sweepHost").isEnabled());
  choose(node, node.findText("rack"));
  EXPECT_TRUE(yaml_.contains("node: rack")) << yaml_.toStdString();
  choose(node, 1);
  type(field("sweepHost"), "me@there");
  type(field("sweepAgent"), "/opt/agent");
  EXPECT_TRUE(yaml_.contains("node: {ssh: me@there, agent: /opt/agent}")) << yaml_.toStdString();
  choose(node, 0);
  EXPECT_EQ(yaml_, to_yaml({}));
}

TEST_F(FormWidgetTest, models_and_devices_of_this_machine_are_offered_and_a_file_can_be_chosen) {
  load(to_yaml({}));
  form_.setModels({{.path = "/models/q.gguf", .name = "Qwen3", .where = "LM Studio", .bytes = 1'000'000'000}});
  form_.setDevices({"cpu", "cuda:0"});
  auto& model = field<OfferBox>("sweepModel");
  auto& device = field<OfferBox>("sweepDevice");
  EXPECT_EQ(model.currentText(), SweepForm().model);
  EXPECT_EQ(yaml_, to_yaml({}));
  ASSERT_EQ(device.count(), 2);
  EXPECT_TRUE(model.itemData(0, Qt::DisplayRole).toString().contains("Qwen3 · LM Studio"));
  choose(model, 0);
  EXPECT_EQ(model.currentText(), "/models/q.gguf");
  EXPECT_TRUE(yaml_.contains("model: /models/q.gguf")) << yaml_.toStdString();
  choose(device, 1);
  EXPECT_TRUE(yaml_.contains("\"cuda:0\"")) << yaml_.toStdString();
  choose(field<QComboBox>("sweepNode"), 1);
  type(field("sweepHost"), "me@there");
  EXPECT_EQ(device.count(), 1) << "another machine has other devices and files";
  EXPECT_EQ(device.currentText(), "cuda:0");
  EXPECT_EQ(model.currentText(), "/models/q.gguf");
  QTest::mouseClick(&field<QToolButton>("sweepModelFile"), Qt::LeftButton);
  auto* dialog = form_.findChild<QFileDialog*>("sweepModelDialog");
  ASSERT_NE(dialog, nullptr);
  emit dialog->fileSelected("/models/of/mine.gguf");
  dialog->close();
  EXPECT_TRUE(yaml_.contains("model: /models/of/mine.gguf")) << yaml_.toStdString();
}

}  // namespace
}  // namespace tokenmark
