#include "app/charts/frontier_plot.h"

#include <qcustomplot.h>

#include <QElapsedTimer>
#include <QFontInfo>
#include <QLabel>
#include <QTimer>
#include <algorithm>
#include <cmath>

#include "app/charts/legend.h"
#include "app/charts/scene.h"
#include "app/charts/text.h"

namespace tokenmark {
namespace {

constexpr int kFrame_ms = 33;          // 30 redraws a second
constexpr int kWheelPause_ms = 500;    // turns closer together are one step of the history
constexpr double kReach = 13;          // pixels around a point that count as on it

}  // namespace

struct FrontierPlot::Hit {
  const ChartSeries* series = nullptr;
  const ChartPoint* point = nullptr;
  QPointF at;
};

struct FrontierPlot::State {
  QCustomPlot* plot = nullptr;
  QLabel* card = nullptr;
  QLabel* empty = nullptr;
  QCPItemStraightLine *cross_x = nullptr, *cross_y = nullptr;
  QList<QCPItemEllipse*> rings;
  QCPItemEllipse* hover_ring = nullptr;

  Chart chart;
  SceneLook look;
  ZoomHistory history;
  std::vector<RunId> selected;
  bool following = true;               // the user has not moved the view
  int replots = 0;

  QTimer frame, wheel;
  QElapsedTimer last_frame;
  std::optional<QPoint> pressed;
  ViewRange pressed_view;
  QString pressed_legend;
  SeriesVisibility before_click;       // what a double-click starts from
  int stepped = -1;                    // point reached by keyboard
};

FrontierPlot::FrontierPlot(QWidget* parent) : QWidget(parent), state_(std::make_unique<State>()) {
  state_->look.theme = theme(false);
  state_->look.font = font();
  state_->look.font.setPixelSize(QFontInfo(font()).pixelSize());
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(240, 180);
  setupPlot();
  setupOverlay();
  setupMouse();
  setTheme(state_->look.theme);
}

FrontierPlot::~FrontierPlot() = default;

void FrontierPlot::setupPlot() {
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
  connect(&state_->frame, &QTimer::timeout, this, &FrontierPlot::redraw);
  connect(state_->plot, &QCustomPlot::afterReplot, this, [this] { ++state_->replots; });
  const auto changed = [this] {
    placeRings();
    emit viewChanged();
  };
  connect(state_->plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
  connect(state_->plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, changed);
}

// Crosshair and rings live on a buffered layer of their own: moving the mouse repaints them alone.
void FrontierPlot::setupOverlay() {
  QCustomPlot& plot = *state_->plot;
  QCPLayer* overlay = plot.layer(QStringLiteral("overlay"));
  overlay->setMode(QCPLayer::lmBuffered);
  const auto line = [&] {
    auto* item = new QCPItemStraightLine(&plot);
    item->setLayer(overlay);
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

void FrontierPlot::setupMouse() {
  QCustomPlot* plot = state_->plot;
  plot->setMouseTracking(true);
  connect(plot, &QCustomPlot::mousePress, this, &FrontierPlot::onPress);
  connect(plot, &QCustomPlot::mouseMove, this, &FrontierPlot::onMove);
  connect(plot, &QCustomPlot::mouseRelease, this, &FrontierPlot::onRelease);
  connect(plot, &QCustomPlot::mouseWheel, this, [this](QWheelEvent*) { onWheel(); });
  connect(plot, &QCustomPlot::mouseDoubleClick, this, [this](QMouseEvent* event) {
    const auto* item = qobject_cast<SeriesLegendItem*>(state_->plot->layoutElementAt(event->position()));
    state_->pressed.reset();   // what follows is the release of no click
    if (item) {
      QStringList names;
      for (const ChartSeries& series : state_->chart.series) names << QString::fromStdString(series.name);
      state_->look.visibility = state_->before_click;
      state_->look.visibility.solo(item->name(), names);
      scheduleRedraw();
    } else if (state_->plot->axisRect()->rect().contains(event->pos())) {
      resetView();
    }
  });
  connect(plot->selectionRect(), &QCPSelectionRect::accepted, this, &FrontierPlot::onRubberBand);
}

void FrontierPlot::setChart(Chart chart) {
  const Chart& old = state_->chart;
  const bool other_axes =
      chart.x != old.x || chart.y != old.y || chart.log_x != old.log_x || chart.log_y != old.log_y;
  if (other_axes) {
    state_->following = true;
    state_->history = {};
  }
  state_->chart = std::move(chart);
  state_->stepped = -1;
  hideCard();
  scheduleRedraw();
}

const Chart& FrontierPlot::chart() const { return state_->chart; }

void FrontierPlot::setTheme(const Theme& theme) {
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

void FrontierPlot::setOnlyOptimal(bool only) {
  state_->look.only_optimal = only;
  scheduleRedraw();
}

void FrontierPlot::setEmptyText(const QString& text) { state_->empty->setText(text); }

void FrontierPlot::selectRuns(const std::vector<RunId>& runs) {
  if (state_->selected == runs) return;
  state_->selected = runs;
  scheduleRedraw();
}

void FrontierPlot::showAllSeries() {
  state_->look.visibility.showAll();
  scheduleRedraw();
}

ViewRange FrontierPlot::view() const { return view_of(*state_->plot); }
bool FrontierPlot::canGoBack() const { return state_->history.canGoBack(); }
bool FrontierPlot::canGoForward() const { return state_->history.canGoForward(); }
int FrontierPlot::replots() const { return state_->replots; }
QString FrontierPlot::hoverText() const { return state_->card->isHidden() ? QString() : state_->card->text(); }

PictureOptions FrontierPlot::pictureOptions() const {
  PictureOptions options;
  options.only_optimal = state_->look.only_optimal;
  options.styles = state_->look.styles;
  options.visibility = state_->look.visibility;
  if (!state_->following) options.view = view();
  return options;
}

// Redraws are asked for freely and happen at most 30 times a second, never while a button is down: the plot's own
// mouse handling holds on to what lies under the pointer.
void FrontierPlot::scheduleRedraw() {
  if (state_->frame.isActive()) return;
  const qint64 since = state_->last_frame.isValid() ? state_->last_frame.elapsed() : kFrame_ms;
  state_->frame.start(static_cast<int>(std::clamp<qint64>(kFrame_ms - since, 0, kFrame_ms)));
}

void FrontierPlot::redraw() {
  if (state_->pressed) return;   // its release asks again
  state_->last_frame.start();
  draw_scene(*state_->plot, state_->chart, state_->look);
  if (state_->following) set_view(*state_->plot, full_view(state_->chart, state_->look));
  bool any = false;
  for (const ChartSeries& series : state_->chart.series) any = any || !series.points.empty();
  state_->empty->setVisible(!any);
  placeRings();
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
}

// Rings around the points of the selected runs.
void FrontierPlot::placeRings() {
  QCustomPlot& plot = *state_->plot;
  int used = 0;
  for (const ChartSeries& series : state_->chart.series) {
    if (state_->selected.empty()) break;
    if (state_->look.visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points) {
      if (!drawn(state_->chart, point, state_->look)) continue;
      const bool selected = std::any_of(point.runs.begin(), point.runs.end(), [&](RunId id) {
        return std::find(state_->selected.begin(), state_->selected.end(), id) != state_->selected.end();
      });
      if (!selected) continue;
      if (used == state_->rings.size()) {
        auto* ring = new QCPItemEllipse(&plot);
        ring->setLayer(QStringLiteral("overlay"));
        ring->setSelectable(false);
        for (QCPItemPosition* position : {ring->topLeft, ring->bottomRight})
          position->setType(QCPItemPosition::ptAbsolute);
        state_->rings.push_back(ring);
      }
      QCPItemEllipse* ring = state_->rings[used++];
      const QPointF at(plot.xAxis->coordToPixel(point.x), plot.yAxis->coordToPixel(point.y));
      ring->setPen(QPen(state_->look.theme.accent, 2));
      ring->topLeft->setCoords(at - QPointF(9, 9));
      ring->bottomRight->setCoords(at + QPointF(9, 9));
    }
  }
  for (int i = 0; i < state_->rings.size(); ++i) state_->rings[i]->setVisible(i < used);
}

void FrontierPlot::onPress(QMouseEvent* event) {
  state_->pressed = event->pos();
  state_->pressed_view = view();
  const bool band = event->button() == Qt::RightButton ||
                    (event->button() == Qt::LeftButton && event->modifiers().testFlag(Qt::ShiftModifier));
  const bool inside = state_->plot->axisRect()->rect().contains(event->pos());
  state_->plot->setSelectionRectMode(band && inside ? QCP::srmCustom : QCP::srmNone);
}

void FrontierPlot::onMove(QMouseEvent* event) {
  if (state_->pressed) {
    hideCard();
    return;
  }
  hover(event->pos());
}

void FrontierPlot::onRelease(QMouseEvent* event) {
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
  if (event->button() == Qt::RightButton) {
    emit menuWanted(event->globalPosition().toPoint());
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (const auto* item = qobject_cast<SeriesLegendItem*>(state_->plot->layoutElementAt(event->position()))) {
    state_->before_click = state_->look.visibility;
    state_->look.visibility.toggle(item->name());
    return;
  }
  if (const Hit hit = hitAt(event->pos()); hit.point) emit pointClicked(hit.point->runs);
}

void FrontierPlot::onWheel() {
  hideCard();
  if (!state_->wheel.isActive()) leaveView();
  state_->following = false;
  state_->wheel.start(kWheelPause_ms);
}

void FrontierPlot::onRubberBand(const QRect& rect) {
  if (rect.width() < 6 || rect.height() < 6) return;
  leaveView();
  state_->following = false;
  const QCPAxis &x = *state_->plot->xAxis, &y = *state_->plot->yAxis;
  moveTo({x.pixelToCoord(rect.left()), x.pixelToCoord(rect.right()), y.pixelToCoord(rect.bottom()),
          y.pixelToCoord(rect.top())});
}

FrontierPlot::Hit FrontierPlot::hitAt(const QPoint& position) const {
  Hit best;
  if (!state_->plot->axisRect()->rect().contains(position)) return best;
  double nearest = kReach;
  for (const ChartSeries& series : state_->chart.series) {
    if (state_->look.visibility.hidden(QString::fromStdString(series.name))) continue;
    for (const ChartPoint& point : series.points) {
      if (!drawn(state_->chart, point, state_->look)) continue;
      const QPointF at(state_->plot->xAxis->coordToPixel(point.x), state_->plot->yAxis->coordToPixel(point.y));
      const double distance = std::hypot(at.x() - position.x(), at.y() - position.y());
      if (distance >= nearest) continue;
      nearest = distance;
      best = {&series, &point, at};
    }
  }
  return best;
}

void FrontierPlot::hover(const QPoint& position) {
  const Hit hit = hitAt(position);
  if (!hit.point) {
    hideCard();
    return;
  }
  showCard(hit);
}

void FrontierPlot::showCard(const Hit& hit) {
  state_->plot->setCursor(Qt::PointingHandCursor);
  const auto through = [&](QCPItemStraightLine* line, double dx, double dy) {
    for (QCPItemPosition* position : {line->point1, line->point2}) position->setType(QCPItemPosition::ptAbsolute);
    line->point1->setCoords(hit.at);
    line->point2->setCoords(hit.at + QPointF(dx, dy));
    line->setVisible(true);
  };
  through(state_->cross_x, 0, 10);
  through(state_->cross_y, 10, 0);
  state_->hover_ring->topLeft->setCoords(hit.at - QPointF(8, 8));
  state_->hover_ring->bottomRight->setCoords(hit.at + QPointF(8, 8));
  state_->hover_ring->setVisible(true);
  state_->plot->layer(QStringLiteral("overlay"))->replot();

  state_->card->setText(hover_html(state_->chart, *hit.series, *hit.point));
  state_->card->adjustSize();
  const QSize size = state_->card->size();
  QPoint corner = hit.at.toPoint() + QPoint(16, 16);
  if (corner.x() + size.width() > width() - 4) corner.setX(static_cast<int>(hit.at.x()) - 16 - size.width());
  if (corner.y() + size.height() > height() - 4) corner.setY(static_cast<int>(hit.at.y()) - 16 - size.height());
  state_->card->move(std::max(2, corner.x()), std::max(2, corner.y()));
  state_->card->show();
  state_->card->raise();
}

void FrontierPlot::hideCard() {
  if (state_->card->isHidden()) return;
  state_->card->hide();
  state_->plot->unsetCursor();
  state_->cross_x->setVisible(false);
  state_->cross_y->setVisible(false);
  state_->hover_ring->setVisible(false);
  state_->plot->layer(QStringLiteral("overlay"))->replot();
}

// N and P walk over the visible points, for those who have no mouse.
void FrontierPlot::stepHover(int direction) {
  std::vector<Hit> hits;
  for (const ChartSeries& series : state_->chart.series)
    for (const ChartPoint& point : series.points)
      if (!state_->look.visibility.hidden(QString::fromStdString(series.name)) &&
          drawn(state_->chart, point, state_->look))
        hits.push_back({&series, &point,
                        {state_->plot->xAxis->coordToPixel(point.x), state_->plot->yAxis->coordToPixel(point.y)}});
  if (hits.empty()) return;
  const int count = static_cast<int>(hits.size());
  const bool first = state_->stepped < 0 || state_->stepped >= count;
  state_->stepped = first ? (direction > 0 ? 0 : count - 1) : (state_->stepped + direction + count) % count;
  showCard(hits[state_->stepped]);
}

void FrontierPlot::leaveView() { state_->history.leave(view()); }

void FrontierPlot::moveTo(const ViewRange& view) {
  set_view(*state_->plot, view);
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
  emit viewChanged();
}

void FrontierPlot::zoomBy(double factor) {
  leaveView();
  state_->following = false;
  hideCard();
  for (QCPAxis* axis : {state_->plot->xAxis, state_->plot->yAxis}) {
    const QRect area = state_->plot->axisRect()->rect();
    axis->scaleRange(factor, axis->pixelToCoord(axis == state_->plot->xAxis ? area.center().x() : area.center().y()));
  }
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
}

void FrontierPlot::zoomIn() { zoomBy(0.8); }
void FrontierPlot::zoomOut() { zoomBy(1.25); }

void FrontierPlot::resetView() {
  hideCard();
  const ViewRange full = full_view(state_->chart, state_->look);
  if (view() != full) leaveView();
  state_->following = true;
  moveTo(full);
}

void FrontierPlot::goBack() {
  hideCard();
  if (const auto view = state_->history.back(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

void FrontierPlot::goForward() {
  hideCard();
  if (const auto view = state_->history.forward(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

QPoint FrontierPlot::pointPosition(std::size_t series, std::size_t point) const {
  const ChartPoint& at = state_->chart.series.at(series).points.at(point);
  return state_->plot->mapTo(this, QPointF(state_->plot->xAxis->coordToPixel(at.x),
                                           state_->plot->yAxis->coordToPixel(at.y)).toPoint());
}

QPoint FrontierPlot::legendPosition(std::size_t series) const {
  const QCPAbstractLegendItem* item = state_->plot->legend->item(static_cast<int>(series));
  return item ? state_->plot->mapTo(this, item->rect().center()) : QPoint();
}

bool FrontierPlot::seriesHidden(std::size_t series) const {
  return state_->look.visibility.hidden(QString::fromStdString(state_->chart.series.at(series).name));
}

bool FrontierPlot::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) hideCard();
  return QWidget::eventFilter(watched, event);
}

void FrontierPlot::keyPressEvent(QKeyEvent* event) {
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

void FrontierPlot::resizeEvent(QResizeEvent*) {
  state_->plot->setGeometry(rect());
  state_->empty->setGeometry(rect().adjusted(80, 40, -40, -40));
  scheduleRedraw();
}

void FrontierPlot::showEvent(QShowEvent*) { scheduleRedraw(); }

}  // namespace tokenmark
