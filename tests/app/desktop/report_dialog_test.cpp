// The report, the reproduction and the side-by-side view as a person uses them, without the rest of the window.
#include <gtest/gtest.h>

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/desktop/inspector_dock.h"
#include "app/desktop/report_dialog.h"
#include "app/desktop/reproduce_dialog.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/widgets.h"
#include "core/report/samples.h"

namespace tokenmark {
namespace {

template <class Widget>
Widget* part(QWidget& in, const char* name) {
  auto* found = in.findChild<Widget*>(QString::fromLatin1(name));
  if (!found) ADD_FAILURE() << name;
  return found;
}

RunsPtr samples() {
  auto runs = std::make_shared<RunsSnapshot>();
  runs->rows = *sample_runs();
  return runs;
}

QString text_of_file(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

class ReportWindow : public testing::Test {
 protected:
  ReportWindow() : dialog(tasks, (folder.path() + "/runs.db").toStdString(), QStringLiteral(TOKENMARK_BIN "/tokenmark"), nullptr) {
    dialog.setRuns(samples(), {});
    dialog.show();
    charts = part<QListWidget>(dialog, "reportCharts");
    EXPECT_TRUE(QTest::qWaitFor([&] { return charts->item(0)->text().contains("points"); }));
  }
  ~ReportWindow() override { UserSettings().remove(QStringLiteral("report")); }
  QString write(const char* name) {
    QSignalSpy written(&dialog, &ReportDialog::written), failed(&dialog, &ReportDialog::failed);
    const QString path = folder.path() + '/' + QString::fromLatin1(name);
    dialog.write(path);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !written.isEmpty() || !failed.isEmpty(); }, 60000));
    error = failed.isEmpty() ? QString() : failed[0][0].toString();
    return written.isEmpty() ? QString() : path;
  }

  QTemporaryDir folder;
  Tasks tasks;
  ReportDialog dialog;
  QListWidget* charts;
  QString error;
};

TEST(Widgets, a_button_is_named_by_its_text_and_described_by_its_tip) {
  const std::unique_ptr<QPushButton> named(make_button(nullptr, "one", "New &sweep of R&&D …", "Set up a sweep: of this server"));
  EXPECT_EQ(named->accessibleName(), "New sweep of R&D …");
  EXPECT_EQ(named->accessibleDescription(), "Set up a sweep: of this server");
  const std::unique_ptr<QPushButton> bare(make_button(nullptr, "two", "", "Close this note: it comes back when it happens again"));
  EXPECT_EQ(bare->accessibleName(), "Close this note");
  EXPECT_EQ(bare->accessibleDescription(), bare->toolTip());
  set_button_text(*named, "Keep", "Keep");
  EXPECT_EQ(named->accessibleName(), "Keep");
  EXPECT_TRUE(named->accessibleDescription().isEmpty()) << "nothing is said twice";
}

TEST_F(ReportWindow, shows_what_it_will_contain_and_writes_that) {
  EXPECT_TRUE(charts->item(0)->text().contains("16 points")) << charts->item(0)->text().toStdString();
  EXPECT_TRUE(charts->item(6)->text().contains("needs event logs"));
  EXPECT_FALSE(charts->item(6)->flags().testFlag(Qt::ItemIsUserCheckable));
  charts->item(1)->setCheckState(Qt::Unchecked);
  part<QLineEdit>(dialog, "reportTitle")->setText("My <b> title");
  part<QLineEdit>(dialog, "reportAuthor")->setText("Somebody");
  part<QPlainTextEdit>(dialog, "reportRemarks")->setPlainText("First.\n\nSecond.");
  const QString html = text_of_file(write("r.html"));
  for (const char* there : {"<h1>My &lt;b&gt; title</h1>", "By Somebody.", "<p>First.</p>", "<p>Second.</p>", "<h3>Frontier</h3>", "<h3>Cost</h3>"})
    EXPECT_TRUE(html.contains(there)) << there;
  EXPECT_FALSE(html.contains("<h3>Latency</h3>"));
  EXPECT_TRUE(part<QLabel>(dialog, "reportResult")->text().contains("r.html</a>"));
}

TEST_F(ReportWindow, a_pdf_is_drawn_by_the_program) {
  part<QComboBox>(dialog, "reportFormat")->setCurrentIndex(1);
  const QString path = write("r.pdf");
  ASSERT_FALSE(path.isEmpty()) << error.toStdString();
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_TRUE(file.read(5) == "%PDF-");
  EXPECT_GT(file.size(), 20000);
}

TEST_F(ReportWindow, what_is_wrong_with_a_template_is_said_with_its_line) {
  const QString path = folder.path() + "/my.html";
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("<p>\n{{nothing}}");
  file.close();
  part<QLineEdit>(dialog, "reportTemplate")->setText(path);
  EXPECT_TRUE(write("r.html").isEmpty());
  EXPECT_TRUE(error.contains("my.html:2: a report has no 'nothing'")) << error.toStdString();
  EXPECT_TRUE(part<QPushButton>(dialog, "reportWrite")->isEnabled());
}

