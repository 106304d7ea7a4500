#include "app/charts/reading_line.h"

#include <qcustomplot.h>

#include <QLabel>
#include <algorithm>

#include "app/charts/overlay.h"
#include "app/charts/text.h"
#include "core/report/chart_definition.h"

namespace tokenmark {
namespace {

constexpr int kMostRows = 14;
constexpr qsizetype kLongestName = 44;

QString shortened(const std::string& name) {
  const QString text = QString::fromStdString(name);
  if (text.size() <= kLongestName) return text;
  return text.left(kLongestName / 2) + QStringLiteral("…") + text.right(kLongestName / 2 - 1);
}

QString row_html(const QColor& colour, const QString& name, const QStringList& cells, bool strong) {
  QString html = QStringLiteral("<tr><td><font color=\"%1\">■</font> %2%3%4&nbsp;&nbsp;</td>")
                     .arg(colour.name(), strong ? QStringLiteral("<b>") : QString(), name.toHtmlEscaped(), strong ? QStringLiteral("</b>") : QString());
  for (const QString& cell : cells) html += QStringLiteral("<td align=right>&nbsp;%1</td>").arg(cell.toHtmlEscaped());
  return html + QStringLiteral("</tr>");
}

QString ratio_text(double ratio) { return QStringLiteral("×%1").arg(number_text(ratio)); }

}  // namespace

ReadingLine::ReadingLine(QCustomPlot& plot, Overlay& overlay, const Chart& chart, const SceneLook& look)
    : QObject(&plot), plot_(plot), overlay_(overlay), chart_(chart), look_(look), card_(new QLabel(&plot)) {
  card_->setObjectName(QStringLiteral("readingCard"));
  card_->setAccessibleName(tr("Values of all series at the line"));
  card_->setTextFormat(Qt::RichText);
  card_->setAttribute(Qt::WA_TransparentForMouseEvents);
  card_->hide();
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
  if (!on_ || pinned_ || at_ == x) return;
  at_ = x;
  show();
}

void ReadingLine::step(double share) {
  on_ = true;
  const QCPAxis& x = *plot_.xAxis;
  const QRect area = plot_.axisRect()->rect();
  const double now = at_ ? x.coordToPixel(*at_) : area.center().x();
  at_ = x.pixelToCoord(std::clamp(at_ ? now + share * area.width() : now, double(area.left()), double(area.right())));
  show();
  if (pinned_) emit changed();
}

void ReadingLine::togglePin() {
  if (!at_) return;
  pinned_ = !pinned_;
  show();
  emit changed();
}

void ReadingLine::setCursor(Cursor cursor) {
  if (!at_) return;
  (cursor == Cursor::a ? a_ : b_) = at_;
  show();
  emit changed();
}

bool ReadingLine::clear() {
  if (at_) {
    at_.reset();
    pinned_ = false;
  } else if (a_ || b_) {
    a_.reset();
    b_.reset();
  } else {
    return false;
  }
  show();
  emit changed();
  return true;
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
  curves_.clear();
  for (const ChartSeries& series : chart_.series) curves_.emplace_back(chart_, series);
  show();
}

QString ReadingLine::cardText() const { return card_->isHidden() ? QString() : card_->text(); }

// The best value first; the baseline in bold, ratios to it.
QString ReadingLine::lineHtml() const {
  struct Value {
    std::size_t series;
    double value;
  };
  std::vector<Value> values;
  std::optional<double> base;
  const std::optional<std::size_t> known = series_named(chart_, baseline_);
  std::size_t base_series = chart_.series.size();
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    if (look_.visibility.hidden(QString::fromStdString(chart_.series[i].name))) continue;
    const auto value = curves_[i].value(*at_);
    if (!value) continue;
    values.push_back({i, *value});
    if (!base && (!known || known == i)) {
      base = *value;
      base_series = i;
    }
  }
  const bool higher = meaning(chart_.y).better == Better::higher;
  std::stable_sort(values.begin(), values.end(), [&](const Value& a, const Value& b) { return higher ? a.value > b.value : a.value < b.value; });
  QString html = QStringLiteral("<b>%1</b>%2<table cellspacing=0 cellpadding=1>")
                     .arg(figure_text(*at_, chart_.x).toHtmlEscaped(), pinned_ ? tr(" · pinned") : QString());
  int rows = 0;
  for (const Value& v : values) {
    if (++rows > kMostRows) break;
    SeriesStyles styles = look_.styles;
    const QString name = QString::fromStdString(chart_.series[v.series].name);
    const QColor colour = look_.theme.series[styles.indexOf(name) % look_.theme.series.size()];
    QString ratio = v.series == base_series ? tr("baseline") : base && *base != 0 ? ratio_text(v.value / *base) : QString();
    html += row_html(colour, shortened(chart_.series[v.series].name), {number_text(v.value), ratio}, v.series == base_series);
  }
  html += QStringLiteral("</table>");
  if (rows > kMostRows) html += tr("… and %1 more").arg(values.size() - kMostRows);
  if (values.empty()) html += tr("no series was measured here");
  return html;
}

QString ReadingLine::cursorsHtml() const {
  QString html = QStringLiteral("<b>%1</b><table cellspacing=0 cellpadding=1>")
                     .arg(tr("A %1 → B %2 (%3)").arg(figure_text(*a_, chart_.x), figure_text(*b_, chart_.x), *a_ != 0 ? ratio_text(*b_ / *a_) : QString()).toHtmlEscaped());
  int rows = 0;
  for (std::size_t i = 0; i < curves_.size() && rows < kMostRows; ++i) {
    const QString name = QString::fromStdString(chart_.series[i].name);
    const auto from = curves_[i].value(*a_), to = curves_[i].value(*b_);
    if (look_.visibility.hidden(name) || !from || !to || *from == 0) continue;
    ++rows;
    SeriesStyles styles = look_.styles;
    html += row_html(look_.theme.series[styles.indexOf(name) % look_.theme.series.size()], shortened(chart_.series[i].name),
                     {number_text(*from), number_text(*to), ratio_text(*to / *from)}, false);
  }
  html += QStringLiteral("</table>");
  if (rows == 0) html += tr("no series was measured at both");
  return html;
}

void ReadingLine::show() {
  place();
  QStringList parts;
  if (at_ && !curves_.empty()) parts << lineHtml();
  if (a_ && b_ && !curves_.empty()) parts << cursorsHtml();
  card_->setVisible(!parts.isEmpty());
  if (parts.isEmpty()) return;
  card_->setStyleSheet(QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; padding: 6px 8px; }")
                           .arg(look_.theme.base.name(), look_.theme.text.name(), look_.theme.axis.name()));
  card_->setText(parts.join(QStringLiteral("<hr>")));
  card_->adjustSize();
  // In the upper corner away from the line.
  const QRect area = plot_.axisRect()->rect();
  const bool line_at_right = at_ && plot_.xAxis->coordToPixel(*at_) > area.center().x();
  card_->move(line_at_right ? area.left() + 10 : std::max(area.left() + 10, area.right() - 10 - card_->width()), area.top() + 10);
  card_->raise();
}

void ReadingLine::addLine(OverlayMarks& marks, const std::optional<double>& x, const QString& name) const {
  const QRect area = plot_.axisRect()->rect();
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

}  // namespace tokenmark
