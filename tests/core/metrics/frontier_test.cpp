#include "core/metrics/frontier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>

namespace tokenmark {
namespace {

using Indices = std::vector<std::size_t>;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Better kBoth[] = {Better::higher, Better::lower};

bool as_good(double a, double b, Better better) { return better == Better::higher ? a >= b : a <= b; }

// The definition, in O(n²): nobody else is as good in both and different, or equal and earlier.
Indices frontier_by_definition(const std::vector<XY>& points, Better x_better, Better y_better) {
  Indices frontier;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool stays = std::isfinite(points[i].x) && std::isfinite(points[i].y);
    for (std::size_t j = 0; j < points.size() && stays; ++j) {
      if (i == j || !std::isfinite(points[j].x) || !std::isfinite(points[j].y)) continue;
      const bool covers = as_good(points[j].x, points[i].x, x_better) && as_good(points[j].y, points[i].y, y_better);
      if (covers && (points[i] == points[j] ? j < i : true)) stays = false;
    }
    if (stays) frontier.push_back(i);
  }
  std::sort(frontier.begin(), frontier.end(), [&](auto a, auto b) { return points[a].x < points[b].x; });
  return frontier;
}

TEST(Pareto, keeps_the_non_dominated_points_in_each_of_the_four_directions) {
  const std::vector<XY> square = {{1, 2}, {2, 1}, {1, 1}, {2, 2}, {1.5, 1.5}};
  EXPECT_EQ(pareto_frontier(square, Better::higher, Better::higher), (Indices{3}));
  EXPECT_EQ(pareto_frontier(square, Better::lower, Better::lower), (Indices{2}));
  EXPECT_EQ(pareto_frontier(square, Better::higher, Better::lower), (Indices{1}));
  EXPECT_EQ(pareto_frontier(square, Better::lower, Better::higher), (Indices{0}));
}

TEST(Pareto, is_not_a_convex_hull) {
  // The middle point lies below the line of the others and yet nothing is better in both.
  EXPECT_EQ(pareto_frontier({{1, 10}, {5, 3}, {10, 1}}, Better::higher, Better::higher), (Indices{0, 1, 2}));
}

TEST(Pareto, of_equal_points_the_first_stays) {
  EXPECT_EQ(pareto_frontier({{1, 1}, {2, 2}, {2, 2}, {2, 2}}, Better::higher, Better::higher), (Indices{1}));
}

TEST(Pareto, of_points_that_tie_in_one_coordinate_the_better_one_stays) {
  EXPECT_EQ(pareto_frontier({{1, 1}, {1, 2}, {2, 2}}, Better::higher, Better::higher), (Indices{2}));
  EXPECT_EQ(pareto_frontier({{1, 1}, {1, 2}, {2, 2}}, Better::lower, Better::lower), (Indices{0}));
}

TEST(Pareto, leaves_out_points_that_are_not_finite) {
  EXPECT_EQ(pareto_frontier({{kInf, 5}, {1, kNaN}, {2, 3}, {-kInf, kInf}}, Better::higher, Better::higher), (Indices{2}));
  EXPECT_TRUE(pareto_frontier({{kNaN, kNaN}}, Better::lower, Better::lower).empty());
  EXPECT_TRUE(pareto_frontier({}, Better::lower, Better::higher).empty());
}

TEST(Pareto, agrees_with_the_definition_on_random_points_with_many_ties) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    std::vector<XY> points(random() % 40);
    for (XY& p : points) p = {static_cast<double>(random() % 8), static_cast<double>(random() % 8)};
    if (!points.empty() && round % 5 == 0) points[random() % points.size()].y = round % 2 ? kNaN : kInf;
    if (round % 3 == 0) std::stable_sort(points.begin(), points.end(), [](const XY& a, const XY& b) { return a.x < b.x; });
    for (const Better x : kBoth)
      for (const Better y : kBoth)
        ASSERT_EQ(pareto_frontier(points, x, y), frontier_by_definition(points, x, y)) << "round " << round;
  }
}

TEST(Pareto, takes_a_million_points_that_all_stay) {
  std::vector<XY> points(1'000'000);  // quadratic work would not end here
  for (std::size_t i = 0; i < points.size(); ++i)
    points[(i * 7919) % points.size()] = {static_cast<double>(i), -static_cast<double>(i)};
  EXPECT_EQ(pareto_frontier(points, Better::higher, Better::higher).size(), points.size());
}

