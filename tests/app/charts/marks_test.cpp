#include "app/charts/marks.h"

#include <gtest/gtest.h>

#include <QtTest>
#include <cmath>
#include <random>
#include <set>

#include "app/charts/curve_graph.h"
#include "app/charts/export.h"
#include "app/charts/plot_style.h"
#include "tests/app/charts/example_chart.h"

namespace tokenmark {
namespace {

QCPScatterStyle circle() { return {QCPScatterStyle::ssCircle, QPen(QColor(200, 30, 30, 140), 1.2), QBrush(QColor(200, 30, 30, 77)), 6.5}; }
QCPScatterStyle triangle() { return {QCPScatterStyle::ssTriangle, QPen(QColor(0, 60, 200), 1.2), QBrush(QColor(0, 60, 200)), 9}; }

class MarksTest : public testing::Test {
 protected:
  MarksTest() {
    prepare_plot(plot_);
    plot_.resize(600, 400);
    plot_.show();
    add_legend_item(plot_, "series", QPen(), circle(), SceneLook());   // without one the area is as narrow as the legend
    plot_.axisRect()->setAutoMargins(QCP::msNone);   // other labels would move the area
    plot_.axisRect()->setMargins({40, 10, 10, 40});
    plot_.xAxis->setRange(0, 1);
    plot_.yAxis->setRange(0, 1);
    marks_ = new Marks(plot_);
    plot_.replot();
  }

  std::vector<QPointF> random_points(int count) {
    std::uniform_real_distribution<double> anywhere(-0.2, 1.2);
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i) points.emplace_back(anywhere(random_), anywhere(random_));
    std::sort(points.begin(), points.end(), [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); });
    return points;
  }
  // Where the middle of a mark is painted: half a point further than the coordinate, as all that is smoothed.
  QPointF pixel(const QPointF& point) const {
    return {plot_.xAxis->coordToPixel(point.x()) + 0.5, plot_.yAxis->coordToPixel(point.y()) + 0.5};
  }
  QImage screen() {
    plot_.replot();
    return plot_.grab().toImage().convertToFormat(QImage::Format_RGB32);
  }
  QImage file() {
    QImage image(plot_.size(), QImage::Format_RGB32);
    image.fill(Qt::white);
    QCPPainter painter(&image);
    plot_.toPainter(&painter, plot_.width(), plot_.height());
    return image;
  }

  QCustomPlot plot_;
  Marks* marks_;
  std::mt19937 random_{11};
};

TEST_F(MarksTest, every_point_in_view_is_painted_or_lies_in_a_pixel_that_has_the_same_mark) {
  const std::vector<QPointF> points = random_points(200000);
  marks_->add(circle(), points);
  plot_.replot();
  ASSERT_TRUE(marks_->copied());
  std::set<std::pair<int, int>> painted;
  for (const QPoint& at : marks_->places(0)) EXPECT_TRUE(painted.insert({at.x(), at.y()}).second) << "twice";
  int in_view = 0;
  for (const QPointF& point : points) {
    const QPointF at = pixel(point);
    if (!QRectF(plot_.axisRect()->rect()).adjusted(-6, -6, 6, 6).contains(at)) continue;
    ++in_view;
    EXPECT_TRUE(painted.contains({static_cast<int>(std::floor(at.x() + 0.5)), static_cast<int>(std::floor(at.y() + 0.5))}));
  }
  EXPECT_LT(painted.size(), static_cast<std::size_t>(in_view)) << "none was spared";
}

TEST_F(MarksTest, places_agree_with_logarithmic_axes) {
  plot_.xAxis->setScaleType(QCPAxis::stLogarithmic);
  plot_.yAxis->setScaleType(QCPAxis::stLogarithmic);
  plot_.xAxis->setRange(0.01, 1);
  plot_.yAxis->setRange(0.1, 10);
  const QPointF points[] = {{0.02, 0.2}, {0.13, 7}, {0.9, 1}};
  for (const QPointF& point : points) marks_->add(circle(), std::vector<QPointF>(500, point));
  plot_.replot();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<QPoint> at = marks_->places(i);
    ASSERT_EQ(at.size(), 1u);
    const QPointF exact = pixel(points[i]);
    EXPECT_EQ(at[0], QPoint(static_cast<int>(std::floor(exact.x() + 0.5)), static_cast<int>(std::floor(exact.y() + 0.5))));
  }
}

TEST_F(MarksTest, copied_marks_look_like_the_shapes_they_are_copies_of) {
  const QRect area = plot_.axisRect()->rect();
  plot_.xAxis->setRange(0.5, area.width() + 0.5);   // a unit a pixel: middles lie on corners of pixels
  plot_.yAxis->setRange(0.5, area.height() + 0.5);
  std::set<std::pair<int, int>> places;
  while (places.size() < 3000) places.insert({static_cast<int>(random_() % 600), static_cast<int>(random_() % 400)});
  std::vector<QPointF> points;
  for (const auto& [x, y] : places) points.emplace_back(x, y);
  marks_->add(circle(), points);
  points.resize(450);
  marks_->add(triangle(), points);
  const QImage copied = screen(), drawn = file();
  ASSERT_TRUE(marks_->copied());
  int worst = 0;
  for (int y = area.top(); y <= area.bottom(); ++y)
    for (int x = area.left() + 1; x <= area.right(); ++x) {   // beside the axis, whose line the one draws smoothly
      const QRgb a = copied.pixel(x, y), b = drawn.pixel(x, y);
      worst = std::max({worst, std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)), std::abs(qBlue(a) - qBlue(b))});
    }
  EXPECT_LE(worst, 12) << "of 255, where many lie over each other";
}

