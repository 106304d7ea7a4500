// What goes into a file: a chart of any kind with the words around it (export.h makes pictures and data of it).
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>

#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"

class QCustomPlot;

namespace tokenmark {

struct PictureOptions {
  int width = 1200, height = 750;   // in points of 1/96 inch
  double scale = 2;                 // pixels a point, PNG only
  bool dark = false;
  bool only_optimal = false;
  std::optional<ViewRange> view;    // absent: all of it
  SeriesStyles styles;
  SeriesVisibility visibility;
};

// Refers to the chart it was made of, which must outlive it.
struct Drawing {
  QString title, subtitle;
  QStringList small_print;                             // runs, definitions, notes, sources
  std::function<void(QCustomPlot&, SceneLook&)> draw;  // on a new plot, its view set
  std::function<QByteArray()> csv;                     // what is visible
};

}  // namespace tokenmark
