#include "app/charts/distribution_plot.h"

#include <QTemporaryDir>
#include <cmath>

#include "app/charts/export.h"
#include "tests/app/charts/plot_test.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

// `samples` at x = 10, 20, … ms; one in ten has failed.
DistributionSeries series_of(const std::string& name, RunId run, int samples) {
  DistributionSeries series;
  series.name = name;
  series.run = run;
  series.samples = static_cast<std::size_t>(samples);
  series.failed = static_cast<std::size_t>(samples / 10);
  const int done = samples - samples / 10;
  for (int i = 0; i < done; ++i) series.cumulative.push_back({0.01 * (i + 1), (i + 1.0) / samples});
  series.bin_shares = {0.5, 0.3, 0.1};
  series.markers = {{0.5, 0.01 * samples / 2, Interval{0.008 * samples / 2, 0.012 * samples / 2}}, {0.9, 0.01 * done, {}}};
  return series;
}

DistributionChart example(bool histogram = false, bool log_x = false) {
  DistributionChart chart;
  chart.title = "Time to first token";
  chart.histogram = histogram;
  chart.log_x = log_x;
  chart.bin_edges = {0.01, 0.1, 0.2, 0.3};
  chart.series = {series_of("Run 1", 1, 20), series_of("Run <2>", 2, 30)};
  chart.limits = {{0.15, "limit"}};
  chart.notes = {"two failed"};
  return chart;
}

class DistributionPlotTest : public PlotTest<DistributionPlot> {
 protected:
  DistributionPlotTest() {
    plot_.setChart(example());
    open();
  }
};

TEST_F(DistributionPlotTest, the_whole_curve_is_in_view_at_first) {
  const ViewRange view = plot_.view();
  EXPECT_LE(view.x_low, 0.01);
  EXPECT_GE(view.x_high, 0.27);
  EXPECT_LE(view.y_low, 0);
  EXPECT_GE(view.y_high, 1);
}

TEST_F(DistributionPlotTest, the_crosshair_reads_every_curve_where_the_pointer_is) {
  const QPoint at = plot_.markerPosition(0, 0) + QPoint(3, -60);   // a little right of x = 0.1, off every mark
  hover(at);
  const QString card = plot_.hoverText();
  for (const char* part : {"Run 1", "Run &lt;2&gt;", "50.0 %", "33.3 %", "ms"})
    EXPECT_TRUE(card.contains(part)) << part << " in " << card.toStdString();
  hover({2, 2});
  EXPECT_TRUE(plot_.hoverText().isEmpty());
}

TEST_F(DistributionPlotTest, a_percentiles_mark_tells_its_interval_or_that_there_is_none) {
  hover(plot_.markerPosition(0, 0));
  for (const char* part : {"TTFT p50", "100 ms", "80 ms", "120 ms", "Failed"})
    EXPECT_TRUE(plot_.hoverText().contains(part)) << part << " in " << plot_.hoverText().toStdString();
  hover(plot_.markerPosition(0, 1));
  EXPECT_TRUE(plot_.hoverText().contains("too few samples"));
}

TEST_F(DistributionPlotTest, wheel_band_and_history_work_as_on_every_chart) {
  const ViewRange before = plot_.view();
  wheel({400, 200}, 120);
  EXPECT_LT(plot_.view().x_high - plot_.view().x_low, before.x_high - before.x_low);
  drag({200, 100}, {400, 300}, Qt::RightButton);
  EXPECT_TRUE(plot_.canGoBack());
  plot_.goBack();
  plot_.goBack();
  EXPECT_EQ(plot_.view(), before);
}

TEST_F(DistributionPlotTest, a_click_in_the_legend_hides_a_series_and_its_marks) {
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(1));
  settle();
  EXPECT_TRUE(plot_.seriesHidden(1));
  EXPECT_LT(plot_.view().x_high, 0.25) << "the view follows what is left";
  hover(plot_.markerPosition(0, 0) + QPoint(3, -60));
  EXPECT_FALSE(plot_.hoverText().contains("Run &lt;2&gt;"));
}

TEST_F(DistributionPlotTest, another_figure_or_form_shows_all_of_it_again) {
  wheel({400, 200}, 120);
  plot_.setChart(example());
  settle();
  EXPECT_LT(plot_.view().x_high, 0.27) << "new figures of the same chart leave the view";
  plot_.setChart(example(true));
  settle();
  EXPECT_GE(plot_.view().x_high, 0.27);
  EXPECT_LT(plot_.view().y_high, 0.6) << "a histogram reaches as high as its bins";
  plot_.setChart(example(true, true));
  settle();
  EXPECT_GT(plot_.view().x_low, 0);
}

TEST_F(DistributionPlotTest, keys_walk_over_the_percentiles) {
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_N);
  EXPECT_TRUE(plot_.hoverText().contains("p50"));
  QTest::keyClick(&plot_, Qt::Key_P);
  EXPECT_TRUE(plot_.hoverText().contains("p90"));
}

TEST_F(DistributionPlotTest, a_dozen_long_curves_do_not_stall_the_event_loop) {
  DistributionChart chart = example();
  chart.series.clear();
  for (int s = 0; s < 12; ++s) chart.series.push_back(series_of("Run " + std::to_string(s), s, 2500));
  const Watchdog watchdog;
  plot_.setChart(chart);
  QTest::qWait(200);
  hover({400, 300});
  wheel({400, 300}, 120);
  EXPECT_GT(watchdog.heartbeats(), 3);
  expect_no_stall(watchdog);
}

TEST(DistributionExport, pictures_and_data_hold_what_is_visible) {
  const QTemporaryDir folder;
  PictureOptions options;
  const QImage both = chart_image(example(), options);
  EXPECT_EQ(both.size(), QSize(2400, 1500));
  EXPECT_EQ(chart_image(example(), options), both) << "the same chart gives the same picture";
  EXPECT_TRUE(both.text("Description").contains("two failed"));
  options.visibility.toggle("Run 1");
  EXPECT_NE(chart_image(example(), options), both);
  for (const char* file : {"a.svg", "a.pdf", "a.csv"}) EXPECT_TRUE(export_chart(example(true, true), folder.filePath(file), options)) << file;
  QFile csv(folder.filePath("a.csv"));
  ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
  const QByteArray text = csv.readAll();
  EXPECT_FALSE(text.contains("Run 1,"));
  EXPECT_TRUE(text.contains("Run <2>,2,"));
  EXPECT_TRUE(export_chart(DistributionChart(), folder.filePath("empty.png"), {}));
}

}  // namespace
}  // namespace tokenmark
