// A chart's mouse: what it points at, and where it takes the view.
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
  const bool on_point = spot && !spot->reading, inside = chartArea().contains(event->pos());
  state_->at_stepped = false;
  if (on_point || (spot && !state_->line->on()))   // the line reads the same, and has a card of its own
    state_->card->show(*spot, chartArea());
  else
    state_->card->hide();
  state_->line->moveTo(inside && !on_point ? std::optional(state_->plot->xAxis->pixelToCoord(event->pos().x()))
                                           : std::nullopt);
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
  } else if (const auto spot = spotAt(event->pos()); spot && !spot->reading) {
    click(*spot);
  } else if (chartArea().contains(event->pos())) {
    state_->line->click(state_->plot->xAxis->pixelToCoord(event->pos().x()));
  }
}

void PlotView::click(const Spot& spot) {
  state_->pinned->toggle(spot);
  state_->pinned->place(chartArea());
  spotClicked(spot);
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

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) {
    state_->card->hide();
    state_->line->moveTo(std::nullopt);
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace tokenmark
