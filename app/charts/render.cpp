#include "app/charts/render.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QLocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/charts/export.h"
#include "app/charts/report_pdf.h"
#include "core/report/chart_definition.h"
#include "core/report/report_document.h"
#include "core/report/run_chart_json.h"

namespace tokenmark {
namespace {

int complain(int code, const std::string& message) {
  std::fprintf(stderr, "tokenmark: %s\n", message.c_str());
  return code;
}

Result<std::string> read_file(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return fail(ErrorKind::not_found, "{} cannot be read: {}", path.toStdString(), file.errorString().toStdString());
  return file.readAll().toStdString();
}

// A chart or a report out of one file.
struct Drawable {
  AnyChart chart;
  std::optional<nlohmann::json> report;
};

Result<Drawable> read_drawable(const QString& path) {
  TOKENMARK_TRY(const std::string text, read_file(path));
  if (nlohmann::json document = nlohmann::json::parse(text, nullptr, false); document.is_object() && document.value("kind", nlohmann::json()) == kReportKind)
    return Drawable{{}, std::move(document)};
  Result<AnyChart> chart = parse_any_chart(text);
  if (!chart) return fail(chart.error().kind, "{}: {}", path.toStdString(), chart.error().message);
  return Drawable{*std::move(chart), {}};
}

Status write_report(const nlohmann::json& document, const QString& path) {
  if (!path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive))
    return fail(ErrorKind::invalid_input, "{}: a report is drawn as .pdf", path.toStdString());
  TOKENMARK_TRY([[maybe_unused]] const int pages, write_report_pdf(document, path));
  return {};
}

Status read_look(const QString& path, PictureOptions& options) {
  TOKENMARK_TRY(const std::string text, read_file(path));
  const Result<ChartDefinition> definition = parse_chart_definition(text);
  if (!definition) return fail(definition.error().kind, "{}: {}", path.toStdString(), definition.error().message);
  options.view = definition->view;
  options.only_optimal = definition->only_optimal;
  QStringList hidden;
  for (const std::string& name : definition->hidden) hidden << QString::fromStdString(name);
  options.visibility.hideOnly(hidden);
  options.readings = {definition->line, definition->cursor_a, definition->cursor_b};
  options.baseline = definition->baseline;
  return {};
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
                     {"look", "What is hidden, the view, the line and the cursors, as this *.chart.json says.", "FILE"},
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
  const Result<Drawable> drawn = read_drawable(parser.value("render"));
  if (!drawn) return complain(1, drawn.error().message);
  if (parser.isSet("look"))
    if (const Status read = read_look(parser.value("look"), options); !read) return complain(2, read.error().message);
  const Status status = drawn->report ? write_report(*drawn->report, parser.value("output"))
                                      : std::visit([&](const auto& c) { return export_chart(c, parser.value("output"), options); }, drawn->chart);
  if (!status) return complain(status.error().kind == ErrorKind::invalid_input ? 2 : 1, status.error().message);
  return 0;
}

}  // namespace tokenmark
