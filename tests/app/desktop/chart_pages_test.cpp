// The pages of charts alone: kinds, definitions, undo, the table against a baseline, tabs on two sides.
#include <gtest/gtest.h>

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QTabWidget>
#include <QTreeWidget>
#include <QUndoStack>
#include <QtTest>

#include "app/desktop/compare_page.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "tests/app/desktop/chart_runs.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

RunsPtr runs(int repeats = 3) {
  return chart_runs("llama · a very long name of hardware that goes on and on · framework 1.2.3", repeats);
}

class ChartPagesTest : public testing::Test {
 protected:
  void open(const char* kind) {
    UserSettings().clear();
    page_ = std::make_unique<FrontierPage>(tasks_, undo_, *find_chart_kind(kind));
    page_->resize(900, 640);
    page_->setRuns(runs(), {});
    page_->show();
    ASSERT_TRUE(waitFor([&] { return !plot().chart().series.empty(); }));
  }
  void TearDown() override { page_.reset(); }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 10000); }
  FrontierPlot& plot() { return *page_->findChild<FrontierPlot*>(); }
  template <class T>
  T& find(const char* name) { return *page_->findChild<T*>(QString::fromLatin1(name)); }

  QUndoStack undo_;
  Tasks tasks_;
  std::unique_ptr<FrontierPage> page_;
};

TEST_F(ChartPagesTest, every_change_can_be_undone_and_made_again) {
  open("latency");
  const ChartDefinition first = page_->definition();
  auto& x = find<QComboBox>("latencyXAxis");
  x.setCurrentIndex(x.findData("ttft_p99"));
  find<QAction>("latencyLogY").setChecked(true);
  find<QAction>("latencyOnlyOptimal").setChecked(true);
  plot().toggleSeries("beta");
  find<QDoubleSpinBox>("latencyTtftLimit").setValue(0.5);
  ASSERT_TRUE(waitFor([&] { return plot().chart().limit_x == 0.5; }));
  plot().zoomIn();
  const ChartDefinition last = page_->definition();
  EXPECT_TRUE(last.view);
  EXPECT_EQ(last.hidden, std::vector<std::string>{"beta"});
  EXPECT_EQ(undo_.count(), 6);
  while (undo_.canUndo()) undo_.undo();
  EXPECT_EQ(page_->definition(), first);
  ASSERT_TRUE(waitFor([&] { return plot().chart().x == first.query.x && !plot().chart().log_y; }));
  EXPECT_FALSE(plot().seriesHidden(1));
  while (undo_.canRedo()) undo_.redo();
  EXPECT_EQ(page_->definition(), last);
  ASSERT_TRUE(waitFor([&] { return plot().chart().log_y && plot().chosenView().has_value(); }));
  EXPECT_NEAR(plot().view().x_high, last.view->x_high, 1e-9);
}

TEST_F(ChartPagesTest, turning_a_wheel_is_one_step_and_other_axes_forget_the_view_in_theirs) {
  open("frontier");
  for (int i = 0; i < 5; ++i) plot().zoomIn();
  EXPECT_EQ(undo_.count(), 1);
  auto& x = find<QComboBox>("xAxis");
  x.setCurrentIndex(x.findData("e2e"));
  EXPECT_EQ(undo_.count(), 2);
  EXPECT_FALSE(page_->definition().view);
  ASSERT_TRUE(waitFor([&] { return plot().chart().x == AxisFigure::e2e; }));
  QTest::qWait(100);
  EXPECT_EQ(undo_.count(), 2) << "the chart that arrives is no change of its own";
  undo_.undo();
  EXPECT_TRUE(page_->definition().view);
  ASSERT_TRUE(waitFor([&] { return plot().chart().x == AxisFigure::interactivity && plot().chosenView(); }));
}

