// The colours of a theme, window and charts alike; read from resources/themes.
#pragma once

#include <QColor>
#include <QVector>

namespace tokenmark {

struct Theme {
  bool dark = false;
  QColor window, base, alternate, text, muted, border, accent, accent_text, selection;
  QColor good, warning, error;
  QColor note, note_warning, note_error;   // grounds of messages
  QColor grid, grid_minor, axis;           // of charts
  QVector<QColor> series;                  // told apart by colour-blind eyes too; never empty
};

Theme theme(bool dark);

}  // namespace tokenmark
