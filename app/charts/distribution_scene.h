// A DistributionChart as plottables of a QCustomPlot: cumulative curves or histograms, percentiles with their intervals,
// limits. The screen and the files are drawn by this one function. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"
#include "core/report/distributions.h"

namespace tokenmark {

// Replaces everything that is drawn.
void draw_scene(QCustomPlot& plot, const DistributionChart& chart, SceneLook& look);
ViewRange full_view(const DistributionChart& chart, const SceneLook& look);
// Without hidden series.
DistributionChart visible_part(const DistributionChart& chart, const SceneLook& look);
QStringList small_print(const DistributionChart& chart);

}  // namespace tokenmark
