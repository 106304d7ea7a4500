// A chart by keys: its points, its legend, its line, its view and its menus.
#include <QContextMenuEvent>
#include <QKeyEvent>

#include "app/charts/plot_view_state.h"

namespace tokenmark {

// N and P walk over what has facts, for those who have no mouse.
void PlotView::stepHover(int direction) {
  const int count = spotCount();
  if (count == 0) return;
  const bool first = state_->stepped < 0 || state_->stepped >= count;
  state_->stepped = first ? (direction > 0 ? 0 : count - 1) : (state_->stepped + direction + count) % count;
  state_->card->show(spotOf(state_->stepped), chartArea());
  state_->at_stepped = true;
}

// Of the point that keys have reached, while its card is seen.
bool PlotView::onPointKey(const QKeyEvent& event) {
  const bool there =
      state_->at_stepped && !state_->card->text().isEmpty() && state_->stepped >= 0 && state_->stepped < spotCount();
  if (!there || (event.key() != Qt::Key_Return && event.key() != Qt::Key_Enter)) return false;
  click(spotOf(state_->stepped));
  return true;
}

bool PlotView::onLegendKey(const QKeyEvent& event) {
  if (!state_->legend->inside()) return false;
  if (state_->legend->move(event.key())) return true;
  const QString series = state_->legend->name();
  switch (event.key()) {
    case Qt::Key_Space: toggleSeries(series); return true;
    case Qt::Key_Return: case Qt::Key_Enter: soloSeries(series); return true;
    case Qt::Key_Escape: state_->legend->leave(); return true;
    default: return false;
  }
}

void PlotView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_F10 && event->modifiers().testFlag(Qt::ShiftModifier)) return openMenu();
  if (onLegendKey(*event) || onPointKey(*event)) return;
  const bool cards = !state_->card->text().isEmpty() || !state_->pinned->empty();
  if (state_->line->take(*event, cards)) return;
  switch (event->key()) {
    case Qt::Key_Plus: case Qt::Key_Equal: return zoomIn();
    case Qt::Key_Minus: return zoomOut();
    case Qt::Key_Home: case Qt::Key_0: return resetView();
    case Qt::Key_Backspace: return goBack();
    case Qt::Key_N: return stepHover(1);
    case Qt::Key_P: return stepHover(-1);
    case Qt::Key_Escape:
      if (!state_->card->text().isEmpty()) return state_->card->hide();
      state_->pinned->closeLast();
      return;
    default: QWidget::keyPressEvent(event);
  }
}

// The Menu key; the mouse has its own way, since the right button also draws a rubber band.
void PlotView::contextMenuEvent(QContextMenuEvent* event) {
  if (event->reason() == QContextMenuEvent::Keyboard) openMenu();
}

void PlotView::openMenu() {
  if (state_->legend->inside()) {
    emit legendMenuWanted(state_->legend->name(), state_->legend->position());
    return;
  }
  const bool at_point =
      state_->at_stepped && !state_->card->text().isEmpty() && state_->stepped >= 0 && state_->stepped < spotCount();
  const Spot spot = at_point ? spotOf(state_->stepped) : Spot{.at = chartArea().center(), .html = {}, .runs = {}};
  const QPoint at = state_->plot->mapToGlobal(spot.at.toPoint());
  state_->menu_spot = {at, spot.runs};
  emit menuWanted(at);
}

// Tab goes from the chart to its legend, and on.
bool PlotView::focusNextPrevChild(bool next) {
  if (next && !state_->legend->inside() && state_->legend->enter()) return true;
  const bool back = !next && state_->legend->inside();
  state_->legend->leave();
  return back || QWidget::focusNextPrevChild(next);
}

void PlotView::focusOutEvent(QFocusEvent* event) {
  if (event->reason() != Qt::PopupFocusReason && event->reason() != Qt::ActiveWindowFocusReason) state_->legend->leave();
  QWidget::focusOutEvent(event);
}

void PlotView::setCursorHere(ReadingLine::Cursor cursor, const std::optional<QPoint>& global) {
  const QPoint middle = chartArea().center();
  const QPoint at = global ? state_->plot->mapFromGlobal(*global) : middle;
  const double there = state_->plot->xAxis->pixelToCoord(chartArea().contains(at) ? at.x() : middle.x());
  state_->line->setCursor(cursor, global ? there : state_->line->at().value_or(there));
}

}  // namespace tokenmark
