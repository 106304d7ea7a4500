// What a PlotView holds, for the files that make it up.
#pragma once

#include <qcustomplot.h>

#include <QElapsedTimer>
#include <QTimer>
#include <optional>

#include "app/charts/hover_card.h"
#include "app/charts/overlay.h"
#include "app/charts/plot_view.h"

class QLabel;

namespace tokenmark {

struct PlotView::State {
  QCustomPlot* plot = nullptr;
  Overlay* overlay = nullptr;
  std::optional<HoverCard> card;       // from the setup on
  QLabel* empty = nullptr;

  SceneLook look;
  ZoomHistory history;
  bool following = true;               // the user has not moved the view
  int replots = 0;

  QTimer frame, wheel;
  QElapsedTimer last_frame;
  std::optional<QPoint> pressed;
  ViewRange pressed_view;
  SeriesVisibility before_click;       // what a double-click starts from
  int stepped = -1;                    // spot reached by keyboard
};

}  // namespace tokenmark
