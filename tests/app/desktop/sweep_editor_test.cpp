#include "app/desktop/sweep_editor.h"

#include <gtest/gtest.h>

#include <QCheckBox>
#include <QFileDialog>
#include <QLabel>
#include <QLocale>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include <nlohmann/json.hpp>

#include "app/desktop/look.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/sweep_files.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/yaml_edit.h"
#include "core/store/store.h"

namespace tokenmark {
namespace {

class SweepEditorTest : public testing::Test {
 protected:
  SweepEditorTest() {
    QObject::connect(&editor_, &SweepEditor::fileUsed, [this](const QString& path) { used_ << path; });
    editor_.show();
    EXPECT_TRUE(waitFor([&] { return start()->isEnabled(); }));
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 10000); }
  QPushButton* start() { return editor_.findChild<QPushButton*>("sweepStart"); }
  QString title() { return editor_.windowTitle().remove("[*]"); }
  QString write(const char* name, const QByteArray& text) {
    QFile file(folder_.filePath(name));
    EXPECT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
    return file.fileName();
  }
  static QString read(const QString& path) {
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    return QString::fromUtf8(file.readAll());
  }
  // By the dialog's own field and keys.
  void chooseFile(const char* dialog_name, const QString& path) {
    auto* dialog = editor_.findChild<QFileDialog*>(QString::fromLatin1(dialog_name));
    ASSERT_NE(dialog, nullptr);
    QTest::qWait(50);
    auto* name = dialog->findChild<QLineEdit*>("fileNameEdit");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, path);
    QTest::keyClick(name, Qt::Key_Return);
  }
  QString verdict() { return editor_.findChild<QLabel*>("sweepVerdict")->text(); }

  QTemporaryDir folder_;
  QStringList used_;
  Tasks tasks_;
  SweepEditor editor_{tasks_, folder_.filePath("runs.db").toStdString(), nullptr};
};

TEST_F(SweepEditorTest, typing_in_the_form_changes_yaml_and_number_of_points) {
  auto* concurrency = editor_.findChild<QLineEdit*>("sweepConcurrency");
  concurrency->selectAll();
  QTest::keyClicks(concurrency, "1, 2, 4");
  editor_.findChild<QSpinBox*>("sweepRepeats")->setValue(3);
  EXPECT_TRUE(waitFor([&] { return verdict() == "9 points"; })) << verdict().toStdString();
  EXPECT_TRUE(editor_.yaml().contains("[1, 2, 4]"));
}

TEST_F(SweepEditorTest, typing_yaml_changes_the_form) {
  QString yaml = editor_.yaml();
  editor_.setYaml(yaml.replace("input: 128", "input: 77"));
  EXPECT_TRUE(waitFor([&] { return editor_.findChild<QSpinBox*>("sweepInput")->value() == 77; }));
}

TEST_F(SweepEditorTest, a_mistake_is_shown_with_its_line_and_forbids_the_start) {
  editor_.setYaml(editor_.yaml() + "concurency: 3\n");
  auto* problems = editor_.findChild<QListWidget*>("sweepProblems");
  ASSERT_TRUE(waitFor([&] { return problems->count() == 1; }));
  const int line = static_cast<int>(editor_.yaml().count('\n'));
  EXPECT_TRUE(problems->item(0)->text().contains(QString::number(line))) << problems->item(0)->text().toStdString();
  EXPECT_TRUE(editor_.findChild<YamlEdit*>("sweepYaml")->markedLines().contains(line));
  EXPECT_FALSE(start()->isEnabled());
}

TEST_F(SweepEditorTest, start_gives_the_checked_sweep) {
  std::optional<Sweep> started;
  QObject::connect(&editor_, &SweepEditor::startWanted, [&](const Sweep& sweep) { started = sweep; });
  QTest::mouseClick(start(), Qt::LeftButton);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->points.size(), 4u);
  EXPECT_FALSE(editor_.isVisible());
}

