// What a sweep will do, before it starts: its points in the order in which they are measured, what is sent, how long that
// takes and how one knows.
#pragma once

#include <QWidget>

#include "core/sweep/work_left.h"

class QLabel;
class QTreeWidget;

namespace tokenmark {

// As the widget shows it; made in another thread.
struct PlannedSweep {
  struct Row {
    QString point, repeat, requests, seconds;
  };
  SweepForecast forecast;
  std::size_t done = 0;        // points that an earlier run has finished and this one leaves out
  QList<Row> rows;             // the first ones
};
PlannedSweep planned(const Sweep& sweep, const Forecaster& forecaster, const WorkLeft& left);

// "48 points · 960 requests and 96 warm-ups · 1,081,344 tokens in, 270,336 out · about 12 min 30 s, as measured before"
QString plan_text(const PlannedSweep& plan);

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
