// Reports as pages: all of the text is there, pages are numbered, tables go on over pages, hostile texts stay texts.
#include "app/charts/report_pdf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>

#include "core/report/report_document.h"
#include "core/report/samples.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ReportPdf : public testing::Test {
 protected:
  int write(const json& document) {
    const auto pages = write_report_pdf(document, path());
    EXPECT_TRUE(pages) << pages.error().message;
    return pages.value_or(0);
  }
  QString path() const { return folder.path() + "/r.pdf"; }
  // What a reader sees, as pdftotext tells it, page by page.
  QStringList texts() {
    QProcess program;
    program.start("pdftotext", {"-layout", path(), "-"});
    if (!program.waitForFinished() || program.exitCode() != 0) return {};
    QStringList pages = QString::fromUtf8(program.readAllStandardOutput()).split('\f');
    if (!pages.isEmpty() && pages.last().trimmed().isEmpty()) pages.removeLast();
    return pages;
  }
  bool reader_is_there() const { return !QStandardPaths::findExecutable("pdftotext").isEmpty(); }

  QTemporaryDir folder;
};

json section_of(json blocks) { return {{"id", "x"}, {"title", "A section"}, {"blocks", std::move(blocks)}}; }
json document_of(json blocks) {
  return {{"kind", "report"}, {"title", "A title"}, {"created", "now"}, {"program", "p"}, {"sections", json::array({section_of(std::move(blocks))})}};
}

json table_of(int rows) {
  json table = {{"columns", {{{"name", "first"}, {"number", false}}, {{"name", "value"}, {"number", true}}}}, {"rows", json::array()}};
  for (int i = 0; i < rows; ++i)
    table["rows"].push_back({{"cells", {{{"text", "row " + std::to_string(i) + " end"}}, {{"text", std::to_string(i * 7)}, {"number", true}, {"small", "1 … 2"}}}}});
  return {{"table", table}};
}

TEST_F(ReportPdf, a_table_goes_on_over_pages_with_its_head_and_every_row) {
  const int pages = write(document_of(json::array({table_of(200)})));
  EXPECT_GT(pages, 3);
  if (!reader_is_there()) GTEST_SKIP() << "pdftotext is not there";
  const QStringList read = texts();
  ASSERT_EQ(read.size(), pages);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(read.join(' ').count(QStringLiteral("row %1 end").arg(i)), 1) << i;
  for (int page = 0; page < pages; ++page) {
    EXPECT_TRUE(read[page].contains("first")) << page;
    EXPECT_TRUE(QString(read[page]).remove(' ').contains(QStringLiteral("%1/%2").arg(page + 1).arg(pages))) << read[page].toStdString();
  }
}

TEST_F(ReportPdf, a_heading_is_never_alone_at_the_foot_of_a_page) {
  if (!reader_is_there()) GTEST_SKIP() << "pdftotext is not there";
  for (int lines = 30; lines < 62; lines += 3) {   // the heading meets the foot of the page at one of them
    json blocks = json::array();
    for (int i = 0; i < lines; ++i) blocks.push_back({{"paragraph", "a line"}});
    blocks.push_back({{"heading", "The heading"}});
    blocks.push_back({{"paragraph", "what follows it"}});
    write(document_of(blocks));
    for (const QString& page : texts()) EXPECT_EQ(page.contains("The heading"), page.contains("what follows it")) << lines;
  }
}

TEST_F(ReportPdf, wide_tables_are_parted_and_long_cells_broken_so_that_nothing_is_cut_off) {
  json table = {{"columns", json::array()}, {"rows", json::array()}};
  json cells = json::array();
  for (int c = 0; c < 40; ++c) {
    table["columns"].push_back({{"name", "column" + std::to_string(c)}, {"number", c > 0}});
    cells.push_back({{"text", "value" + std::to_string(c) + "x"}});
  }
  table["rows"].push_back({{"cells", cells}});
  std::string words;
  for (int i = 0; i < 3000; ++i) words += fmt::format("w{}. ", i);
  json tall = {{"columns", {{{"name", "what"}, {"number", false}}}}, {"rows", {{{"cells", {{{"text", words}}}}}}}};
  write(document_of(json::array({{{"table", table}}, {{"table", tall}}})));
  if (!reader_is_there()) GTEST_SKIP() << "pdftotext is not there";
  const QString read = texts().join(' ').simplified();
  for (int c = 0; c < 40; ++c) EXPECT_TRUE(read.contains(QStringLiteral("value%1x").arg(c))) << c;
  for (int i = 0; i < 3000; ++i) EXPECT_TRUE(read.contains(QStringLiteral("w%1. ").arg(i)) || read.contains(QStringLiteral("w%1.").arg(i))) << i;
}

TEST_F(ReportPdf, a_whole_report_has_vector_charts_and_all_its_sections) {
  const json document = report_document(*make_report(nullptr, *sample_runs(), {.title = "Samples"}));
  const int pages = write(document);
  EXPECT_GT(pages, 3);
  QFile file(path());
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_FALSE(file.readAll().contains("/Subtype /Image")) << "a picture of pixels";
  if (!reader_is_there()) GTEST_SKIP() << "pdftotext is not there";
  const QString read = texts().join(' ');
  for (const json& section : document["sections"]) EXPECT_TRUE(read.contains(QString::fromStdString(section["title"]))) << section["title"];
}

TEST_F(ReportPdf, what_is_no_report_and_hostile_texts_do_no_harm) {
  EXPECT_FALSE(write_report_pdf(json::object(), path()));
  EXPECT_FALSE(write_report_pdf(json::array({1}), path()));
  EXPECT_FALSE(write_report_pdf(document_of(json::array({{{"chart", {{"data", {{"kind", "frontier"}}}}}}})), path()));
  const json odd = document_of(json::array({1, "x", nullptr, {{"table", 3}}, {{"table", {{"columns", {1}}, {"rows", {2, {{"cells", 4}}}}}}}, {{"list", {{"items", {1}}}}},
                                            {{"paragraph", "<script>\x01\u202E</script>"}}, {{"heading", std::string(5000, 'h')}}}));
  EXPECT_GT(write(odd), 0);
}

}  // namespace
}  // namespace tokenmark