TEST_F(MarksTest, a_view_that_moves_by_whole_pixels_looks_as_if_painted_anew) {
  marks_->add(circle(), random_points(30000));
  marks_->add(triangle(), random_points(200));
  plot_.replot();
  const QRect area = plot_.axisRect()->rect();
  for (const auto& [right, down] : {std::pair{37, 0}, {-11, 0}, {0, 25}, {60, -41}, {-3, 2}, {0, 0}}) {
    plot_.xAxis->moveRange(-plot_.xAxis->range().size() * right / area.width());
    plot_.yAxis->moveRange(plot_.yAxis->range().size() * down / area.height());
    const QImage moved = screen();
    auto* anew = new Marks(plot_);
    std::mt19937 same(11);
    std::swap(same, random_);
    anew->add(circle(), random_points(30000));
    anew->add(triangle(), random_points(200));
    std::swap(same, random_);
    marks_->setVisible(false);
    const QImage expected = screen();
    plot_.removePlottable(anew);
    marks_->setVisible(true);
    int different = 0;
    for (int y = area.top(); y <= area.bottom(); ++y)
      for (int x = area.left(); x <= area.right(); ++x) different += moved.pixel(x, y) == expected.pixel(x, y) ? 0 : 1;
    EXPECT_LE(different, 200) << right << ", " << down << ": a mark or two whose middle lies between two pixels";
  }
}

TEST_F(MarksTest, the_order_of_looks_is_kept_and_few_marks_of_a_look_are_not_moved_far) {
  marks_->add(circle(), std::vector<QPointF>(1000, QPointF(0.5, 0.5)));
  marks_->add(triangle(), {QPointF(0.5, 0.5)});
  const QPointF middle = pixel({0.5, 0.5});
  const QColor top = screen().pixelColor(static_cast<int>(middle.x()), static_cast<int>(middle.y()));
  EXPECT_GT(top.blue(), 180);
  EXPECT_LT(top.red(), 30);
  ASSERT_EQ(marks_->places(1).size(), 1u);
  EXPECT_LE(std::hypot(marks_->places(1)[0].x() + 0.5 - middle.x(), marks_->places(1)[0].y() + 0.5 - middle.y()), 0.75);
}

TEST_F(MarksTest, a_file_holds_every_mark_however_many_lie_in_one_place) {
  Chart chart = example_chart();
  const auto shapes = [&] {
    const DrawnChart drawn = *draw_chart(drawing_of(chart, {}), ExportFormat::svg, {});
    return drawn.bytes.count("<path") + drawn.bytes.count("<rect") + drawn.bytes.count("<polygon");
  };
  const auto before = shapes();
  for (int i = 0; i < 1500; ++i) chart.series[1].points.push_back(example_point(45, 500, 1, i + 10, false));
  EXPECT_EQ(shapes() - before, 1500);
}

TEST_F(MarksTest, a_view_without_points_paints_none) {
  marks_->add(circle(), random_points(5000));
  plot_.xAxis->setRange(2, 3);
  plot_.replot();
  EXPECT_TRUE(marks_->places(0).empty());
}

double away_from(const QVector<QPointF>& line, const QPointF& point) {
  double nearest = 1e300;
  for (qsizetype i = 1; i < line.size(); ++i) {
    const QPointF along = line[i] - line[i - 1], off = point - line[i - 1];
    const double length = QPointF::dotProduct(along, along);
    const double t = length > 0 ? std::clamp(QPointF::dotProduct(off, along) / length, 0.0, 1.0) : 0;
    const QPointF to = off - t * along;
    nearest = std::min(nearest, std::hypot(to.x(), to.y()));
  }
  return nearest;
}

TEST(Curve, a_thinned_line_keeps_its_ends_and_stays_within_its_bound) {
  QVector<QPointF> smooth, noisy;
  std::mt19937 random(3);
  for (int i = 0; i < 800; ++i) {
    smooth << QPointF(i * 0.8, 300 - 200 * std::sin(i / 130.0));
    noisy << QPointF(i * 0.3, static_cast<double>(random() % 400));
  }
  for (const QVector<QPointF>& line : {smooth, noisy}) {
    const QVector<QPointF> kept = thinned(line, 0.1);
    EXPECT_EQ(kept.front(), line.front());
    EXPECT_EQ(kept.back(), line.back());
    for (const QPointF& point : line) EXPECT_LE(away_from(kept, point), 0.1 + 1e-9);
  }
  EXPECT_LT(thinned(smooth, 0.1).size(), 160);
  EXPECT_GT(thinned(noisy, 0.1).size(), 700);
}

TEST(Curve, gaps_and_turns_stay) {
  const double nan = std::nan("");
  EXPECT_EQ(thinned({{0, 0}, {1, 0}, {2, nan}, {3, 0}, {4, 0}}, 0.1).size(), 5);
  EXPECT_EQ(thinned({{0, 0}, {5, 0}, {2, 0}}, 0.1), (QVector<QPointF>{{0, 0}, {5, 0}, {2, 0}}));
  EXPECT_EQ(thinned({{0, 0}, {1, 0}, {2, 0}}, 0.1), (QVector<QPointF>{{0, 0}, {2, 0}}));
}

}  // namespace
}  // namespace tokenmark
