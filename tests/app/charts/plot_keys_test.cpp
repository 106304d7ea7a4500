// A chart by keys, cards that stay, cursors that are dragged, and the line on charts of every kind.
#include <QClipboard>
#include <QContextMenuEvent>
#include <QLabel>
#include <QSignalSpy>
#include <QToolButton>

#include "app/charts/distribution_plot.h"
#include "app/charts/export.h"
#include "app/charts/frontier_plot.h"
#include "app/charts/text.h"
#include "app/charts/timeline_plot.h"
#include "app/charts/trend_plot.h"
#include "tests/app/charts/example_chart.h"
#include "tests/app/charts/plot_test.h"

namespace tokenmark {
namespace {

Chart chart_with_curves() {
  Chart chart = example_chart();
  for (ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points)
      if (point.optimal) series.knots.push_back({point.x, point.y});
  return chart;
}

class PlotKeysTest : public PlotTest<FrontierPlot> {
 protected:
  PlotKeysTest() {
    plot_.setChart(chart_with_curves());
    open();
    plot_.setFocus();
    QObject::connect(&plot_, &FrontierPlot::pointClicked, &plot_,
                     [this](const std::vector<RunId>& runs) { clicked_ = runs; });
    QObject::connect(&plot_, &PlotView::menuWanted, &plot_, [this](const QPoint& at) { menu_at_ = at; });
    QObject::connect(&plot_, &PlotView::legendMenuWanted, &plot_,
                     [this](const QString& series, const QPoint&) { legend_menu_ = series; });
  }
  void key(Qt::Key key, Qt::KeyboardModifiers with = {}) { QTest::keyClick(&plot_, key, with); }
  void menuKey() {
    QContextMenuEvent event(QContextMenuEvent::Keyboard, plot_.rect().center(), plot_.mapToGlobal(plot_.rect().center()));
    QApplication::sendEvent(&plot_, &event);
  }
  QPoint onCanvas(std::size_t series, std::size_t point) { return plot_.pointPosition(series, point); }
  QPoint at(double x) {
    const QPoint left = onCanvas(0, 0), right = onCanvas(0, 2);   // x 20 and 60
    return {static_cast<int>(std::lround(left.x() + (x - 20) / 40 * (right.x() - left.x()))), 40};
  }

  std::vector<RunId> clicked_;
  std::optional<QPoint> menu_at_;
  QString legend_menu_;
};

TEST_F(PlotKeysTest, enter_on_a_stepped_point_is_a_click_on_it) {
  key(Qt::Key_Return);
  EXPECT_TRUE(clicked_.empty()) << "no point was reached yet";
  key(Qt::Key_N);
  key(Qt::Key_N);
  key(Qt::Key_Return);
  EXPECT_EQ(clicked_, std::vector<RunId>{2});
  ASSERT_EQ(plot_.pinnedCards().size(), 1);
  EXPECT_TRUE(plot_.pinnedCards().first().contains("alpha"));
  EXPECT_FALSE(plot_.line().pinned());
  hover(QPoint(5, 5));
  clicked_.clear();
  key(Qt::Key_Return);
  EXPECT_TRUE(clicked_.empty()) << "the pointer has left the point";
}

TEST_F(PlotKeysTest, the_menu_key_and_shift_f10_open_the_menu_of_the_stepped_point) {
  key(Qt::Key_N);
  menuKey();
  ASSERT_TRUE(menu_at_);
  EXPECT_EQ(plot_.runsAt(*menu_at_), std::vector<RunId>{3});
  menu_at_.reset();
  key(Qt::Key_Escape);
  key(Qt::Key_F10, Qt::ShiftModifier);
  ASSERT_TRUE(menu_at_);
  EXPECT_TRUE(plot_.runsAt(*menu_at_).empty()) << "of the chart";
}

TEST_F(PlotKeysTest, tab_goes_to_the_legend_whose_series_are_hidden_and_shown_alone) {
  key(Qt::Key_Tab);
  key(Qt::Key_Down);
  key(Qt::Key_Space);
  settle();
  EXPECT_TRUE(plot_.seriesHidden(1));
  EXPECT_FALSE(plot_.seriesHidden(0));
  key(Qt::Key_Space);
  key(Qt::Key_Up);
  key(Qt::Key_Return);
  settle();
  EXPECT_TRUE(plot_.seriesHidden(1)) << "the first alone";
  menuKey();
  EXPECT_EQ(legend_menu_, "alpha");
  key(Qt::Key_End);
  key(Qt::Key_F10, Qt::ShiftModifier);
  EXPECT_EQ(legend_menu_, "beta");
  key(Qt::Key_Escape);
  key(Qt::Key_N);
  EXPECT_TRUE(plot_.hoverText().contains("alpha")) << "the keys are the chart's again";
}

TEST_F(PlotKeysTest, a_clicked_points_card_stays_and_goes_with_the_view) {
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(0, 1));
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(1, 0));
  ASSERT_EQ(plot_.pinnedCards().size(), 2);
  hover(QPoint(3, 3));
  EXPECT_EQ(plot_.pinnedCards().size(), 2);
  const auto cards = plot_.findChildren<QFrame*>("pinnedCard");
  ASSERT_EQ(cards.size(), 2);
  const QPoint before = cards[0]->pos();
  plot_.zoomIn();
  settle();
  EXPECT_NE(cards[0]->pos(), before);
  plot_.resetView();
  settle();
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(1, 0));
  EXPECT_EQ(plot_.pinnedCards().size(), 1) << "a second click lets it go";
  plot_.copyPinnedCards();
  EXPECT_TRUE(QApplication::clipboard()->text().startsWith("alpha")) << QApplication::clipboard()->text().toStdString();
  EXPECT_TRUE(QApplication::clipboard()->text().contains('\t'));
  QTest::mouseClick(cards[0]->findChild<QToolButton*>("pinnedClose"), Qt::LeftButton);
  EXPECT_TRUE(plot_.pinnedCards().isEmpty());
}

