#include "app/charts/legend.h"

#include <QSet>
#include <algorithm>

namespace tokenmark {
namespace {

constexpr int kLine = 26, kGap = 6, kRight = 10, kWidest = 360, kNarrowest = 200;
constexpr int kFew = 4;   // entries that may stand below each other
const QString kBetween = QStringLiteral(" · "), kCut = QStringLiteral("…");

QList<SeriesLegendItem*> items_of(const QCPLegend& legend) {
  QList<SeriesLegendItem*> items;
  for (int i = 0; i < legend.elementCount(); ++i)
    if (auto* item = qobject_cast<SeriesLegendItem*>(legend.elementAt(i))) items.push_back(item);
  return items;
}

void shorten(const QList<SeriesLegendItem*>& items, int most) {
  if (std::all_of(items.begin(), items.end(), [&](const SeriesLegendItem* item) { return item->preferredWidth() <= most; })) return;
  QStringList names;
  for (const SeriesLegendItem* item : items) names << item->name();
  const QStringList texts = told_apart(names);
  for (int i = 0; i < items.size(); ++i) items[i]->setText(texts[i]);
}

}  // namespace

SeriesLegendItem::SeriesLegendItem(QCPLegend* legend, QString name, QPen line, QCPScatterStyle mark, const QFont& font, const QColor& color)
    : QCPAbstractLegendItem(legend), name_(std::move(name)), line_(std::move(line)), mark_(std::move(mark)) {
  setMargins(QMargins(0, 0, 0, 0));
  setFont(font);
  setTextColor(color);
  height_ = QFontMetrics(font).height() + 4;
  setText(name_);
}

void SeriesLegendItem::setText(const QString& text) {
  text_ = text;
  textWidth_ = QFontMetrics(mFont).horizontalAdvance(text);
}

int SeriesLegendItem::preferredWidth() const { return kLine + kGap + textWidth_ + kRight; }

void SeriesLegendItem::draw(QCPPainter* painter) {
  const QRect area = mRect;
  const double middle = area.top() + area.height() / 2.0;
  painter->setPen(line_);
  painter->drawLine(QLineF(area.left(), middle, area.left() + kLine, middle));
  mark_.applyTo(painter, line_);
  mark_.drawShape(painter, area.left() + kLine / 2.0, middle);
  painter->setFont(mFont);
  painter->setPen(QPen(mTextColor));
  const QRect room = area.adjusted(kLine + kGap, 0, 0, 0);
  painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                    textWidth_ <= room.width() ? text_ : cut_name(text_, QFontMetrics(mFont), room.width()));
}

QSize SeriesLegendItem::minimumOuterSizeHint() const { return {std::min(preferredWidth(), widest_), height_}; }
QSize SeriesLegendItem::maximumOuterSizeHint() const { return {QWIDGETSIZE_MAX, height_}; }

QStringList told_apart(const QStringList& names) {
  if (names.size() < 2) return names;
  QSet<QString> common;
  for (const QString& name : names) {
    const QStringList parts = name.split(kBetween);
    const QSet<QString> these(parts.begin(), parts.end());
    if (&name == &names.front()) common = these;
    else common &= these;
  }
  QStringList texts;
  for (const QString& name : names) {
    QStringList parts = name.split(kBetween);
    const qsizetype all = parts.size();
    parts.removeIf([&](const QString& part) { return common.contains(part); });
    if (parts.isEmpty()) return names;
    texts << (parts.size() < all ? kCut + ' ' : QString()) + parts.join(kBetween);
  }
  return texts;
}

QString cut_name(const QString& name, const QFontMetrics& metrics, int width) {
  const int shortest = metrics.averageCharWidth() * 8;
  QStringList parts = name.split(kBetween);
  for (int over = metrics.horizontalAdvance(name) - width; over > 0; over = metrics.horizontalAdvance(parts.join(kBetween)) - width) {
    QString& longest = *std::max_element(parts.begin(), parts.end(), [&](const QString& a, const QString& b) {
      return metrics.horizontalAdvance(a) < metrics.horizontalAdvance(b);
    });
    const int now = metrics.horizontalAdvance(longest);
    const QString cut = metrics.elidedText(longest, Qt::ElideMiddle, std::max(shortest, now - over));
    if (now <= shortest || cut == longest) return metrics.elidedText(parts.join(kBetween), Qt::ElideMiddle, width);
    longest = cut;
  }
  return parts.join(kBetween);
}

void wrap_legend(QCPLegend& legend, int width) {
  const QList<SeriesLegendItem*> items = items_of(legend);
  // Of many, two fit side by side, with long names cut: the chart itself needs the room.
  const int most = items.size() > kFew ? std::clamp(width / 2 - legend.columnSpacing(), kNarrowest, kWidest) : kWidest;
  shorten(items, most);
  int widest = 1;
  for (SeriesLegendItem* item : items) {
    item->setWidest(most);
    widest = std::max(widest, std::min(item->preferredWidth(), most));
  }
  const int columns = std::clamp(width / (widest + legend.columnSpacing()), 1, std::max<int>(1, items.size()));
  if (legend.wrap() == columns && legend.fillOrder() == QCPLayoutGrid::foColumnsFirst) return;
  legend.setWrap(columns);
  legend.setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
}

}  // namespace tokenmark
