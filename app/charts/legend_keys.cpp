#include "app/charts/legend_keys.h"

#include <algorithm>

#include "app/charts/legend.h"
#include "app/charts/overlay.h"

namespace tokenmark {

const SeriesLegendItem* LegendKeys::item(int index) const {
  return index < 0 ? nullptr : qobject_cast<const SeriesLegendItem*>(plot_.legend->item(index));
}

int LegendKeys::count() const {
  int lines = 0;
  while (lines < plot_.legend->itemCount() && item(lines)) ++lines;
  return lines;
}

bool LegendKeys::enter() {
  if (count() == 0) return false;
  at_ = 0;
  place();
  return true;
}

void LegendKeys::leave() {
  if (!inside()) return;
  at_ = -1;
  place();
}

bool LegendKeys::move(int key) {
  const int last = count() - 1;
  switch (key) {
    case Qt::Key_Down: case Qt::Key_Right: at_ = std::min(at_ + 1, last); break;
    case Qt::Key_Up: case Qt::Key_Left: at_ = std::max(at_ - 1, 0); break;
    case Qt::Key_Home: at_ = 0; break;
    case Qt::Key_End: at_ = last; break;
    default: return false;
  }
  place();
  return true;
}

QString LegendKeys::name() const {
  const SeriesLegendItem* there = item(at_);
  return there ? there->name() : QString();
}

QPoint LegendKeys::position() const {
  const SeriesLegendItem* there = item(at_);
  return plot_.mapToGlobal(there ? there->rect().center() : plot_.rect().center());
}

void LegendKeys::place() {
  OverlayMarks marks;
  if (const SeriesLegendItem* there = item(at_)) {
    const QRectF frame = QRectF(there->outerRect()).adjusted(-3, -1, 3, 1);
    marks.lines = {{QLineF(frame.topLeft(), frame.topRight()), pen_},
                   {QLineF(frame.topRight(), frame.bottomRight()), pen_},
                   {QLineF(frame.bottomRight(), frame.bottomLeft()), pen_},
                   {QLineF(frame.bottomLeft(), frame.topLeft()), pen_}};
  }
  overlay_.set(Overlay::Of::keys, std::move(marks));
}

}  // namespace tokenmark
