#include "app/charts/ticker.h"

#include <cmath>

#include "app/charts/text.h"

namespace tokenmark {
namespace {

// The power of ten of a round value, a little above it so that 1000 does not count as 999.99.
double power_below(double value) { return std::pow(10.0, std::floor(std::log10(value) + 1e-9)); }

}  // namespace

double LinearTicker::getTickStep(const QCPRange& range) { return step_ = QCPAxisTicker::getTickStep(range); }

QString LinearTicker::getTickLabel(double tick, const QLocale&, QChar, int) { return tick_text(tick * scale_, step_ * scale_); }

double LogTicker::getTickStep(const QCPRange& range) {
  const bool narrow = range.lower > 0 && range.upper / range.lower < 5;
  linear_step_ = narrow ? QCPAxisTicker::getTickStep(range) : 0;
  return narrow ? linear_step_ : 1;
}

QVector<double> LogTicker::createTickVector(double step, const QCPRange& range) {
  if (linear_step_ > 0) return QCPAxisTicker::createTickVector(step, range);
  QVector<double> ticks;
  if (range.lower <= 0 || !std::isfinite(range.upper)) return ticks;
  const double decades = std::log10(range.upper / range.lower);
  const QVector<double> mantissas = decades <= 3.2 ? QVector<double>{1, 2, 5} : QVector<double>{1};
  const int every = decades > 12 ? static_cast<int>(decades / 8) : 1;
  for (int exponent = static_cast<int>(std::floor(std::log10(range.lower)));
       exponent <= std::ceil(std::log10(range.upper)); exponent += every)
    for (const double mantissa : mantissas) ticks.push_back(mantissa * std::pow(10.0, exponent));
  return ticks;
}

QVector<double> LogTicker::createSubTickVector(int count, const QVector<double>& ticks) {
  if (linear_step_ > 0) return QCPAxisTicker::createSubTickVector(count, ticks);
  QVector<double> sub;
  if (ticks.isEmpty()) return sub;
  for (double power = power_below(ticks.first()); power <= ticks.last(); power *= 10)
    for (int i = 2; i <= 9; ++i) sub.push_back(power * i);
  return sub;
}

QString LogTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  const double step = linear_step_ > 0 ? linear_step_ : power_below(tick);
  return tick_text(tick * scale_, step * scale_);
}

}  // namespace tokenmark
