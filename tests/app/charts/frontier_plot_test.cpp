#include "app/charts/frontier_plot.h"

#include <gtest/gtest.h>
#include <qcustomplot.h>

#include <QSignalSpy>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "app/charts/text.h"
#include "tests/app/charts/example_chart.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

class FrontierPlotTest : public testing::Test {
 protected:
  FrontierPlotTest() {
    plot_.resize(800, 560);
    plot_.setChart(example_chart());
    plot_.show();
    settle();
  }

  void settle() { QTest::qWait(60); }
  QWidget* canvas() { return plot_.findChild<QWidget*>("chartCanvas"); }
  void wheel(const QPoint& at, int delta) {
    QWheelEvent event(at, plot_.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(canvas(), &event);
    settle();
  }
  void drag(const QPoint& from, const QPoint& to, Qt::MouseButton button) {
    QTest::mousePress(canvas(), button, {}, from);
    QMouseEvent move(QEvent::MouseMove, to, plot_.mapToGlobal(to), button, button, {});
    QApplication::sendEvent(canvas(), &move);
    QTest::mouseRelease(canvas(), button, {}, to);
    settle();
  }
  void hover(const QPoint& at) {
    QMouseEvent move(QEvent::MouseMove, at, plot_.mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(canvas(), &move);
  }

  FrontierPlot plot_;
};

TEST_F(FrontierPlotTest, all_points_are_in_view_at_first) {
  const ViewRange view = plot_.view();
  EXPECT_LE(view.x_low, 20);
  EXPECT_GE(view.x_high, 80);
  EXPECT_LE(view.y_low, 270);   // the error bar's end, not only the point
  EXPECT_GE(view.y_high, 1500);
}

TEST_F(FrontierPlotTest, an_empty_chart_is_as_wide_as_a_full_one) {
  const auto* canvas = plot_.findChild<QCustomPlot*>();
  const int full = canvas->axisRect()->width();
  plot_.setChart({});
  settle();
  EXPECT_GT(canvas->axisRect()->width(), full * 9 / 10);
  EXPECT_GT(canvas->axisRect()->height(), 300);
}

TEST_F(FrontierPlotTest, the_card_tells_all_facts_of_the_point_under_the_pointer) {
  hover(plot_.pointPosition(0, 1));
  const QString card = plot_.hoverText();
  for (const char* part : {"alpha", "concurrency 4", "40 tok/s/user", "600 tok/s/gpu", "540", "660", "measured", ">2<"})
    EXPECT_TRUE(card.contains(part)) << part << " in " << card.toStdString();
  hover(plot_.pointPosition(0, 1) + QPoint(40, 40));
  EXPECT_TRUE(plot_.hoverText().isEmpty());
}

// Against a search through all points.
TEST_F(FrontierPlotTest, the_nearest_point_is_found_among_many) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> share(0, 1);
  Chart chart = example_chart();
  for (ChartSeries& series : chart.series) {
    series.points.clear();
    for (int i = 0; i < 3000; ++i) series.points.push_back(example_point(100 * share(random), 1000 * share(random), i, i + 1, i % 9 == 0));
    std::sort(series.points.begin(), series.points.end(), [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  }
  plot_.setChart(chart);
  settle();
  const auto& canvas_plot = *qobject_cast<QCustomPlot*>(canvas());
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    const QPoint at(90 + static_cast<int>(random() % 680), 20 + static_cast<int>(random() % 400));
    double nearest = 13;
    QString expected;
    for (const ChartSeries& series : chart.series)
      for (const ChartPoint& point : series.points) {
        const double distance = std::hypot(canvas_plot.xAxis->coordToPixel(point.x) - at.x(), canvas_plot.yAxis->coordToPixel(point.y) - at.y());
        if (distance >= nearest) continue;
        nearest = distance;
        expected = hover_html(chart, series, point);
      }
    hover(at);
    EXPECT_EQ(plot_.hoverText(), expected);
    found += expected.isEmpty() ? 0 : 1;
  }
  EXPECT_GT(found, 200);
}

TEST_F(FrontierPlotTest, every_point_of_many_is_found_where_it_is) {
  Chart chart = example_chart();
  chart.series[0].points.clear();
  for (int i = 0; i < 1000; ++i) chart.series[0].points.push_back(example_point(1 + i % 40, 10.0 + i / 40, i, i + 1));
  std::stable_sort(chart.series[0].points.begin(), chart.series[0].points.end(), [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  chart.series.pop_back();
  plot_.setChart(chart);
  settle();
  for (std::size_t i = 0; i < 1000; ++i) {
    hover(plot_.pointPosition(0, i));
    EXPECT_TRUE(plot_.hoverText().contains(QString::fromStdString(chart.series[0].points[i].label.str() + "<"))) << i;
  }
}

TEST_F(FrontierPlotTest, a_title_longer_than_its_axis_is_broken_and_stays_on_the_widget) {
  Chart chart = example_chart();
  chart.y = AxisFigure::dollars_per_mtok;
  chart.tier = "reserved for three years";
  plot_.resize(420, 230);
  plot_.setChart(chart);
  settle();
  const QCPAxis& axis = *qobject_cast<QCustomPlot*>(canvas())->yAxis;
  const QStringList lines = axis.label().split('\n');
  ASSERT_EQ(lines.size(), 2);
  EXPECT_TRUE(lines[0].startsWith("Cost per"));
  for (const QString& line : lines) EXPECT_LE(QFontMetrics(axis.labelFont()).horizontalAdvance(line), axis.axisRect()->height() + 16);
  plot_.resize(800, 700);
  settle();
  EXPECT_FALSE(axis.label().contains('\n'));
  EXPECT_TRUE(axis.label().contains("($/Mtok), reserved for three years"));
}

TEST_F(FrontierPlotTest, the_wheel_zooms_about_the_pointer_and_back_undoes_it) {
  const ViewRange before = plot_.view();
  const QPoint at = plot_.pointPosition(0, 1);
  wheel(at, 120);
  const ViewRange zoomed = plot_.view();
  EXPECT_LT(zoomed.x_high - zoomed.x_low, before.x_high - before.x_low);
  EXPECT_LE((plot_.pointPosition(0, 1) - at).manhattanLength(), 3);
  ASSERT_TRUE(plot_.canGoBack());
  plot_.goBack();
  EXPECT_EQ(plot_.view(), before);
  plot_.goForward();
  EXPECT_EQ(plot_.view(), zoomed);
}

TEST_F(FrontierPlotTest, dragging_pans_and_reset_shows_everything_again) {
  const ViewRange before = plot_.view();
  drag({400, 200}, {460, 240}, Qt::LeftButton);
  EXPECT_LT(plot_.view().x_low, before.x_low);
  EXPECT_NEAR(plot_.view().x_high - plot_.view().x_low, before.x_high - before.x_low, 1e-6);
  plot_.resetView();
  EXPECT_EQ(plot_.view(), before);
}

TEST_F(FrontierPlotTest, the_rubber_band_zooms_to_what_it_encloses) {
  const QPoint low = plot_.pointPosition(0, 2) + QPoint(10, 10), high = plot_.pointPosition(0, 1) - QPoint(10, 10);
  drag(high, low, Qt::RightButton);
  const ViewRange view = plot_.view();
  EXPECT_GT(view.x_low, 30);
  EXPECT_LT(view.x_high, 70);
  EXPECT_LT(view.x_low, 40);
  EXPECT_GT(view.x_high, 60);
  EXPECT_TRUE(plot_.canGoBack());
}

TEST_F(FrontierPlotTest, the_right_button_without_a_drag_asks_for_the_menu) {
  const QSignalSpy menus(&plot_, &FrontierPlot::menuWanted);
  QTest::mouseClick(canvas(), Qt::RightButton, {}, {400, 200});
  EXPECT_EQ(menus.count(), 1);
  EXPECT_FALSE(plot_.canGoBack());
}

TEST_F(FrontierPlotTest, a_click_on_a_point_names_its_runs) {
  std::vector<RunId> clicked;
  QObject::connect(&plot_, &FrontierPlot::pointClicked, [&](const std::vector<RunId>& runs) { clicked = runs; });
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.pointPosition(0, 2));
  EXPECT_EQ(clicked, std::vector<RunId>{1});
}

TEST_F(FrontierPlotTest, a_click_in_the_legend_hides_and_shows_a_series) {
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(1));
  settle();
  EXPECT_TRUE(plot_.seriesHidden(1));
  EXPECT_LT(plot_.view().y_high, 1400);   // the view follows what is left
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(1));
  settle();
  EXPECT_FALSE(plot_.seriesHidden(1));
}

TEST_F(FrontierPlotTest, a_double_click_in_the_legend_shows_a_series_alone_and_a_second_one_all) {
  const auto double_click = [&] {
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(0));
    QTest::mouseDClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(0));   // in place of the second press
    QTest::mouseRelease(canvas(), Qt::LeftButton, {}, plot_.legendPosition(0));
    settle();
  };
  double_click();
  EXPECT_FALSE(plot_.seriesHidden(0));
  EXPECT_TRUE(plot_.seriesHidden(1));
  double_click();
  EXPECT_FALSE(plot_.seriesHidden(0));
  EXPECT_FALSE(plot_.seriesHidden(1));
}

