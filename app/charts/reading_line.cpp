#include "app/charts/reading_line.h"

#include <qcustomplot.h>

#include <QKeyEvent>
#include <QLabel>
#include <algorithm>

#include "app/charts/overlay.h"

namespace tokenmark {
namespace {

constexpr double kStep = 0.005, kLeap = 0.05;   // shares of the view
constexpr double kReach = 4;                    // pixels beside a line that count as on it

}  // namespace

ReadingLine::ReadingLine(QCustomPlot& plot, Overlay& overlay, const SceneLook& look)
    : QObject(&plot),
      plot_(plot),
      overlay_(overlay),
      look_(look),
      make_([] { return LineValues(); }),
      area_([&plot] { return plot.axisRect()->rect(); }),
      taken_([](const QPoint&) { return false; }),
      card_(new QLabel(&plot)) {
  card_->setObjectName(QStringLiteral("readingCard"));
  card_->setAccessibleName(tr("Values of all series at the line"));
  card_->setTextFormat(Qt::RichText);
  card_->setAttribute(Qt::WA_TransparentForMouseEvents);
  card_->hide();
  plot.installEventFilter(this);
}

void ReadingLine::setPlace(std::function<QRect()> area, std::function<bool(const QPoint&)> taken) {
  area_ = std::move(area);
  taken_ = std::move(taken);
}

const LineValues& ReadingLine::values() {
  if (!values_) values_ = make_();
  return *values_;
}

void ReadingLine::setOn(bool on) {
  if (on_ == on) return;
  on_ = on;
  if (!on) {
    pinned_ = false;
    at_.reset();
  }
  show();
  emit changed();
}

void ReadingLine::moveTo(std::optional<double> x) {
  if (!on_ || pinned_) return;
  if (x) x = values().snap(*x);
  if (at_ == x) return;
  at_ = x;
  show();
}

// Where values lie apart, a step reaches the next at least.
void ReadingLine::step(double share) {
  on_ = true;
  const QCPAxis& x = *plot_.xAxis;
  const QRect area = plot_.axisRect()->rect();
  const double now = at_ ? x.coordToPixel(*at_) : area.center().x();
  const auto at_pixel = [&](double pixel) {
    return values().snap(x.pixelToCoord(std::clamp(pixel, double(area.left()), double(area.right()))));
  };
  double next = at_pixel(at_ ? now + share * area.width() : now);
  if (at_ && next == *at_ && values().snap(next + 0.4) == next) next = values().snap(next + (share > 0 ? 1 : -1));
  at_ = next;
  show();
  if (pinned_) emit changed();
}

void ReadingLine::togglePin() {
  if (!at_) return;
  pinned_ = !pinned_;
  show();
  emit changed();
}

void ReadingLine::click(double x) {
  if (!on_) return;
  moveTo(x);
  togglePin();
}

void ReadingLine::setCursor(Cursor cursor) {
  if (at_) setCursor(cursor, *at_);
}

void ReadingLine::setCursor(Cursor cursor, double x) {
  (cursor == Cursor::a ? a_ : b_) = values().snap(x);
  show();
  emit changed();
}

void ReadingLine::removeCursors() {
  if (!a_ && !b_) return;
  a_.reset();
  b_.reset();
  show();
  emit changed();
}

bool ReadingLine::clear() {
  if (!at_) {
    const bool any = a_ || b_;
    removeCursors();
    return any;
  }
  at_.reset();
  pinned_ = false;
  show();
  emit changed();
  return true;
}

bool ReadingLine::take(const QKeyEvent& event, bool other_cards) {
  if (event.modifiers() & (Qt::ControlModifier | Qt::AltModifier)) return false;
  const double step_by = event.modifiers().testFlag(Qt::ShiftModifier) ? kLeap : kStep;
  switch (event.key()) {
    case Qt::Key_Left: step(-step_by); return true;
    case Qt::Key_Right: step(step_by); return true;
    case Qt::Key_Return: case Qt::Key_Enter: togglePin(); return true;
    case Qt::Key_A: setCursor(Cursor::a); return true;
    case Qt::Key_B: setCursor(Cursor::b); return true;
    case Qt::Key_Escape: return !other_cards && clear();
    default: return false;
  }
}

Readings ReadingLine::readings() const { return {pinned_ ? at_ : std::nullopt, a_, b_}; }

void ReadingLine::setReadings(const Readings& readings) {
  pinned_ = readings.line.has_value();
  if (pinned_) on_ = true;
  at_ = readings.line;
  a_ = readings.cursor_a;
  b_ = readings.cursor_b;
  show();
  emit changed();
}

void ReadingLine::setBaseline(const std::string& series) {
  if (baseline_ == series) return;
  baseline_ = series;
  show();
  emit changed();
}

void ReadingLine::chartChanged() {
  values_.reset();
  show();
}

QString ReadingLine::cardText() const { return card_->isHidden() ? QString() : card_->text(); }

void ReadingLine::show() {
  place();
  QList<ReadingPart> parts;
  if (at_ || (a_ && b_)) parts = reading_parts(values(), look_, {at_, a_, b_}, baseline_, pinned_);
  QStringList words;
  for (const ReadingPart& part : parts) words << part.words();
  card_->setAccessibleDescription(words.join(QStringLiteral(". ")));
  card_->setVisible(!parts.isEmpty());
  if (parts.isEmpty()) return;
  const QString style =
      QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; padding: 6px 8px; }")
          .arg(look_.theme.base.name(), look_.theme.text.name(), look_.theme.axis.name());
  if (card_->styleSheet() != style) card_->setStyleSheet(style);   // setting it is far dearer than a card
  card_->setText(parts_html(parts));
  card_->adjustSize();
  // In the upper corner away from the line.
  const QRect area = plot_.axisRect()->rect();
  const bool line_at_right = at_ && plot_.xAxis->coordToPixel(*at_) > area.center().x();
  card_->move(line_at_right ? area.left() + 10 : std::max(area.left() + 10, area.right() - 10 - card_->width()), area.top() + 10);
  card_->raise();
}

