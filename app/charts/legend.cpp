#include "app/charts/legend.h"

#include <algorithm>

namespace tokenmark {
namespace {

constexpr int kLine = 26, kGap = 6, kRight = 10, kWidest = 360, kNarrowest = 200;
constexpr int kFew = 4;   // entries that may stand below each other

}  // namespace

SeriesLegendItem::SeriesLegendItem(QCPLegend* legend, QString name, QPen line, QCPScatterStyle mark)
    : QCPAbstractLegendItem(legend), name_(std::move(name)), line_(std::move(line)), mark_(std::move(mark)) {
  setMargins(QMargins(0, 0, 0, 0));
}

int SeriesLegendItem::preferredWidth() const {
  return std::min(kLine + kGap + QFontMetrics(mFont).horizontalAdvance(name_) + kRight, widest_);
}

void SeriesLegendItem::draw(QCPPainter* painter) {
  const QRect area = mRect;
  const double middle = area.top() + area.height() / 2.0;
  painter->setPen(line_);
  painter->drawLine(QLineF(area.left(), middle, area.left() + kLine, middle));
  mark_.applyTo(painter, line_);
  mark_.drawShape(painter, area.left() + kLine / 2.0, middle);
  painter->setFont(mFont);
  painter->setPen(QPen(mTextColor));
  const QRect text = area.adjusted(kLine + kGap, 0, 0, 0);
  painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                    QFontMetrics(mFont).elidedText(name_, Qt::ElideMiddle, text.width()));
}

QSize SeriesLegendItem::minimumOuterSizeHint() const {
  return {preferredWidth(), QFontMetrics(mFont).height() + 4};
}

QSize SeriesLegendItem::maximumOuterSizeHint() const {
  return {QWIDGETSIZE_MAX, QFontMetrics(mFont).height() + 4};
}

void wrap_legend(QCPLegend& legend, int width) {
  QList<SeriesLegendItem*> items;
  for (int i = 0; i < legend.elementCount(); ++i)
    if (auto* item = qobject_cast<SeriesLegendItem*>(legend.elementAt(i))) items.push_back(item);
  // Of many, two fit side by side, with long names cut: the chart itself needs the room.
  const int most = items.size() > kFew ? std::clamp(width / 2 - legend.columnSpacing(), kNarrowest, kWidest) : kWidest;
  int widest = 1;
  for (SeriesLegendItem* item : items) {
    item->setWidest(most);
    widest = std::max(widest, item->preferredWidth());
  }
  const int columns = std::clamp(width / (widest + legend.columnSpacing()), 1, std::max<int>(1, items.size()));
  if (legend.wrap() == columns && legend.fillOrder() == QCPLayoutGrid::foColumnsFirst) return;
  legend.setWrap(columns);
  legend.setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
}

}  // namespace tokenmark
