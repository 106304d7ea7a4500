// A Trend as plottables of a QCustomPlot: points with error bars over the states of the software, a step line along the
// levels, changes marked with their size. The screen and the files are drawn by this one function. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"
#include "core/report/trend.h"

namespace tokenmark {

// Replaces everything that is drawn. x is a state's number.
void draw_scene(QCustomPlot& plot, const Trend& trend, SceneLook& look);
ViewRange full_view(const Trend& trend, const SceneLook& look);
// Without hidden series; states keep their numbers.
Trend visible_part(const Trend& trend, const SceneLook& look);
QStringList small_print(const Trend& trend);

// Where a change's mark is: between its two states, half-way between the levels.
struct ChangeMark {
  double x = 0, y = 0;
};
ChangeMark mark_of(const TrendSeries& series, std::size_t change);
QString change_text(const TrendChange& change);   // "−9.8 %"

}  // namespace tokenmark