TEST_F(ChartPagesTest, a_saved_chart_opens_with_its_runs_on_its_page_and_can_be_taken_back) {
  open("cost");
  ChartDefinition d = page_->definition();
  d.runs = {1, 2, 3, 4, 5, 6};
  d.title = "Mine";
  d.query.y = AxisFigure::tokens_per_dollar;
  d.view = ViewRange{10, 90, 1, 1e7};
  page_->change(d);
  ASSERT_TRUE(waitFor([&] { return plot().chart().title == "Mine"; }));
  EXPECT_EQ(plot().chart().series.size(), 1u);
  EXPECT_EQ(page_->definition(true), d);
  EXPECT_TRUE(find<QAction>("costAllRuns").isVisible());
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return plot().chart().series.size() == 3; }));
  EXPECT_FALSE(find<QAction>("costAllRuns").isVisible());
}

TEST_F(ChartPagesTest, settings_are_kept_by_page) {
  open("load");
  auto& y = find<QComboBox>("loadYAxis");
  y.setCurrentIndex(y.findData("goodput_req_s"));
  find<QDoubleSpinBox>("loadTpotLimit").setValue(25);
  UserSettings settings;
  page_->save(settings);
  const ChartDefinition kept = page_->definition();
  FrontierPage other(tasks_, undo_, *find_chart_kind("load"));
  other.restore(settings);
  EXPECT_EQ(other.definition(), kept);
  FrontierPage another(tasks_, undo_, *find_chart_kind("power"));
  another.restore(settings);
  EXPECT_EQ(another.definition().kind, "power");
}

TEST_F(ChartPagesTest, quality_offers_the_tasks_that_the_runs_have) {
  open("quality");
  EXPECT_GE(find<QComboBox>("qualityQualityTask").findData("gpqa"), 0);
}

TEST_F(ChartPagesTest, a_page_that_is_not_seen_computes_nothing_until_it_is) {
  FrontierPage hidden(tasks_, undo_, *find_chart_kind("power"));
  hidden.setRuns(runs(), {});
  QTest::qWait(100);
  EXPECT_TRUE(hidden.findChild<FrontierPlot*>()->chart().series.empty());
  hidden.show();
  EXPECT_TRUE(waitFor([&] { return !hidden.findChild<FrontierPlot*>()->chart().series.empty(); }));
}

TEST(ComparePageTest, shows_changes_greys_noise_and_pins_a_baseline) {
  QUndoStack undo;
  Tasks tasks;
  ComparePage page(tasks, undo);
  QObject::connect(&page, &ComparePage::baselinePinned, &page, [&](const QString& series) { page.pinBaseline(series); });
  page.resize(1000, 500);
  page.setTheme(theme(false));
  page.setRuns(runs(), {});
  page.show();
  auto* list = page.findChild<QTreeWidget*>("compareTable");
  ASSERT_TRUE(QTest::qWaitFor([&] { return list->topLevelItemCount() > 0; }, 10000));
  EXPECT_EQ(list->topLevelItem(0)->text(0), "beta");
  EXPECT_EQ(list->topLevelItem(0)->text(6), "better");
  const auto noisy = list->findItems("noise", Qt::MatchExactly, 6);
  ASSERT_FALSE(noisy.isEmpty());
  EXPECT_EQ(noisy.first()->foreground(0).color(), theme(false).muted);
  page.findChild<QAction*>("onlySignificant")->setChecked(true);
  EXPECT_TRUE(QTest::qWaitFor([&] { return list->findItems("noise", Qt::MatchExactly, 6).isEmpty() && list->topLevelItemCount() > 0; }, 10000));
  undo.undo();
  EXPECT_TRUE(QTest::qWaitFor([&] { return !list->findItems("noise", Qt::MatchExactly, 6).isEmpty(); }, 10000));
  auto* baseline = page.findChild<QComboBox*>("compareBaseline");
  baseline->setCurrentIndex(baseline->findData("beta"));
  EXPECT_TRUE(QTest::qWaitFor([&] { return page.table().baseline == "beta"; }, 10000));
  EXPECT_EQ(page.baseline(), "beta");
  auto* equal = page.findChild<QComboBox*>("compareEqual");
  auto* at = page.findChild<QLineEdit*>("compareAt");
  at->setText("40");
  QMetaObject::invokeMethod(at, "editingFinished");
  EXPECT_TRUE(QTest::qWaitFor([&] { return page.table().at == 40; }, 10000));
  equal->setCurrentIndex(equal->findData("cost"));
  EXPECT_TRUE(QTest::qWaitFor([&] { return page.table().equal == EqualIn::cost; }, 10000));
  EXPECT_TRUE(at->text().isEmpty()) << "a number of another unit is no place here";
}

