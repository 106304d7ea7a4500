#include "app/charts/report_pdf.h"

#include <qcustomplot.h>

#include <QBuffer>
#include <QPdfWriter>
#include <QSaveFile>
#include <nlohmann/json.hpp>

#include "app/charts/export.h"
#include "app/charts/pdf_pages.h"
#include "core/report/report_document.h"

namespace tokenmark {
namespace {

using nlohmann::json;

const QColor kInk(0x1f, 0x23, 0x28), kDim(0x63, 0x6a, 0x73);
constexpr int kPictureWidth = 1000, kPictureHeight = 560, kTimelineHeight = 640;

QString text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? QString::fromStdString(found->get_ref<const std::string&>()) : QString();
}

bool flag_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// An empty list where there is none.
const json& list_of(const json& object, const char* key) {
  static const json empty = json::array();
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_array() ? *found : empty;
}

PdfTable table_of(const json& from) {
  PdfTable table;
  for (const json& column : list_of(from, "columns")) table.columns.push_back({text_of(column, "name"), flag_of(column, "number")});
  for (const json& row : list_of(from, "rows")) {
    std::vector<PdfCell> cells;
    for (const json& cell : list_of(row, "cells")) {
      QString text = text_of(cell, "text");
      cells.push_back({text, text_of(cell, "small"), flag_of(cell, "number"), flag_of(cell, "bad"), flag_of(cell, "dim")});
    }
    cells.resize(table.columns.size());
    table.rows.push_back(std::move(cells));
    table.marked.push_back(flag_of(row, "marked"));
  }
  return table;
}

// What part of a chart is seen; none: all of it.
std::optional<ViewRange> view_of(const json& chart) {
  const json& numbers = list_of(chart, "view");
  const bool good =
      numbers.size() == 4 && std::all_of(numbers.begin(), numbers.end(), [](const json& n) { return n.is_number(); });
  if (!good || numbers[0] >= numbers[1] || numbers[2] >= numbers[3]) return std::nullopt;
  return ViewRange{numbers[0], numbers[1], numbers[2], numbers[3]};
}

class Pages {
 public:
  Pages(const json& document, int total) : document_(document), total_(total) {}

  Result<int> draw(QIODevice& file) {
    const QString title = text_of(document_, "title");
    QPdfWriter writer(&file);
    writer.setResolution(96);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setTitle(title);
    writer.setCreator(QStringLiteral("Tokenmark"));
    QCPPainter painter;
    if (!painter.begin(&writer)) return fail(ErrorKind::io, "the pages cannot be drawn");
    painter.setMode(QCPPainter::pmVectorized);
    PdfPages pages(writer, painter, title, total_, total_ > 0);
    head(pages, title);
    for (const json& section : list_of(document_, "sections")) {
      pages.heading(text_of(section, "title"), 2);
      for (const json& block : list_of(section, "blocks")) TOKENMARK_CHECK(draw_block(pages, block));
    }
    pages.finish();
    if (!painter.end()) return fail(ErrorKind::io, "the pages cannot be drawn");
    return pages.pages();
  }

 private:
  void head(PdfPages& pages, const QString& title) {
    pages.heading(title, 1);
    QString made = QObject::tr("Made %1 by %2.").arg(text_of(document_, "created"), text_of(document_, "program"));
    if (const QString author = text_of(document_, "author"); !author.isEmpty()) made = QObject::tr("By %1. %2").arg(author, made);
    pages.text(made, PdfPages::font(PdfPages::kSmall), kDim);
    for (const json& remark : list_of(document_, "remarks"))
      if (remark.is_string()) pages.text(QString::fromStdString(remark.get<std::string>()), PdfPages::font(PdfPages::kText), kInk);
  }

  static Status draw_block(PdfPages& pages, const json& block) {
    const QFont normal = PdfPages::font(PdfPages::kText), small = PdfPages::font(PdfPages::kSmall);
    if (const QString text = text_of(block, "heading"); !text.isEmpty()) pages.heading(text, 3);
    if (const QString text = text_of(block, "paragraph"); !text.isEmpty()) pages.text(text, normal, kInk);
    if (const QString text = text_of(block, "note"); !text.isEmpty()) pages.text(text, small, kDim);
    if (const QString text = text_of(block, "code"); !text.isEmpty()) pages.code(text);
    if (!block.is_object()) return {};
    if (block.contains("list"))
      for (const json& item : list_of(block["list"], "items"))
        if (item.is_string()) pages.text(QString::fromStdString(item.get<std::string>()), normal, kInk, 16, QStringLiteral("•"));
    if (block.contains("terms")) draw_terms(pages, block["terms"]);
    if (block.contains("table")) pages.table(table_of(block["table"]));
    if (block.contains("chart")) return draw_chart(pages, block["chart"]);
    return {};
  }

  static void draw_terms(PdfPages& pages, const json& terms) {
    PdfTable table;
    table.columns = {{QString(), false}, {QString(), false}};
    for (const json& item : list_of(terms, "items")) {
      table.rows.push_back({{text_of(item, "name"), {}}, {text_of(item, "text"), {}}});
      table.marked.push_back(false);
    }
    pages.table(table);
  }

  static Status draw_chart(PdfPages& pages, const json& block) {
    if (!block.is_object() || !block.contains("data")) return {};
    TOKENMARK_TRY(const AnyChart chart, parse_any_chart(block["data"].dump(-1, ' ', false, json::error_handler_t::replace)));
    PictureOptions options;
    options.width = kPictureWidth;
    options.height = std::holds_alternative<Timeline>(chart) ? kTimelineHeight : kPictureHeight;
    options.view = view_of(block);
    Drawing drawing = std::visit([&](const auto& each) { return drawing_of(each, options); }, chart);
    drawing.small_print.clear();   // definitions and sources have sections of their own
    pages.picture(options.width, options.height, [&](QCPPainter& painter) { paint_chart(drawing, painter, options); });
    for (const json& note : list_of(block, "notes"))
      if (note.is_string()) pages.text(QString::fromStdString(note.get<std::string>()), PdfPages::font(PdfPages::kSmall), kDim);
    return {};
  }

  const json& document_;
  int total_;
};

}  // namespace

Result<int> write_report_pdf(const json& document, const QString& path) {
  if (text_of(document, "kind") != QLatin1String(kReportKind)) return fail(ErrorKind::invalid_input, "this is not the document of a report");
  // Once without pictures, to know how many pages there are.
  QBuffer counted;
  counted.open(QIODevice::WriteOnly);
  TOKENMARK_TRY(const int total, Pages(document, 0).draw(counted));
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return fail(ErrorKind::io, "{} cannot be written: {}", path.toStdString(), file.errorString().toStdString());
  TOKENMARK_TRY(const int pages, Pages(document, total).draw(file));
  if (!file.commit()) return fail(ErrorKind::io, "{} cannot be written: {}", path.toStdString(), file.errorString().toStdString());
  return pages;
}

}  // namespace tokenmark