TEST(ReproduceWindow, each_part_is_copied_with_one_click_or_says_why_there_is_none) {
  RunRow row;
  row.id = 7;
  ReproduceDialog dialog(row, {{"name: s\n", {}}, {"printf 'x'", {}}, {{}, "nobody knows"}}, nullptr);
  dialog.setAttribute(Qt::WA_DeleteOnClose, false);
  dialog.show();
  QTest::mouseClick(part<QPushButton>(dialog, "reproduceCopyCommand"), Qt::LeftButton);
  EXPECT_EQ(QGuiApplication::clipboard()->text(), "printf 'x'");
  QTest::mouseClick(part<QPushButton>(dialog, "reproduceCopySweep"), Qt::LeftButton);
  EXPECT_EQ(QGuiApplication::clipboard()->text(), "name: s\n");
  EXPECT_EQ(dialog.findChild<QPlainTextEdit*>("reproduceServer"), nullptr);
  EXPECT_EQ(part<QLabel>(dialog, "reproduceWhyNotServer")->text(), "There is none: nobody knows.");
  QSignalSpy edit(&dialog, &ReproduceDialog::editWanted);
  QTest::mouseClick(part<QPushButton>(dialog, "reproduceEdit"), Qt::LeftButton);
  ASSERT_EQ(edit.size(), 1);
  EXPECT_EQ(edit[0][0].toString(), "name: s\n");
}

TEST(InspectorOfSeveral, shows_what_differs_and_folds_what_is_equal) {
  std::vector<RunRow> rows = *sample_runs();
  rows.resize(3);
  const auto difference = run_difference(nullptr, rows);
  ASSERT_TRUE(difference) << difference.error().message;
  InspectorDock dock;
  dock.showDifference(*difference, 20);
  auto& tree = *part<QTreeWidget>(dock, "inspectorTree");
  ASSERT_EQ(tree.columnCount(), 4);
  EXPECT_TRUE(part<QLabel>(dock, "inspectorFacts")->text().contains("first 3 of 20"));
  const auto rows_named = [&](const char* name) { return tree.findItems(QString::fromLatin1(name), Qt::MatchExactly | Qt::MatchRecursive, 0); };
  ASSERT_EQ(rows_named("Interactivity (tok/s/user)").size(), 1);
  EXPECT_EQ(rows_named("Interactivity (tok/s/user)")[0]->parent()->text(0), "Figures");
  ASSERT_EQ(rows_named("model").size(), 1);
  EXPECT_TRUE(rows_named("model")[0]->parent()->text(0).contains("rows are equal"));
  EXPECT_FALSE(rows_named("model")[0]->parent()->isExpanded());
  dock.clear();
  EXPECT_EQ(tree.columnCount(), 2);
}

TEST(InspectorOfOne, copies_a_value_by_keyboard_and_everything_as_json) {
  auto detail = std::make_shared<RunDetail>();
  detail->row.id = 5;
  detail->row.state = RunState::failed;
  detail->row.error = "line one\nline two";
  detail->configuration = R"({"load": {"concurrency": 4}})";
  InspectorDock dock;
  dock.showRun(detail);
  dock.show();
  EXPECT_EQ(part<QPlainTextEdit>(dock, "inspectorError")->toPlainText(), "line one\nline two");
  EXPECT_TRUE(part<QPlainTextEdit>(dock, "inspectorError")->isVisible());
  auto& tree = *part<QTreeWidget>(dock, "inspectorTree");
  tree.setCurrentItem(tree.findItems("load · concurrency", Qt::MatchExactly | Qt::MatchRecursive, 0).first());
  QTest::keyClick(&tree, Qt::Key_C, Qt::ControlModifier);
  EXPECT_EQ(QGuiApplication::clipboard()->text(), "4");
  emit tree.customContextMenuRequested({5, 5});
  auto* menu = dock.findChild<QMenu*>("inspectorMenu");
  ASSERT_NE(menu, nullptr);
  menu->findChild<QAction*>("copyAll")->trigger();
  const auto copied = nlohmann::json::parse(QGuiApplication::clipboard()->text().toStdString(), nullptr, false);
  EXPECT_EQ(copied["run"], 5);
  EXPECT_EQ(copied["Configuration"]["load · concurrency"], "4");
  menu->close();
  QSignalSpy wanted(&dock, &InspectorDock::reproduceWanted);
  QTest::mouseClick(part<QPushButton>(dock, "inspectorReproduce"), Qt::LeftButton);
  ASSERT_EQ(wanted.size(), 1);
}

}  // namespace
}  // namespace tokenmark
