// A line through many points of a smooth curve: on the screen as few straight pieces as keep within a tenth of a pixel of it,
// since painting a piece takes longer than finding it can be spared; into files all of them. The window's thread.
#pragma once

#include <qcustomplot.h>

namespace tokenmark {

// The points of a line that suffice: none left out is further than `within` from what is drawn without it.
QVector<QPointF> thinned(const QVector<QPointF>& line, double within);

class CurveGraph : public QCPGraph {
  Q_OBJECT
 public:
  using QCPGraph::QCPGraph;

 protected:
  void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& line) const override;
};

}  // namespace tokenmark
