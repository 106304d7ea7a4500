// The figures of a run as rows for people: name, value with unit and interval, definition.
#pragma once

#include <QList>
#include <QString>

#include "core/metrics/figures.h"

namespace tokenmark {

struct FigureText {
  QString name, value, definition;
};

QList<FigureText> figure_texts(const Figures& figures);
QList<FigureText> self_check_texts(const Figures& figures);
QList<FigureText> figure_definitions();  // every figure that a run can have, without values
QString seconds_text(double seconds);   // "1.25 s", "31.4 ms", "850 µs"

}  // namespace tokenmark