TEST_F(FrontierPlotTest, optimal_only_leaves_dominated_points_out) {
  plot_.setOnlyOptimal(true);
  settle();
  hover(plot_.pointPosition(1, 1));
  EXPECT_TRUE(plot_.hoverText().isEmpty());
  hover(plot_.pointPosition(1, 0));
  EXPECT_FALSE(plot_.hoverText().isEmpty());
}

TEST_F(FrontierPlotTest, the_view_follows_new_points_until_the_user_moves_it) {
  Chart chart = example_chart();
  chart.series[0].points.push_back(example_point(150, 200, 1, 9));
  plot_.setChart(chart);
  settle();
  EXPECT_GE(plot_.view().x_high, 150);
  wheel({400, 200}, 120);
  const ViewRange chosen = plot_.view();
  chart.series[0].points.push_back(example_point(300, 100, 1, 10));
  plot_.setChart(chart);
  settle();
  EXPECT_EQ(plot_.view(), chosen);
}

TEST_F(FrontierPlotTest, a_storm_of_new_charts_is_drawn_at_most_thirty_times_a_second) {
  const int before = plot_.replots();
  QElapsedTimer timer;
  timer.start();
  Chart chart = example_chart();
  int sent = 0;
  while (timer.elapsed() < 500) {
    chart.series[0].points[0].y += 1;
    plot_.setChart(chart);
    ++sent;
    QTest::qWait(1);
  }
  settle();
  const double seconds = static_cast<double>(timer.elapsed()) / 1000;
  EXPECT_GT(sent, 2 * (plot_.replots() - before));
  EXPECT_LE(plot_.replots() - before, seconds * 30 + 3);
}