TEST_F(PlotKeysTest, escape_closes_cards_before_line_and_cursors) {
  plot_.line().setOn(true);
  plot_.line().setCursor(ReadingLine::Cursor::a, 30);
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(0, 0));
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(0, 2));
  hover(QPoint(3, 3));
  key(Qt::Key_Escape);
  EXPECT_EQ(plot_.pinnedCards().size(), 1);
  key(Qt::Key_Escape);
  EXPECT_TRUE(plot_.pinnedCards().isEmpty());
  EXPECT_TRUE(plot_.line().readings().cursor_a);
  key(Qt::Key_Escape);
  EXPECT_FALSE(plot_.line().readings().cursor_a);
}

TEST_F(PlotKeysTest, a_card_says_what_is_there_when_the_chart_changes_and_goes_with_its_point) {
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(0, 1));
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, onCanvas(1, 1));
  Chart other = chart_with_curves();
  other.series[0].points[1].label = "eight times faster";
  other.series[1].points.erase(other.series[1].points.begin() + 1);
  plot_.setChart(other);
  settle();
  ASSERT_EQ(plot_.pinnedCards().size(), 1);
  EXPECT_TRUE(plot_.pinnedCards().first().contains("eight times faster")) << plot_.pinnedCards().first().toStdString();
  other.x = AxisFigure::ttft;
  plot_.setChart(other);
  EXPECT_TRUE(plot_.pinnedCards().isEmpty()) << "other axes";
}

TEST_F(PlotKeysTest, cursors_are_dragged_with_the_mouse_and_the_view_stays) {
  plot_.line().setCursor(ReadingLine::Cursor::a, 35);
  plot_.line().setCursor(ReadingLine::Cursor::b, 50);
  settle();
  QSignalSpy changed(&plot_.line(), &ReadingLine::changed);
  const ViewRange before = plot_.view();
  drag(at(35), at(45), Qt::LeftButton);
  EXPECT_EQ(plot_.view(), before);
  EXPECT_NEAR(*plot_.line().readings().cursor_a, 45, 0.3);
  EXPECT_EQ(changed.size(), 1) << "one change, when it is let go";
  EXPECT_NEAR(*plot_.line().readings().cursor_b, 50, 1e-9);
  plot_.line().removeCursors();
  drag(at(45), at(30), Qt::LeftButton);
  EXPECT_NE(plot_.view(), before) << "without cursors the chart is dragged";
}