// Two runs of the published kind: stored figures, no logs.
TEST(ComparePageTest, chosen_runs_are_compared_with_the_pinned_one_and_undo_goes_back) {
  QUndoStack undo;
  Tasks tasks;
  ComparePage page(tasks, undo);
  std::vector<std::pair<QString, RunId>> pinned;
  QObject::connect(&page, &ComparePage::baselinePinned, &page, [&](const QString& series, RunId run) {
    pinned.emplace_back(series, run);
    page.pinBaseline(series, run);
  });
  page.resize(1000, 500);
  page.setTheme(theme(false));
  const RunsPtr all = runs();
  const std::vector<RunId> two = {all->rows[0].id, all->rows.back().id};
  auto* of_runs = page.findChild<QAction*>("compareOfRuns");
  auto* equal = page.findChild<QComboBox*>("compareEqual");
  page.setRuns(all, {});
  page.show();
  EXPECT_FALSE(of_runs->isEnabled()) << "fewer than two runs are chosen";
  page.setRuns(all, two);
  ASSERT_TRUE(of_runs->isEnabled());
  EXPECT_FALSE(page.ofRuns()) << "offered, not forced";
  of_runs->trigger();
  ASSERT_TRUE(QTest::qWaitFor([&] { return page.table().of_runs && !page.table().rows.empty(); }, 10000));
  EXPECT_FALSE(equal->isVisible()) << "runs are compared as they are";
  EXPECT_EQ(page.table().runs, two);
  auto* list = page.findChild<QTreeWidget*>("compareTable");
  EXPECT_EQ(list->headerItem()->text(0), "Run");
  EXPECT_TRUE(list->topLevelItem(0)->text(0).startsWith(QStringLiteral("run %1").arg(two[1])))
      << list->topLevelItem(0)->text(0).toStdString();

  auto* baseline = page.findChild<QComboBox*>("compareBaseline");
  baseline->setCurrentIndex(baseline->findData(static_cast<qlonglong>(two[1])));
  ASSERT_EQ(pinned.size(), 1u);
  EXPECT_EQ(pinned[0].second, two[1]);
  ASSERT_TRUE(QTest::qWaitFor(
      [&] {
        return list->topLevelItemCount() > 0 &&
               list->topLevelItem(0)->text(0).startsWith(QStringLiteral("run %1").arg(two[0]));
      },
      10000));
  EXPECT_EQ(page.baselineRun(), two[1]);

  page.setRuns(all, {two[0]});
  EXPECT_TRUE(page.ofRuns()) << "one run and the pinned one are two";
  page.setRuns(all, two);
  undo.undo();
  EXPECT_FALSE(page.ofRuns());
  EXPECT_TRUE(QTest::qWaitFor([&] { return !page.table().of_runs && list->headerItem()->text(0) == "Series"; }, 10000));
  EXPECT_TRUE(equal->isVisible());
  undo.redo();
  EXPECT_TRUE(page.ofRuns());
  page.setRuns(all, {});
  EXPECT_FALSE(page.ofRuns()) << "without a choice the series are shown again";
}

TEST(SplitTabsTest, a_tab_moves_to_the_other_side_and_both_are_seen_and_kept) {
  const auto fill = [](SplitTabs& tabs) {
    for (const char* name : {"one", "two", "three"}) {
      auto* page = new QWidget;
      page->setObjectName(QString::fromLatin1(name));
      tabs.addTab(page, QString::fromLatin1(name));
    }
    tabs.resize(800, 300);
    tabs.show();
  };
  SplitTabs tabs(nullptr);
  fill(tabs);
  int changes = 0;
  QObject::connect(&tabs, &SplitTabs::currentChanged, [&] { ++changes; });
  QWidget* two = tabs.widget(1);
  tabs.setCurrentWidget(two);
  tabs.moveCurrent();
  EXPECT_TRUE(tabs.isSplit());
  EXPECT_EQ(tabs.currentWidget(), two);
  EXPECT_TRUE(two->isVisible());
  EXPECT_TRUE(tabs.widget(0)->isVisible() || tabs.widget(1)->isVisible());
  EXPECT_GT(changes, 0);
  UserSettings settings;
  tabs.save(settings);
  UserSettings::reload();
  SplitTabs again(nullptr);
  fill(again);
  again.restore(settings);
  EXPECT_TRUE(again.isSplit());
  EXPECT_EQ(again.currentWidget()->objectName(), "two");
  EXPECT_EQ(again.widget(2)->objectName(), "two");
  tabs.joinSides();
  EXPECT_FALSE(tabs.isSplit());
  EXPECT_EQ(tabs.count(), 3);
  tabs.next();
  EXPECT_EQ(tabs.currentIndex(), 0);
}

