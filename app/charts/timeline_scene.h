// A Timeline as panels of a QCustomPlot over one time axis: requests, in flight, tokens and arrivals a second, power
// and how busy the devices were where they told it. The screen and the files are drawn by this one function. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"
#include "core/report/timeline.h"

namespace tokenmark {

// Replaces everything that is drawn; `timeline` must outlive it. The panel of the requests is plot.axisRect(0), and the
// view is its axes: time, and slots downwards.
void draw_scene(QCustomPlot& plot, const Timeline& timeline, SceneLook& look);
ViewRange full_view(const Timeline& timeline);
// From the top of the first panel to the bottom of the last.
QRect panels_area(QCustomPlot& plot);
QStringList small_print(const Timeline& timeline);
// "Receiving tokens" …: what the legend's lines hide.
QStringList phase_names();

}  // namespace tokenmark
