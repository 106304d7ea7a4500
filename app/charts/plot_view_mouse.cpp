// A chart's mouse and keys: what they point at, and where they take the view.
#include <QKeyEvent>
#include <algorithm>

#include "app/charts/legend.h"
#include "app/charts/plot_style.h"
#include "app/charts/plot_view_state.h"

namespace tokenmark {
namespace {

constexpr int kWheelPause_ms = 500;    // turns closer together are one step of the history

}  // namespace

void PlotView::setupMouse() {
  QCustomPlot* plot = state_->plot;
  plot->setMouseTracking(true);
  connect(plot, &QCustomPlot::mousePress, this, &PlotView::onPress);
  connect(plot, &QCustomPlot::mouseMove, this, &PlotView::onMove);
  connect(plot, &QCustomPlot::mouseRelease, this, &PlotView::onRelease);
  connect(plot, &QCustomPlot::mouseWheel, this, [this](QWheelEvent* event) {
    aboutToWheel(event->modifiers());
    onWheel();
  });
  connect(plot, &QCustomPlot::mouseDoubleClick, this, &PlotView::onDoubleClick);
  connect(plot->selectionRect(), &QCPSelectionRect::accepted, this, &PlotView::onRubberBand);
}

void PlotView::onDoubleClick(QMouseEvent* event) {
  const auto* item = qobject_cast<SeriesLegendItem*>(state_->plot->layoutElementAt(event->position()));
  state_->pressed.reset();   // what follows is the release of no click
  if (item) {
    state_->look.visibility = state_->before_click;
    soloSeries(item->name());
  } else if (chartArea().contains(event->pos())) {
    resetView();
  }
}

void PlotView::onPress(QMouseEvent* event) {
  state_->pressed = event->pos();
  state_->pressed_view = view();
  const bool band = event->button() == Qt::RightButton ||
                    (event->button() == Qt::LeftButton && event->modifiers().testFlag(Qt::ShiftModifier));
  const bool inside = chartArea().contains(event->pos());
  state_->plot->setSelectionRectMode(band && inside ? QCP::srmCustom : QCP::srmNone);
  // Only a rubber band is drawn there: its picture of its own, to be drawn alone, costs every other frame a part.
  state_->plot->layer(QStringLiteral("overlay"))->setMode(band && inside ? QCPLayer::lmBuffered : QCPLayer::lmLogical);
}

void PlotView::onMove(QMouseEvent* event) {
  if (state_->pressed) {
    state_->card->hide();
    return;
  }
  const auto spot = spotAt(event->pos());
  if (spot)
    state_->card->show(*spot, chartArea());
  else
    state_->card->hide();
  pointerMoved(event->pos(), spot.has_value());
}

void PlotView::onRelease(QMouseEvent* event) {
  const std::optional<QPoint> pressed = std::exchange(state_->pressed, std::nullopt);
  scheduleRedraw();
  if (!pressed) return;
  if (view() != state_->pressed_view) {
    state_->history.leave(state_->pressed_view);
    state_->following = false;
    emit viewChanged();
    return;
  }
  if ((event->pos() - *pressed).manhattanLength() > 4) return;
  const auto* item = qobject_cast<SeriesLegendItem*>(state_->plot->layoutElementAt(event->position()));
  if (event->button() == Qt::RightButton) {
    const QPoint at = event->globalPosition().toPoint();
    if (item) emit legendMenuWanted(item->name(), at);
    else emit menuWanted(at);
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (item) {
    state_->before_click = state_->look.visibility;
    toggleSeries(item->name());
  } else if (const auto spot = spotAt(event->pos())) {
    spotClicked(*spot);
  } else if (chartArea().contains(event->pos())) {
    emptyClicked(event->pos());
  }
}

void PlotView::onWheel() {
  state_->card->hide();
  if (!state_->wheel.isActive()) leaveView();
  state_->following = false;
  state_->wheel.start(kWheelPause_ms);
}

void PlotView::onRubberBand(const QRect& rect) {
  if (rect.width() < 6 || rect.height() < 6) return;
  leaveView();
  state_->following = false;
  const QCPAxis &x = *state_->plot->xAxis, &y = *state_->plot->yAxis;
  const auto [y_low, y_high] = std::minmax({y.pixelToCoord(rect.bottom()), y.pixelToCoord(rect.top())});   // it may run downwards
  moveTo({x.pixelToCoord(rect.left()), x.pixelToCoord(rect.right()), y_low, y_high});
}

// N and P walk over what has facts, for those who have no mouse.
void PlotView::stepHover(int direction) {
  const int count = spotCount();
  if (count == 0) return;
  const bool first = state_->stepped < 0 || state_->stepped >= count;
  state_->stepped = first ? (direction > 0 ? 0 : count - 1) : (state_->stepped + direction + count) % count;
  state_->card->show(spotOf(state_->stepped), chartArea());
}

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) {
    state_->card->hide();
    pointerLeft();
  }
  return QWidget::eventFilter(watched, event);
}

void PlotView::keyPressEvent(QKeyEvent* event) {
  if (keyTaken(event)) return;
  switch (event->key()) {
    case Qt::Key_Plus: case Qt::Key_Equal: return zoomIn();
    case Qt::Key_Minus: return zoomOut();
    case Qt::Key_Home: case Qt::Key_0: return resetView();
    case Qt::Key_Backspace: return goBack();
    case Qt::Key_N: return stepHover(1);
    case Qt::Key_P: return stepHover(-1);
    case Qt::Key_Escape: return state_->card->hide();
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace tokenmark