TEST_F(PlotKeysTest, cursors_are_set_where_one_points) {
  plot_.setCursorHere(ReadingLine::Cursor::a, canvas()->mapToGlobal(at(35)));
  EXPECT_NEAR(*plot_.line().readings().cursor_a, 35, 0.3);
  plot_.setCursorHere(ReadingLine::Cursor::b);
  EXPECT_NEAR(*plot_.line().readings().cursor_b, (plot_.view().x_low + plot_.view().x_high) / 2, 0.5);
  EXPECT_TRUE(plot_.line().cardText().contains("→ B"));
}

TEST_F(PlotKeysTest, a_picture_has_the_line_the_cursors_and_the_baseline) {
  PictureOptions options = plot_.pictureOptions();
  const QImage plain = chart_image(plot_.chart(), options);
  plot_.line().setBaseline("beta");
  plot_.line().setReadings({40.0, 30.0, 50.0});
  options = plot_.pictureOptions();
  EXPECT_EQ(options.readings, (Readings{40.0, 30.0, 50.0}));
  EXPECT_NE(chart_image(plot_.chart(), options), plain);
  QTemporaryDir folder;
  ASSERT_TRUE(export_chart(plot_.chart(), folder.filePath("a.svg"), options));
  QFile svg(folder.filePath("a.svg"));
  ASSERT_TRUE(svg.open(QIODevice::ReadOnly));
  const QString text = QString::fromUtf8(svg.readAll());
  for (const char* words : {"baseline beta", ">A<", "tok/s/user"})
    EXPECT_TRUE(text.contains(QString::fromUtf8(words))) << words;
}

TEST(LineValuesOf, a_distribution_reads_shares_and_a_trend_its_states) {
  DistributionChart distribution;
  distribution.series = {{.name = "Run 1", .samples = 2, .cumulative = {{0.1, 0.5}, {0.2, 1}}}};
  const LineValues shares = line_values(distribution);
  EXPECT_EQ(shares.series.at(0).value(0.15), 0.5);
  EXPECT_TRUE(shares.place(0.15).contains("150 ms")) << shares.place(0.15).toStdString();
  Trend trend;
  trend.states = {{"0.1", "", ""}, {"0.2", "", ""}};
  trend.series = {{.name = "A", .points = {{.state = 0, .value = 10}, {.state = 1, .value = 20}}}};
  const LineValues states = line_values(trend);
  EXPECT_EQ(states.snap(0.7), 1);
  EXPECT_EQ(states.series.at(0).value(0.7), 20);
  EXPECT_EQ(states.place(0.2), "0.1");
  EXPECT_TRUE(cursors_part(states, {.theme = theme(false)}, 0, 1).html().contains(QStringLiteral("×2")));
}

TEST(LineValuesOf, a_timeline_reads_its_panels_with_their_units) {
  Timeline timeline;
  timeline.bins = {{.time = {0, 1}, .in_flight = 3, .tok_s = 100, .arrivals_s = 2}};
  timeline.power_w = {{0, 100}, {1, 200}};
  const QString html = line_part(line_values(timeline), {.theme = theme(false)}, 0.5, {}, false).html();
  for (const char* words : {"100 tok/s", "2 req/s", "150 W"})
    EXPECT_TRUE(html.contains(words)) << words << html.toStdString();
  EXPECT_FALSE(html.contains(QStringLiteral("×"))) << "figures of different units have no ratio";
}

class TrendLineTest : public PlotTest<TrendPlot> {};

TEST_F(TrendLineTest, the_line_goes_from_state_to_state) {
  Trend trend{.title = "T"};
  TrendSeries series{.name = "A"};
  for (std::size_t i = 0; i < 8; ++i) {
    trend.states.push_back({"0." + std::to_string(i), "", ""});
    series.points.push_back({.state = i, .value = 100.0 + static_cast<double>(i)});
  }
  trend.series = {series};
  plot_.setChart(trend);
  open();
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_Right);
  ASSERT_TRUE(plot_.line().at());
  const double first = *plot_.line().at();
  EXPECT_EQ(first, std::round(first));
  QTest::keyClick(&plot_, Qt::Key_Right);
  EXPECT_EQ(*plot_.line().at(), first + 1);
  QTest::keyClick(&plot_, Qt::Key_Left);
  QTest::keyClick(&plot_, Qt::Key_Left);
  EXPECT_EQ(*plot_.line().at(), first - 1);
  EXPECT_TRUE(plot_.line().cardText().contains("A"));
}

}  // namespace
}  // namespace tokenmark
