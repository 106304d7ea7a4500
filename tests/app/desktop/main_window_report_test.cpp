// Report, reproduction and menus of runs in the whole window, with the published samples.
#include <gtest/gtest.h>

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include "app/charts/frontier_plot.h"
#include "app/desktop/main_window.h"
#include "app/desktop/report_dialog.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/user_settings.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

class WindowReport : public testing::Test {
 protected:
  WindowReport() {
    UserSettings().clear();
    WindowOptions options;
    options.store = folder.filePath("runs.db").toStdString();
    options.agent_program = TOKENMARK_BIN "/tokenmark-cli";
    window = std::make_unique<MainWindow>(options);
    window->resize(1280, 800);
    window->show();
    EXPECT_TRUE(QTest::qWaitFor([&] { return find<QTableView>("runsTable")->model()->rowCount() > 3 && window->findChild<SplitTabs*>()->allMade(); }, 30000));
    QTest::qWait(200);
    watchdog = std::make_unique<Watchdog>();
  }
  ~WindowReport() override {
    expect_no_stall(*watchdog);
    watchdog.reset();
    window.reset();
  }
  template <class T>
  T* find(const char* name) { return window->findChild<T*>(QString::fromLatin1(name)); }
  QMenu* menu_of_runs() {
    auto* table = find<QTableView>("runsTable");
    emit table->customContextMenuRequested({20, 10});
    return find<QMenu>("runsMenu");
  }

  QTemporaryDir folder;
  std::unique_ptr<MainWindow> window;
  std::unique_ptr<Watchdog> watchdog;
};

TEST_F(WindowReport, a_report_is_written_beside_the_work_and_linked_in_the_status_bar) {
  find<QAction>("report")->trigger();
  auto* dialog = find<ReportDialog>("reportDialog");
  ASSERT_NE(dialog, nullptr);
  EXPECT_TRUE(dialog->isVisible());
  EXPECT_FALSE(dialog->isModal());
  const QString path = folder.filePath("a report.html");
  dialog->write(path);
  ASSERT_TRUE(QTest::qWaitFor([&] { return find<QLabel>("reportLink") != nullptr; }, 60000));
  EXPECT_TRUE(find<QLabel>("reportLink")->text().contains("a%20report.html"));
  EXPECT_TRUE(QFile::exists(path));
}

TEST_F(WindowReport, the_menu_of_a_run_inspects_copies_and_reproduces) {
  auto* table = find<QTableView>("runsTable");
  table->selectRow(0);
  QMenu* menu = menu_of_runs();
  ASSERT_NE(menu, nullptr);
  for (const char* action : {"inspectRuns", "reproduceRun", "copyFigures", "reportRuns", "compareRuns", "pinRun"})
    EXPECT_NE(menu->findChild<QAction*>(action), nullptr) << action;
  menu->findChild<QAction*>("copyFigures")->trigger();
  EXPECT_TRUE(QGuiApplication::clipboard()->text().contains("Interactivity\t"));
  menu->findChild<QAction*>("reproduceRun")->trigger();
  menu->close();
  ASSERT_TRUE(QTest::qWaitFor([&] { return find<QDialog>("reproduceDialog") != nullptr; }, 10000));
  EXPECT_TRUE(find<QLabel>("reproduceWhyNotSweep")->text().contains("published figure"));
}

