#include "app/charts/marks.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tokenmark {
namespace {

constexpr std::size_t kFew = 400;      // marks of one look: more are copied
constexpr int kParts = 2;              // of a pixel, along each axis, that few marks tell apart

// Coordinates to pixels, as QCPAxis::coordToPixel does, without asking the axis each time; and half a point further, as a
// QCPPainter draws what is smoothed.
class PixelScale {
 public:
  PixelScale(const QCPAxis& axis, double ratio)
      : log_(axis.scaleType() == QCPAxis::stLogarithmic), low_(axis.range().lower), high_(axis.range().upper) {
    const double from = (axis.coordToPixel(low_) + 0.5) * ratio, to = (axis.coordToPixel(high_) + 0.5) * ratio;
    factor_ = (to - from) / (log_ ? std::log(high_ / low_) : high_ - low_);
    offset_ = from - factor_ * (log_ ? std::log(low_) : low_);
  }
  double operator()(double value) const { return offset_ + factor_ * (log_ ? std::log(value) : value); }

  // By how many pixels everything lies further than on `before`; absent if that is no whole number or not the same everywhere.
  std::optional<int> movedFrom(const PixelScale& before) const {
    if (log_ != before.log_) return std::nullopt;
    const double first = (*this)(low_) - before(low_), last = (*this)(high_) - before(high_), whole = std::round(first);
    if (!(std::abs(first - whole) < kExact && std::abs(last - whole) < kExact && std::abs(whole) < 1e6)) return std::nullopt;
    return static_cast<int>(whole);
  }

 private:
  static constexpr double kExact = 1e-3;   // pixels
  bool log_;
  double low_, high_;
  double factor_ = 1, offset_ = 0;
};

}  // namespace

// The picture has a margin as wide as the widest mark: then no mark that reaches into what is seen is cut.
struct Marks::Frame {
  double ratio;
  int margin;
  PixelScale x, y;
  QRect seen, pixels;        // of the device, without and with the margin
  double low = 0, high = 0;  // x of the points in them
};

Marks::~Marks() = default;

Marks::Marks(QCustomPlot& plot) : QCPAbstractPlottable(plot.xAxis, plot.yAxis) {
  removeFromLegend();
  setLayer(QStringLiteral("marks"));
  setSelectable(QCP::stNone);
}

void Marks::add(const QCPScatterStyle& style, std::vector<QPointF> points) {
  looks_.push_back({style, std::move(points), {}});
  painted_.reset();
}

bool Marks::copied() const {
  return std::any_of(looks_.begin(), looks_.end(), [](const Look& look) { return look.points.size() >= kFew; });
}

Marks::Frame Marks::frame(double ratio) const {
  double widest = 0;
  for (const Look& look : looks_) widest = std::max(widest, look.style.size() + 2 * look.style.pen().widthF());
  const int margin = static_cast<int>(std::ceil(widest * ratio)) + 8;
  const QRect area = clipRect();
  const QRectF seen(area.left() * ratio, area.top() * ratio, area.width() * ratio, area.height() * ratio);
  return part({ratio, margin, PixelScale(*mKeyAxis, ratio), PixelScale(*mValueAxis, ratio)}, seen.toAlignedRect());
}

Marks::Frame Marks::part(const Frame& of, const QRect& seen) const {
  Frame part = of;
  part.seen = seen;
  part.pixels = seen.adjusted(-of.margin, -of.margin, of.margin, of.margin);
  const double left = mKeyAxis->pixelToCoord(part.pixels.left() / of.ratio), right = mKeyAxis->pixelToCoord((part.pixels.right() + 1) / of.ratio);
  part.low = std::min(left, right);
  part.high = std::max(left, right);
  return part;
}

// Calls `copy` with the pixel of the picture, and the part of it, of each point that is to be copied. Of many, middles lie on
// the nearest corner of four pixels, which paints the fewest pixels a mark.
template <class Visit>
void Marks::visit(const Look& look, const Frame& frame, Visit copy) const {
  const bool many = look.points.size() >= kFew;
  const auto width = static_cast<std::size_t>(frame.pixels.width()), height = static_cast<std::size_t>(frame.pixels.height());
  std::vector<bool> taken(many ? width * height : 0);
  auto point = std::lower_bound(look.points.begin(), look.points.end(), frame.low, [](const QPointF& p, double x) { return p.x() < x; });
  for (; point != look.points.end() && point->x() <= frame.high; ++point) {
    const double x = frame.x(point->x()) - frame.pixels.left(), y = frame.y(point->y()) - frame.pixels.top();
    if (!(x >= 0 && y >= 0 && x < static_cast<double>(width - 1) && y < static_cast<double>(height - 1))) continue;
    if (!many) {
      const auto column = static_cast<int>(x), row = static_cast<int>(y);
      copy(column, row, static_cast<int>((y - row) * kParts) * kParts + static_cast<int>((x - column) * kParts));
      continue;
    }
    const auto column = static_cast<int>(x + 0.5), row = static_cast<int>(y + 0.5);
    const std::size_t at = static_cast<std::size_t>(row) * width + static_cast<std::size_t>(column);
    if (taken[at]) continue;
    taken[at] = true;
    copy(column, row, 0);
  }
}

