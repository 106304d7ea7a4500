// The card with the facts of what is under the pointer, a crosshair through it and a ring around it. The window's thread.
#pragma once

#include <QPen>
#include <QPointF>
#include <QString>
#include <vector>

#include "core/store/store.h"

class QLabel;
class QWidget;

namespace tokenmark {

class Overlay;
struct Theme;

// Something with facts, under the pointer or reached by keys.
struct ChartSpot {
  QPointF at;
  QString html;
  bool ring = true, vertical = true, horizontal = true;  // a ring around it; crosshair lines through it
  std::vector<RunId> runs;                               // what a click on it names
  bool reading = false;                                  // no thing of its own: what all series say at that place
};

class HoverCard {
 public:
  HoverCard(QWidget* plot, Overlay& overlay, const QString& accessible_name);   // both outlive it
  void setTheme(const Theme& theme);
  void show(const ChartSpot& spot, const QRect& area);   // crosshairs reach over that area
  void hide();
  QString text() const;                                  // empty while it is hidden

 private:
  void place(const QPointF& beside);

  QWidget* plot_;
  Overlay& overlay_;
  QLabel* card_;
  QPen cross_, ring_;
};

}  // namespace tokenmark
