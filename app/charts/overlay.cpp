#include "app/charts/overlay.h"

#include <QPainter>

namespace tokenmark {
namespace {

QRect around(const QRectF& rect, const QPen& pen) {
  const double reach = pen.widthF() / 2 + 1.5;
  return rect.normalized().adjusted(-reach, -reach, reach, reach).toAlignedRect();
}

QRectF box_of(const OverlayMarks::Ring& ring) {
  return {ring.middle - QPointF(ring.radius, ring.radius), QSizeF(2 * ring.radius, 2 * ring.radius)};
}

QRegion region_of(const OverlayMarks& marks) {
  QRegion region;
  for (const auto& line : marks.lines) region += around(QRectF(line.at.p1(), line.at.p2()), line.pen);
  for (const auto& ring : marks.rings) region += around(box_of(ring), ring.pen);
  for (const auto& name : marks.names) region += name.box().toAlignedRect();
  return region;
}

}  // namespace

QRectF OverlayMarks::Name::box() const {
  const QFontMetricsF metrics(font);
  const QSizeF size(metrics.horizontalAdvance(text) + 8, metrics.height() + 2);
  return {top - QPointF(size.width() / 2, 0), size};
}

Overlay::Overlay(QWidget* plot) : QWidget(plot) {
  setObjectName(QStringLiteral("chartOverlay"));
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setAttribute(Qt::WA_NoSystemBackground);
}

void Overlay::set(Of what, OverlayMarks marks) {
  OverlayMarks& held = marks_[static_cast<std::size_t>(what)];
  const QRegion left = region_of(held);
  held = std::move(marks);
  const QRegion changed = left + region_of(held);
  if (!changed.isEmpty()) update(changed);
}

void Overlay::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(0.5, 0.5);   // thin lines fill pixels instead of sharing two
  for (const OverlayMarks& marks : marks_) {
    for (const auto& line : marks.lines) {
      painter.setPen(line.pen);
      painter.drawLine(line.at);
    }
    for (const auto& ring : marks.rings) {
      painter.setPen(ring.pen);
      painter.drawEllipse(box_of(ring));
    }
    for (const auto& name : marks.names) {
      painter.fillRect(name.box(), name.fill);
      painter.setFont(name.font);
      painter.setPen(name.color);
      painter.drawText(name.box(), Qt::AlignCenter, name.text);
    }
  }
}

}  // namespace tokenmark
