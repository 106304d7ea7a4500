#include "app/charts/pdf_pages.h"

#include <qcustomplot.h>

#include <QRegularExpression>
#include <QTextLayout>
#include <algorithm>
#include <numeric>

namespace tokenmark {
namespace {

constexpr double kMargin = 57, kFoot = 26;   // 15 mm; the foot lies in the lower margin
const QColor kInk(0x1f, 0x23, 0x28), kDim(0x63, 0x6a, 0x73), kLine(0xdf, 0xe2, 0xe6), kGround(0xf6, 0xf7, 0xf9), kBad(0xb3, 0x26, 0x1e), kAccent(0x00, 0x72, 0xb2);

double line_height(const QFont& font) { return QFontMetricsF(font).height() * 1.12; }

void draw_line(QCPPainter& painter, const QString& text, const QFont& font, const QColor& color, const QRectF& where, bool right = false) {
  painter.setFont(font);
  painter.setPen(color);
  painter.drawText(where, Qt::AlignVCenter | Qt::TextSingleLine | (right ? Qt::AlignRight : Qt::AlignLeft), text);
}

}  // namespace

QString printable(QString text) {
  for (QChar& c : text)
    if (c != '\n' && c != '\t' && (c.category() == QChar::Other_Control || c.isNull())) c = QChar::ReplacementCharacter;
  return text.replace('\t', QStringLiteral("    "));
}

QStringList wrapped_lines(const QString& text, const QFont& font, double width) {
  QStringList lines;
  for (const QString& paragraph : text.split('\n')) {
    if (QFontMetricsF(font).horizontalAdvance(paragraph) <= width) {
      lines << paragraph;
      continue;
    }
    QTextLayout layout(paragraph, font);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
      line.setLineWidth(std::max(width, 8.0));
      lines << paragraph.mid(line.textStart(), line.textLength());
    }
    layout.endLayout();
  }
  return lines;
}

QFont PdfPages::font(double size, bool bold) {
  QFont font = QGuiApplication::font();
  font.setPixelSize(1);
  font.setPointSizeF(size * 0.75);   // a point of the page is 1/72 inch
  font.setHintingPreference(QFont::PreferNoHinting);
  font.setBold(bold);
  font.setLetterSpacing(QFont::AbsoluteSpacing, 0.05);   // no ligatures: a reader that searches finds "fi"
  return font;
}

PdfPages::PdfPages(QPdfWriter& writer, QCPPainter& painter, QString title, int total, bool pictures)
    : writer_(writer), painter_(painter), title_(std::move(title)), total_(total), pictures_(pictures) {
  left_ = top_ = kMargin;
  width_ = writer.width() - 2 * kMargin;
  bottom_ = writer.height() - kMargin;
  y_ = top_;
}

double PdfPages::Heading::height() const { return before + after + static_cast<double>(lines.size()) * line_height(font); }

void PdfPages::heading(const QString& text, int level) {
  const QFont chosen = font(level == 1 ? 26 : level == 2 ? 18 : 14, true);
  waiting_.push_back({wrapped_lines(printable(text), chosen, width_), chosen, level == 1 ? 0.0 : level == 2 ? 26.0 : 14.0, level == 2 ? 8.0 : 5.0});
}

void PdfPages::reserve(double height) {
  double needed = height;
  for (const Heading& one : waiting_) needed += one.height();
  if (needed > left_over() && y_ > top_) new_page();
  std::vector<Heading> headings;
  headings.swap(waiting_);
  for (const Heading& one : headings) {
    if (y_ > top_) y_ += one.before;
    for (const QString& line : one.lines) {
      draw_line(painter_, line, one.font, kInk, QRectF(left_, y_, width_, line_height(one.font)));
      y_ += line_height(one.font);
    }
    y_ += one.after;
  }
}

void PdfPages::foot() {
  const QFont small = font(9.5);
  const QRectF where(left_, writer_.height() - kMargin + 8, width_, kFoot);
  const QString number = total_ > 0 ? QStringLiteral("%1 / %2").arg(page_).arg(total_) : QString::number(page_);
  const double room = width_ - QFontMetricsF(small).horizontalAdvance(number) - 20;
  draw_line(painter_, QFontMetricsF(small).elidedText(title_.simplified(), Qt::ElideRight, room), small, kDim, where);
  draw_line(painter_, number, small, kDim, where, true);
}

void PdfPages::new_page() {
  foot();
  writer_.newPage();
  ++page_;
  y_ = top_;
}

void PdfPages::finish() {
  reserve(0);
  foot();
}

