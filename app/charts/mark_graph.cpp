#include "app/charts/mark_graph.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tokenmark {
namespace {

constexpr int kFew = 400;               // below it shapes are drawn one by one: no cell hides another
constexpr int kDense = 5000, kVeryDense = 20000;

int cell_of(std::ptrdiff_t points) { return points > kVeryDense ? 4 : points > kDense ? 2 : 1; }

bool same(const QCPScatterStyle& a, const QCPScatterStyle& b) {
  return a.shape() == b.shape() && a.size() == b.size() && a.pen() == b.pen() && a.brush() == b.brush();
}

}  // namespace

QVector<QPointF> MarkGraph::places() const {
  QVector<QPointF> places;
  const QCPAxis *x = mKeyAxis.data(), *y = mValueAxis.data();
  if (!x || !y) return places;
  const QRect area = x->axisRect()->rect();
  const double reach = mScatterStyle.size() + 1;
  const QCPRange keys(x->pixelToCoord(area.left() - reach), x->pixelToCoord(area.right() + reach));
  const auto first = mDataContainer->findBegin(keys.lower, false), last = mDataContainer->findEnd(keys.upper, false);
  const int cell = cell_of(last - first);
  const int columns = static_cast<int>((area.width() + 2 * reach) / cell) + 2, rows = static_cast<int>((area.height() + 2 * reach) / cell) + 2;
  std::vector<bool> taken(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
  const double left = area.left() - reach, top = area.top() - reach, bottom = area.bottom() + reach;
  for (auto point = first; point != last; ++point) {
    const double at_y = y->coordToPixel(point->value);
    if (!(at_y >= top && at_y <= bottom)) continue;
    const double at_x = x->coordToPixel(point->key);
    const auto column = static_cast<int>((at_x - left) / cell), row = static_cast<int>((at_y - top) / cell);
    if (column < 0 || column >= columns || row < 0 || row >= rows) continue;
    const std::size_t at = static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
    if (taken[at]) continue;
    taken[at] = true;
    places.push_back({at_x, at_y});
  }
  return places;
}

const QPixmap& MarkGraph::sprite(const QCPPainter& painter) {
  const double ratio = painter.device()->devicePixelRatioF();
  if (!sprite_.isNull() && sprite_.devicePixelRatio() == ratio && same(sprite_of_, mScatterStyle) && sprite_pen_ == mPen) return sprite_;
  const int side = static_cast<int>(std::ceil(mScatterStyle.size())) + 4;
  sprite_ = QPixmap(static_cast<int>(std::ceil(side * ratio)), static_cast<int>(std::ceil(side * ratio)));
  sprite_.setDevicePixelRatio(ratio);
  sprite_.fill(Qt::transparent);
  QCPPainter paint(&sprite_);
  paint.setAntialiasing(true);
  mScatterStyle.applyTo(&paint, mPen);
  mScatterStyle.drawShape(&paint, side / 2.0, side / 2.0);
  paint.end();
  sprite_of_ = mScatterStyle;
  sprite_pen_ = mPen;
  return sprite_;
}

void MarkGraph::draw(QCPPainter* painter) {
  const bool into_file = painter->modes().testFlag(QCPPainter::pmVectorized) || painter->modes().testFlag(QCPPainter::pmNoCaching);
  if (into_file || mLineStyle != lsNone || mDataContainer->size() < kFew) return QCPGraph::draw(painter);
  const QPixmap& mark = sprite(*painter);
  const double half = mark.width() / mark.devicePixelRatio() / 2;
  for (const QPointF& at : places())
    painter->drawPixmap(QPoint(static_cast<int>(std::lround(at.x() - half)), static_cast<int>(std::lround(at.y() - half))), mark);
}

}  // namespace tokenmark
