#include "app/charts/timeline_plot.h"

#include <qcustomplot.h>

#include <QLabel>
#include <QSignalSpy>
#include <QTemporaryDir>

#include "app/charts/export.h"
#include "tests/app/charts/plot_test.h"
#include "tests/app/support/watchdog.h"
#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

EventLog small_log() {
  return log_of({{0, 0, {200, 300, 400}, 400}, {0, 100, {}, 600, RequestError::closed}, {400, 500, {700, 1000}, 1000, RequestError::none, true, 1}},
                {"chat", "a <b> batch"});
}

Timeline example(bool steady = true) {
  Timeline made = timeline(TimelineLog(logged(small_log(), 7)), {});
  if (steady) made.steady = TimeWindow{0.2, 0.8};
  return made;
}

class TimelinePlotTest : public PlotTest<TimelinePlot> {
 protected:
  TimelinePlotTest() {
    plot_.setTimeline(example());
    open();
  }
  std::size_t bar(std::uint32_t request) {
    const auto& bars = plot_.timeline().bars;
    return static_cast<std::size_t>(std::find_if(bars.begin(), bars.end(), [&](const TimelineBar& b) { return b.request == request; }) - bars.begin());
  }
};

TEST_F(TimelinePlotTest, the_whole_run_and_all_slots_are_in_view_at_first) {
  EXPECT_LE(plot_.view().x_low, 0);
  EXPECT_GE(plot_.view().x_high, 1);
  EXPECT_LT(plot_.view().y_low, 0);
  EXPECT_GT(plot_.view().y_high, 1);
  EXPECT_FALSE(plot_.query().time);
}

TEST_F(TimelinePlotTest, the_card_of_a_bar_tells_its_times_tokens_class_and_error) {
  hover(plot_.barPosition(bar(0)));
  for (const char* part : {"Request 0", "TTFT", "200 ms", "400 ms", "8, 3", "chat"})
    EXPECT_TRUE(plot_.hoverText().contains(part)) << part << " in " << plot_.hoverText().toStdString();
  hover(plot_.barPosition(bar(1)));
  EXPECT_TRUE(plot_.hoverText().contains("closed")) << plot_.hoverText().toStdString();
  EXPECT_TRUE(plot_.hoverText().contains("100 ms")) << "its send lag";
  hover(plot_.barPosition(bar(2)));
  EXPECT_TRUE(plot_.hoverText().contains("a &lt;b&gt; batch"));
  EXPECT_TRUE(plot_.hoverText().contains("not measured"));
}

TEST_F(TimelinePlotTest, beside_the_bars_the_card_tells_the_moment) {
  const QPoint at = plot_.barPosition(bar(0));
  hover({at.x(), canvas()->height() - 110});   // in a panel below
  for (const char* part : {"In flight", "tok/s", "req/s"})
    EXPECT_TRUE(plot_.hoverText().contains(part)) << part << " in " << plot_.hoverText().toStdString();
}

TEST_F(TimelinePlotTest, the_wheel_zooms_time_alone_and_with_control_the_slots) {
  const ViewRange before = plot_.view();
  const QSignalSpy asked(&plot_, &TimelinePlot::queryChanged);
  wheel(plot_.barPosition(bar(0)), 120);
  const ViewRange zoomed = plot_.view();
  EXPECT_LT(zoomed.x_high - zoomed.x_low, before.x_high - before.x_low);
  EXPECT_EQ(zoomed.y_high, before.y_high);
  EXPECT_TRUE(QTest::qWaitFor([&] { return asked.count() > 0; }, 5000)) << "the part that is seen is asked for";
  ASSERT_TRUE(plot_.query().time);
  EXPECT_DOUBLE_EQ(plot_.query().time->from_s, zoomed.x_low);
  wheel(plot_.barPosition(bar(0)), 120, Qt::ControlModifier);
  EXPECT_EQ(plot_.view().x_high, zoomed.x_high);
  EXPECT_LT(plot_.view().y_high - plot_.view().y_low, before.y_high - before.y_low);
  plot_.resetView();
  EXPECT_EQ(plot_.view(), before);
}

TEST_F(TimelinePlotTest, a_drag_along_time_leaves_the_slots_where_all_are_seen) {
  const ViewRange before = plot_.view();
  drag(plot_.barPosition(bar(0)), plot_.barPosition(bar(0)) + QPoint(-80, 40), Qt::LeftButton);
  EXPECT_GT(plot_.view().x_low, before.x_low);
  EXPECT_EQ(plot_.view().y_low, before.y_low);
}

TEST_F(TimelinePlotTest, the_rubber_band_takes_time_and_slots_of_a_downward_axis) {
  const QPoint at = plot_.barPosition(bar(0));
  drag(at - QPoint(40, 30), at + QPoint(40, 30), Qt::RightButton);
  EXPECT_LT(plot_.view().y_low, plot_.view().y_high);
  EXPECT_LT(plot_.view().x_high, 0.5);
  EXPECT_TRUE(plot_.canGoBack());
}

