// `tokenmark --render` as a program, without a display.
#include <gtest/gtest.h>

#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>

#include "core/report/chart_json.h"

namespace tokenmark {
namespace {

struct Ended {
  int code = -1;
  QString error;
};

Ended run(const QStringList& arguments) {
  QProcess process;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  for (const char* variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) environment.remove(variable);
  process.setProcessEnvironment(environment);
  process.start(QStringLiteral(TOKENMARK_BIN "/tokenmark"), arguments);
  process.waitForFinished();
  return {process.exitCode(), QString::fromUtf8(process.readAllStandardError())};
}

class Render : public testing::Test {
 protected:
  Render() {
    Chart chart;
    chart.title = "A chart";
    ChartSeries series;
    series.name = "one";
    series.points = {{1, 2, {}, {}, {1}, 1, "a", true}, {3, 1, {}, {}, {2}, 2, "b", true}};
    series.curve = {{1, 2}, {3, 1}};
    chart.series = {series};
    QFile file(path("chart.json"));
    EXPECT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(chart_json_text(chart)));
  }
  QString path(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QTemporaryDir folder_;
};

TEST_F(Render, draws_a_chart_into_a_file_of_the_asked_size) {
  const Ended ended = run({"--render", path("chart.json"), "-o", path("out.png"), "--width", "640", "--height", "400",
                           "--scale", "1", "--dark"});
  ASSERT_EQ(ended.code, 0) << ended.error.toStdString();
  const QImage image(path("out.png"));
  EXPECT_EQ(image.size(), QSize(640, 400));
  EXPECT_LT(image.pixelColor(1, 1).lightness(), 60);
}

TEST_F(Render, names_what_is_wrong) {
  EXPECT_EQ(run({"--render", path("chart.json")}).code, 2);
  EXPECT_EQ(run({"--render", path("chart.json"), "-o", path("out.bmp")}).code, 2);
  const Ended missing = run({"--render", path("nothing.json"), "-o", path("out.png")});
  EXPECT_EQ(missing.code, 1);
  EXPECT_TRUE(missing.error.contains("nothing.json"));
  QFile bad(path("bad.json"));
  ASSERT_TRUE(bad.open(QIODevice::WriteOnly));
  bad.write("{\"title\": 3}");
  bad.close();
  EXPECT_EQ(run({"--render", path("bad.json"), "-o", path("out.png")}).code, 1);
}

TEST_F(Render, without_a_display_the_window_says_so) {
  const Ended ended = run({});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(ended.error.contains("display"));
}

}  // namespace
}  // namespace tokenmark
