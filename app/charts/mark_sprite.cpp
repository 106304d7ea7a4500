#include "app/charts/mark_sprite.h"

#include <cmath>

namespace tokenmark {
namespace {

constexpr int kStep = 8;   // bytes: two pixels

// over + under · keep / 255, rounded; written so that compilers make vector code of it.
void blend(uchar* __restrict under, const uchar* __restrict over, const uchar* __restrict keep) {
  for (int i = 0; i < kStep; ++i) {
    const auto kept = static_cast<quint16>(under[i] * keep[i] + 128);
    under[i] = static_cast<uchar>(over[i] + static_cast<quint16>(kept + (kept >> 8)) / 256);
  }
}

QRect painted(const QImage& image) {
  QRect found;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (qAlpha(image.pixel(x, y)) > 0) found |= QRect(x, y, 1, 1);
  return found;
}

}  // namespace

MarkSprite::MarkSprite(const QCPScatterStyle& style, double ratio, QPointF middle) {
  const int reach = static_cast<int>(std::ceil((style.size() / 2 + style.pen().widthF()) * ratio)) + 2;
  QImage image(2 * reach + 2, 2 * reach + 1, QImage::Format_ARGB32_Premultiplied);
  image.fill(0);
  QCPPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);   // not setAntialiasing, which moves what is painted by half a point
  painter.scale(ratio, ratio);
  style.applyTo(&painter, style.pen());
  style.drawShape(&painter, (reach + middle.x()) / ratio, (reach + middle.y()) / ratio);
  painter.end();
  seen_ = painted(image);
  seen_.setWidth((seen_.width() + 1) / 2 * 2);     // whole steps
  for (int y = seen_.top(); y <= seen_.bottom(); ++y) {
    const uchar* row = image.constScanLine(y) + seen_.left() * 4;
    over_.insert(over_.end(), row, row + seen_.width() * 4);
    for (int x = seen_.left(); x <= seen_.right(); ++x)
      keep_.insert(keep_.end(), 4, static_cast<uchar>(255 - qAlpha(reinterpret_cast<const QRgb*>(image.constScanLine(y))[x])));
  }
  seen_.translate(-reach, -reach);
}

void MarkSprite::copyTo(QImage& image, int x, int y) const {
  const QRect to = seen_.translated(x, y);
  if (!image.rect().contains(to)) return;
  const qsizetype line = image.bytesPerLine();
  const int bytes = to.width() * 4;
  uchar* row = image.bits() + to.top() * line + to.left() * 4;
  const uchar *over = over_.data(), *keep = keep_.data();
  for (int left = to.height(); left > 0; --left, row += line)
    for (int at = 0; at < bytes; at += kStep, over += kStep, keep += kStep) blend(row + at, over, keep);
}

}  // namespace tokenmark
