// Ticks at round numbers with readable labels, on linear and logarithmic axes.
#pragma once

#include <qcustomplot.h>

namespace tokenmark {

// `scale`: what coordinates are multiplied with for the labels (1000: seconds as milliseconds).
class LinearTicker : public QCPAxisTicker {
 public:
  explicit LinearTicker(double scale = 1) : scale_(scale) {}

 protected:
  double getTickStep(const QCPRange& range) override;
  QString getTickLabel(double tick, const QLocale&, QChar, int) override;

  double step_ = 1;

 private:
  double scale_;
};

// Powers of ten over many decades, 1-2-5 over a few, linear steps within one.
class LogTicker : public QCPAxisTicker {
 public:
  explicit LogTicker(double scale = 1) : scale_(scale) {}

 protected:
  double getTickStep(const QCPRange& range) override;
  QVector<double> createTickVector(double step, const QCPRange& range) override;
  QVector<double> createSubTickVector(int count, const QVector<double>& ticks) override;
  QString getTickLabel(double tick, const QLocale&, QChar, int) override;

 private:
  double scale_;
  double linear_step_ = 0;   // 0: the ticks are logarithmic
};

}  // namespace tokenmark
