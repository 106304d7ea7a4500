#include "app/charts/trend_plot.h"

#include <QTemporaryDir>

#include "app/charts/export.h"
#include "tests/app/charts/plot_test.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

// Twelve versions; the second six are a tenth slower. The fourth has not measured x.
TrendSeries series_of(const std::string& name, double value) {
  TrendSeries series{.name = name};
  for (std::size_t i = 0; i < 12; ++i) {
    TrendPoint point{.state = i};
    const double at = value * (i < 6 ? 1 : 0.9) * (1 + 0.01 * (static_cast<double>(i % 3) - 1));
    if (i != 3) point.value = at;
    if (i % 2 == 0) point.range = Interval{at * 0.98, at * 1.02};
    point.runs = {static_cast<RunId>(i + 1)};
    if (i > 0) point.differs = {{"tokenmark.commit", "c" + std::to_string(i - 1), "c" + std::to_string(i)}};
    series.points.push_back(point);
  }
  series.levels = {{0, 5, value}, {6, 11, 0.9 * value}};
  series.changes = {{5, 6, -0.1, {-0.12, -0.08}, 0.001, false, {{"driver", "550 <a>", "560"}}}};
  return series;
}

Trend example() {
  Trend trend{.title = "Throughput per GPU at interactivity 30 tok/s/user", .subtitle = "llama", .at = 30};
  for (int i = 0; i < 12; ++i) trend.states.push_back({"0.9." + std::to_string(i), "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"});
  trend.series = {series_of("A <1>", 1000), series_of("B", 1500)};
  trend.notes = {"a note"};
  return trend;
}

class TrendPlotTest : public PlotTest<TrendPlot> {
 protected:
  TrendPlotTest() {
    plot_.setChart(example());
    open();
  }
  void expectCard(std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_TRUE(plot_.hoverText().contains(QString::fromUtf8(part))) << part << " in " << plot_.hoverText().toStdString();
  }
};

TEST_F(TrendPlotTest, all_states_and_values_are_in_view) {
  const ViewRange view = plot_.view();
  EXPECT_LT(view.x_low, 0);
  EXPECT_GT(view.x_high, 11);
  EXPECT_LT(view.y_low, 890);
  EXPECT_GT(view.y_high, 1530);
}

TEST_F(TrendPlotTest, a_points_card_tells_value_repeats_and_what_differs_from_the_state_before) {
  hover(plot_.pointPosition(0, 2));
  expectCard({"A &lt;1&gt;", "0.9.2", "1,010 tok/s/gpu", "2026-01-01 – 2026-01-02", "Differs from the state before", "tokenmark.commit", "c1 → c2"});
  hover({2, 2});
  EXPECT_TRUE(plot_.hoverText().isEmpty());
}

TEST_F(TrendPlotTest, a_changes_card_tells_size_interval_and_what_differs_there) {
  hover(plot_.changePosition(0, 0) + QPoint(1, 0));
  expectCard({"0.9.5 → 0.9.6", "−10.0 %", "worse", "−12.0 % to −8.0 %", "0.001", "Differs there", "550 &lt;a&gt; → 560"});
}

TEST_F(TrendPlotTest, a_click_on_a_point_names_its_runs_and_one_in_the_legend_hides_a_series) {
  std::vector<RunId> clicked;
  QObject::connect(&plot_, &TrendPlot::pointClicked, &plot_, [&](const std::vector<RunId>& runs) { clicked = runs; });
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.pointPosition(1, 4));
  EXPECT_EQ(clicked, std::vector<RunId>{5});
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(1));
  settle();
  EXPECT_TRUE(plot_.seriesHidden(1));
  EXPECT_LT(plot_.view().y_high, 1200) << "the view follows what is left";
}

TEST_F(TrendPlotTest, wheel_and_history_work_as_on_every_chart) {
  const ViewRange before = plot_.view();
  wheel({400, 200}, 120);
  EXPECT_LT(plot_.view().x_high - plot_.view().x_low, before.x_high - before.x_low);
  plot_.goBack();
  EXPECT_EQ(plot_.view(), before);
}

TEST_F(TrendPlotTest, keys_walk_over_points_and_changes) {
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_N);
  expectCard({"0.9.0"});
  QTest::keyClick(&plot_, Qt::Key_P);
  expectCard({"0.9.5 → 0.9.6"});
}

TEST_F(TrendPlotTest, pictures_and_data_hold_what_is_seen) {
  QTemporaryDir folder;
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, plot_.legendPosition(1));
  settle();
  for (const char* name : {"t.png", "t.svg", "t.pdf", "t.csv"}) {
    const Status written = export_chart(plot_.chart(), folder.filePath(name), plot_.pictureOptions());
    ASSERT_TRUE(written) << written.error().message;
  }
  QFile csv(folder.filePath("t.csv")), svg(folder.filePath("t.svg"));
  ASSERT_TRUE(csv.open(QIODevice::ReadOnly) && svg.open(QIODevice::ReadOnly));
  const QByteArray data = csv.readAll(), picture = svg.readAll();
  EXPECT_TRUE(data.contains("change,A <1>,0.9.6"));
  EXPECT_FALSE(data.contains(",B,"));
  EXPECT_TRUE(picture.contains("10.0 %"));
  EXPECT_GT(QFileInfo(folder.filePath("t.pdf")).size(), 5000);
  EXPECT_FALSE(QImage(folder.filePath("t.png")).isNull());
}

TEST_F(TrendPlotTest, one_state_and_no_state_are_drawn) {
  Trend trend = example();
  trend.states.resize(1);
  for (TrendSeries& series : trend.series) {
    series.points.resize(1);
    series.levels = {{0, 0, 1000}};
    series.changes.clear();
  }
  plot_.setChart(trend);
  settle();
  hover(plot_.pointPosition(0, 0));
  expectCard({"0.9.0"});
  plot_.setChart({});
  settle();
  EXPECT_TRUE(plot_.hoverText().isEmpty());
}

TEST_F(TrendPlotTest, many_states_do_not_stall_the_event_loop) {
  Trend trend = example();
  trend.states.clear();
  for (int i = 0; i < 3000; ++i) trend.states.push_back({"0." + std::to_string(i), "", ""});
  for (TrendSeries& series : trend.series) {
    series.points.clear();
    for (std::size_t i = 0; i < 3000; ++i) series.points.push_back({i, 1000.0 + static_cast<double>(i % 7), {}, {static_cast<RunId>(i)}, {}});
    series.levels = {{0, 5, 1000}, {6, 2999, 1010}};
  }
  const Watchdog watchdog;
  plot_.setChart(trend);
  settle();
  for (int i = 0; i < 20; ++i) hover({300 + 10 * i, 250});
  wheel({400, 200}, 120);
  expect_no_stall(watchdog);
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(TrendPlotTest, pictures_for_people) {
  const QString folder = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (folder.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  for (const bool dark : {false, true}) {
    PictureOptions options;
    options.dark = dark;
    options.scale = 1;
    ASSERT_TRUE(export_chart(example(), folder + (dark ? "/trend-export-dark.png" : "/trend-export.png"), options));
  }
}

}  // namespace
}  // namespace tokenmark
