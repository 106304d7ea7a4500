#include <gtest/gtest.h>

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QTableView>
#include <QToolButton>
#include <QtTest>

#include "app/desktop/run_notes.h"
#include "app/desktop/runs_dock.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

RunsPtr many_runs(int count) {
  auto runs = std::make_shared<RunsSnapshot>();
  for (int i = 0; i < count; ++i) {
    RunRow row;
    row.id = count - i;
    row.model = "shape:llama-3.2-1b:q4_0";
    row.series = "series " + std::to_string(i % 7);
    row.concurrency = 1 << i % 8;
    row.source = i % 5 == 0 ? "sample: somewhere" : "measured";
    row.state = RunState::done;
    if (i % 3 != 0) row.interactivity = 100.0 - i % 50;
    runs->rows.push_back(row);
  }
  return runs;
}

TEST(RunsModel, marks_samples_and_shows_nothing_for_what_was_not_measured) {
  RunsModel model;
  model.setRuns(many_runs(10));
  const auto cell = [&](int row, RunColumn column) {
    return model.data(model.index(row, static_cast<int>(column)), Qt::DisplayRole).toString();
  };
  EXPECT_EQ(cell(0, RunColumn::state), "sample");
  EXPECT_EQ(cell(1, RunColumn::state), "done");
  EXPECT_EQ(cell(0, RunColumn::interactivity), "");
  EXPECT_EQ(cell(1, RunColumn::interactivity), "99");
  EXPECT_EQ(cell(1, RunColumn::model), "llama-3.2-1b:q4_0");
}

TEST(RunsDock, keeps_what_is_chosen_when_the_list_changes) {
  RunsDock dock;
  dock.setRuns(many_runs(20));
  dock.select({3, 4, 11});
  int changes = 0;
  QObject::connect(&dock, &RunsDock::selectionChanged, [&] { ++changes; });
  auto more = std::make_shared<RunsSnapshot>();
  const RunsPtr others = many_runs(25);
  for (const RunRow& row : others->rows)
    if (row.id != 4) more->rows.push_back(row);
  dock.setRuns(more);
  std::vector<RunId> chosen = dock.selected();
  std::sort(chosen.begin(), chosen.end());
  EXPECT_EQ(chosen, (std::vector<RunId>{3, 11}));
}

TEST(RunsDock, typing_asks_once_for_the_whole_search_and_a_header_click_for_another_order) {
  RunsDock dock;
  dock.show();
  dock.setRuns(many_runs(5));
  QList<RunsQuery> asked;
  QObject::connect(&dock, &RunsDock::queryChanged, [&](const RunsQuery& query) { asked << query; });
  QTest::keyClicks(dock.findChild<QLineEdit*>("runsSearch"), "llama q4");
  ASSERT_TRUE(QTest::qWaitFor([&] { return !asked.isEmpty(); }));
  EXPECT_EQ(asked.last().search, "llama q4");
  EXPECT_EQ(asked.size(), 1);
  auto* header = dock.findChild<QTableView*>("runsTable")->horizontalHeader();
  const int section = static_cast<int>(RunColumn::concurrency);
  QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, {header->sectionViewportPosition(section) + 10, 8});
  EXPECT_EQ(asked.last().sorted_by, RunColumn::concurrency);
}

TEST(RunsDock, a_hundred_thousand_runs_do_not_stall_the_event_loop) {
  const RunsPtr runs = many_runs(100000), more = many_runs(100001);
  RunsDock dock;
  dock.resize(400, 700);
  dock.show();
  QTest::qWait(50);
  const Watchdog watchdog;
  dock.setRuns(runs);
  QTest::qWait(50);
  dock.select({77777});
  QTest::qWait(50);
  dock.setRuns(more);
  QTest::keyClick(dock.findChild<QTableView*>("runsTable"), Qt::Key_End);
  QTest::qWait(100);
  EXPECT_EQ(dock.selected().size(), 1u);
  EXPECT_GT(watchdog.heartbeats(), 3);
  expect_no_stall(watchdog);
}

