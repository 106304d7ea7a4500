// A Chart as plottables of a QCustomPlot: marks, frontier curves, error bars and bands, axes and legend.
// The screen and the files are drawn by this one function. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/series_style.h"
#include "app/charts/theme.h"
#include "app/charts/zoom_history.h"
#include "core/report/chart.h"

namespace tokenmark {

struct SceneLook {
  Theme theme;
  SeriesStyles styles;
  SeriesVisibility visibility;
  bool only_optimal = false;
  QFont font;                  // in pixels, so that pictures of any resolution look alike
};

// Hints, interactions off, legend below the axes.
void prepare_plot(QCustomPlot& plot);

// Replaces everything that is drawn. Deletes plottables: never inside one of the plot's own mouse signals.
void draw_scene(QCustomPlot& plot, const Chart& chart, SceneLook& look);

// True if the point has a place on the chart's axes and is wanted.
bool drawn(const Chart& chart, const ChartPoint& point, const SceneLook& look);
// Points without a place, as a sentence; empty if there are none.
QString dropped_note(const Chart& chart);

// The whole of what is visible, with margins.
ViewRange full_view(const Chart& chart, const SceneLook& look);
void set_view(QCustomPlot& plot, const ViewRange& view);
ViewRange view_of(const QCustomPlot& plot);

// Without hidden series and points: what CSV of the visible holds.
Chart visible_part(const Chart& chart, const SceneLook& look);

}  // namespace tokenmark
