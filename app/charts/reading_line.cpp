#include "app/charts/reading_line.h"

#include <qcustomplot.h>

#include <QLabel>
#include <algorithm>

#include "app/charts/text.h"
#include "core/report/chart_definition.h"

namespace tokenmark {
namespace {

constexpr qsizetype kMostRows = 14;
constexpr qsizetype kLongestName = 44;

QCPItemLine* line_item(QCustomPlot& plot) {
  auto* item = new QCPItemLine(&plot);
  item->setLayer(QStringLiteral("overlay"));
  item->setClipToAxisRect(false);
  item->setSelectable(false);
  item->setVisible(false);
  for (QCPItemPosition* position : {item->start, item->end}) position->setType(QCPItemPosition::ptAbsolute);
  return item;
}

QCPItemText* name_item(QCustomPlot& plot, const QString& name) {
  auto* item = new QCPItemText(&plot);
  item->setLayer(QStringLiteral("overlay"));
  item->setClipToAxisRect(false);
  item->setSelectable(false);
  item->setVisible(false);
  item->setText(name);
  item->setPadding(QMargins(4, 1, 4, 1));
  item->setPositionAlignment(Qt::AlignHCenter | Qt::AlignTop);
  item->position->setType(QCPItemPosition::ptAbsolute);
  return item;
}

QString shortened(const std::string& name) {
  const QString text = QString::fromStdString(name);
  if (text.size() <= kLongestName) return text;
  return text.left(kLongestName / 2) + QStringLiteral("…") + text.right(kLongestName / 2 - 1);
}

QString ratio_text(double ratio) { return QStringLiteral("×%1").arg(number_text(ratio)); }

}  // namespace

struct ReadingLine::Part {
  struct Row {
    QColor colour;
    std::string name;
    QStringList cells;
    bool strong = false;
  };
  QString head, more, last;
  QList<Row> rows;

  QString html() const {
    QString made = QStringLiteral("<b>%1</b>%2<table cellspacing=0 cellpadding=1>")
                       .arg(head.toHtmlEscaped(), more.isEmpty() ? more : QStringLiteral(" · ") + more);
    for (const Row& row : rows) {
      made += QStringLiteral("<tr><td><font color=\"%1\">■</font> %2%3%4&nbsp;&nbsp;</td>")
                  .arg(row.colour.name(), row.strong ? QStringLiteral("<b>") : QString(),
                       shortened(row.name).toHtmlEscaped(), row.strong ? QStringLiteral("</b>") : QString());
      for (const QString& cell : row.cells)
        made += QStringLiteral("<td align=right>&nbsp;%1</td>").arg(cell.toHtmlEscaped());
      made += QStringLiteral("</tr>");
    }
    return made + QStringLiteral("</table>") + last;
  }

