// The line and the cursors of a chart in a picture, with the card of their values. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/drawing.h"

namespace tokenmark {

// Over a plot that was just drawn by `painter`. `values`: null where the chart has none to read.
void paint_readings(QCPPainter& painter, QCustomPlot& plot, const SceneLook& look, const PictureOptions& options,
                    const std::function<LineValues()>& values);

}  // namespace tokenmark
