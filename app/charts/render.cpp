#include "app/charts/render.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QLocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "app/charts/export.h"
#include "core/report/run_chart_json.h"

namespace tokenmark {
namespace {

int complain(int code, const std::string& message) {
  std::fprintf(stderr, "tokenmark: %s\n", message.c_str());
  return code;
}

Result<AnyChart> read_chart(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return fail(ErrorKind::not_found, "{} cannot be read: {}", path.toStdString(), file.errorString().toStdString());
  Result<AnyChart> chart = parse_any_chart(file.readAll().toStdString());
  if (!chart) return fail(chart.error().kind, "{}: {}", path.toStdString(), chart.error().message);
  return chart;
}

// A number of an option, or the default where the option is not given; `ok` falls to false on anything else.
double number(const QCommandLineParser& parser, const QString& name, double otherwise, bool& ok) {
  if (!parser.isSet(name)) return otherwise;
  bool good = false;
  const double value = parser.value(name).toDouble(&good);
  ok = ok && good && value > 0 && value < 1e6;
  return value;
}

// Drawing into a file needs no runtime folder, so Qt's remark on its absence would only puzzle.
void print_message(QtMsgType, const QMessageLogContext&, const QString& message) {
  if (!message.startsWith(QLatin1String("QStandardPaths: XDG_RUNTIME_DIR")))
    std::fprintf(stderr, "tokenmark: %s\n", qPrintable(message));
}

}  // namespace

bool wants_render(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], "--render", 8) == 0) return true;
  return false;
}

int run_render(int argc, char** argv) {
  setenv("QT_QPA_PLATFORM", "offscreen", 1);
  qInstallMessageHandler(print_message);
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));   // files are the same everywhere
  QApplication application(argc, argv);
  QCommandLineParser parser;
  parser.addOptions({{"render", "Draw the chart in FILE.", "FILE"},
                     {{"o", "output"}, "Write FILE.png, .svg, .pdf or .csv.", "FILE"},
                     {"width", "Width in points of 1/96 inch.", "W"},
                     {"height", "Height in points.", "H"},
                     {"scale", "Pixels a point, for PNG.", "S"},
                     {"dark", "Dark colours."}});
  if (!parser.parse(application.arguments())) return complain(2, parser.errorText().toStdString());
  if (!parser.isSet("output")) return complain(2, "--render needs -o FILE.png, .svg, .pdf or .csv");
  PictureOptions options;
  bool ok = true;
  options.width = static_cast<int>(number(parser, "width", options.width, ok));
  options.height = static_cast<int>(number(parser, "height", options.height, ok));
  options.scale = number(parser, "scale", options.scale, ok);
  options.dark = parser.isSet("dark");
  if (!ok) return complain(2, "--width, --height and --scale take a positive number");
  const Result<AnyChart> chart = read_chart(parser.value("render"));
  if (!chart) return complain(1, chart.error().message);
  const Status status = std::visit([&](const auto& c) { return export_chart(c, parser.value("output"), options); }, *chart);
  if (!status) return complain(status.error().kind == ErrorKind::invalid_input ? 2 : 1, status.error().message);
  return 0;
}

}  // namespace tokenmark
