// The pages of charts by mouse and keys: bars, menus, drops, tabs that are dragged.
#include <gtest/gtest.h>

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QTabBar>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QTreeWidget>
#include <QUndoStack>
#include <QtTest>

#include "app/desktop/compare_page.h"
#include "app/desktop/frontier_page.h"
#include "app/desktop/run_drag.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "tests/app/desktop/chart_runs.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

RunsPtr runs() { return chart_runs(); }

template <class Condition>
bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 20000); }

// As a person does: opened by a click, the entry chosen with keys.
void choose_by_keys(QComboBox& box, const QString& key) {
  box.setFocus();
  const int wanted = box.findData(key);
  ASSERT_GE(wanted, 0) << key.toStdString();
  while (box.currentIndex() != wanted) QTest::keyClick(&box, box.currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
}

void drop(QWidget& page, const QMimeData& mime) {
  QDragEnterEvent enter({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&page, &enter);
  if (!enter.isAccepted()) return;
  QDropEvent dropped({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&page, &dropped);
}

class ChartEventsTest : public testing::Test {
 protected:
  void open(const char* kind) {
    UserSettings().clear();
    if (page_) earlier_.push_back(std::move(page_));   // a task may still answer it
    page_ = std::make_unique<FrontierPage>(tasks_, undo_, *find_chart_kind(kind));
    page_->resize(1100, 700);
    page_->setRuns(runs(), {});
    page_->show();
    ASSERT_TRUE(waitFor([&] { return !plot().chart().series.empty(); }));
    page_->activateWindow();
    QTest::qWait(80);
  }
  void TearDown() override {
    page_.reset();
    earlier_.clear();
  }
  FrontierPlot& plot() { return *page_->findChild<FrontierPlot*>(); }
  template <class T>
  T& find(const QString& name) { return *page_->findChild<T*>(name); }
  // On the button of a tool bar that stands for the action.
  void clickAction(const QString& name) {
    QAction* action = page_->findChild<QAction*>(name);
    ASSERT_TRUE(action) << name.toStdString();
    for (QToolButton* button : page_->findChildren<QToolButton*>())
      if (button->defaultAction() == action && button->isVisible()) return QTest::mouseClick(button, Qt::LeftButton);
    FAIL() << name.toStdString() << " is on no bar";
  }

  QUndoStack undo_;
  Tasks tasks_;
  std::unique_ptr<FrontierPage> page_;
  std::vector<std::unique_ptr<FrontierPage>> earlier_;
};

TEST_F(ChartEventsTest, every_bar_is_worked_with_keys_and_undone) {
  for (const auto& [kind, x] :
       {std::pair{"latency", "ttft"}, {"cost", "e2e"}, {"power", "concurrency"}, {"quality", "perplexity"}}) {
    open(kind);
    undo_.clear();
    const QString axis = QStringLiteral("%1XAxis").arg(kind);
    const ChartDefinition before = page_->definition();
    choose_by_keys(find<QComboBox>(axis), x);
    EXPECT_EQ(QString::fromUtf8(meaning(page_->definition().query.x).key.data()), x) << kind;
    ASSERT_TRUE(undo_.canUndo()) << kind;
    while (undo_.canUndo()) undo_.undo();
    EXPECT_EQ(page_->definition(), before) << kind;
  }
}

TEST_F(ChartEventsTest, the_load_bars_limit_is_typed_and_becomes_a_line) {
  open("load");
  auto& limit = find<QDoubleSpinBox>("loadTtftLimit");
  limit.setFocus();
  limit.selectAll();
  QTest::keyClicks(&limit, "0.25");
  QTest::keyClick(&limit, Qt::Key_Return);
  EXPECT_TRUE(waitFor(
      [&] { return plot().chart().limit_y || plot().chart().limit_x || page_->definition().query.limits.ttft_s == 0.25; }));
  EXPECT_EQ(page_->definition().query.limits.ttft_s, 0.25);
}

TEST_F(ChartEventsTest, only_optimal_points_are_shown_by_a_click_on_its_button) {
  open("frontier");
  clickAction("onlyOptimal");
  EXPECT_TRUE(page_->definition().only_optimal);
  clickAction("onlyOptimal");
  EXPECT_FALSE(page_->definition().only_optimal);
}

TEST_F(ChartEventsTest, the_views_buttons_and_keys_go_back_and_forward_and_zoom) {
  open("frontier");
  const ViewRange whole = plot().view();
  QTest::keyClick(page_.get(), Qt::Key_Plus, Qt::ControlModifier);   // the shortcut of "Zoom in"
  if (plot().view() == whole) find<QAction>("viewZoomIn").trigger();  // shortcuts need an active window
  const ViewRange near = plot().view();
  EXPECT_LT(near.x_high - near.x_low, whole.x_high - whole.x_low);
  clickAction("viewBack");
  EXPECT_EQ(plot().view(), whole);
  clickAction("viewForward");
  EXPECT_EQ(plot().view(), near);
}

TEST_F(ChartEventsTest, the_menu_sets_cursors_where_it_was_opened_and_copies) {
  open("frontier");
  const QPoint at = plot().pointPosition(0, 1) + QPoint(20, 60);
  QWidget* canvas = plot().findChild<QWidget*>("chartCanvas");
  QTest::mouseClick(canvas, Qt::RightButton, {}, at);
  auto* menu = page_->findChild<QMenu*>("chartMenu");
  ASSERT_TRUE(menu && menu->isVisible());
  menu->setActiveAction(page_->findChild<QAction*>("cursorA"));
  QTest::keyClick(menu, Qt::Key_Return);
  const auto a = plot().line().readings().cursor_a;
  ASSERT_TRUE(a);
  EXPECT_GT(*a, plot().view().x_low);
  QTest::qWait(50);
  find<QAction>("cursorB").trigger();
  EXPECT_TRUE(plot().line().readings().cursor_b);
  EXPECT_EQ(page_->definition().cursor_a, a);
  find<QAction>("removeCursors").trigger();
  EXPECT_FALSE(plot().line().readings().cursor_a);
  find<QAction>("copyData").trigger();
  EXPECT_TRUE(QApplication::clipboard()->text().contains("series,point")) << QApplication::clipboard()->text().toStdString();
  find<QAction>("copyPicture").trigger();
  EXPECT_EQ(QApplication::clipboard()->image().width(), 2400);
}

TEST_F(ChartEventsTest, a_picture_has_the_size_of_the_settings) {
  open("frontier");
  UserSettings().setValue("export/size", "1600x900");
  UserSettings().setValue("export/scale", 1);
  find<QAction>("copyPicture").trigger();
  EXPECT_EQ(QApplication::clipboard()->image().size(), QSize(1600, 900));
  UserSettings().setValue("export/size", "window");
  find<QAction>("copyPicture").trigger();
  EXPECT_EQ(QApplication::clipboard()->image().size(), plot().size());
  UserSettings().clear();
}

TEST_F(ChartEventsTest, runs_dropped_on_a_chart_are_shown_more_are_added_and_a_click_shows_all_again) {
  open("frontier");
  std::vector<RunId> told;
  QObject::connect(page_.get(), &ChartPage::runsDropped, page_.get(),
                   [&](const std::vector<RunId>& dropped) { told = dropped; });
  drop(*page_, *run_drag({1, 4, 7}));
  EXPECT_EQ(told, (std::vector<RunId>{1, 4, 7}));
  ASSERT_TRUE(waitFor([&] { return plot().chart().series.size() == 1; }));
  drop(*page_, *run_drag({13}));
  ASSERT_TRUE(waitFor([&] { return plot().chart().series.size() == 2; }));
  EXPECT_EQ(page_->definition().runs, (std::vector<RunId>{1, 4, 7, 13}));
  clickAction("allRuns");
  ASSERT_TRUE(waitFor([&] { return plot().chart().series.size() == 3; }));
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return plot().chart().series.size() == 2; }));
  QMimeData other;
  other.setData(kRunsMime, "1\nnot a run\n");
  told.clear();
  drop(*page_, other);
  EXPECT_TRUE(told.empty());
}