  // "30 tok/s/user: A 200, baseline; B 240, ×1.2": for who hears it.
  QString words() const {
    QStringList said;
    for (const Row& row : rows) {
      QStringList cells = row.cells;
      cells.removeAll(QString());
      said << QString::fromStdString(row.name) + ' ' + cells.join(QStringLiteral(", "));
    }
    if (!last.isEmpty()) said << last;
    return QStringLiteral("%1%2: %3")
        .arg(head, more.isEmpty() ? more : QStringLiteral(", ") + more, said.join(QStringLiteral("; ")));
  }
};

ReadingLine::ReadingLine(QCustomPlot& plot, const Chart& chart, const SceneLook& look)
    : QObject(&plot), plot_(plot), chart_(chart), look_(look), line_(line_item(plot)), line_a_(line_item(plot)), line_b_(line_item(plot)),
      name_a_(name_item(plot, tr("A"))), name_b_(name_item(plot, tr("B"))), card_(new QLabel(&plot)) {
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
ReadingLine::Part ReadingLine::linePart() const {
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
  Part part{.head = figure_text(*at_, chart_.x), .more = pinned_ ? tr("pinned") : QString()};
  for (const Value& v : values) {
    if (part.rows.size() == kMostRows) break;
    SeriesStyles styles = look_.styles;
    const QString name = QString::fromStdString(chart_.series[v.series].name);
    const QColor colour = look_.theme.series[styles.indexOf(name) % look_.theme.series.size()];
    QString ratio = v.series == base_series ? tr("baseline") : base && *base != 0 ? ratio_text(v.value / *base) : QString();
    part.rows.push_back({colour, chart_.series[v.series].name, {number_text(v.value), ratio}, v.series == base_series});
  }
  if (static_cast<qsizetype>(values.size()) > kMostRows)
    part.last = tr("… and %1 more").arg(static_cast<qsizetype>(values.size()) - kMostRows);
  if (values.empty()) part.last = tr("no series was measured here");
  return part;
}

ReadingLine::Part ReadingLine::cursorsPart() const {
  Part part{.head = tr("A %1 → B %2 (%3)")
                        .arg(figure_text(*a_, chart_.x), figure_text(*b_, chart_.x),
                             *a_ != 0 ? ratio_text(*b_ / *a_) : QString())};
  for (std::size_t i = 0; i < curves_.size() && part.rows.size() < kMostRows; ++i) {
    const QString name = QString::fromStdString(chart_.series[i].name);
    const auto from = curves_[i].value(*a_), to = curves_[i].value(*b_);
    if (look_.visibility.hidden(name) || !from || !to || *from == 0) continue;
    SeriesStyles styles = look_.styles;
    part.rows.push_back({look_.theme.series[styles.indexOf(name) % look_.theme.series.size()], chart_.series[i].name,
                         {number_text(*from), number_text(*to), ratio_text(*to / *from)}});
  }
  if (part.rows.isEmpty()) part.last = tr("no series was measured at both");
  return part;
}

void ReadingLine::show() {
  place();
  plot_.layer(QStringLiteral("overlay"))->replot();
  QList<Part> parts;
  if (at_ && !curves_.empty()) parts << linePart();
  if (a_ && b_ && !curves_.empty()) parts << cursorsPart();
  QStringList html, words;
  for (const Part& part : parts) {
    html << part.html();
    words << part.words();
  }
  card_->setAccessibleDescription(words.join(QStringLiteral(". ")));
  card_->setVisible(!parts.isEmpty());
  if (parts.isEmpty()) return;
  card_->setStyleSheet(QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; padding: 6px 8px; }")
                           .arg(look_.theme.base.name(), look_.theme.text.name(), look_.theme.axis.name()));
  card_->setText(html.join(QStringLiteral("<hr>")));
  card_->adjustSize();
  // In the upper corner away from the line.
  const QRect area = plot_.axisRect()->rect();
  const bool line_at_right = at_ && plot_.xAxis->coordToPixel(*at_) > area.center().x();
  card_->move(line_at_right ? area.left() + 10 : std::max(area.left() + 10, area.right() - 10 - card_->width()), area.top() + 10);
  card_->raise();
}

void ReadingLine::placeLine(QCPItemLine& line, QCPItemText* name, const std::optional<double>& x) {
  const QRect area = plot_.axisRect()->rect();
  const double at = x ? plot_.xAxis->coordToPixel(*x) : -1;
  const bool seen = x && at >= area.left() && at <= area.right();
  line.setVisible(seen);
  if (name) name->setVisible(seen);
  if (!seen) return;
  line.start->setCoords(at, area.top());
  line.end->setCoords(at, area.bottom());
  line.setPen(QPen(look_.theme.accent, 1, name ? Qt::DashLine : Qt::SolidLine));
  if (!name) return;
  name->position->setCoords(at, area.top());
  name->setColor(look_.theme.accent_text);
  name->setBrush(look_.theme.accent);
  name->setFont(look_.font);
}

void ReadingLine::place() {
  placeLine(*line_, nullptr, at_);
  placeLine(*line_a_, name_a_, a_);
  placeLine(*line_b_, name_b_, b_);
}

}  // namespace tokenmark