TEST(SplitTabsTest, a_page_is_made_when_it_is_first_shown_or_asked_for_and_its_tab_stays_as_it_is) {
  SplitTabs tabs(nullptr);
  QStringList made;
  for (const char* name : {"a", "b", "c", "d"})
    tabs.addPage(QString::fromLatin1(name), QString::fromLatin1(name).toUpper(), [&made, name](QWidget* parent) {
      auto* page = new QLabel(QString::fromLatin1(name), parent);
      page->setObjectName(QString::fromLatin1(name));
      made << page->objectName();
      return page;
    });
  QStringList current;
  QObject::connect(&tabs, &SplitTabs::currentChanged, [&] { current << tabs.currentWidget()->objectName(); });
  tabs.resize(900, 400);
  tabs.show();
  EXPECT_TRUE(made.isEmpty());
  tabs.setCurrentPage("b");   // as a session is restored: before anything is made
  tabs.start();
  EXPECT_EQ(made, QStringList{"b"});
  EXPECT_NE(qobject_cast<QLabel*>(tabs.currentWidget()), nullptr);
  EXPECT_EQ(current, (QStringList{"b", "b"})) << "whoever follows the current page is told when it is there";
  tabs.setCurrentWidget(tabs.widget(0));
  EXPECT_EQ(made, (QStringList{"b", "a"}));
  EXPECT_TRUE(tabs.currentWidget()->isVisible());
  EXPECT_EQ(tabs.page("d")->objectName(), "d");
  EXPECT_EQ(tabs.currentWidget()->objectName(), "a") << "what is asked for is not shown";
  EXPECT_EQ(tabs.page("nowhere"), nullptr);
  EXPECT_TRUE(tabs.makeNext());
  EXPECT_FALSE(tabs.makeNext());
  EXPECT_TRUE(tabs.allMade());
  EXPECT_EQ(made, (QStringList{"b", "a", "d", "c"}));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tabs.titleOf(tabs.widget(i)), tabs.widget(i)->objectName().toUpper());
  EXPECT_EQ(tabs.findChildren<QLabel*>().size(), 4);
}

TEST(SplitTabsTest, a_page_that_is_not_made_yet_can_be_moved_and_is_made_there) {
  SplitTabs tabs(nullptr);
  int made = 0;
  for (const char* name : {"a", "b"})
    tabs.addPage(QString::fromLatin1(name), QString::fromLatin1(name), [&made, name](QWidget* parent) {
      ++made;
      auto* page = new QWidget(parent);
      page->setObjectName(QString::fromLatin1(name));
      return page;
    });
  tabs.resize(900, 400);
  tabs.show();
  tabs.start();
  tabs.moveToOtherSide(tabs.widget(1));
  EXPECT_EQ(made, 2);
  ASSERT_TRUE(tabs.isSplit());
  EXPECT_EQ(tabs.currentWidget()->objectName(), "b");
  EXPECT_TRUE(tabs.widget(0)->isVisible() && tabs.widget(1)->isVisible());
}

TEST(SplitTabsTest, the_last_tab_of_the_left_side_stays) {
  SplitTabs tabs(nullptr);
  tabs.addTab(new QWidget, "only");
  tabs.moveCurrent();
  EXPECT_FALSE(tabs.isSplit());
}

}  // namespace
}  // namespace tokenmark