TEST(RunDrag, comes_back_as_it_was_and_nothing_else_is_taken) {
  EXPECT_EQ(dragged_runs(run_drag({5, -3, 9}).get()), (std::vector<RunId>{5, -3, 9}));
  EXPECT_EQ(run_drag_text({5, -3}), "5\n-3\n");
  for (const char* bad : {"", "x", "1\nx", "99999999999999999999", "1.5"}) EXPECT_TRUE(parse_run_drag(bad).empty()) << bad;
  EXPECT_EQ(parse_run_drag("2\n1\n2\n"), (std::vector<RunId>{1, 2}));
  EXPECT_TRUE(dragged_runs(nullptr).empty());
}

class CompareEventsTest : public testing::Test {
 protected:
  CompareEventsTest() {
    QObject::connect(&page_, &ComparePage::baselinePinned, &page_,
                     [this](const QString& series, RunId run) { page_.pinBaseline(series, run); });
    page_.resize(1100, 600);
    page_.setTheme(theme(false));
    page_.setRuns(runs(), {});
    page_.show();
    page_.activateWindow();
  }
  QTreeWidget& list() { return *page_.findChild<QTreeWidget*>("compareTable"); }
  bool filled() { return waitFor([&] { return list().topLevelItemCount() > 0; }); }

