// What a sweep will do, before it starts: its points in the order in which they are measured, and how long that takes and
// how one knows.
#pragma once

#include <QWidget>

#include "core/sweep/forecast.h"

class QLabel;
class QTreeWidget;

namespace tokenmark {

// As the widget shows it; made in another thread.
struct PlannedSweep {
  struct Row {
    QString point, repeat, requests, seconds;
  };
  SweepForecast forecast;
  QList<Row> rows;             // the first ones
};
PlannedSweep planned(const Sweep& sweep, const Forecaster& forecaster);

// "48 points · 960 requests · about 12 min 30 s, as measured before"
QString plan_text(const SweepForecast& forecast);

class SweepPlan : public QWidget {
  Q_OBJECT
 public:
  explicit SweepPlan(QWidget* parent = nullptr);
  void showPlan(const PlannedSweep& plan);
  void clear();

 private:
  QLabel* text_;
  QTreeWidget* list_;
};

}  // namespace tokenmark
