#include "app/charts/pinned_cards.h"

#include <qcustomplot.h>

#include <QApplication>
#include <QClipboard>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QToolButton>
#include <algorithm>

#include "app/charts/text.h"
#include "app/charts/theme.h"

namespace tokenmark {
namespace {

constexpr int kAway = 12;                  // pixels from the point to its card
constexpr std::size_t kMostCards = 12;     // the first goes when one more comes

void copy_cards(const QStringList& cards) {
  auto* copied = new QMimeData;
  QStringList lines;
  for (const QString& card : cards) lines << card_text(card);
  copied->setText(lines.join(QStringLiteral("\n\n")));
  copied->setHtml(cards.join(QStringLiteral("<br>")));
  QApplication::clipboard()->setMimeData(copied);
}

QToolButton* button(QFrame* card, const char* name, const QString& text, const QString& tip) {
  auto* made = new QToolButton(card);
  made->setObjectName(QString::fromLatin1(name));
  made->setText(text);
  made->setToolTip(tip);
  made->setAccessibleName(tip);
  made->setAutoRaise(true);
  made->setFocusPolicy(Qt::NoFocus);   // keys stay with the chart: Escape closes, an action copies
  return made;
}

}  // namespace

PinnedCards::PinnedCards(QCustomPlot& plot, std::function<void()> changed) : plot_(plot), changed_(std::move(changed)) {}

void PinnedCards::setTheme(const Theme& theme) {
  style_ = QStringLiteral("QFrame#pinnedCard { background: %1; border: 1px solid %3; border-radius: 4px; } "
                          "QLabel, QToolButton { color: %2; }")
               .arg(theme.base.name(), theme.text.name(), theme.accent.name());
  for (const Card& card : cards_) card.frame->setStyleSheet(style_);
}

QFrame* PinnedCards::makeFrame(const QString& html) {
  auto* frame = new QFrame(&plot_);
  frame->setObjectName(QStringLiteral("pinnedCard"));
  frame->setAccessibleName(QCoreApplication::translate("PinnedCards", "Facts of a point, pinned"));
  frame->setStyleSheet(style_);
  frame->setCursor(Qt::ArrowCursor);
  auto* row = new QHBoxLayout(frame);
  row->setContentsMargins(8, 5, 3, 5);
  row->setSpacing(2);
  auto* facts = new QLabel(html, frame);
  facts->setObjectName(QStringLiteral("pinnedFacts"));
  facts->setTextFormat(Qt::RichText);
  row->addWidget(facts);
  QToolButton* copy =
      button(frame, "pinnedCopy", QStringLiteral("❐"), QCoreApplication::translate("PinnedCards", "Copy these facts"));
  QToolButton* close =
      button(frame, "pinnedClose", QStringLiteral("✕"), QCoreApplication::translate("PinnedCards", "Close this card"));
  row->addWidget(copy, 0, Qt::AlignTop);
  row->addWidget(close, 0, Qt::AlignTop);
  QObject::connect(copy, &QToolButton::clicked, frame, [facts] { copy_cards({facts->text()}); });
  QObject::connect(close, &QToolButton::clicked, frame, [this, frame] { this->close(frame); });
  return frame;
}

void PinnedCards::toggle(const ChartSpot& spot) {
  const auto pinned = std::find_if(cards_.begin(), cards_.end(), [&](const Card& card) { return card.html == spot.html; });
  if (pinned != cards_.end()) return close(pinned->frame);
  if (cards_.size() == kMostCards) close(cards_.front().frame);
  cards_.push_back(
      {{plot_.xAxis->pixelToCoord(spot.at.x()), plot_.yAxis->pixelToCoord(spot.at.y())}, spot.html, makeFrame(spot.html)});
  cards_.back().frame->adjustSize();
  cards_.back().frame->show();
  changed_();
}

// Not deleted at once: its own cross may be what closes it.
void PinnedCards::close(const QFrame* frame) {
  const auto found = std::find_if(cards_.begin(), cards_.end(), [&](const Card& card) { return card.frame == frame; });
  if (found == cards_.end()) return;
  found->frame->hide();
  found->frame->deleteLater();
  cards_.erase(found);
  changed_();
}

bool PinnedCards::closeLast() {
  if (cards_.empty()) return false;
  close(cards_.back().frame);
  return true;
}

void PinnedCards::closeAll() {
  while (closeLast()) {}
}

QPoint PinnedCards::pixel(const Card& card) const {
  return QPointF(plot_.xAxis->coordToPixel(card.anchor.x()), plot_.yAxis->coordToPixel(card.anchor.y())).toPoint();
}

void PinnedCards::place(const QRect& area) {
  for (const Card& card : cards_) {
    const QPoint at = pixel(card);
    card.frame->setVisible(area.adjusted(-1, -1, 1, 1).contains(at));
    const QSize size = card.frame->size();
    QPoint corner = at + QPoint(kAway, -kAway - size.height());   // above: the card under the pointer is below
    if (corner.x() + size.width() > plot_.width() - 4) corner.setX(at.x() - kAway - size.width());
    if (corner.y() < 2) corner.setY(at.y() + kAway);
    card.frame->move(std::max(2, corner.x()), corner.y());
  }
}

void PinnedCards::setHtml(Card& card, const QString& html) {
  if (card.html == html) return;
  card.html = html;
  card.frame->findChild<QLabel*>()->setText(html);
  card.frame->adjustSize();
}

void PinnedCards::follow(const QRect& area, const std::function<std::optional<ChartSpot>(const QPoint&)>& spot_at) {
  std::vector<const QFrame*> gone;
  for (Card& card : cards_) {
    const QPoint at = pixel(card);
    if (!area.contains(at)) continue;
    const auto spot = spot_at(at);
    if (spot && !spot->reading) setHtml(card, spot->html);
    else gone.push_back(card.frame);
  }
  for (const QFrame* frame : gone) close(frame);
}

QStringList PinnedCards::texts() const {
  QStringList texts;
  for (const Card& card : cards_) texts << card.html;
  return texts;
}

void PinnedCards::copy() const {
  if (!cards_.empty()) copy_cards(texts());
}

}  // namespace tokenmark
