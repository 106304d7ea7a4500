// A Chart as plottables of a QCustomPlot: marks, frontier curves, error bars and bands, axes and legend.
// The screen and the files are drawn by this one function. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"
#include "core/report/chart.h"

namespace tokenmark {

// Replaces everything that is drawn. Deletes plottables: never inside one of the plot's own mouse signals.
void draw_scene(QCustomPlot& plot, const Chart& chart, SceneLook& look);

// True if the point has a place on the chart's axes and is wanted.
bool drawn(const Chart& chart, const ChartPoint& point, const SceneLook& look);
// Points without a place, as a sentence; empty if there are none.
QString dropped_note(const Chart& chart);

// The whole of what is visible, with margins.
ViewRange full_view(const Chart& chart, const SceneLook& look);

// Without hidden series and points: what CSV of the visible holds.
Chart visible_part(const Chart& chart, const SceneLook& look);

}  // namespace tokenmark