TEST_F(SweepEditorTest, form_and_yaml_share_one_history) {
  const QString first = editor_.yaml();
  auto* input = editor_.findChild<QSpinBox*>("sweepInput");
  input->setValue(300);
  EXPECT_TRUE(editor_.yaml().contains("input: 300"));
  editor_.setYaml(editor_.yaml().replace("output: 64", "output: 65"));
  EXPECT_TRUE(waitFor([&] { return editor_.findChild<QSpinBox*>("sweepOutput")->value() == 65; }));
  QTest::keyClick(input, Qt::Key_Z, Qt::ControlModifier);   // in the form, the last change of the YAML
  EXPECT_TRUE(waitFor([&] { return editor_.findChild<QSpinBox*>("sweepOutput")->value() == 64; }));
  auto* yaml = editor_.findChild<YamlEdit*>("sweepYaml");
  yaml->setFocus();
  QTest::keyClick(yaml, Qt::Key_Z, Qt::ControlModifier);    // in the YAML, the form's
  EXPECT_TRUE(waitFor([&] { return input->value() == 128; }));
  EXPECT_EQ(editor_.yaml(), first);
  QTest::keyClick(yaml, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_TRUE(waitFor([&] { return input->value() == 300; }));
}

TEST_F(SweepEditorTest, the_plan_shows_points_in_order_and_how_long_they_take) {
  auto* points = editor_.findChild<QTreeWidget*>("sweepPoints");
  auto* estimate = editor_.findChild<QLabel*>("sweepEstimate");
  ASSERT_TRUE(waitFor([&] { return points->topLevelItemCount() == 4; }));
  EXPECT_TRUE(points->topLevelItem(2)->text(1).contains("concurrency 4"));
  EXPECT_EQ(points->topLevelItem(2)->text(3), "40");
  EXPECT_TRUE(estimate->text().contains("not known")) << estimate->text().toStdString();
  editor_.setYaml("name: rates\ntarget: {endpoint: {url: \"http://127.0.0.1:8000\", model: m, api: completions}}\n"
                  "load: {arrivals: poisson, duration_s: 60}\naxes: {rate: [1, 2]}\n");
  EXPECT_TRUE(waitFor([&] { return estimate->text().contains("about 2 min") && estimate->text().contains("schedule"); })) << estimate->text().toStdString();
  editor_.setYaml("name: many\ntarget: {engine: {model: m.gguf}}\nrepeats: 100\naxes: {concurrency: [1, 2, 3, 4]}\n");
  EXPECT_TRUE(waitFor([&] { return points->topLevelItemCount() == 101; }));
  EXPECT_EQ(points->topLevelItem(100)->text(1), "and 300 more");
  editor_.setYaml("no sweep");
  EXPECT_TRUE(waitFor([&] { return points->topLevelItemCount() == 0; }));
}

// A store that knows two of the four concurrencies.
TEST_F(SweepEditorTest, what_earlier_runs_took_is_known_when_the_editor_opens) {
  editor_.close();
  {
    const auto sweep = parse_sweep(editor_.yaml().toStdString(), "s");
    const auto store = *Store::open(folder_.filePath("runs.db").toStdString());
    for (const std::size_t index : {0u, 2u}) {
      NewRun run;
      run.point = sweep->points[index];
      run.node = "local";
      Figures figures;
      figures.completed = 10;
      figures.duration_s = 10;
      figures.ttft_s.p50.value = 0.1;
      figures.tpot_s.p50.value = 0.01;
      ASSERT_TRUE(store->finish_run(*store->begin_run(run), figures, nlohmann::json::object(), nullptr));
    }
  }
  editor_.show();
  auto* estimate = editor_.findChild<QLabel*>("sweepEstimate");
  EXPECT_TRUE(waitFor([&] { return estimate->text().contains("2 as measured before") && estimate->text().contains("2 from similar runs"); }))
      << estimate->text().toStdString();
}

// The same counting as `run --resume --dry-run`.
TEST_F(SweepEditorTest, an_earlier_run_that_is_gone_on_with_leaves_only_the_rest_in_the_plan) {
  {
    const auto sweep = parse_sweep(editor_.yaml().toStdString(), "s");
    const auto store = *Store::open(folder_.filePath("runs.db").toStdString());
    const auto id = store->add_sweep(sweep->name, sweep->yaml, sweep->hash, 4);
    ASSERT_TRUE(id);
    NewRun run;
    run.point = sweep->points[0];
    run.node = "local";
    run.sweep = *id;
    Figures figures;
    figures.completed = 10;
    figures.duration_s = 10;
    ASSERT_TRUE(store->finish_run(*store->begin_run(run), figures, nlohmann::json::object(), nullptr));
  }
  auto* estimate = editor_.findChild<QLabel*>("sweepEstimate");
  auto* points = editor_.findChild<QTreeWidget*>("sweepPoints");
  EXPECT_TRUE(waitFor([&] { return estimate->text().startsWith("4 points"); })) << estimate->text().toStdString();
  auto* resume = editor_.findChild<QCheckBox*>("sweepResume");
  resume->setFocus();
  QTest::keyClick(resume, Qt::Key_Space);
  ASSERT_TRUE(resume->isChecked());
  EXPECT_TRUE(waitFor([&] { return estimate->text().startsWith("3 points · 1 are done"); }))
      << estimate->text().toStdString();
  EXPECT_EQ(points->topLevelItemCount(), 3);
  bool wanted = false;
  QObject::connect(&editor_, &SweepEditor::startWanted, [&](const Sweep&, bool on) { wanted = on; });
  ASSERT_TRUE(waitFor([&] { return start()->isEnabled(); }));
  QTest::mouseClick(start(), Qt::LeftButton);
  EXPECT_TRUE(wanted);
}

TEST_F(SweepEditorTest, built_in_sweeps_and_recent_files_can_be_chosen) {
  auto* sources = editor_.findChild<SweepSources*>("sweepSources");
  QMetaObject::invokeMethod(sources->menu(), "aboutToShow");
  for (const char* name : {"quick", "chat", "reasoning", "summarisation", "server"})
    EXPECT_NE(sources->menu()->findChild<QAction*>(QStringLiteral("builtin-%1").arg(name)), nullptr) << name;
  sources->menu()->findChild<QAction*>("builtin-summarisation")->trigger();
  EXPECT_TRUE(editor_.yaml().contains("input: 8192"));
  QFile file(folder_.filePath("mine.yaml"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("name: mine\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [3]}\n");
  file.close();
  editor_.openPath(file.fileName());
  ASSERT_TRUE(waitFor([&] { return editor_.yaml().startsWith("name: mine"); }));
  EXPECT_EQ(used_, QStringList{file.fileName()});
}

// One list for the whole window, of which the editor shows the sweeps.
TEST_F(SweepEditorTest, recent_sweeps_are_those_of_the_file_menu) {
  const QString mine = write("mine.sweep.yaml", "name: mine\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [3]}\n");
  UserSettings().clear();
  QMenu file_menu;
  RecentFiles recent(file_menu, nullptr);
  recent.add(folder_.filePath("results.json"));
  recent.add(mine);
  auto* sources = editor_.findChild<SweepSources*>("sweepSources");
  QMetaObject::invokeMethod(sources->menu(), "aboutToShow");
  const QList<QAction*> actions = sources->menu()->findChildren<QAction*>("recentSweep");
  ASSERT_EQ(actions.size(), 1);
  actions[0]->trigger();
  EXPECT_TRUE(waitFor([&] { return editor_.path() == mine; }));
  UserSettings().clear();
}

TEST_F(SweepEditorTest, a_file_is_opened_edited_and_saved_by_keys) {
  const QString path = write(
      "mine.sweep.yaml", "# Mine.\nname: mine   # really\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [3]}\n");
  EXPECT_EQ(title(), "New sweep");
  QTest::mouseClick(editor_.findChild<QPushButton*>("sweepOpen"), Qt::LeftButton);
  chooseFile("sweepOpenDialog", path);
  ASSERT_TRUE(waitFor([&] { return editor_.path() == path; }));
  EXPECT_EQ(title(), "mine.sweep.yaml – sweep");
  EXPECT_FALSE(editor_.isWindowModified());
  auto* name = editor_.findChild<QLineEdit*>("sweepName");
  ASSERT_TRUE(waitFor([&] { return name->text() == "mine"; })) << name->text().toStdString() << editor_.yaml().toStdString();
  name->setFocus();
  name->selectAll();
  QTest::keyClicks(name, "yours");
  EXPECT_TRUE(editor_.isWindowModified());
  editor_.activateWindow();   // as it is when the file dialog has gone
  ASSERT_TRUE(QTest::qWaitForWindowActive(&editor_));
  QTest::keyClick(&editor_, Qt::Key_S, Qt::ControlModifier);
  ASSERT_TRUE(waitFor([&] { return !editor_.isWindowModified(); }));
  EXPECT_EQ(read(path), "# Mine.\nname: yours   # really\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [3]}\n");
  EXPECT_EQ(used_, (QStringList{path, path}));
  QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
  EXPECT_TRUE(editor_.isWindowModified()) << "not as in the file any more";
}

TEST_F(SweepEditorTest, what_is_in_no_file_is_saved_under_a_name_with_the_suffix_of_sweeps) {
  QTest::mouseClick(editor_.findChild<QPushButton*>("sweepSave"), Qt::LeftButton);
  chooseFile("sweepSaveDialog", folder_.filePath("first"));
  ASSERT_TRUE(waitFor([&] { return editor_.path() == folder_.filePath("first.sweep.yaml"); }))
      << editor_.path().toStdString();
  EXPECT_EQ(read(editor_.path()), editor_.yaml());
  QTest::mouseClick(editor_.findChild<QPushButton*>("sweepSaveAs"), Qt::LeftButton);
  chooseFile("sweepSaveDialog", folder_.filePath("second.yaml"));
  ASSERT_TRUE(waitFor([&] { return editor_.path() == folder_.filePath("second.yaml"); })) << editor_.path().toStdString();
  EXPECT_EQ(title(), "second.yaml – sweep");
}

TEST_F(SweepEditorTest, another_sweep_replaces_unsaved_text_in_one_step_that_a_note_names_and_undo_takes_back) {
  const QString path = write("mine.sweep.yaml", "name: mine\ntarget: {engine: {model: m.gguf}}\naxes: {concurrency: [3]}\n");
  editor_.openPath(path);
  ASSERT_TRUE(waitFor([&] { return editor_.path() == path; }));
  const QString other = "name: other\ntarget: {engine: {model: n.gguf}}\naxes: {concurrency: [5]}\n";
  auto* notes = editor_.findChild<MessageBar*>("sweepNotes");
  auto* yaml = editor_.findChild<YamlEdit*>("sweepYaml");
  yaml->setFocus();
  QTest::keyClick(yaml, Qt::Key_End, Qt::ControlModifier);
  QTest::keyClicks(yaml, "repeats: 2");
  const QString edited = editor_.yaml();
  editor_.setYaml(other);
  ASSERT_EQ(notes->texts().size(), 1);
  EXPECT_TRUE(notes->texts()[0].contains("mine.sweep.yaml") && notes->texts()[0].contains("Ctrl+Z"))
      << notes->texts()[0].toStdString();
  EXPECT_EQ(editor_.path(), "") << "what is saved next must not go into the other file";
  EXPECT_EQ(title(), "New sweep");
  QTest::keyClick(yaml, Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(editor_.yaml(), edited);
  EXPECT_EQ(editor_.path(), path);
  EXPECT_TRUE(editor_.isWindowModified());
  EXPECT_EQ(notes->texts().size(), 0);
  QTest::keyClick(yaml, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_EQ(editor_.yaml(), other);
  EXPECT_EQ(editor_.path(), "");
  editor_.setYaml("name: third\n");
  EXPECT_EQ(notes->texts().size(), 0) << "nothing that was edited is gone";
}

TEST_F(SweepEditorTest, a_sweep_that_says_more_than_the_form_keeps_the_form_alive) {
  editor_.setYaml("name: more\ntarget: {engine: {model: m.gguf, speculate: ngram}}\nworkload: {input: 16, output: 8}\n"
                  "axes: {concurrency: [1, 2]}\nstop: {timeout_s: 60}\n");
  auto* beyond = editor_.findChild<QLabel*>("sweepBeyond");
  ASSERT_TRUE(waitFor([&] { return beyond->isVisible(); }));
  EXPECT_TRUE(beyond->text().contains("target.engine.speculate, stop")) << beyond->text().toStdString();
  auto* concurrency = editor_.findChild<QLineEdit*>("sweepConcurrency");
  EXPECT_TRUE(concurrency->isEnabled());
  ASSERT_TRUE(waitFor([&] { return concurrency->text() == "1, 2"; }));
  concurrency->setFocus();
  concurrency->selectAll();
  QTest::keyClicks(concurrency, "4");
  EXPECT_TRUE(waitFor([&] { return verdict() == "1 point"; })) << verdict().toStdString();
  EXPECT_TRUE(editor_.yaml().contains("speculate: ngram") && editor_.yaml().contains("timeout_s: 60"));
  editor_.setYaml("name: [");
  ASSERT_TRUE(waitFor([&] { return !editor_.findChild<QWidget*>("sweepForm")->isEnabled(); }));
  EXPECT_TRUE(beyond->text().contains("can be read"));
}

TEST_F(SweepEditorTest, the_plan_says_what_is_sent) {
  editor_.setYaml("name: s\ntarget: {engine: {model: m.gguf}}\nworkload: {input: 100, output: 50}\n"
                  "load: {requests_per_concurrency: 10, warmups_per_concurrency: 1}\naxes: {concurrency: [1, 2]}\n");
  auto* estimate = editor_.findChild<QLabel*>("sweepEstimate");
  const QString expected = QStringLiteral("30 requests and 3 warm-ups · %1 tokens in, %2 out")
                               .arg(QLocale().toString(3300), QLocale().toString(1650));
  EXPECT_TRUE(waitFor([&] { return estimate->text().contains(expected); })) << estimate->text().toStdString();
}

TEST_F(SweepEditorTest, every_control_has_a_name_for_those_who_cannot_see_it) {
  for (const QWidget* widget : editor_.findChildren<QWidget*>()) {
    if (widget->focusPolicy() == Qt::NoFocus || widget->objectName().startsWith("qt_")) continue;
    if (!qobject_cast<const QAbstractButton*>(widget) && !qobject_cast<const QLineEdit*>(widget)) continue;
    if (widget->parentWidget()->inherits("QAbstractSpinBox") || widget->parentWidget()->inherits("QComboBox")) continue;
    EXPECT_FALSE(widget->accessibleName().isEmpty()) << widget->objectName().toStdString();
    EXPECT_FALSE(widget->objectName().isEmpty());
  }
}

// Developers' pictures, as of window_test.
TEST_F(SweepEditorTest, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  auto* points = editor_.findChild<QTreeWidget*>("sweepPoints");
  ASSERT_TRUE(waitFor([&] { return points->topLevelItemCount() == 4; }));
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    editor_.setTheme(theme(dark));
    QTest::qWait(50);
    editor_.grab().save(QStringLiteral("%1/editor-%2.png").arg(to, dark ? "dark" : "light"));
  }
  auto* sources = editor_.findChild<SweepSources*>("sweepSources");
  sources->menu()->popup(editor_.mapToGlobal(QPoint(20, 20)));
  QTest::qWait(50);
  sources->menu()->grab().save(to + "/editor-sources.png");
  sources->menu()->close();
  apply_theme(theme(false));
}

}  // namespace
}  // namespace tokenmark
