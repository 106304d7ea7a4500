#include "core/workload/exact_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tokenmark {
namespace {

TEST(ExactMath, agrees_with_the_c_library_to_the_last_places) {
  for (int i = 0; i < 20'000; ++i) {
    const double x = std::exp(Draws(1, 0, static_cast<std::uint64_t>(i)).uniform() * 1200 - 600);
    EXPECT_NEAR(exact_log(x) / std::log(x), 1, 1e-15) << x;
    EXPECT_NEAR(exact_exp(std::log(x)) / std::exp(std::log(x)), 1, 2e-15) << x;
    const double small = Draws(2, 0, static_cast<std::uint64_t>(i)).uniform() * std::pow(10, -i % 17);
    EXPECT_NEAR(exact_log1p(small) / std::log1p(small), 1, 2e-15) << small;
  }
  EXPECT_EQ(exact_log(1), 0);
  EXPECT_EQ(exact_exp(0), 1);
  EXPECT_EQ(exact_exp(-1000), 0);
}

TEST(ExactMath, bits_are_pinned) {
  // A change here would silently change what every stored run measured.
  EXPECT_EQ(exact_log(3), 0x1.193ea7aad030bp+0);
  EXPECT_EQ(exact_exp(1), 0x1.5bf0a8b14576ap+1);  // e is one unit of the last place away
}

// Mean, variance and third central moment of many draws, in standard errors.
struct Moments {
  double mean = 0, variance = 0, skewness = 0;
};
template <class Draw>
Moments moments(Draw draw) {
  constexpr int n = 200'000;
  std::vector<double> x;
  Moments m;
  for (int i = 0; i < n; ++i) m.mean += x.emplace_back(draw(Draws(7, 3, static_cast<std::uint64_t>(i)))) / n;
  double third = 0;
  for (const double one : x) {
    m.variance += (one - m.mean) * (one - m.mean) / n;
    third += std::pow(one - m.mean, 3) / n;
  }
  m.skewness = third / std::pow(m.variance, 1.5);
  return m;
}

TEST(ExactMath, draws_have_the_moments_of_their_distributions) {
  const Moments normal = moments([](Draws d) { return d.normal(); });
  EXPECT_NEAR(normal.mean, 0, 0.01);  // six standard errors are 0.0134
  EXPECT_NEAR(normal.variance, 1, 0.02);
  EXPECT_NEAR(normal.skewness, 0, 0.035);
  for (const double shape : {0.1, 0.5, 1.0, 3.0, 100.0}) {
    const Moments gamma = moments([&](Draws d) { return d.gamma(shape); });
    const double sd = std::sqrt(shape), kurtosis = 3 + 6 / shape;
    EXPECT_NEAR(gamma.mean, shape, 6 * sd / std::sqrt(200'000)) << shape;
    EXPECT_NEAR(gamma.variance / shape, 1, 6 * std::sqrt((kurtosis - 1) / 200'000)) << shape;
    EXPECT_NEAR(gamma.skewness * sd / 2, 1, 0.15) << shape;  // skewness is 2/√shape
  }
}

}  // namespace
}  // namespace tokenmark