  QUndoStack undo_;
  Tasks tasks_;
  ComparePage page_{tasks_, undo_};
};

TEST_F(CompareEventsTest, its_bar_is_worked_with_keys) {
  ASSERT_TRUE(filled());
  choose_by_keys(*page_.findChild<QComboBox*>("compareEqual"), "ttft");
  ASSERT_TRUE(waitFor([&] { return page_.table().equal == EqualIn::ttft; }));
  auto* at = page_.findChild<QLineEdit*>("compareAt");
  at->setFocus();
  QTest::keyClicks(at, "0.3");
  QTest::keyClick(at, Qt::Key_Return);
  ASSERT_TRUE(waitFor([&] { return page_.table().at == 0.3; }));
  choose_by_keys(*page_.findChild<QComboBox*>("compareBaseline"), "beta");
  ASSERT_TRUE(waitFor([&] { return page_.table().baseline.starts_with("beta"); }));
}

TEST_F(CompareEventsTest, the_menu_of_a_row_pins_its_series) {
  ASSERT_TRUE(filled());
  const QString series = list().topLevelItem(0)->text(0);
  const QPoint at = list().visualItemRect(list().topLevelItem(0)).center();
  QTest::mouseClick(list().viewport(), Qt::LeftButton, {}, at);
  QContextMenuEvent asked(QContextMenuEvent::Mouse, at, list().viewport()->mapToGlobal(at));
  QApplication::sendEvent(list().viewport(), &asked);
  auto* menu = page_.findChild<QMenu*>("compareMenu");
  ASSERT_TRUE(menu && menu->isVisible());
  menu->setActiveAction(menu->findChild<QAction*>("comparePin"));
  QTest::keyClick(menu, Qt::Key_Return);
  EXPECT_TRUE(waitFor([&] { return page_.table().baseline == series.toStdString(); }));
}

TEST_F(CompareEventsTest, a_saved_comparison_opens_with_its_runs_and_is_undone) {
  ASSERT_TRUE(filled());
  const ChartDefinition before = page_.definition();
  ChartDefinition d{.kind = "compare", .runs = {1, 4, 7, 10, 13, 16, 19, 22}};
  d.comparison.at = 40;
  d.comparison.baseline = "beta";
  page_.change(d);
  ASSERT_TRUE(waitFor([&] { return page_.table().series.size() == 2 && page_.table().at == 40; }));
  const ChartDefinition now = page_.definition(true);
  EXPECT_EQ(now.runs, d.runs);
  EXPECT_EQ(now.comparison.baseline, "beta");
  EXPECT_TRUE(page_.findChild<QAction*>("compareAllRuns")->isVisible());
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return page_.table().series.size() == 3; }));
  EXPECT_EQ(page_.definition(), before);
}

