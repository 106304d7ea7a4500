// What goes into a file: a chart of any kind with the words around it (export.h makes pictures and data of it).
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>

#include "app/charts/line_values.h"
#include "app/charts/scene_look.h"
#include "app/charts/zoom_history.h"
#include "core/report/chart_part.h"

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
  Readings readings;                // drawn with their values
  std::string baseline;             // that ratios refer to; empty: the first series
  DataPart part = DataPart::seen;   // CSV: what is visible, cut to the view, or all that the chart is made of
};

// Refers to the chart it was made of, which must outlive it.
struct Drawing {
  QString title, subtitle;
  QStringList small_print;                             // runs, definitions, notes, sources
  std::function<void(QCustomPlot&, SceneLook&)> draw;  // on a new plot, its view set
  std::function<QByteArray()> csv;
  std::function<LineValues()> values;                  // at a line; null: there are none
};

// Of a chart of series, which may be hidden: drawn and exported as far as they are visible. `csv` is the chart's own.
template <class Chart>
Drawing series_drawing(const Chart& chart, QStringList small_print, const PictureOptions& options, std::string (*csv)(const Chart&)) {
  Drawing drawing;
  drawing.title = QString::fromStdString(chart.title);
  drawing.subtitle = QString::fromStdString(chart.subtitle);
  drawing.small_print = std::move(small_print);
  drawing.draw = [&chart, view = options.view](QCustomPlot& plot, SceneLook& look) {
    for (const auto& series : chart.series)   // hidden ones keep their colours for themselves
      look.styles.indexOf(QString::fromStdString(series.name));
    draw_scene(plot, visible_part(chart, look), look);
    set_view(plot, view.value_or(full_view(chart, look)));
  };
  drawing.csv = [&chart, csv, options] {
    if (options.part == DataPart::all) return QByteArray::fromStdString(csv(chart));
    SceneLook look;
    look.visibility = options.visibility;
    look.only_optimal = options.only_optimal;
    Chart seen = visible_part(chart, look);
    return QByteArray::fromStdString(csv(options.view ? cut_to(std::move(seen), *options.view) : seen));
  };
  drawing.values = [&chart] { return line_values(chart); };
  return drawing;
}

}  // namespace tokenmark