// As the store's thread gives it.
RunsPtr grouped(int count, RunKey by) {
  RunList list;
  const RunsPtr all = many_runs(count);
  for (const RowPtr& row : all->rows.shared()) list.add({row});
  auto runs = std::make_shared<RunsSnapshot>();
  runs->query.group_by = by;
  RunSelection selection = list.select({}, {RunColumn::id, true}, by);
  runs->rows = std::move(selection.rows);
  runs->groups = std::move(selection.groups);
  return runs;
}

class GroupedDock : public testing::Test {
 protected:
  GroupedDock() {
    dock_.resize(500, 700);
    dock_.show();
    dock_.setRuns(grouped(70, RunKey::series));
  }
  void clickLine(int line, RunColumn column = RunColumn::model) {
    const QRect cell = table_->visualRect(table_->model()->index(line, static_cast<int>(column)));
    QTest::mouseClick(table_->viewport(), Qt::LeftButton, {}, cell.center());
  }
  QString line(int line) { return table_->model()->index(line, 0).data(Qt::AccessibleTextRole).toString(); }

  RunsDock dock_;
  QTableView* table_ = dock_.findChild<QTableView*>("runsTable");
};

TEST_F(GroupedDock, heads_name_their_groups_and_fold_them_by_click_and_key) {
  ASSERT_EQ(table_->model()->rowCount(), 77);
  EXPECT_EQ(line(0), "series 0 · 10 runs");
  clickLine(0);
  EXPECT_EQ(table_->model()->rowCount(), 67);
  EXPECT_EQ(line(0), "series 0 · 10 runs, folded");
  EXPECT_EQ(line(1), "series 1 · 10 runs");
  dock_.setRuns(grouped(77, RunKey::series));   // it stays folded when the list changes
  EXPECT_EQ(line(1), "series 1 · 11 runs");
  table_->setCurrentIndex(table_->model()->index(0, 1));
  QTest::keyClick(table_, Qt::Key_Right);
  EXPECT_EQ(table_->model()->rowCount(), 84);
  QTest::keyClick(table_, Qt::Key_Space);
  EXPECT_EQ(table_->model()->rowCount(), 73);
}

TEST_F(GroupedDock, heads_are_not_chosen_and_chosen_runs_survive_another_grouping) {
  table_->selectAll();
  EXPECT_EQ(dock_.selected().size(), 70u);
  dock_.select({3, 44});
  dock_.setRuns(grouped(70, RunKey::word));
  std::vector<RunId> chosen = dock_.selected();
  std::sort(chosen.begin(), chosen.end());
  EXPECT_EQ(chosen, (std::vector<RunId>{3, 44}));
}

TEST(RunsDock, a_click_on_a_star_and_the_shortcuts_ask_for_what_they_say_but_never_of_samples) {
  RunsDock dock;
  dock.resize(600, 600);
  dock.show();
  auto runs = std::make_shared<RunsSnapshot>();
  for (int i = 1; i <= 3; ++i) {
    RunRow row;
    row.id = i;
    row.model = "m";
    row.starred = i == 2;
    row.source = "measured";
    runs->rows.push_back(row);
  }
  RunRow sample;
  sample.id = -1;
  sample.source = "sample: x";
  runs->rows.push_back(sample);
  dock.setRuns(runs);
  QStringList asked;
  QObject::connect(&dock, &RunsDock::starWanted, [&](const RunRows& rows, bool on) { asked << QString("star %1 of %2").arg(on).arg(rows.size()); });
  QObject::connect(&dock, &RunsDock::removalWanted, [&](const RunRows& rows) { asked << QString("delete %1").arg(rows.size()); });
  auto* table = dock.findChild<QTableView*>("runsTable");
  const auto star = [&](int row) {
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(row, 0)).center());
  };
  star(0);
  star(1);
  star(3);
  EXPECT_EQ(asked, (QStringList{"star 1 of 1", "star 0 of 1"}));
  EXPECT_FALSE(dock.findChild<QAction*>("deleteRuns")->isEnabled()) << "a sample is chosen";
  dock.select({1, 2});
  dock.activateWindow();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&dock));
  table->setFocus();
  QTest::keyClick(table, Qt::Key_Delete);
  dock.findChild<QAction*>("starRuns")->trigger();   // one has none yet: both get one
  EXPECT_EQ(asked.mid(2), (QStringList{"delete 2", "star 1 of 2"}));
}

