#include "app/charts/paint_readings.h"

#include <QAbstractTextDocumentLayout>
#include <QTextDocument>

namespace tokenmark {
namespace {

constexpr int kInside = 8;   // pixels from the corner to the card, and from its rim to its words

void paint_line(QCPPainter& painter, const QRect& area, double x, const QString& name, const SceneLook& look) {
  if (!(x >= area.left() && x <= area.right())) return;
  painter.setPen(QPen(look.theme.accent, 1, name.isEmpty() ? Qt::SolidLine : Qt::DashLine));
  painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
  if (name.isEmpty()) return;
  const QFontMetricsF metrics(look.font);
  const QRectF box(x - metrics.horizontalAdvance(name) / 2 - 4, area.top(), metrics.horizontalAdvance(name) + 8,
                   metrics.height() + 2);
  painter.fillRect(box, look.theme.accent);
  painter.setFont(look.font);
  painter.setPen(QPen(look.theme.accent_text));
  painter.drawText(box, Qt::AlignCenter, name);
}

// In the upper corner away from the line.
void paint_card(QCPPainter& painter, const QRect& area, const QString& html, bool left, const SceneLook& look) {
  QTextDocument words;
  words.setDefaultFont(look.font);
  words.setDocumentMargin(kInside);
  words.setHtml(html);
  const QSizeF size = words.size();
  const QPointF corner(left ? area.left() + kInside : area.right() - kInside - size.width(), area.top() + kInside);
  painter.setPen(QPen(look.theme.axis, 1));
  painter.setBrush(look.theme.base);
  painter.drawRect(QRectF(corner, size));
  QAbstractTextDocumentLayout::PaintContext context;
  context.palette.setColor(QPalette::Text, look.theme.text);
  painter.save();
  painter.translate(corner);
  words.documentLayout()->draw(&painter, context);
  painter.restore();
}

}  // namespace

void paint_readings(QCPPainter& painter, QCustomPlot& plot, const SceneLook& look, const PictureOptions& options,
                    const std::function<LineValues()>& values) {
  const Readings& readings = options.readings;
  if (readings == Readings()) return;
  QRect area = plot.axisRect()->rect();
  for (const QCPAxisRect* panel : plot.axisRects()) area = area.united(panel->rect());
  const auto at = [&](double x) { return plot.xAxis->coordToPixel(x); };
  painter.save();
  if (readings.line) paint_line(painter, area, at(*readings.line), {}, look);
  if (readings.cursor_a) paint_line(painter, area, at(*readings.cursor_a), QStringLiteral("A"), look);
  if (readings.cursor_b) paint_line(painter, area, at(*readings.cursor_b), QStringLiteral("B"), look);
  const QString html = values ? parts_html(reading_parts(values(), look, readings, options.baseline, false)) : QString();
  if (!html.isEmpty()) paint_card(painter, area, html, readings.line && at(*readings.line) > area.center().x(), look);
  painter.restore();
}

}  // namespace tokenmark