void ReadingLine::addLine(OverlayMarks& marks, const std::optional<double>& x, const QString& name) const {
  const QRect area = area_();
  const double at = x ? plot_.xAxis->coordToPixel(*x) : -1;
  if (!x || at < area.left() || at > area.right()) return;
  const Theme& theme = look_.theme;
  marks.lines.push_back({QLineF(at, area.top(), at, area.bottom()), QPen(theme.accent, 1, name.isEmpty() ? Qt::SolidLine : Qt::DashLine)});
  if (!name.isEmpty()) marks.names.push_back({name, QPointF(at, area.top()), look_.font, theme.accent_text, theme.accent});
}

void ReadingLine::place() {
  OverlayMarks marks;
  addLine(marks, at_, {});
  addLine(marks, a_, tr("A"));
  addLine(marks, b_, tr("B"));
  overlay_.set(Overlay::Of::reading, std::move(marks));
}

// ---- dragging

std::optional<double>* ReadingLine::near(const QPoint& position) {
  if (!area_().contains(position)) return nullptr;
  for (std::optional<double>* each : {&b_, &a_, &at_})
    if (*each && (each != &at_ || pinned_) && std::abs(plot_.xAxis->coordToPixel(**each) - position.x()) <= kReach)
      return each;
  return nullptr;
}

bool ReadingLine::press(const QMouseEvent& event) {
  if (event.button() != Qt::LeftButton || event.modifiers() != Qt::NoModifier || taken_(event.pos())) return false;
  dragged_ = near(event.pos());
  moved_ = false;
  return dragged_ != nullptr;
}

bool ReadingLine::move(const QMouseEvent& event) {
  if (!dragged_) {
    const bool can = event.buttons() == Qt::NoButton && near(event.pos()) && !taken_(event.pos());
    if (can && !near_) emit pointedAt();
    if (can) plot_.setCursor(Qt::SizeHorCursor);
    else if (near_) plot_.unsetCursor();
    near_ = can;
    return can;
  }
  const QRect area = plot_.axisRect()->rect();
  const double x = values().snap(plot_.xAxis->pixelToCoord(std::clamp(event.pos().x(), area.left(), area.right())));
  if (*dragged_ == x) return true;
  *dragged_ = x;
  moved_ = true;
  show();
  return true;
}

// A click on the pinned line lets it go, as one beside it would.
bool ReadingLine::release() {
  if (!dragged_) return false;
  const bool is_line = std::exchange(dragged_, nullptr) == &at_;
  if (moved_) emit changed();
  else if (is_line) togglePin();
  return true;
}

bool ReadingLine::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::MouseButtonPress: return press(*static_cast<QMouseEvent*>(event));
    case QEvent::MouseMove: return move(*static_cast<QMouseEvent*>(event));
    case QEvent::MouseButtonRelease: return release();
    default: return QObject::eventFilter(watched, event);
  }
}

}  // namespace tokenmark