TEST(MonotoneCurve, gives_the_values_of_steffens_paper) {
  std::ifstream file(TOKENMARK_SOURCE_DIR "/tests/core/metrics/steffen_golden.txt");
  ASSERT_TRUE(file) << "steffen_golden.txt is missing";
  MonotoneCurve curve({});
  int values = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(1));
    XY entry;
    if (line[0] == 'k') {
      std::vector<XY> knots;
      while (words >> entry.x >> entry.y) knots.push_back(entry);
      curve = MonotoneCurve(knots);
      continue;
    }
    words >> entry.x >> entry.y;
    const auto y = curve.at(entry.x);
    ASSERT_TRUE(y) << line;
    EXPECT_NEAR(*y, entry.y, 1e-11 * std::max(1.0, std::abs(entry.y))) << line;
    ++values;
  }
  EXPECT_GT(values, 150);
}

std::vector<XY> random_knots(std::mt19937& random, bool falling) {
  std::uniform_real_distribution<double> step(0.001, 50), jump(-100, 100);
  std::vector<XY> knots(2 + random() % 12);
  double x = -20, y = 10;
  for (XY& knot : knots) {
    knot = {x, y};
    x += step(random);
    y += falling ? -std::abs(jump(random)) : jump(random);
  }
  return knots;
}

TEST(MonotoneCurve, passes_its_knots_and_is_monotone_between_them) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::vector<XY> knots = random_knots(random, round % 2 == 0);
    const MonotoneCurve curve(knots);
    for (std::size_t i = 0; i < knots.size(); ++i) {
      ASSERT_EQ(curve.at(knots[i].x), knots[i].y);
      if (i == 0) continue;
      const double rise = knots[i].y - knots[i - 1].y;
      double before = knots[i - 1].y;
      for (int k = 1; k <= 50; ++k) {
        const auto y = curve.at(std::lerp(knots[i - 1].x, knots[i].x, k / 50.0));
        ASSERT_TRUE(y);
        ASSERT_GE((*y - before) * (rise > 0 ? 1 : -1), -1e-9) << "round " << round << " segment " << i;
        before = *y;
      }
    }
  }
}

TEST(MonotoneCurve, has_a_continuous_slope_at_inner_knots) {
  std::mt19937 random(6);
  for (int round = 0; round < 100; ++round) {
    const std::vector<XY> knots = random_knots(random, true);
    const MonotoneCurve curve(knots);
    for (std::size_t i = 1; i + 1 < knots.size(); ++i) {
      const double h = 1e-6 * std::min(knots[i].x - knots[i - 1].x, knots[i + 1].x - knots[i].x);
      const double left = (knots[i].y - *curve.at(knots[i].x - h)) / h, right = (*curve.at(knots[i].x + h) - knots[i].y) / h;
      EXPECT_NEAR(left, right, 1e-3 * (1 + std::abs(left)));
    }
  }
}

TEST(MonotoneCurve, has_no_value_outside_its_knots) {
  const MonotoneCurve curve({{1, 5}, {2, 4}, {4, 1}});
  EXPECT_FALSE(curve.at(std::nextafter(1.0, 0.0)));
  EXPECT_FALSE(curve.at(std::nextafter(4.0, 5.0)));
  EXPECT_FALSE(curve.at(kNaN));
  EXPECT_FALSE(curve.at(kInf));
  EXPECT_EQ(curve.at(1), 5);
  EXPECT_EQ(curve.at(4), 1);
}

TEST(MonotoneCurve, of_one_knot_is_that_knot_and_of_none_is_nothing) {
  EXPECT_EQ(MonotoneCurve({{3, 7}}).at(3), 7);
  EXPECT_FALSE(MonotoneCurve({{3, 7}}).at(3.1));
  EXPECT_FALSE(MonotoneCurve({}).at(0));
}

TEST(MonotoneCurve, leaves_out_knots_that_do_not_advance_and_survives_extremes) {
  EXPECT_EQ(MonotoneCurve({{1, 1}, {1, 9}, {kNaN, 2}, {2, kInf}, {3, 3}}).knots(), (std::vector<XY>{{1, 1}, {3, 3}}));
  const MonotoneCurve steep({{0, -1e308}, {5e-324, 1e308}, {1, 1e308}, {1e308, -1e308}});
  for (const double x : {0.0, 1e-300, 0.5, 1.0, 1e300, 9e307, 1e308}) {
    const auto y = steep.at(x);
    ASSERT_TRUE(y && std::isfinite(*y)) << x;
    EXPECT_LE(std::abs(*y), 1e308);
  }
}

}  // namespace
}  // namespace tokenmark
