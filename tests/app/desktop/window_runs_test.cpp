// The whole window with a store of many runs: found, grouped, marked, deleted, undone, carried to another store.
#include <gtest/gtest.h>

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include "app/desktop/frontier_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/user_settings.h"
#include "tests/app/support/watchdog.h"
#include "tests/tools/many_runs.h"

namespace tokenmark {
namespace {

class WindowRuns : public testing::Test {
 protected:
  WindowRuns() { UserSettings().clear(); }
  // `add` runs are put into the store; `listed`: what is there then, where that is another number.
  void open(const QString& store, int add, int listed = -1) {
    const auto wanted = static_cast<std::size_t>(listed < 0 ? add : listed);
    WindowOptions options;
    options.store = folder_.filePath(store).toStdString();
    if (add > 0) {
      const auto filled = Store::open(options.store);
      ASSERT_TRUE(filled);
      ASSERT_TRUE(add_many_runs(**filled, {.runs = add, .logs = 3, .requests = 4, .tokens = 4}));
    }
    window_ = std::make_unique<MainWindow>(std::move(options));
    find<QAction>("showSamples")->setChecked(false);
    window_->resize(1280, 800);
    window_->show();
    ASSERT_TRUE(waitFor([&] { return window_->findChild<SplitTabs*>()->allMade(); }));
    ASSERT_TRUE(waitFor([&] { return list().complete && list().rows.size() == wanted && !list().query.samples; }));
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 30000); }
  template <class T>
  T* find(const char* name) { return window_->findChild<T*>(QString::fromLatin1(name)); }
  RunsDock& dock() { return *find<RunsDock>("runsDock"); }
  const RunsSnapshot& list() { return *static_cast<RunsModel*>(find<QTableView>("runsTable")->model())->runs(); }
  std::size_t starred() {
    return static_cast<std::size_t>(std::count_if(list().rows.begin(), list().rows.end(), [](const RunRow& row) { return row.starred; }));
  }
  void trigger(const char* action) { find<QAction>(action)->trigger(); }

  QTemporaryDir folder_;
  std::unique_ptr<MainWindow> window_;
};

TEST_F(WindowRuns, stars_tags_notes_and_deletions_are_undone_and_redone) {
  open("runs.db", 500);
  const std::size_t before = starred();
  std::vector<RunId> plain;
  for (const RunRow& row : list().rows)
    if (!row.starred && plain.size() < 2) plain.push_back(row.id);
  dock().select(plain);
  trigger("starRuns");
  ASSERT_TRUE(waitFor([&] { return starred() == before + 2; }));
  EXPECT_EQ(dock().selected().size(), 2u) << "what is chosen stays chosen";
  trigger("undo");
  ASSERT_TRUE(waitFor([&] { return starred() == before; }));
  trigger("redo");
  ASSERT_TRUE(waitFor([&] { return starred() == before + 2; }));

  trigger("deleteRuns");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 498; }));
  EXPECT_TRUE(dock().selected().empty());
  trigger("undo");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 500; }));

  dock().select({plain.front()});
  auto* note = find<QPlainTextEdit>("runNote");
  ASSERT_TRUE(waitFor([&] { return note->isVisible(); }));
  note->setPlainText("worth a look");
  QTest::keyClick(note, Qt::Key_Return, Qt::ControlModifier);
  dock().setSearch("note:\"worth a\"");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 1; }));
  EXPECT_EQ(list().rows.front().id, plain.front());
}

TEST_F(WindowRuns, a_bundle_of_chosen_runs_is_opened_in_another_window) {
  open("runs.db", 300);
  dock().select({298, 299, 300});
  trigger("bundleRuns");
  auto* dialog = find<QFileDialog>("bundleDialog");
  ASSERT_NE(dialog, nullptr);
  QTest::qWait(30);
  const QString path = folder_.filePath("three.tokenmark");
  emit dialog->fileSelected(path);
  dialog->close();
  ASSERT_TRUE(waitFor([&] { return QFile::exists(path); }));
  open("other.db", 0);
  window_->openFiles({path});
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 3; }));
  window_->openFiles({path});
  auto* bar = find<MessageBar>("messageBar");
  ASSERT_TRUE(waitFor([&] { return bar->texts().join(' ').contains("3 were here already"); }));
  EXPECT_EQ(list().rows.size(), 3u);
  QFile broken(folder_.filePath("broken.tokenmark"));
  ASSERT_TRUE(broken.open(QIODevice::WriteOnly));
  broken.write("TKMKRUNS");
  broken.close();
  window_->openFiles({broken.fileName()});
  ASSERT_TRUE(waitFor([&] { return bar->texts().join(' ').contains("cut off"); }));
}

