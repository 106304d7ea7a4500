// A chart's legend by keys: which of its lines the keys are at, with a frame around it. The window's thread.
#pragma once

#include <QPen>
#include <QPoint>
#include <QString>

class QCustomPlot;

namespace tokenmark {

class Overlay;
class SeriesLegendItem;

class LegendKeys {
 public:
  LegendKeys(QCustomPlot& plot, Overlay& overlay) : plot_(plot), overlay_(overlay) {}   // both outlive it
  void setPen(const QPen& pen) { pen_ = pen; }
  bool enter();                       // at the first line; false: there is none
  void leave();
  bool inside() const { return at_ >= 0; }
  bool move(int key);                 // an arrow, Home or End
  QString name() const;               // of the series there; empty: there is none
  QPoint position() const;            // global
  void place();                       // after the legend was laid out

 private:
  const SeriesLegendItem* item(int index) const;
  int count() const;

  QCustomPlot& plot_;
  Overlay& overlay_;
  QPen pen_;
  int at_ = -1;                       // -1: the keys are elsewhere
};

}  // namespace tokenmark