void PdfPages::skip(double height) {
  if (y_ > top_) y_ += height;
}

void PdfPages::text(const QString& text, const QFont& chosen, const QColor& color, double indent, const QString& bullet) {
  const QStringList lines = wrapped_lines(printable(text), chosen, width_ - indent);
  const double each = line_height(chosen);
  for (qsizetype i = 0; i < lines.size(); ++i) {
    // No line alone at the foot of a page or the head of the next, where there are three or more.
    const bool pair = (i == 0 || i == lines.size() - 2) && lines.size() > 2;
    reserve(pair ? 2 * each : each);
    if (i == 0 && !bullet.isEmpty()) draw_line(painter_, bullet, chosen, kDim, QRectF(left_ + indent - 12, y_, 12, each));
    draw_line(painter_, lines[i], chosen, color, QRectF(left_ + indent, y_, width_ - indent, each));
    y_ += each;
  }
  skip(4);
}

void PdfPages::code(const QString& text) {
  QFont chosen = font(10.5);
  chosen.setFamilies({QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
  chosen.setFixedPitch(true);
  const double each = line_height(chosen);
  for (const QString& line : wrapped_lines(printable(text).trimmed(), chosen, width_ - 20)) {
    reserve(each);
    painter_.fillRect(QRectF(left_, y_, width_, each + 0.5), kGround);
    draw_line(painter_, line, chosen, kInk, QRectF(left_ + 10, y_, width_ - 20, each));
    y_ += each;
  }
  skip(8);
}

void PdfPages::picture(double width, double height, const std::function<void(QCPPainter&)>& paint) {
  const double scale = std::min(width_ / width, (bottom_ - top_) * 0.8 / height);
  reserve(height * scale);
  if (pictures_) {
    painter_.save();
    painter_.translate(left_, y_);
    painter_.scale(scale, scale);
    paint(painter_);
    painter_.restore();
  }
  y_ += height * scale + 6;
}

// ---- tables ----

namespace {

constexpr double kPad = 4;

double text_width(const QString& text, const QFont& font) {
  double widest = 0;
  for (const QString& line : text.split('\n')) widest = std::max(widest, QFontMetricsF(font).horizontalAdvance(line));
  return widest;
}

double longest_word(const QString& text, const QFont& font) {
  double widest = 0;
  for (const QString& word : text.split(QRegularExpression(QStringLiteral("[\\s]+")))) widest = std::max(widest, QFontMetricsF(font).horizontalAdvance(word));
  return widest;
}

struct Widths {
  std::vector<double> least, natural;
};

// How narrow a column may be, and how wide it would like to be. Numbers are never broken.
Widths widths_of(const PdfTable& table) {
  const QFont normal = PdfPages::font(PdfPages::kCell), small = PdfPages::font(PdfPages::kCell * 0.85), bold = PdfPages::font(PdfPages::kCell, true);
  constexpr double kLongestWord = 130, kSlack = 1.06;   // glyphs of the page are a little wider than those of the screen
  Widths widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    double least = std::min(longest_word(table.columns[c].name, bold), kLongestWord), natural = least;
    for (const auto& row : table.rows) {
      const PdfCell& cell = row[c];
      const double wide = std::max(text_width(cell.text, normal), text_width(cell.small, small));
      natural = std::max(natural, wide);
      least = std::max(least, cell.number ? std::min(wide, kLongestWord) : std::min(longest_word(cell.text, normal), kLongestWord));
    }
    widths.least.push_back(least * kSlack + 2 * kPad + 1);
    widths.natural.push_back(natural * kSlack + 2 * kPad + 1);
  }
  return widths;
}

// Columns that fit beside each other; the first stands at the head of every group.
std::vector<std::vector<int>> groups_of(const std::vector<double>& least, double room) {
  std::vector<std::vector<int>> groups = {{0}};
  double used = least[0];
  for (std::size_t c = 1; c < least.size(); ++c) {
    if (used + least[c] > room && groups.back().size() > 1) {
      groups.push_back({0});
      used = least[0];
    }
    groups.back().push_back(static_cast<int>(c));
    used += least[c];
  }
  return groups;
}

// The least widths, and what is left in the proportion in which columns want more.
std::vector<double> shared_out(const Widths& widths, const std::vector<int>& columns, double room) {
  double least = 0, wanted = 0;
  for (const int c : columns) {
    least += widths.least[static_cast<std::size_t>(c)];
    wanted += widths.natural[static_cast<std::size_t>(c)] - widths.least[static_cast<std::size_t>(c)];
  }
  const double share = wanted > 0 ? std::clamp((room - least) / wanted, 0.0, 1.0) : 0;
  const double shrink = least > room ? room / least : 1;
  std::vector<double> made;
  for (const int c : columns) {
    const auto i = static_cast<std::size_t>(c);
    made.push_back((widths.least[i] + share * (widths.natural[i] - widths.least[i])) * shrink);
  }
  return made;
}

}  // namespace

void PdfPages::table(const PdfTable& table) {
  if (table.columns.empty()) return;
  const Widths widths = widths_of(table);
  for (const std::vector<int>& columns : groups_of(widths.least, width_)) table_part(table, columns, shared_out(widths, columns, width_));
}

void PdfPages::table_head(const PdfTable& table, const std::vector<int>& columns, const std::vector<double>& widths) {
  if (std::all_of(table.columns.begin(), table.columns.end(), [](const PdfTable::Column& column) { return column.name.isEmpty(); })) return;
  const QFont bold = font(kCell, true);
  const double each = line_height(bold);
  std::vector<QStringList> names;
  qsizetype lines = 1;
  double whole = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names.push_back(wrapped_lines(printable(table.columns[static_cast<std::size_t>(columns[i])].name), bold, widths[i] - 2 * kPad));
    lines = std::max(lines, names.back().size());
    whole += widths[i];
  }
  const double height = static_cast<double>(lines) * each + 2 * kPad;
  painter_.fillRect(QRectF(left_, y_, whole, height), kGround);
  double x = left_;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (qsizetype l = 0; l < names[i].size(); ++l)
      draw_line(painter_, names[i][l], bold, kDim, QRectF(x + kPad, y_ + kPad + static_cast<double>(l) * each, widths[i] - 2 * kPad, each),
                table.columns[static_cast<std::size_t>(columns[i])].number);
    x += widths[i];
  }
  y_ += height;
}

