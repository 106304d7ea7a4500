// Two series with known points: "alpha" is measured with repeats, "beta" published; beta's second point is not on
// its frontier.
#pragma once

#include "core/report/chart.h"

namespace tokenmark {

inline ChartPoint example_point(double x, double y, int concurrency, RunId run, bool optimal = true) {
  ChartPoint point;
  point.x = x;
  point.y = y;
  point.concurrency = concurrency;
  point.runs = {run};
  point.optimal = optimal;
  point.label = "concurrency " + std::to_string(concurrency);
  return point;
}

inline Chart example_chart() {
  Chart chart;
  chart.title = "Example <chart> & more";
  chart.subtitle = "Throughput per GPU against interactivity";
  chart.sources = {"a source, 2025"};
  ChartSeries alpha;
  alpha.name = "alpha";
  alpha.points = {example_point(20, 900, 8, 3), example_point(40, 600, 4, 2), example_point(60, 300, 1, 1)};
  for (ChartPoint& point : alpha.points) point.y_range = Interval{point.y * 0.9, point.y * 1.1};
  alpha.curve = {{20, 900}, {30, 760}, {40, 600}, {60, 300}};
  alpha.band = {{20, 810, 990}, {40, 540, 660}, {60, 270, 330}};
  ChartSeries beta;
  beta.name = "beta";
  beta.sample = true;
  beta.points = {example_point(30, 1500, 8, -3), example_point(50, 700, 4, -2, false), example_point(80, 1000, 1, -1)};
  beta.curve = {{30, 1500}, {80, 1000}};
  chart.series = {alpha, beta};
  return chart;
}

}  // namespace tokenmark
