#include "app/charts/request_bars.h"

#include <algorithm>
#include <cmath>

#include "app/charts/plot_style.h"

namespace tokenmark {
namespace {

constexpr double kGap = 0.16;        // of a slot's height, between two bars
constexpr double kTallest = 34;      // pixels: a few bars do not fill the picture
constexpr double kWarmupAlpha = 0.4;

QString tr(const char* text) { return QCoreApplication::translate("Charts", text); }

// Idle shares are see-through.
QRgb mixed(const TimelineCell& cell, const QColor* colors, const bool* hidden) {
  const float shares[] = {cell.late, cell.waiting, cell.streaming, cell.failed};
  double left = 1, red = 0, green = 0, blue = 0;
  for (int phase = 0; phase < 4; ++phase) {
    if (hidden[phase] || !(shares[phase] > 0)) continue;
    // A single failure among many slots is to be seen.
    const double share = std::min<double>(left, phase == static_cast<int>(RequestPhase::failed) ? std::max(0.5f, shares[phase]) : shares[phase]);
    left -= share;
    red += share * colors[phase].redF();
    green += share * colors[phase].greenF();
    blue += share * colors[phase].blueF();
  }
  const auto part = [](double of_one) { return static_cast<int>(std::lround(std::clamp(of_one, 0.0, 1.0) * 255)); };
  return qRgba(part(red), part(green), part(blue), part(1 - left));
}

}  // namespace

QString phase_name(RequestPhase phase) {
  switch (phase) {
    case RequestPhase::late: return tr("Sent late");
    case RequestPhase::waiting: return tr("Waiting for the first token");
    case RequestPhase::streaming: return tr("Receiving tokens");
    case RequestPhase::failed: return tr("Failed");
    case RequestPhase::warmup: return tr("Warm-up (pale)");
  }
  return {};
}

QColor phase_color(RequestPhase phase, const Theme& theme) {
  switch (phase) {
    case RequestPhase::late: return theme.muted;
    case RequestPhase::waiting: return theme.series[4 % theme.series.size()];
    case RequestPhase::streaming: return theme.series[0];
    case RequestPhase::failed: return theme.error;
    case RequestPhase::warmup: return with_alpha(theme.series[0], kWarmupAlpha);
  }
  return {};
}

RequestBars::RequestBars(QCPAxis* time, QCPAxis* slot, const Timeline& timeline, const SceneLook& look)
    : QCPAbstractPlottable(time, slot), timeline_(timeline), ground_(look.theme.base) {
  for (int i = 0; i < kPhases; ++i) {
    const auto phase = static_cast<RequestPhase>(i);
    colors_[i] = phase_color(phase, look.theme);
    hidden_[i] = look.visibility.hidden(phase_name(phase));
  }
  setSelectable(QCP::stNone);
  setLayer(QStringLiteral("curves"));
  removeFromLegend();
}

QCPRange RequestBars::getKeyRange(bool& found, QCP::SignDomain) const {
  found = true;
  return {timeline_.whole.from_s, timeline_.whole.to_s};
}

QCPRange RequestBars::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  found = timeline_.slot_count > 0;
  return {-0.5, timeline_.slot_count - 0.5};
}

void RequestBars::draw(QCPPainter* painter) {
  painter->setAntialiasing(false);
  painter->setPen(Qt::NoPen);
  if (timeline_.grid) return drawGrid(*painter, *timeline_.grid);
  const double slot_height = std::abs(mValueAxis->coordToPixel(1) - mValueAxis->coordToPixel(0));
  const double height = std::clamp(std::min(slot_height * (1 - kGap), kTallest), 1.0, std::max(1.0, slot_height));
  for (const TimelineBar& bar : timeline_.bars)
    drawBar(*painter, bar, mValueAxis->coordToPixel(bar.slot) - height / 2, height);
}

void RequestBars::drawBar(QCPPainter& painter, const TimelineBar& bar, double top, double height) const {
  if (bar.warmup && hidden(RequestPhase::warmup)) return;
  const bool failed = bar.error != RequestError::none;
  const auto fill = [&](double from, double to, RequestPhase phase, double part_of_height) {
    if (hidden(phase) || !(to >= from)) return;
    const QRect area = clipRect();
    const double left = std::max<double>(mKeyAxis->coordToPixel(from), area.left() - 9);
    const double right = std::min<double>(mKeyAxis->coordToPixel(to), area.right() + 9);
    if (left > area.right() + 9 || right < area.left() - 9) return;
    const QRectF rect(left, top + height * (1 - part_of_height) / 2, std::max(right - left, 1.0), std::max(1.0, height * part_of_height));
    QColor color = colors_[static_cast<int>(phase)];
    if (bar.warmup) color.setAlphaF(kWarmupAlpha);
    painter.fillRect(rect, color);
    if (phase == RequestPhase::failed && height >= 5) painter.fillRect(rect, QBrush(ground_, Qt::BDiagPattern));  // told apart without colour
  };
  if (bar.sent_s > bar.intended_s) fill(bar.intended_s, bar.sent_s, RequestPhase::late, 0.3);
  if (failed) return fill(bar.sent_s, bar.end_s, RequestPhase::failed, 1);
  fill(bar.sent_s, bar.first_token_s.value_or(bar.end_s), RequestPhase::waiting, 1);
  if (bar.first_token_s) fill(*bar.first_token_s, bar.end_s, RequestPhase::streaming, 1);
}

void RequestBars::drawGrid(QCPPainter& painter, const TimelineGrid& grid) const {
  if (grid.rows <= 0 || grid.columns <= 0) return;
  QImage image(grid.columns, grid.rows, QImage::Format_ARGB32_Premultiplied);
  for (int row = 0; row < grid.rows; ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
    for (int column = 0; column < grid.columns; ++column)
      line[column] = mixed(grid.cells[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) + static_cast<std::size_t>(column)],
                           colors_, hidden_);
  }
  const double left = mKeyAxis->coordToPixel(grid.time.from_s), right = mKeyAxis->coordToPixel(grid.time.to_s);
  const double top = mValueAxis->coordToPixel(grid.first_slot - 0.5);
  const double bottom = mValueAxis->coordToPixel(grid.first_slot + grid.rows * grid.slots_per_row - 0.5);
  const QRectF whole(left, top, right - left, bottom - top), seen = whole.intersected(clipRect());
  if (seen.isEmpty()) return;
  const double across = grid.columns / whole.width(), down = grid.rows / whole.height();
  painter.drawImage(seen, image, QRectF((seen.left() - left) * across, (seen.top() - top) * down, seen.width() * across, seen.height() * down));
}

}  // namespace tokenmark
