#include "app/charts/plot_view.h"

#include <QFontInfo>
#include <QLabel>
#include <algorithm>

#include "app/charts/plot_style.h"
#include "app/charts/plot_view_state.h"

namespace tokenmark {
namespace {

constexpr int kFrame_ms = 33;          // 30 redraws a second

}  // namespace

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
  connect(state_->plot, &QCustomPlot::afterReplot, this, [this] {
    ++state_->replots;
    placeMarks();   // now the axes are where they stay
    if (std::exchange(state_->chart_changed, false) && !state_->pinned->empty())
      state_->pinned->follow(chartArea(), [this](const QPoint& at) { return spotAt(at); });
    state_->pinned->place(chartArea());
    state_->legend->place();
    state_->line->place();
  });
  for (QCPAxis* axis : {state_->plot->xAxis, state_->plot->yAxis})
    connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, &PlotView::viewChanged);
}

// What moves with the pointer lies above the plot: the mouse repaints it alone.
void PlotView::setupOverlay() {
  state_->overlay = new Overlay(state_->plot);
  state_->card.emplace(state_->plot, *state_->overlay, tr("Facts of the point under the pointer"));
  state_->pinned.emplace(*state_->plot, [this] { emit cardsChanged(); });
  state_->legend.emplace(*state_->plot, *state_->overlay);
  state_->line = new ReadingLine(*state_->plot, *state_->overlay, state_->look);
  state_->line->setPlace([this] { return chartArea(); }, [this](const QPoint& at) {
    const auto spot = spotAt(at);
    return spot && spot->ring;   // a point; what reaches further leaves room to take hold of a line
  });
  connect(state_->line, &ReadingLine::pointedAt, this, [this] { state_->card->hide(); });
  state_->empty = new QLabel(state_->plot);
  state_->empty->setObjectName(QStringLiteral("emptyChart"));
  state_->empty->setAlignment(Qt::AlignCenter);
  state_->empty->setWordWrap(true);
  state_->empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  state_->empty->hide();
  connect(state_->plot, &QCustomPlot::afterLayout, state_->empty, [this] { state_->empty->setGeometry(state_->plot->axisRect()->rect()); });
}

void PlotView::sceneChanged(bool other_axes) {
  if (other_axes) {
    state_->following = true;
    state_->history = {};
    state_->pinned->closeAll();
  }
  state_->line->chartChanged();
  state_->chart_changed = true;
  state_->stepped = -1;
  state_->card->hide();
  scheduleRedraw();
}

void PlotView::setTheme(const Theme& theme) {
  state_->look.theme = theme;
  state_->plot->selectionRect()->setPen(QPen(theme.accent, 1));
  QColor fill = theme.accent;
  fill.setAlpha(36);
  state_->plot->selectionRect()->setBrush(fill);
  state_->card->setTheme(theme);
  state_->pinned->setTheme(theme);
  state_->legend->setPen(QPen(theme.accent, 2));
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
  state_->card->hide();
  state_->following = !view;
  moveTo(view.value_or(fullView()));
}

bool PlotView::following() const { return state_->following; }
QCustomPlot& PlotView::canvas() const { return *state_->plot; }
Overlay& PlotView::overlay() const { return *state_->overlay; }
SceneLook& PlotView::look() const { return state_->look; }
QRect PlotView::chartArea() const { return state_->plot->axisRect()->rect(); }
ViewRange PlotView::view() const { return view_of(*state_->plot); }
bool PlotView::canGoBack() const { return state_->history.canGoBack(); }
bool PlotView::canGoForward() const { return state_->history.canGoForward(); }
int PlotView::replots() const { return state_->replots; }
QString PlotView::hoverText() const { return state_->card->text(); }
ReadingLine& PlotView::line() const { return *state_->line; }
QStringList PlotView::pinnedCards() const { return state_->pinned->texts(); }
void PlotView::copyPinnedCards() const { state_->pinned->copy(); }
void PlotView::setReadings(std::function<LineValues()> make) { state_->line->setSource(std::move(make)); }

PictureOptions PlotView::pictureOptions() const {
  PictureOptions options;
  options.only_optimal = state_->look.only_optimal;
  options.styles = state_->look.styles;
  options.visibility = state_->look.visibility;
  if (!state_->following) options.view = view();
  options.readings = state_->line->readings();
  options.baseline = state_->line->baseline();
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
  fit_axis_titles(*state_->plot);
  state_->empty->setVisible(isEmpty());
  state_->plot->replot(QCustomPlot::rpQueuedReplot);
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
  state_->card->hide();
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
  state_->card->hide();
  const ViewRange full = fullView();
  if (view() != full) leaveView();
  state_->following = true;
  moveTo(full);
}

void PlotView::goBack() {
  state_->card->hide();
  if (const auto view = state_->history.back(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

void PlotView::goForward() {
  state_->card->hide();
  if (const auto view = state_->history.forward(this->view())) {
    state_->following = false;
    moveTo(*view);
  }
}

QPoint PlotView::legendPosition(std::size_t series) const {
  const QCPAbstractLegendItem* item = state_->plot->legend->item(static_cast<int>(series));
  return item ? state_->plot->mapTo(this, item->rect().center()) : QPoint();
}

std::vector<RunId> PlotView::runsAt(const QPoint& global) const {
  if (state_->menu_spot && state_->menu_spot->first == global) return state_->menu_spot->second;
  const auto spot = spotAt(state_->plot->mapFromGlobal(global));
  return spot ? spot->runs : std::vector<RunId>();
}

bool PlotView::seriesHidden(std::size_t series) const {
  return state_->look.visibility.hidden(seriesNames().at(static_cast<int>(series)));
}

void PlotView::resizeEvent(QResizeEvent*) {
  state_->plot->setGeometry(rect());
  state_->overlay->setGeometry(rect());
  scheduleRedraw();
}

void PlotView::showEvent(QShowEvent*) { scheduleRedraw(); }

}  // namespace tokenmark