std::vector<QPoint> Marks::places(std::size_t look) const {
  std::vector<QPoint> places;
  const Frame at = frame(1);
  visit(looks_.at(look), at, [&](int x, int y, int) { places.push_back(QPoint(x, y) + at.pixels.topLeft()); });
  return places;
}

void Marks::paint(QImage& picture, const Frame& frame) {
  if (picture.size() != frame.pixels.size()) picture = QImage(frame.pixels.size(), QImage::Format_ARGB32_Premultiplied);
  picture.fill(0);
  for (Look& look : looks_) {
    if (look.sprites.empty() && look.points.size() >= kFew)
      look.sprites.emplace_back(look.style, frame.ratio, QPointF(0, 0));
    for (int i = 0; look.points.size() < kFew && look.sprites.size() < kParts * kParts; ++i)
      look.sprites.emplace_back(look.style, frame.ratio, QPointF((i % kParts + 0.5) / kParts, (i / kParts + 0.5) / kParts));
    visit(look, frame, [&](int x, int y, int part) { look.sprites[static_cast<std::size_t>(part)].copyTo(picture, x, y); });
  }
}

// The picture moves with the view and what comes into it is painted; false if there is more to it than that.
bool Marks::moveAlong(const Frame& to) {
  if (!painted_ || painted_->pixels != to.pixels) return false;
  const auto right = to.x.movedFrom(painted_->x), down = to.y.movedFrom(painted_->y);
  if (!right || !down) return false;
  const QRect stays = to.seen & to.seen.translated(*right, *down);
  if (stays.isEmpty()) return false;
  const QPoint origin = to.pixels.topLeft();
  QImage picture(picture_.size(), picture_.format());
  picture.fill(0);
  const auto copy = [&](const QImage& from, const QRect& rect, const QPoint& at) {
    for (int y = 0; y < rect.height(); ++y)
      std::copy_n(reinterpret_cast<const QRgb*>(from.constScanLine(rect.y() + y)) + rect.x(), rect.width(),
                  reinterpret_cast<QRgb*>(picture.scanLine(at.y() + y)) + at.x());
  };
  copy(picture_, stays.translated(-*right, -*down).translated(-origin), stays.topLeft() - origin);
  for (const QRect& strip : QRegion(to.seen) - stays) {
    QImage painted;
    const Frame frame = part(to, strip);
    paint(painted, frame);
    copy(painted, strip.translated(-frame.pixels.topLeft()), strip.topLeft() - origin);
  }
  picture_ = std::move(picture);
  return true;
}

void Marks::drawShapes(QCPPainter& painter, const Look& look) const {
  applyScattersAntialiasingHint(&painter);
  look.style.applyTo(&painter, look.style.pen());
  const double reach = look.style.size() + 2 * look.style.pen().widthF();
  const QRectF seen = QRectF(clipRect()).adjusted(-reach, -reach, reach, reach);
  for (const QPointF& point : look.points) {
    const QPointF at(mKeyAxis->coordToPixel(point.x()), mValueAxis->coordToPixel(point.y()));
    if (seen.contains(at)) look.style.drawShape(&painter, at);
  }
}

void Marks::draw(QCPPainter* painter) {
  const bool into_file = painter->modes().testFlag(QCPPainter::pmVectorized) || painter->modes().testFlag(QCPPainter::pmNoCaching);
  if (into_file || !copied()) {
    for (const Look& look : looks_) drawShapes(*painter, look);
    return;
  }
  const Frame at = frame(painter->device()->devicePixelRatioF());
  if (ratio_ != at.ratio)
    for (Look& look : looks_) look.sprites.clear();
  ratio_ = at.ratio;
  picture_.setDevicePixelRatio(1);   // while it is written, pixels count
  if (!moveAlong(at)) paint(picture_, at);
  painted_ = std::make_unique<Frame>(at);
  picture_.setDevicePixelRatio(at.ratio);
  painter->setAntialiasing(false);   // with it all is moved by half a point
  painter->drawImage(QPointF(at.pixels.topLeft()) / at.ratio, picture_);
}

}  // namespace tokenmark
