// Pages of a PDF that are filled from top to bottom: texts, tables, pictures and headings that stay with what follows them.
// Lengths are 1/96 inch. The window's thread.
#pragma once

#include <QColor>
#include <QFont>
#include <QPageSize>
#include <QPdfWriter>
#include <QStringList>
#include <functional>
#include <vector>

class QCPPainter;

namespace tokenmark {

struct PdfCell {
  QString text, small;       // the small one below it
  bool number = false, bad = false, dim = false;
};
struct PdfTable {
  struct Column {
    QString name;
    bool number = false;
  };
  std::vector<Column> columns;
  std::vector<std::vector<PdfCell>> rows;   // as many cells as columns
  std::vector<bool> marked;                 // one a row
};

class PdfPages {
 public:
  // `total`: pages in all, for "page 2 of 7"; 0: not yet known. Pictures are drawn only if `pictures`.
  PdfPages(QPdfWriter& writer, QCPPainter& painter, QString title, int total, bool pictures);

  double width() const { return width_; }
  int pages() const { return page_; }

  void heading(const QString& text, int level);                    // 1: of the report, 2: of a section, 3: within one
  void text(const QString& text, const QFont& font, const QColor& color, double indent = 0, const QString& bullet = {});
  void code(const QString& text);
  void table(const PdfTable& table);
  void picture(double width, double height, const std::function<void(QCPPainter&)>& paint);  // scaled to the page's width
  void finish();                                                   // the last page's foot

  static QFont font(double size, bool bold = false);
  static constexpr double kText = 12.5, kSmall = 10.5, kCell = 9.5;

 private:
  struct Heading {
    QStringList lines;
    QFont font;
    double before, after;
    double height() const;
  };
  struct Columns;

  // Room for `height` on this page, or on a new one; headings that wait are drawn first.
  void reserve(double height);
  void new_page();
  void foot();
  void skip(double height);                                        // no gap at the top of a page
  double left_over() const { return bottom_ - y_; }
  void table_part(const PdfTable& table, const std::vector<int>& columns, const std::vector<double>& widths);
  void table_head(const PdfTable& table, const std::vector<int>& columns, const std::vector<double>& widths);

  QPdfWriter& writer_;
  QCPPainter& painter_;
  QString title_;
  int total_ = 0, page_ = 1;
  bool pictures_ = true;
  double left_ = 0, top_ = 0, bottom_ = 0, width_ = 0, y_ = 0;
  std::vector<Heading> waiting_;
};

// The text in lines that are no wider; a word that is wider is broken.
QStringList wrapped_lines(const QString& text, const QFont& font, double width);
// Control characters, which no font shows, as U+FFFD; line breaks and tabs stay.
QString printable(QString text);

}  // namespace tokenmark
