#include <gtest/gtest.h>

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QtTest>

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

TEST(SortRows, orders_by_the_figure_and_puts_absent_ones_last_either_way) {
  for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
    std::vector<RunRow> rows = many_runs(30)->rows;
    sort_rows(rows, RunColumn::interactivity, order);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (!rows[i].interactivity) continue;
      ASSERT_TRUE(rows[i - 1].interactivity);
      if (order == Qt::AscendingOrder)
        EXPECT_LE(*rows[i - 1].interactivity, *rows[i].interactivity);
      else
        EXPECT_GE(*rows[i - 1].interactivity, *rows[i].interactivity);
    }
  }
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
  auto more = std::make_shared<RunsSnapshot>(*many_runs(25));
  std::erase_if(more->rows, [](const RunRow& row) { return row.id == 4; });
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
  EXPECT_LT(watchdog.longestStall().count(), 100);
}

}  // namespace
}  // namespace tokenmark
