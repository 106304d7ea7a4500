#include "app/charts/export.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <set>

#include "tests/app/charts/example_chart.h"

namespace tokenmark {
namespace {

QByteArray bytes_of(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Colours in the area of the axes, a coarse grid of pixels.
std::set<QRgb> colors_of(const QImage& image) {
  std::set<QRgb> colors;
  for (int y = 0; y < image.height(); y += 2)
    for (int x = 0; x < image.width(); x += 2) colors.insert(image.pixel(x, y));
  return colors;
}

class ChartExport : public testing::Test {
 protected:
  QString path(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QTemporaryDir folder_;
  PictureOptions options_;
};

TEST_F(ChartExport, a_png_decodes_in_the_asked_size_and_holds_the_runs_and_the_series_colours) {
  options_.width = 800;
  options_.height = 500;
  options_.scale = 1.5;
  ASSERT_TRUE(export_chart(example_chart(), path("chart.png"), options_));
  const QImage image(path("chart.png"));
  EXPECT_EQ(image.size(), QSize(1200, 750));
  EXPECT_GT(colors_of(image).size(), 20u);
  EXPECT_TRUE(image.text("Description").contains("Runs 1–3")) << image.text("Description").toStdString();
  EXPECT_EQ(image.text("Title"), "Example <chart> & more");
  EXPECT_EQ(image.pixelColor(2, 2), QColor(Qt::white));
}

TEST_F(ChartExport, dark_is_dark_only_when_chosen) {
  options_.dark = true;
  ASSERT_TRUE(export_chart(example_chart(), path("dark.png"), options_));
  EXPECT_LT(QImage(path("dark.png")).pixelColor(2, 2).lightness(), 60);
}

TEST_F(ChartExport, a_hidden_series_is_not_in_the_picture) {
  const QImage with = chart_image(example_chart(), options_);
  options_.visibility.toggle("alpha");
  EXPECT_NE(chart_image(example_chart(), options_), with);
}

TEST_F(ChartExport, the_same_chart_gives_the_same_picture) {
  EXPECT_EQ(chart_image(example_chart(), options_), chart_image(example_chart(), options_));
}

TEST_F(ChartExport, an_svg_is_well_formed_and_names_title_and_series) {
  ASSERT_TRUE(export_chart(example_chart(), path("chart.svg"), options_));
  QXmlStreamReader xml(bytes_of(path("chart.svg")));
  QString texts;
  int shapes = 0;
  while (!xml.atEnd()) {
    xml.readNext();
    if (xml.isCharacters()) texts += xml.text();
    if (xml.isStartElement() && (xml.name() == QLatin1String("path") || xml.name() == QLatin1String("polyline") ||
                                 xml.name() == QLatin1String("circle")))
      ++shapes;
  }
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
  EXPECT_GT(shapes, 10);
  for (const char* part : {"Example <chart> & more", "alpha", "beta", "a source, 2025"})
    EXPECT_TRUE(texts.contains(part)) << part;
}

TEST_F(ChartExport, a_pdf_has_header_and_end) {
  ASSERT_TRUE(export_chart(example_chart(), path("chart.pdf"), options_));
  const QByteArray pdf = bytes_of(path("chart.pdf"));
  EXPECT_TRUE(pdf.startsWith("%PDF-"));
  EXPECT_TRUE(pdf.trimmed().endsWith("%%EOF"));
  EXPECT_GT(pdf.size(), 5000);
}

TEST_F(ChartExport, a_csv_holds_the_visible_points_only) {
  const auto rows = [&] {
    int count = -1;   // the header
    for (const QByteArray& line : bytes_of(path("chart.csv")).split('\n'))
      if (!line.trimmed().isEmpty() && !line.startsWith('#')) ++count;
    return count;
  };
  ASSERT_TRUE(export_chart(example_chart(), path("chart.csv"), options_));
  EXPECT_EQ(rows(), 6);
  options_.only_optimal = true;
  ASSERT_TRUE(export_chart(example_chart(), path("chart.csv"), options_));
  EXPECT_EQ(rows(), 5);
  options_.visibility.toggle("alpha");
  ASSERT_TRUE(export_chart(example_chart(), path("chart.csv"), options_));
  EXPECT_EQ(rows(), 2);
  options_.view = ViewRange{40, 100, 0, 5000};
  ASSERT_TRUE(export_chart(example_chart(), path("chart.csv"), options_));
  EXPECT_EQ(rows(), 1) << "cut to the view";
  options_.part = DataPart::all;
  ASSERT_TRUE(export_chart(example_chart(), path("chart.csv"), options_));
  EXPECT_EQ(rows(), 6) << "hidden or not, seen or not";
}

TEST_F(ChartExport, an_unknown_ending_an_unwritable_place_and_an_absurd_size_are_named) {
  const Status ending = export_chart(example_chart(), path("chart.bmp"), options_);
  ASSERT_FALSE(ending);
  EXPECT_NE(ending.error().message.find(".svg"), std::string::npos);
  const Status place = export_chart(example_chart(), path("missing/chart.png"), options_);
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().message.find("missing/chart.png"), std::string::npos);
  options_.scale = 1000;
  EXPECT_FALSE(export_chart(example_chart(), path("chart.png"), options_));
  EXPECT_FALSE(QFile::exists(path("chart.png")));
}

TEST_F(ChartExport, an_empty_chart_and_one_with_impossible_numbers_are_drawn_all_the_same) {
  EXPECT_TRUE(export_chart(Chart(), path("empty.png"), options_));
  Chart chart = example_chart();
  chart.log_x = chart.log_y = true;
  chart.series[0].points[0].x = 0;
  chart.series[0].points[1].y = -1;
  chart.series[1].points[0].y = std::numeric_limits<double>::quiet_NaN();
  chart.series[1].points[2].x = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(export_chart(chart, path("odd.svg"), options_));
  EXPECT_TRUE(QString::fromUtf8(bytes_of(path("odd.svg"))).contains("4 of the points"));
}

}  // namespace
}  // namespace tokenmark