TEST_F(FrontierPlotTest, a_chart_that_arrives_while_a_button_is_down_waits_for_its_release) {
  QTest::mousePress(canvas(), Qt::LeftButton, {}, plot_.legendPosition(0));
  Chart chart = example_chart();
  chart.series.pop_back();
  plot_.setChart(chart);
  settle();
  QTest::mouseRelease(canvas(), Qt::LeftButton, {}, plot_.legendPosition(0));
  settle();
  EXPECT_TRUE(plot_.seriesHidden(0));
}

TEST_F(FrontierPlotTest, keys_walk_over_the_points_and_move_the_view) {
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_N);
  EXPECT_TRUE(plot_.hoverText().contains("concurrency 8"));
  QTest::keyClick(&plot_, Qt::Key_N);
  EXPECT_TRUE(plot_.hoverText().contains("concurrency 4"));
  QTest::keyClick(&plot_, Qt::Key_Escape);
  EXPECT_TRUE(plot_.hoverText().isEmpty());
  const ViewRange before = plot_.view();
  QTest::keyClick(&plot_, Qt::Key_Plus);
  EXPECT_LT(plot_.view().x_high - plot_.view().x_low, before.x_high - before.x_low);
  QTest::keyClick(&plot_, Qt::Key_Home);
  EXPECT_EQ(plot_.view(), before);
}

TEST_F(FrontierPlotTest, two_thousand_points_do_not_stall_the_event_loop) {
  Chart chart;
  for (int s = 0; s < 50; ++s) {
    ChartSeries series;
    series.name = "series " + std::to_string(s);
    for (int i = 0; i < 40; ++i)
      series.points.push_back(example_point(1 + i * 2.5, 1000 + s * 20 - i * 10, i, s * 40 + i, i % 4 == 0));
    for (const ChartPoint& point : series.points) series.curve.push_back({point.x, point.y});
    chart.series.push_back(series);
  }
  settle();
  const Watchdog watchdog;
  plot_.setChart(chart);
  QTest::qWait(200);
  hover({400, 300});
  wheel({400, 300}, 120);
  EXPECT_GT(watchdog.heartbeats(), 3);
  expect_no_stall(watchdog);
}

}  // namespace
}  // namespace tokenmark