TEST_F(TimelinePlotTest, a_finer_timeline_of_the_same_run_keeps_the_view_and_another_run_does_not) {
  wheel(plot_.barPosition(bar(0)), 120);
  const ViewRange zoomed = plot_.view();
  plot_.setTimeline(example());
  settle();
  EXPECT_EQ(plot_.view(), zoomed);
  Timeline other = example();
  other.run = 8;
  plot_.setTimeline(other);
  settle();
  EXPECT_GE(plot_.view().x_high, 1);
}

TEST_F(TimelinePlotTest, legend_lines_hide_what_they_name) {
  const QImage all = plot_.grab().toImage();
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(2));
  QTest::mouseMove(canvas(), {2, 2});
  settle();
  EXPECT_TRUE(plot_.seriesHidden(2));
  EXPECT_NE(plot_.grab().toImage(), all);
}

TEST_F(TimelinePlotTest, what_an_empty_chart_says_stands_in_its_first_panel) {
  plot_.setEmptyText("Choose a run");
  plot_.setTimeline({});
  settle();
  const auto* said = plot_.findChild<QLabel*>("emptyChart");
  EXPECT_TRUE(said->isVisible());
  EXPECT_EQ(said->geometry(), plot_.findChild<QCustomPlot*>()->axisRect()->rect());
}

TEST_F(TimelinePlotTest, power_adds_a_panel_and_it_goes_again) {
  Timeline made = example();
  made.power_w = {{0, 100}, {0.5, 400}, {1, 120}};
  plot_.setTimeline(made);
  settle();
  const QPoint with = plot_.barPosition(bar(0));
  plot_.setTimeline(example(false));
  settle();
  EXPECT_GT(plot_.barPosition(bar(0)).y(), 0);
  EXPECT_NE(plot_.barPosition(bar(0)).y(), with.y()) << "the panel of the requests has its room back";
}

TEST_F(TimelinePlotTest, how_busy_the_devices_were_has_a_panel_and_the_card_tells_all_meters) {
  Timeline made = example();
  made.power_w = {{-9, 100}, {9, 100}};
  plot_.setTimeline(made);
  settle();
  const int with_power = plot_.barPosition(bar(0)).y();
  made.meters = {{"busy_share", {{-9, 0.5}, {9, 0.5}}}, {"core_mhz", {{-9, 1980}, {9, 1980}}}, {"temperature_c", {{-9, 61}, {9, 61}}}};
  plot_.setTimeline(made);
  settle();
  EXPECT_NE(plot_.barPosition(bar(0)).y(), with_power) << "one panel more leaves the requests less room";
  hover({plot_.barPosition(bar(0)).x(), canvas()->height() - 110});   // in a panel below
  for (const char* said : {"100 W", "50 %", "1,980 MHz", "61 °C"}) EXPECT_TRUE(plot_.hoverText().contains(QString::fromUtf8(said))) << said << " in " << plot_.hoverText().toStdString();
}

TEST_F(TimelinePlotTest, keys_walk_over_the_requests) {
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_N);
  EXPECT_TRUE(plot_.hoverText().contains("Request 0"));
  const ViewRange before = plot_.view();
  QTest::keyClick(&plot_, Qt::Key_Plus);
  EXPECT_LT(plot_.view().x_high - plot_.view().x_low, before.x_high - before.x_low);
  EXPECT_EQ(plot_.view().y_high, before.y_high);
}

TEST_F(TimelinePlotTest, twenty_thousand_bars_and_the_largest_grid_do_not_stall_the_event_loop) {
  const Timeline bars = timeline(TimelineLog(logged(large_log(20'000, 2, 50), 8)), {});
  ASSERT_EQ(bars.bars.size(), 20'000u);
  TimelineQuery wide;
  wide.width = 1800;
  wide.height = 800;
  const Timeline grid = timeline(TimelineLog(logged(large_log(60'000, 2, 2000), 9)), wide);
  ASSERT_TRUE(grid.grid);
  const Watchdog watchdog;
  for (const Timeline& made : {bars, grid}) {
    plot_.setTimeline(made);
    QTest::qWait(150);
    hover({400, 200});
    wheel({400, 200}, 120);
    drag({400, 200}, {300, 210}, Qt::LeftButton);
  }
  EXPECT_GT(watchdog.heartbeats(), 3);
  expect_no_stall(watchdog);
}

TEST(TimelineExport, pictures_and_data_of_bars_and_grids) {
  const QTemporaryDir folder;
  TimelineQuery query;
  query.height = 3;
  const Timeline grid = timeline(TimelineLog(logged(small_log(), 7)), query);
  ASSERT_TRUE(grid.grid);
  PictureOptions options;
  options.scale = 1;
  const QImage picture = chart_image(example(), options);
  EXPECT_EQ(picture.size(), QSize(1200, 750));
  EXPECT_TRUE(picture.text("Description").contains("3 requests, 1 failed"));
  EXPECT_EQ(chart_image(example(), options), picture);
  for (const char* file : {"a.png", "a.svg", "a.pdf", "a.csv"}) {
    EXPECT_TRUE(export_chart(example(), folder.filePath(file), options)) << file;
    EXPECT_TRUE(export_chart(grid, folder.filePath(file), options)) << file;
  }
  EXPECT_TRUE(export_chart(Timeline(), folder.filePath("empty.png"), options));
}

}  // namespace
}  // namespace tokenmark
