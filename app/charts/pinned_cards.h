// Cards of points that stay: a click on a point pins its card, another on it, its cross or Escape takes it away. They stand
// beside their points and go with them when the view moves. The window's thread.
#pragma once

#include <QPointF>
#include <QStringList>
#include <functional>
#include <optional>
#include <vector>

#include "app/charts/hover_card.h"

class QCustomPlot;
class QFrame;

namespace tokenmark {

class PinnedCards {
 public:
  PinnedCards(QCustomPlot& plot, std::function<void()> changed);   // which owns the cards and outlives this
  void setTheme(const Theme& theme);
  void toggle(const ChartSpot& spot);       // pins its card, or takes it away where it is
  bool closeLast();                         // false: there is none
  void closeAll();
  void place(const QRect& area);            // after the view has moved; those whose points lie outside are not seen
  // The chart has changed: cards say what is there now, and go with what is gone.
  void follow(const QRect& area, const std::function<std::optional<ChartSpot>(const QPoint&)>& spot_at);
  bool empty() const { return cards_.empty(); }
  QStringList texts() const;                // as HTML, the last pinned last
  void copy() const;                        // all of them, to the clipboard

 private:
  struct Card {
    QPointF anchor;                         // in the axes' units
    QString html;
    QFrame* frame = nullptr;
  };
  QFrame* makeFrame(const QString& html);
  void setHtml(Card& card, const QString& html);
  void close(const QFrame* frame);
  QPoint pixel(const Card& card) const;

  QCustomPlot& plot_;
  std::function<void()> changed_;
  QString style_;
  std::vector<Card> cards_;
};

}  // namespace tokenmark
