#include "app/desktop/sweep_editor.h"

#include <gtest/gtest.h>

#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>

#include "app/desktop/tasks.h"
#include "app/desktop/yaml_edit.h"

namespace tokenmark {
namespace {

class SweepEditorTest : public testing::Test {
 protected:
  SweepEditorTest() {
    editor_.show();
    EXPECT_TRUE(waitFor([&] { return start()->isEnabled(); }));
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 10000); }
  QPushButton* start() { return editor_.findChild<QPushButton*>("sweepStart"); }
  QString verdict() { return editor_.findChild<QLabel*>("sweepVerdict")->text(); }

  Tasks tasks_;
  SweepEditor editor_{tasks_, nullptr};
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

TEST_F(SweepEditorTest, every_control_has_a_name_for_those_who_cannot_see_it) {
  for (const QWidget* widget : editor_.findChildren<QWidget*>()) {
    if (widget->focusPolicy() == Qt::NoFocus || widget->objectName().startsWith("qt_")) continue;
    if (!qobject_cast<const QAbstractButton*>(widget) && !qobject_cast<const QLineEdit*>(widget)) continue;
    if (widget->parentWidget()->inherits("QAbstractSpinBox") || widget->parentWidget()->inherits("QComboBox")) continue;
    EXPECT_FALSE(widget->accessibleName().isEmpty()) << widget->objectName().toStdString();
    EXPECT_FALSE(widget->objectName().isEmpty());
  }
}

}  // namespace
}  // namespace tokenmark
