// How a chart is looked at: colours, what is hidden, fonts. Plain values, without the drawing library.
#pragma once

#include <QFont>

#include "app/charts/series_style.h"
#include "app/charts/theme.h"

namespace tokenmark {

struct SceneLook {
  Theme theme;
  SeriesStyles styles;
  SeriesVisibility visibility;
  bool only_optimal = false;   // of frontiers
  bool translated = false;     // core's words in the window's language; in files they stay English
  QFont font;                  // in pixels, so that pictures of any resolution look alike
};

}  // namespace tokenmark
