#include "app/charts/hover_card.h"

#include <QLabel>
#include <algorithm>

#include "app/charts/overlay.h"
#include "app/charts/theme.h"

namespace tokenmark {
namespace {

constexpr int kAway = 16;      // pixels from the spot to the card
constexpr double kRing = 8;

}  // namespace

HoverCard::HoverCard(QWidget* plot, Overlay& overlay, const QString& accessible_name)
    : plot_(plot), overlay_(overlay), card_(new QLabel(plot)) {
  card_->setObjectName(QStringLiteral("hoverCard"));
  card_->setAccessibleName(accessible_name);
  card_->setTextFormat(Qt::RichText);
  card_->setAttribute(Qt::WA_TransparentForMouseEvents);
  card_->hide();
}

void HoverCard::setTheme(const Theme& theme) {
  cross_ = QPen(theme.muted, 1, Qt::DashLine);
  ring_ = QPen(theme.accent, 2);
  card_->setStyleSheet(
      QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; padding: 6px 8px; }")
          .arg(theme.base.name(), theme.text.name(), theme.axis.name()));
}

void HoverCard::show(const ChartSpot& spot, const QRect& area) {
  if (spot.ring && !card_->isHidden() && card_->text() == spot.html) return;   // the pointer is still on it
  if (spot.ring) plot_->setCursor(Qt::PointingHandCursor);
  else plot_->unsetCursor();
  OverlayMarks marks;
  if (spot.vertical) marks.lines.push_back({QLineF(spot.at.x(), area.top(), spot.at.x(), area.bottom()), cross_});
  if (spot.horizontal) marks.lines.push_back({QLineF(area.left(), spot.at.y(), area.right(), spot.at.y()), cross_});
  if (spot.ring) marks.rings.push_back({spot.at, kRing, ring_});
  overlay_.set(Overlay::Of::pointer, std::move(marks));
  card_->setText(spot.html);
  card_->adjustSize();
  place(spot.at);
  card_->show();
  card_->raise();
}

// Right of it and below, where there is room.
void HoverCard::place(const QPointF& beside) {
  const QSize size = card_->size();
  QPoint corner = beside.toPoint() + QPoint(kAway, kAway);
  if (corner.x() + size.width() > plot_->width() - 4) corner.setX(static_cast<int>(beside.x()) - kAway - size.width());
  if (corner.y() + size.height() > plot_->height() - 4) corner.setY(static_cast<int>(beside.y()) - kAway - size.height());
  card_->move(std::max(2, corner.x()), std::max(2, corner.y()));
}

void HoverCard::hide() {
  if (card_->isHidden()) return;
  card_->hide();
  plot_->unsetCursor();
  overlay_.set(Overlay::Of::pointer, {});
}

QString HoverCard::text() const { return card_->isHidden() ? QString() : card_->text(); }

}  // namespace tokenmark