TEST_F(CompareEventsTest, runs_dropped_on_it_are_compared) {
  ASSERT_TRUE(filled());
  drop(page_, *run_drag({1, 4, 7, 10}));
  ASSERT_TRUE(waitFor([&] { return page_.table().series.size() == 1; }));
  drop(page_, *run_drag({13, 16, 19, 22}));
  ASSERT_TRUE(waitFor([&] { return page_.table().series.size() == 2; }));
  page_.findChild<QAction*>("compareAllRuns")->trigger();
  ASSERT_TRUE(waitFor([&] { return page_.table().series.size() == 3; }));
}

class SplitTabsEventsTest : public testing::Test {
 protected:
  SplitTabsEventsTest() {
    for (const char* name : {"one", "two", "three"}) {
      auto* page = new QWidget;
      page->setObjectName(QString::fromLatin1(name));
      tabs_.addTab(page, QString::fromLatin1(name));
    }
    tabs_.resize(900, 300);
    tabs_.show();
    QTest::qWait(50);
  }
  QTabBar& bar() { return *tabs_.findChild<QTabWidget*>("chartTabs")->tabBar(); }
  QStringList order() {
    QStringList names;
    for (int i = 0; i < tabs_.count(); ++i) names << tabs_.widget(i)->objectName();
    return names;
  }

  SplitTabs tabs_{nullptr};
};

TEST_F(SplitTabsEventsTest, a_tab_is_dragged_into_another_order_and_the_arrangement_comes_back) {
  const QVariantMap first = tabs_.arrangement();
  const QPoint from = bar().tabRect(0).center(), to = bar().tabRect(2).center() + QPoint(bar().tabRect(2).width() / 3, 0);
  QTest::mousePress(&bar(), Qt::LeftButton, {}, from);
  for (int step = 1; step <= 8; ++step) {
    const QPoint at = from + (to - from) * step / 8;
    QMouseEvent move(QEvent::MouseMove, at, bar().mapToGlobal(at), Qt::LeftButton, Qt::LeftButton, {});
    QApplication::sendEvent(&bar(), &move);
    QTest::qWait(10);
  }
  QTest::mouseRelease(&bar(), Qt::LeftButton, {}, to);
  QTest::qWait(300);   // the tab glides into its place
  EXPECT_EQ(order(), (QStringList{"two", "three", "one"}));
  const QVariantMap dragged = tabs_.arrangement();
  tabs_.moveToOtherSide(tabs_.widget(0));
  tabs_.arrange(dragged);
  EXPECT_FALSE(tabs_.isSplit());
  EXPECT_EQ(order(), (QStringList{"two", "three", "one"}));
  tabs_.arrange(first);
  EXPECT_EQ(order(), (QStringList{"one", "two", "three"}));
}

TEST_F(SplitTabsEventsTest, the_menu_of_a_tab_moves_it_to_the_other_side) {
  const QPoint at = bar().tabRect(1).center();
  QContextMenuEvent asked(QContextMenuEvent::Mouse, at, bar().mapToGlobal(at));
  QApplication::sendEvent(&bar(), &asked);
  auto* menu = tabs_.findChild<QMenu*>("tabMenu");
  ASSERT_TRUE(menu && menu->isVisible());
  menu->setActiveAction(menu->actions().first());
  QTest::keyClick(menu, Qt::Key_Return);
  EXPECT_TRUE(tabs_.isSplit());
  EXPECT_EQ(tabs_.currentWidget()->objectName(), "two");
}

}  // namespace
}  // namespace tokenmark