TEST_F(WindowRuns, a_bundle_brings_the_chart_that_was_in_front) {
  open("runs.db", 300);
  dock().select({298, 299, 300});
  auto* drawn = find<FrontierPage>("latencyPage");
  ChartDefinition definition = drawn->definition();
  definition.query.log_x = true;
  drawn->apply(definition);
  find<QTabWidget>("chartTabs")->setCurrentWidget(drawn);
  trigger("bundleRuns");
  const QString path = folder_.filePath("chart.tokenmark");
  emit find<QFileDialog>("bundleDialog")->fileSelected(path);
  ASSERT_TRUE(waitFor([&] { return QFile::exists(path); }));
  UserSettings().clear();
  open("other.db", 5);
  window_->openFiles({path});
  auto* page = find<FrontierPage>("latencyPage");
  ASSERT_TRUE(waitFor([&] { return page->definition().runs == std::vector<RunId>({6, 7, 8}); })) << "numbered as they are here";
  EXPECT_TRUE(page->definition().query.log_x);
  EXPECT_EQ(find<QTabWidget>("chartTabs")->currentWidget(), page);
}

TEST_F(WindowRuns, what_was_deleted_before_the_last_start_is_listed_and_comes_back) {
  open("runs.db", 300);
  dock().select({7, 8, 9});
  trigger("deleteRuns");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 297; }));
  window_.reset();
  open("runs.db", 0, 297);
  trigger("deletedRuns");
  auto* table = find<QTableView>("deletedTable");
  ASSERT_NE(table, nullptr);
  ASSERT_TRUE(waitFor([&] { return table->model()->rowCount() == 3; }));
  EXPECT_FALSE(find<QPushButton>("restoreRuns")->isEnabled()) << "none is chosen";
  QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(1, static_cast<int>(RunColumn::model))).center());
  QTest::mouseClick(find<QPushButton>("restoreRuns"), Qt::LeftButton);
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 298 && table->model()->rowCount() == 2; }));
  trigger("undo");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 297 && table->model()->rowCount() == 3; }));
  QTest::mouseClick(find<QPushButton>("restoreAllRuns"), Qt::LeftButton);
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 300 && table->model()->rowCount() == 0; }));
  EXPECT_FALSE(find<QPushButton>("restoreAllRuns")->isEnabled());
}

TEST_F(WindowRuns, the_inspector_has_the_log_of_a_run_and_leads_to_its_timeline) {
  open("runs.db", 300);
  dock().select({300});   // one with a log
  auto* tree = find<QTreeWidget>("inspectorTree");
  ASSERT_TRUE(waitFor([&] { return !tree->findItems("Log", Qt::MatchExactly).isEmpty(); }));
  const QTreeWidgetItem* log = tree->findItems("Log", Qt::MatchExactly).first();
  ASSERT_GE(log->childCount(), 2);
  EXPECT_EQ(log->child(0)->text(1), "first request sent");
  QTest::mouseClick(find<QPushButton>("inspectorTimeline"), Qt::LeftButton);
  EXPECT_EQ(find<QTabWidget>("chartTabs")->currentWidget()->objectName(), "timelinePage");
  dock().select({1});     // one without
  ASSERT_TRUE(waitFor([&] { return find<QLabel>("inspectorFacts")->text().startsWith("Run 1 "); }));
  EXPECT_FALSE(find<QPushButton>("inspectorTimeline")->isVisible());
}

TEST_F(WindowRuns, typing_sorting_grouping_choosing_marking_and_deleting_many_runs_stall_nothing) {
  open("runs.db", 6000);
  QTest::qWait(500);
  const Watchdog watchdog;
  for (const char* text : {"l", "llama", "tag:baseline", ""}) {
    dock().setSearch(QString::fromLatin1(text));
    ASSERT_TRUE(waitFor([&] { return list().query.search == QLatin1String(text); }));
  }
  for (const RunKey key : {RunKey::model, RunKey::tag, RunKey::word}) {
    dock().groupBy(static_cast<int>(key));
    ASSERT_TRUE(waitFor([&] { return list().query.group_by == key; }));
    EXPECT_EQ(list().groups.empty(), key == RunKey::word);
  }
  dock().select({1, 6000});
  QTest::qWait(300);
  find<QTableView>("runsTable")->selectAll();
  EXPECT_EQ(dock().selected().size(), 6000u);
  QTest::qWait(300);
  trigger("starRuns");
  ASSERT_TRUE(waitFor([&] { return starred() == 6000; }));
  EXPECT_EQ(dock().selected().size(), 6000u);
  trigger("undo");
  ASSERT_TRUE(waitFor([&] { return starred() < 6000; }));
  emit dock().tagWanted(dock().selectedRuns(), "of all", true);
  dock().setSearch("tag=\"of all\"");
  ASSERT_TRUE(waitFor([&] { return list().query.search.startsWith("tag") && list().rows.size() == 6000; }));
  trigger("deleteRuns");
  ASSERT_TRUE(waitFor([&] { return list().rows.empty(); }));
  trigger("undo");
  ASSERT_TRUE(waitFor([&] { return list().rows.size() == 6000; }));
  QTest::qWait(300);
  expect_no_stall(watchdog);
}

}  // namespace
}  // namespace tokenmark
