// The words of a chart: numbers with units, axis titles, the facts of a point, the small print under a picture.
#pragma once

#include <QString>
#include <QStringList>
#include <utility>

#include "core/report/chart.h"
#include "core/report/time_unit.h"

namespace tokenmark {

// Four significant digits, thousands separated: "12,340", "0.01234"; "∞" and "–" for what is not finite.
QString number_text(double value);
// As on an axis, where neighbours differ by `step`: as many digits as that needs, "200k" from 100,000 on.
QString tick_text(double value, double step);
QString figure_text(double value, AxisFigure figure);      // "31.25 tok/s/user"
// A time in the unit that reads best: "12.3 ms", "1.25 s", "84 µs".
QString time_text(double seconds);
QString share_text(double share);                           // "99.5 %"
// "<b>title</b>" and rows of name and value, escaped.
QString card_html(const QString& title, const QList<std::pair<QString, QString>>& rows);
QString card_text(const QString& html);                     // the same to paste: a line a row, name and value apart by a tab
QString axis_title(const Chart& chart, AxisFigure figure);  // "Cost ($/Mtok, total tokens) – rental_3y"

struct PointFact {
  QString name, value;
};
QList<PointFact> point_facts(const Chart& chart, const ChartSeries& series, const ChartPoint& point);
QString hover_html(const Chart& chart, const ChartSeries& series, const ChartPoint& point);

// "Runs 3–7, 12": measured runs behind the chart, then definitions, price set, what was left out, and the sources.
QStringList small_print(const Chart& chart);
// Without those of samples, which are in no store.
QString run_ids_text(std::vector<RunId> ids);

}  // namespace tokenmark
