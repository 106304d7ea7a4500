#include "app/charts/reading_line.h"

#include <qcustomplot.h>

#include <QLabel>

#include "app/charts/frontier_plot.h"
#include "app/charts/mark_graph.h"
#include "app/charts/text.h"
#include "tests/app/charts/example_chart.h"
#include "tests/app/charts/plot_test.h"

namespace tokenmark {
namespace {

class ReadingLineTest : public PlotTest<FrontierPlot> {
 protected:
  ReadingLineTest() {
    Chart chart = example_chart();
    for (ChartSeries& series : chart.series)
      for (const ChartPoint& point : series.points)
        if (point.optimal) series.knots.push_back({point.x, point.y});
    plot_.setChart(chart);
    open();
  }
  QPoint at(double x) { return {static_cast<int>(std::lround(canvasPlot().xAxis->coordToPixel(x))), 120}; }
  QCustomPlot& canvasPlot() { return *plot_.findChild<QCustomPlot*>("chartCanvas"); }
  QString card() { return plot_.line().cardText(); }
};

TEST_F(ReadingLineTest, goes_with_the_pointer_and_shows_every_value_with_its_ratio) {
  hover(at(40));
  EXPECT_TRUE(card().isEmpty()) << "only when wanted";
  plot_.line().setOn(true);
  const int before = plot_.replots();
  hover(at(40));
  ASSERT_TRUE(plot_.line().at());
  EXPECT_NEAR(*plot_.line().at(), 40, 0.2);
  EXPECT_TRUE(card().contains("alpha") && card().contains("beta")) << card().toStdString();
  EXPECT_TRUE(card().contains("baseline"));
  EXPECT_EQ(plot_.replots(), before) << "the chart itself is not drawn again";
  hover(at(70));
  EXPECT_FALSE(card().contains("alpha")) << "outside its measured range";
  hover({2, 2});
  EXPECT_TRUE(card().isEmpty());
}

TEST_F(ReadingLineTest, ratios_refer_to_the_pinned_baseline) {
  plot_.line().setOn(true);
  plot_.line().setBaseline("beta");
  hover(at(40));
  const auto value = [&](std::size_t series) { return *value_at(plot_.chart(), plot_.chart().series[series], *plot_.line().at()); };
  EXPECT_TRUE(card().contains(QStringLiteral("×") + number_text(value(0) / value(1)))) << card().toStdString();
}

TEST_F(ReadingLineTest, the_card_is_described_in_words_for_who_hears_it) {
  const auto* card = plot_.findChild<QLabel*>("readingCard");
  ASSERT_TRUE(card);
  plot_.line().setOn(true);
  EXPECT_TRUE(card->accessibleDescription().isEmpty());
  hover(at(40));
  const QString words = card->accessibleDescription();
  EXPECT_TRUE(words.contains(": alpha ") || words.contains("; alpha ")) << words.toStdString();
  EXPECT_TRUE(words.contains("baseline") && words.contains(QStringLiteral("×"))) << words.toStdString();
  EXPECT_FALSE(words.contains('<')) << words.toStdString();
  hover(at(70));
  EXPECT_FALSE(card->accessibleDescription().contains("alpha")) << "it follows the line";
  hover({2, 2});
  EXPECT_TRUE(card->accessibleDescription().isEmpty());
}

TEST_F(ReadingLineTest, keys_move_and_pin_it_and_set_the_cursors) {
  plot_.setFocus();
  QTest::keyClick(&plot_, Qt::Key_Right);
  ASSERT_TRUE(plot_.line().at());
  const double first = *plot_.line().at();
  QTest::keyClick(&plot_, Qt::Key_A);
  for (int i = 0; i < 5; ++i) QTest::keyClick(&plot_, Qt::Key_Left, Qt::ShiftModifier);
  EXPECT_LT(*plot_.line().at(), first);
  QTest::keyClick(&plot_, Qt::Key_B);
  EXPECT_TRUE(card().contains("A ") && card().contains("→ B")) << card().toStdString();
  QTest::keyClick(&plot_, Qt::Key_Return);
  EXPECT_TRUE(plot_.line().pinned());
  const double pinned = *plot_.line().at();
  hover(at(33));
  EXPECT_EQ(*plot_.line().at(), pinned) << "a pinned line stays";
  EXPECT_EQ(plot_.line().readings(), (Readings{pinned, first, pinned}));
  QTest::keyClick(&plot_, Qt::Key_Escape);
  EXPECT_FALSE(plot_.line().at());
  QTest::keyClick(&plot_, Qt::Key_Escape);
  EXPECT_EQ(plot_.line().readings(), Readings());
}

TEST_F(ReadingLineTest, a_click_beside_points_pins_it) {
  plot_.line().setOn(true);
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, at(45));
  EXPECT_TRUE(plot_.line().pinned());
  QTest::mouseClick(canvas(), Qt::LeftButton, {}, at(45));
  EXPECT_FALSE(plot_.line().pinned());
}

TEST_F(ReadingLineTest, the_legends_right_click_names_the_series) {
  QString named;
  QObject::connect(&plot_, &PlotView::legendMenuWanted, [&](const QString& series, const QPoint&) { named = series; });
  QTest::mouseClick(canvas(), Qt::RightButton, {}, plot_.legendPosition(1));
  EXPECT_EQ(named, "beta");
}

TEST(MarkGraph, dense_points_are_copied_once_a_cell_and_none_outside_is_lost_at_the_rim) {
  QCustomPlot plot;
  plot.resize(600, 400);
  auto* graph = new MarkGraph(plot.xAxis, plot.yAxis);
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, 7));
  plot.xAxis->setRange(0, 1);
  plot.yAxis->setRange(0, 1);
  QVector<double> keys, values;
  for (int i = 0; i < 30000; ++i) {
    keys << (i % 300) / 299.0;
    values << (i % 7) / 6.0;
  }
  graph->setData(keys, values);
  plot.replot();
  const QVector<QPointF> places = graph->places();
  EXPECT_LE(places.size(), 300 * 7);
  EXPECT_GE(places.size(), 100 * 7);
  plot.xAxis->setRange(0.5, 0.6);
  EXPECT_LT(graph->places().size(), places.size());
  EXPECT_FALSE(graph->places().isEmpty());
  plot.xAxis->setRange(2, 3);
  EXPECT_TRUE(graph->places().isEmpty());
}

}  // namespace
}  // namespace tokenmark