TEST(RunsDock, the_filter_menu_counts_the_values_and_writes_what_is_chosen_into_the_search) {
  RunsDock dock;
  dock.show();
  QList<RunKey> wanted;
  QObject::connect(&dock, &RunsDock::valuesWanted, [&](RunKey key) { wanted << key; });
  dock.setSearch("llama precision=fp8");
  auto* field = dock.findChild<QMenu*>("filter_precision");
  emit field->aboutToShow();
  ASSERT_EQ(wanted, QList<RunKey>{RunKey::precision});
  dock.showValues({RunKey::precision, {{"fp8", 12}, {"bf16", 7}}});
  ASSERT_GE(field->actions().size(), 2);
  EXPECT_EQ(field->actions()[0]->text(), "fp8\t12");
  EXPECT_TRUE(field->actions()[0]->isChecked());
  EXPECT_FALSE(field->actions()[1]->isChecked());
  field->actions()[1]->trigger();
  auto* search = dock.findChild<QLineEdit*>("runsSearch");
  EXPECT_EQ(search->text(), "llama precision=fp8,bf16");
  field->actions().last()->trigger();   // any
  EXPECT_EQ(search->text(), "llama");
  dock.findChild<QAction*>("filterStarred")->trigger();
  EXPECT_EQ(search->text(), "llama starred");
  dock.findChild<QAction*>("clearFilters")->trigger();
  EXPECT_EQ(search->text(), "");
}

TEST(RunsDock, columns_are_chosen_in_the_headers_menu_and_remembered) {
  RunsDock dock;
  dock.show();
  auto* table = dock.findChild<QTableView*>("runsTable");
  const int note = static_cast<int>(RunColumn::note);
  EXPECT_TRUE(table->isColumnHidden(note));
  emit table->horizontalHeader()->customContextMenuRequested({20, 5});
  auto* menu = dock.findChild<QMenu*>("runsColumnsMenu");
  ASSERT_NE(menu, nullptr);
  menu->actions()[note]->trigger();
  EXPECT_FALSE(table->isColumnHidden(note));
  RunsDock other;
  other.restoreColumns(dock.columnsState());
  EXPECT_FALSE(other.findChild<QTableView*>("runsTable")->isColumnHidden(note));
}

TEST(RunNotes, keeps_what_was_typed_when_the_field_is_left_and_another_run_is_shown) {
  RunNotes notes;
  RunRow row;
  row.id = 7;
  row.tags = {"a", "b"};
  notes.showRun(row);
  QList<RunMarks> wanted;
  QObject::connect(&notes, &RunNotes::marksWanted, [&](const RunRow& before, const RunMarks& after, const QString&) {
    EXPECT_EQ(before.id, after.id);
    wanted << after;
  });
  auto* tags = notes.findChild<QLineEdit*>("runTags");
  EXPECT_EQ(tags->text(), "a, b");
  tags->setText("b,  c d, c d,");
  QTest::keyClick(tags, Qt::Key_Return);
  ASSERT_EQ(wanted.size(), 1);
  EXPECT_EQ(wanted[0].tags, (std::vector<std::string>{"b", "c d"}));
  auto* note = notes.findChild<QPlainTextEdit*>("runNote");
  note->setPlainText("loud");
  RunRow other;
  other.id = 8;
  notes.showRun(other);   // before the field lost the focus
  ASSERT_EQ(wanted.size(), 2);
  EXPECT_EQ(wanted[1].id, 7);
  EXPECT_EQ(wanted[1].note, "loud");
  EXPECT_EQ(note->toPlainText(), "");
  QTest::mouseClick(notes.findChild<QToolButton*>("runStar"), Qt::LeftButton);
  ASSERT_EQ(wanted.size(), 3);
  EXPECT_TRUE(wanted[2].starred);
  notes.clear();
  EXPECT_EQ(wanted.size(), 3);
}

}  // namespace
}  // namespace tokenmark
