// What a PlotView holds, for the files that make it up.
#pragma once

#include <qcustomplot.h>

#include <QElapsedTimer>
#include <QTimer>
#include <optional>

#include "app/charts/hover_card.h"
#include "app/charts/legend_keys.h"
#include "app/charts/overlay.h"
#include "app/charts/pinned_cards.h"
#include "app/charts/plot_view.h"

class QLabel;

namespace tokenmark {

struct PlotView::State {
  QCustomPlot* plot = nullptr;
  Overlay* overlay = nullptr;
  std::optional<HoverCard> card;       // from the setup on, with the next two
  std::optional<PinnedCards> pinned;
  std::optional<LegendKeys> legend;
  ReadingLine* line = nullptr;
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
  bool at_stepped = false;             // the card is of that spot, not of the pointer's
  bool chart_changed = false;          // since the cards were pinned
  std::optional<std::pair<QPoint, std::vector<RunId>>> menu_spot;   // where a menu was asked for by keys
};

}  // namespace tokenmark
