#include "app/charts/plot_view.h"

#include <qcustomplot.h>

#include <QElapsedTimer>
#include <QFontInfo>
#include <QLabel>
#include <QTimer>
#include <algorithm>
#include <cmath>

#include "app/charts/legend.h"
#include "app/charts/plot_style.h"

namespace tokenmark {
namespace {

constexpr int kFrame_ms = 33;          // 30 redraws a second
constexpr int kWheelPause_ms = 500;    // turns closer together are one step of the history

}  // namespace

struct PlotView::State {
  QCustomPlot* plot = nullptr;
  QLabel* card = nullptr;
  QLabel* empty = nullptr;
  QCPItemLine *cross_x = nullptr, *cross_y = nullptr;
  QCPItemEllipse* hover_ring = nullptr;

  SceneLook look;
  ZoomHistory history;
  bool following = true;               // the user has not moved the view
  int replots = 0;

  QTimer frame, wheel;
  QElapsedTimer last_frame;
  std::optional<QPoint> pressed;
  ViewRange pressed_view;
  SeriesVisibility before_click;       // what a double-click starts from
  int stepped = -1;                    // spot reached by keyboard
};

PlotView::PlotView(QWidget* parent) : QWidget(parent), state_(std::make_unique<State>()) {
  state_->look.theme = theme(false);
  state_->look.font = font();
  state_->look.translated = true;
  state_->look.font.setPixelSize(QFontInfo(font()).pixelSize());
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(240, 180);
  setupPlot();
  setupOverlay();
  setupMouse();
  setTheme(state_->look.theme);
}

PlotView::~PlotView() = default;

void PlotView::setupPlot() {
  state_->plot = new QCustomPlot(this);
  state_->plot->setObjectName(QStringLiteral("chartCanvas"));
  state_->plot->setAccessibleName(tr("Chart"));
  state_->plot->setFocusProxy(this);
  prepare_plot(*state_->plot);
  state_->plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  state_->plot->axisRect()->setRangeDrag(Qt::Horizontal | Qt::Vertical);
  state_->plot->axisRect()->setRangeZoom(Qt::Horizontal | Qt::Vertical);
  state_->plot->setContextMenuPolicy(Qt::PreventContextMenu);
  state_->plot->installEventFilter(this);
  state_->frame.setSingleShot(true);
  state_->wheel.setSingleShot(true);
  connect(&state_->frame, &QTimer::timeout, this, &PlotView::redraw);
  connect(state_->plot, &QCustomPlot::afterReplot, this, [this] { ++state_->replots; });
  const auto changed = [this] {
    placeMarks();
    emit viewChanged();
  };
  connect(state_->plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
  connect(state_->plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
}

// Crosshair and rings live on a buffered layer of their own: moving the mouse repaints them alone.
void PlotView::setupOverlay() {
  QCustomPlot& plot = *state_->plot;
  QCPLayer* overlay = plot.layer(QStringLiteral("overlay"));
  overlay->setMode(QCPLayer::lmBuffered);
  const auto line = [&] {
    auto* item = new QCPItemLine(&plot);
    item->setLayer(overlay);
    item->setClipToAxisRect(false);
    for (QCPItemPosition* position : {item->start, item->end}) position->setType(QCPItemPosition::ptAbsolute);
    item->setVisible(false);
    item->setSelectable(false);
    return item;
  };
  state_->cross_x = line();
  state_->cross_y = line();
  state_->hover_ring = new QCPItemEllipse(&plot);
  state_->hover_ring->setLayer(overlay);
  state_->hover_ring->setVisible(false);
  state_->hover_ring->setSelectable(false);
  for (QCPItemPosition* position : {state_->hover_ring->topLeft, state_->hover_ring->bottomRight})
    position->setType(QCPItemPosition::ptAbsolute);

  state_->card = new QLabel(state_->plot);
  state_->card->setObjectName(QStringLiteral("hoverCard"));
  state_->card->setAccessibleName(tr("Facts of the point under the pointer"));
  state_->card->setTextFormat(Qt::RichText);
  state_->card->setAttribute(Qt::WA_TransparentForMouseEvents);
  state_->card->hide();
  state_->empty = new QLabel(state_->plot);
  state_->empty->setObjectName(QStringLiteral("emptyChart"));
  state_->empty->setAlignment(Qt::AlignCenter);
  state_->empty->setWordWrap(true);
  state_->empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  state_->empty->hide();
}

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

void PlotView::sceneChanged(bool other_axes) {
  if (other_axes) {
    state_->following = true;
    state_->history = {};
  }
  state_->stepped = -1;
  hideCard();
  scheduleRedraw();
}

void PlotView::setTheme(const Theme& theme) {
  state_->look.theme = theme;
  QPen dashes(theme.muted, 1, Qt::DashLine);
  state_->cross_x->setPen(dashes);
  state_->cross_y->setPen(dashes);
  state_->hover_ring->setPen(QPen(theme.accent, 2));
  state_->plot->selectionRect()->setPen(QPen(theme.accent, 1));
  QColor fill = theme.accent;
  fill.setAlpha(36);
  state_->plot->selectionRect()->setBrush(fill);
  state_->card->setStyleSheet(
      QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; padding: 6px 8px; }")
          .arg(theme.base.name(), theme.text.name(), theme.axis.name()));
  state_->empty->setStyleSheet(QStringLiteral("QLabel { color: %1; background: transparent; }").arg(theme.muted.name()));
  scheduleRedraw();
}

void PlotView::setEmptyText(const QString& text) { state_->empty->setText(text); }

void PlotView::showAllSeries() { setHiddenSeries({}); }

QStringList PlotView::hiddenSeries() const { return state_->look.visibility.hiddenNames(); }

void PlotView::setHiddenSeries(const QStringList& names) {
  state_->look.visibility.hideOnly(names);
  scheduleRedraw();
  emit visibilityChanged();
}

void PlotView::soloSeries(const QString& name) {
  state_->look.visibility.solo(name, seriesNames());
  scheduleRedraw();
  emit visibilityChanged();
}

void PlotView::toggleSeries(const QString& name) {
  state_->look.visibility.toggle(name);
  scheduleRedraw();
  emit visibilityChanged();
}

std::optional<ViewRange> PlotView::chosenView() const { return state_->following ? std::nullopt : std::optional(view()); }

void PlotView::setChosenView(const std::optional<ViewRange>& view) {
  hideCard();
  state_->following = !view;
  moveTo(view.value_or(fullView()));
}

bool PlotView::following() const { return state_->following; }
QCustomPlot& PlotView::canvas() const { return *state_->plot; }
SceneLook& PlotView::look() const { return state_->look; }
QRect PlotView::chartArea() const { return state_->plot->axisRect()->rect(); }
ViewRange PlotView::view() const { return view_of(*state_->plot); }
bool PlotView::canGoBack() const { return state_->history.canGoBack(); }
bool PlotView::canGoForward() const { return state_->history.canGoForward(); }
int PlotView::replots() const { return state_->replots; }
QString PlotView::hoverText() const { return state_->card->isHidden() ? QString() : state_->card->text(); }

PictureOptions PlotView::pictureOptions() const {
  PictureOptions options;
  options.only_optimal = state_->look.only_optimal;
  options.styles = state_->look.styles;
  options.visibility = state_->look.visibility;
  if (!state_->following) options.view = view();
  return options;
}

// Redraws are asked for freely and happen at most 30 times a second, never while a button is down: the plot's own
// mouse handling holds on to what lies under the pointer.
void PlotView::scheduleRedraw() {
  if (state_->frame.isActive()) return;
  const qint64 since = state_->last_frame.isValid() ? state_->last_frame.elapsed() : kFrame_ms;
  state_->frame.start(static_cast<int>(std::clamp<qint64>(kFrame_ms - since, 0, kFrame_ms)));
}

void PlotView::redraw() {
  if (state_->pressed) return;   // its release asks again
  state_->last_frame.start();
  drawScene();
  if (state_->following) set_view(*state_->plot, fullView());
  state_->empty->setVisible(isEmpty());
  placeMarks();
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::onPress(QMouseEvent* event) {
  state_->pressed = event->pos();
  state_->pressed_view = view();
  const bool band = event->button() == Qt::RightButton ||
                    (event->button() == Qt::LeftButton && event->modifiers().testFlag(Qt::ShiftModifier));
  const bool inside = chartArea().contains(event->pos());
  state_->plot->setSelectionRectMode(band && inside ? QCP::srmCustom : QCP::srmNone);
}

void PlotView::onMove(QMouseEvent* event) {
  if (state_->pressed) {
    hideCard();
    return;
  }
  const auto spot = spotAt(event->pos());
  if (spot)
    showCard(*spot);
  else
    hideCard();
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

std::vector<RunId> PlotView::runsAt(const QPoint& global) const {
  const auto spot = spotAt(state_->plot->mapFromGlobal(global));
  return spot ? spot->runs : std::vector<RunId>();
}

void PlotView::onWheel() {
  hideCard();
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

void PlotView::showCard(const Spot& spot) {
  if (spot.ring) state_->plot->setCursor(Qt::PointingHandCursor);
  else state_->plot->unsetCursor();
  const QRect area = chartArea();
  state_->cross_x->start->setCoords(spot.at.x(), area.top());
  state_->cross_x->end->setCoords(spot.at.x(), area.bottom());
  state_->cross_y->start->setCoords(area.left(), spot.at.y());
  state_->cross_y->end->setCoords(area.right(), spot.at.y());
  state_->cross_x->setVisible(spot.vertical);
  state_->cross_y->setVisible(spot.horizontal);
  state_->hover_ring->topLeft->setCoords(spot.at - QPointF(8, 8));
  state_->hover_ring->bottomRight->setCoords(spot.at + QPointF(8, 8));
  state_->hover_ring->setVisible(spot.ring);
  state_->plot->layer(QStringLiteral("overlay"))->replot();

  state_->card->setText(spot.html);
  state_->card->adjustSize();
  const QSize size = state_->card->size();
  QPoint corner = spot.at.toPoint() + QPoint(16, 16);
  if (corner.x() + size.width() > width() - 4) corner.setX(static_cast<int>(spot.at.x()) - 16 - size.width());
  if (corner.y() + size.height() > height() - 4) corner.setY(static_cast<int>(spot.at.y()) - 16 - size.height());
  state_->card->move(std::max(2, corner.x()), std::max(2, corner.y()));
  state_->card->show();
  state_->card->raise();
}

void PlotView::hideCard() {
  if (state_->card->isHidden()) return;
  state_->card->hide();
  state_->plot->unsetCursor();
  state_->cross_x->setVisible(false);
  state_->cross_y->setVisible(false);
  state_->hover_ring->setVisible(false);
  state_->plot->layer(QStringLiteral("overlay"))->replot();
}

// N and P walk over what has facts, for those who have no mouse.
void PlotView::stepHover(int direction) {
  const int count = spotCount();
  if (count == 0) return;
  const bool first = state_->stepped < 0 || state_->stepped >= count;
  state_->stepped = first ? (direction > 0 ? 0 : count - 1) : (state_->stepped + direction + count) % count;
  showCard(spotOf(state_->stepped));
}

void PlotView::leaveView() { state_->history.leave(view()); }

void PlotView::moveTo(const ViewRange& view) {
  set_view(*state_->plot, view);
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
  emit viewChanged();
}

void PlotView::zoomBy(double factor) {
  leaveView();
  state_->following = false;
  hideCard();
  for (QCPAxis* axis : {state_->plot->xAxis, state_->plot->yAxis}) {
    if (axis == state_->plot->yAxis && !zoomsVertically()) continue;
    const QRect area = state_->plot->axisRect()->rect();
    axis->scaleRange(factor, axis->pixelToCoord(axis == state_->plot->xAxis ? area.center().x() : area.center().y()));
  }
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::zoomIn() { zoomBy(0.8); }
void PlotView::zoomOut() { zoomBy(1.25); }

void PlotView::resetView() {
  hideCard();
  const ViewRange full = fullView();
  if (view() != full) leaveView();
  state_->following = true;
  moveTo(full);
}

void PlotView::goBack() {
  hideCard();
  if (const auto view = state_->history.back(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

void PlotView::goForward() {
  hideCard();
  if (const auto view = state_->history.forward(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

QPoint PlotView::legendPosition(std::size_t series) const {
  const QCPAbstractLegendItem* item = state_->plot->legend->item(static_cast<int>(series));
  return item ? state_->plot->mapTo(this, item->rect().center()) : QPoint();
}

bool PlotView::seriesHidden(std::size_t series) const {
  return state_->look.visibility.hidden(seriesNames().at(static_cast<int>(series)));
}

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) {
    hideCard();
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
    case Qt::Key_Escape: return hideCard();
    default: QWidget::keyPressEvent(event);
  }
}

void PlotView::resizeEvent(QResizeEvent*) {
  state_->plot->setGeometry(rect());
  state_->empty->setGeometry(rect().adjusted(80, 40, -40, -40));
  scheduleRedraw();
}

void PlotView::showEvent(QShowEvent*) { scheduleRedraw(); }

}  // namespace tokenmark
