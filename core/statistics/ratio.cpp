#include "core/statistics/ratio.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace tokenmark {
namespace {

struct Moments {
  double n = 0, mean = 0, variance_of_mean = 0;
};

std::optional<Moments> moments_of_logs(const std::vector<double>& values) {
  if (values.size() < 3) return std::nullopt;
  Moments m{static_cast<double>(values.size()), 0, 0};
  for (const double v : values) {
    if (!(v > 0) || !std::isfinite(v)) return std::nullopt;
    m.mean += std::log(v) / m.n;
  }
  for (const double v : values) m.variance_of_mean += (std::log(v) - m.mean) * (std::log(v) - m.mean) / (m.n - 1) / m.n;
  return m;
}

}  // namespace

std::optional<Interval> interval_of_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  const auto p = moments_of_logs(a), q = moments_of_logs(b);
  if (!p || !q) return std::nullopt;
  const double variance = p->variance_of_mean + q->variance_of_mean, difference = p->mean - q->mean;
  if (variance <= 0) return Interval{std::exp(difference), std::exp(difference)};
  const double degrees = variance * variance / (p->variance_of_mean * p->variance_of_mean / (p->n - 1) +
                                                q->variance_of_mean * q->variance_of_mean / (q->n - 1));
  const boost::math::students_t_distribution<double> student(degrees);
  const double half = boost::math::quantile(student, 0.975) * std::sqrt(variance);
  return Interval{std::exp(difference - half), std::exp(difference + half)};
}

}  // namespace tokenmark
