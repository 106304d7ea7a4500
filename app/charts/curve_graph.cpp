#include "app/charts/curve_graph.h"

namespace tokenmark {
namespace {

constexpr double kWithin = 0.1;        // pixels
constexpr qsizetype kLongest = 24;     // points of a piece: longer ones are rare and would take long to find

// True if all points between the two lie as near as `within` to the straight line from one to the other.
bool straight(const QVector<QPointF>& line, qsizetype from, qsizetype to, double within) {
  const QPointF along = line[to] - line[from];
  const double length2 = QPointF::dotProduct(along, along), bound = within * within * length2;
  for (qsizetype i = from + 1; i < to; ++i) {
    const QPointF off = line[i] - line[from];
    const double ahead = QPointF::dotProduct(off, along), aside = off.x() * along.y() - off.y() * along.x();
    if (!(aside * aside <= bound && ahead >= 0 && ahead <= length2)) return false;
  }
  return true;
}

}  // namespace

QVector<QPointF> thinned(const QVector<QPointF>& line, double within) {
  if (line.size() < 3) return line;
  QVector<QPointF> kept{line.front()};
  for (qsizetype from = 0; from + 1 < line.size();) {
    qsizetype to = from + 1;
    while (to + 1 < line.size() && to - from < kLongest && straight(line, from, to + 1, within)) ++to;
    kept.push_back(line[to]);
    from = to;
  }
  return kept;
}

void CurveGraph::drawLinePlot(QCPPainter* painter, const QVector<QPointF>& line) const {
  const bool into_file = painter->modes().testFlag(QCPPainter::pmVectorized) || painter->modes().testFlag(QCPPainter::pmNoCaching);
  QCPGraph::drawLinePlot(painter, into_file ? line : thinned(line, kWithin));
}

}  // namespace tokenmark
