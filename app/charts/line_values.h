// What a line at one x of a chart reads: every series' value there. And the cards that say so: at the line, with ratios to
// the baseline, and between two cursors. Plain values and pure functions; they refer to the chart, which must outlive them.
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/charts/scene_look.h"
#include "core/report/chart.h"
#include "core/report/distributions.h"
#include "core/report/timeline.h"
#include "core/report/trend.h"

namespace tokenmark {

// Where the line is, where it is pinned, and the two cursors, in units of the x axis.
struct Readings {
  std::optional<double> line, cursor_a, cursor_b;
  bool operator==(const Readings&) const = default;
};

struct LineValues {
  struct Series {
    std::string name;
    std::function<std::optional<double>(double x)> value;   // absent where nothing was measured
    std::function<QString(double value)> text;
  };
  std::vector<Series> series;
  std::function<QString(double x)> place;                   // "31.25 tok/s/user"
  std::function<double(double x)> snap = [](double x) { return x; };   // to where there are values
  bool higher_first = true;                                 // the order of values
  bool measured = true;                                     // x is a number that has ratios
  bool comparable = true;                                   // values of one figure: sorted, with ratios between series
};

LineValues line_values(const Chart& chart);
LineValues line_values(const DistributionChart& chart);     // the share of samples that are at most x
LineValues line_values(const Timeline& timeline);           // in flight, rates, power and other meters at a moment
LineValues line_values(const Trend& trend);                 // at the state that is nearest

// A part of the card: what is said at the line, or between the cursors.
struct ReadingPart {
  struct Row {
    std::string name;
    QColor colour;                 // of the series; not valid where it has none
    QStringList cells;
    bool strong = false;
  };
  QString head, more, last;        // above the rows, beside the head, below the rows
  QList<Row> rows;
  QString html() const;
  QString words() const;           // "30 tok/s/user: A 200, baseline; B 240, ×1.2": for who hears it
};

// Hidden series are left out. `baseline`: a series' name; empty, or not there: the first that has a value.
ReadingPart line_part(const LineValues& values, const SceneLook& look, double x, const std::string& baseline, bool pinned);
ReadingPart cursors_part(const LineValues& values, const SceneLook& look, double a, double b);
// Both, as far as they are set and there is something to read.
QList<ReadingPart> reading_parts(const LineValues& values, const SceneLook& look, const Readings& readings,
                                 const std::string& baseline, bool pinned);
QString parts_html(const QList<ReadingPart>& parts);

}  // namespace tokenmark