void PdfPages::table_part(const PdfTable& table, const std::vector<int>& columns, const std::vector<double>& widths) {
  struct Line {
    QString text;
    bool small;
  };
  const QFont normal = font(kCell), small = font(kCell * 0.85);
  const double each = line_height(normal), whole = std::accumulate(widths.begin(), widths.end(), 0.0);
  reserve(5 * each + 4 * kPad);   // the head is never alone
  table_head(table, columns, widths);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    std::vector<std::vector<Line>> cells(columns.size());
    std::size_t lines = 1;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const PdfCell& cell = table.rows[r][static_cast<std::size_t>(columns[i])];
      for (const QString& line : wrapped_lines(printable(cell.text), normal, widths[i] - 2 * kPad)) cells[i].push_back({line, false});
      if (!cell.small.isEmpty())
        for (const QString& line : wrapped_lines(printable(cell.small), small, widths[i] - 2 * kPad)) cells[i].push_back({line, true});
      lines = std::max(lines, cells[i].size());
    }
    const double height = static_cast<double>(lines) * each + kPad;
    const bool fits_a_page = height < bottom_ - top_ - 6 * each;
    if (height > left_over() && (fits_a_page || left_over() < 4 * each)) {
      new_page();
      table_head(table, columns, widths);
    }
    for (std::size_t from = 0; from < lines;) {   // a row that is longer than a page goes on over several
      const auto room = static_cast<std::size_t>(std::max(1.0, (left_over() - kPad) / each));
      const std::size_t to = std::min(lines, from + room);
      double x = left_;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const PdfCell& cell = table.rows[r][static_cast<std::size_t>(columns[i])];
        for (std::size_t l = from; l < std::min(to, cells[i].size()); ++l)
          draw_line(painter_, cells[i][l].text, cells[i][l].small ? small : normal,
                    cells[i][l].small || cell.dim ? kDim
                    : cell.bad                    ? kBad
                                                  : kInk,
                    QRectF(x + kPad, y_ + kPad / 2 + static_cast<double>(l - from) * each, widths[i] - 2 * kPad, each),
                    cell.number);
        x += widths[i];
      }
      const double drawn = static_cast<double>(to - from) * each + kPad;
      if (table.marked[r]) painter_.fillRect(QRectF(left_, y_, 2, drawn), kAccent);
      y_ += drawn;
      from = to;
      if (from < lines) {
        new_page();
        table_head(table, columns, widths);
      }
    }
    painter_.fillRect(QRectF(left_, y_ - 0.4, whole, 0.6), kLine);
  }
  skip(10);
}

}  // namespace tokenmark
