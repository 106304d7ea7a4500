// A graph's marks, many of them: on the screen each shape is painted once and copied to its places, at most once a cell of
// a few pixels where points are dense; into files every mark is drawn as it is. The window's thread.
#pragma once

#include <qcustomplot.h>

namespace tokenmark {

class MarkGraph : public QCPGraph {
  Q_OBJECT
 public:
  using QCPGraph::QCPGraph;
  // Places at which marks would be copied, for tests: those of the visible points, one a cell.
  QVector<QPointF> places() const;

 protected:
  void draw(QCPPainter* painter) override;

 private:
  const QPixmap& sprite(const QCPPainter& painter);
  QPixmap sprite_;
  QCPScatterStyle sprite_of_;
  QPen sprite_pen_;
};

}  // namespace tokenmark
