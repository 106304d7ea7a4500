// What all charts share on a QCustomPlot: hints, layers, axes, legend lines, the view. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"

namespace tokenmark {

QColor with_alpha(QColor color, double alpha);

// Hints, interactions off, layers "bands" below "curves" below "marks", legend below the axes.
void prepare_plot(QCustomPlot& plot);
// Takes away what a scene has drawn: plottables, legend lines and items. Deletes plottables: never inside one of the plot's
// own mouse signals.
void clear_scene(QCustomPlot& plot);

// Fonts, colours and grid; the axis has its ticker already.
void style_axis(QCPAxis& axis, const QString& title, bool log, const SceneLook& look);

// Breaks titles that are longer than their axes. After the scene is drawn, its view and all of its layout set.
void fit_axis_titles(QCustomPlot& plot);

// Greyed where the series is hidden.
void add_legend_item(QCustomPlot& plot, const QString& name, QPen line, QCPScatterStyle mark, const SceneLook& look);

// A graph that the mouse cannot select, on one of the layers.
QCPGraph* add_graph(QCustomPlot& plot, const char* layer, QCPAxis* x = nullptr, QCPAxis* y = nullptr);

void set_view(QCustomPlot& plot, const ViewRange& view);
ViewRange view_of(const QCustomPlot& plot);

}  // namespace tokenmark
