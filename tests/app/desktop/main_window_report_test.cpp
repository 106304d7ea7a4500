// Report, reproduction and menus of runs in the whole window, with the published samples.
#include <gtest/gtest.h>

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include "app/charts/frontier_plot.h"
#include "app/desktop/main_window.h"
#include "app/desktop/report_dialog.h"
#include "app/desktop/split_tabs.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

class WindowReport : public testing::Test {
 protected:
  WindowReport() {
    QSettings().clear();
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
    const int beats = watchdog->heartbeats();
    EXPECT_TRUE(QTest::qWaitFor([&] { return watchdog->heartbeats() > beats + 1; }));
    EXPECT_LT(watchdog->longestStall().count(), kLongestStall_ms) << "the event loop stalled";
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
  for (const char* action : {"inspectRuns", "reproduceRun", "copyFigures", "reportRuns"}) EXPECT_NE(menu->findChild<QAction*>(action), nullptr) << action;
  menu->findChild<QAction*>("copyFigures")->trigger();
  EXPECT_TRUE(QGuiApplication::clipboard()->text().contains("Interactivity\t"));
  menu->findChild<QAction*>("reproduceRun")->trigger();
  menu->close();
  ASSERT_TRUE(QTest::qWaitFor([&] { return find<QDialog>("reproduceDialog") != nullptr; }, 10000));
  EXPECT_TRUE(find<QLabel>("reproduceWhyNotSweep")->text().contains("published figure"));
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
