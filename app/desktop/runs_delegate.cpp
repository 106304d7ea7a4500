#include "app/desktop/runs_delegate.h"

#include <QHeaderView>
#include <QPainter>
#include <QPainterPath>
#include <QTableView>

#include "app/desktop/runs_model.h"

namespace tokenmark {

void RunsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  if (!model_.group(index.row())) return QStyledItemDelegate::paint(painter, option, index);
  painter->save();
  painter->setClipRect(option.rect);   // every cell paints its part of the line
  const QPalette& colors = option.palette;
  painter->fillRect(option.rect, option.state.testFlag(QStyle::State_HasFocus) ? colors.color(QPalette::Midlight)
                                                                              : colors.color(QPalette::Button));
  const auto* table = qobject_cast<const QTableView*>(option.widget);
  const int shift = table ? table->horizontalHeader()->offset() : 0;   // the line moves with the columns
  const qreal middle = option.rect.center().y() + 0.5, size = option.fontMetrics.height() / 4.0, left = 9 - shift;
  QPainterPath arrow;
  if (model_.isFolded(index.row())) {
    arrow.moveTo(left - size / 2, middle - size);
    arrow.lineTo(left + size / 2, middle);
    arrow.lineTo(left - size / 2, middle + size);
  } else {
    arrow.moveTo(left - size, middle - size / 2);
    arrow.lineTo(left, middle + size / 2);
    arrow.lineTo(left + size, middle - size / 2);
  }
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(QPen(colors.color(QPalette::ButtonText), 1.4));
  painter->drawPath(arrow);
  QFont font = option.font;
  font.setBold(true);
  painter->setFont(font);
  const int width = table ? table->viewport()->width() : option.rect.right();
  const QRect line(20 - shift, option.rect.top(), width - 24, option.rect.height());
  painter->drawText(line, Qt::AlignVCenter | Qt::AlignLeft, QFontMetrics(font).elidedText(model_.groupText(index.row()), Qt::ElideMiddle, line.width()));
  painter->restore();
}

}  // namespace tokenmark