TEST_F(WindowReport, a_run_is_pinned_marked_compared_with_and_unpinned_by_undo) {
  auto* table = find<QTableView>("runsTable");
  const auto column_of = [&](const char* title) {
    for (int c = 0; c < table->model()->columnCount(); ++c)
      if (table->model()->headerData(c, Qt::Horizontal).toString() == title) return c;
    return -1;
  };
  const int model = column_of("Model");
  table->selectRow(0);
  QMenu* menu = menu_of_runs();
  EXPECT_FALSE(menu->findChild<QAction*>("compareRuns")->isEnabled()) << "there is no baseline yet";
  menu->findChild<QAction*>("pinRun")->trigger();
  menu->close();
  const auto marked = [&](int row) {
    return table->model()->index(row, model).data().toString().startsWith(QStringLiteral("⚑"));
  };
  EXPECT_TRUE(marked(0));
  EXPECT_TRUE(table->model()->index(0, model).data(Qt::AccessibleTextRole).toString().endsWith("the baseline"));
  EXPECT_TRUE(find<QLabel>("runsCount")->text().contains("baseline"));
  EXPECT_TRUE(QTest::qWaitFor([&] { return find<QPushButton>("inspectorPin")->text() == "No longer the baseline"; }, 10000));

  table->selectRow(1);
  ASSERT_TRUE(QTest::qWaitFor([&] { return find<QPushButton>("inspectorCompare")->isVisible(); }, 10000));
  QTest::mouseClick(find<QPushButton>("inspectorCompare"), Qt::LeftButton);
  auto* list = find<QTreeWidget>("compareTable");
  ASSERT_TRUE(QTest::qWaitFor(
      [&] { return list->isVisible() && list->headerItem()->text(0) == "Run" && list->topLevelItemCount() > 0; }, 20000));
  EXPECT_TRUE(find<QTreeWidget>("compareDifferences")->isVisible());
  EXPECT_GT(find<QTreeWidget>("compareDifferences")->topLevelItemCount(), 0);

  QTest::mouseClick(find<QPushButton>("inspectorPin"), Qt::LeftButton);
  EXPECT_TRUE(marked(1) && !marked(0));
  find<QAction>("undo")->trigger();
  EXPECT_TRUE(marked(0) && !marked(1));
  find<QAction>("undo")->trigger();   // that runs are compared
  find<QAction>("undo")->trigger();
  EXPECT_FALSE(marked(0) || marked(1));
  EXPECT_FALSE(find<QLabel>("runsCount")->text().contains("baseline"));
}

TEST_F(WindowReport, a_report_takes_the_charts_that_are_open_as_they_are_seen) {
  ASSERT_TRUE(QTest::qWaitFor([&] { return !find<FrontierPlot>("frontierPlot")->chart().series.empty(); }, 20000));
  find<QAction>("report")->trigger();
  auto* dialog = find<ReportDialog>("reportDialog");
  auto* open = find<QCheckBox>("reportOpenCharts");
  ASSERT_TRUE(open->isEnabled());
  EXPECT_TRUE(open->toolTip().contains("Frontier"));
  EXPECT_FALSE(open->isChecked());
  QTest::mouseClick(open, Qt::LeftButton, {}, QPoint(8, open->height() / 2));
  ASSERT_TRUE(open->isChecked());
  const QString path = folder.filePath("seen.html");
  dialog->write(path);
  ASSERT_TRUE(QTest::qWaitFor([&] { return QFile::exists(path); }, 60000));
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_TRUE(QString::fromUtf8(file.readAll()).contains("Frontier, as it was seen"));
}

TEST_F(WindowReport, two_chosen_runs_stand_side_by_side_in_the_inspector) {
  auto* table = find<QTableView>("runsTable");
  table->selectRow(0);
  table->selectionModel()->select(table->model()->index(1, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
  auto* tree = find<QTreeWidget>("inspectorTree");
  ASSERT_TRUE(QTest::qWaitFor([&] { return tree->columnCount() == 3; }, 10000));
  table->selectRow(0);
  EXPECT_TRUE(QTest::qWaitFor([&] { return tree->columnCount() == 2 && tree->topLevelItemCount() > 1; }, 10000));
}

TEST_F(WindowReport, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  auto* table = find<QTableView>("runsTable");
  for (const char* theme : {"themeLight", "themeDark"}) {
    const QString suffix = QString::fromLatin1(theme).mid(5).toLower() + ".png";
    find<QAction>(theme)->trigger();
    table->selectRow(0);
    table->selectionModel()->select(table->model()->index(3, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    find<QAction>("report")->trigger();
    QTest::qWait(1500);
    find<QDialog>("reportDialog")->grab().save(to + "/report-" + suffix);
    window->grab().save(to + "/side-by-side-" + suffix);
    find<QAction>("compareChosen")->trigger();
    QTest::qWait(1500);
    window->grab().save(to + "/compare-runs-" + suffix);
    table->selectRow(0);
    menu_of_runs()->findChild<QAction*>("reproduceRun")->trigger();
    QTest::qWait(800);
    find<QDialog>("reproduceDialog")->grab().save(to + "/reproduce-" + suffix);
    window->grab().save(to + "/inspector-" + suffix);
    find<QDialog>("reproduceDialog")->close();
    QTest::qWait(100);
  }
  watchdog = std::make_unique<Watchdog>();   // grabbing pictures is no part of the window's work
}

}  // namespace
}  // namespace tokenmark
