#include "app/desktop/program.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QLocale>
#include <cstdio>
#include <cstdlib>

#include "app/charts/render.h"
#include "app/desktop/main_window.h"
#include "app/desktop/settings.h"
#include "app/desktop/translation.h"
#include "app/desktop/user_settings.h"
#include "base/version.h"
#include "core/sweep/quick_sweep.h"

namespace tokenmark {
namespace {

// The agent is the program beside this one.
std::string agent_program() {
  return (QCoreApplication::applicationDirPath() + QStringLiteral("/tokenmark-cli")).toStdString();
}

bool no_display() {
  return qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
         qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
}

// Numbers as the settings have them; what is drawn without a window has a point everywhere.
void use_number_format() {
  const QString format = setting(QStringLiteral("look/numbers")).toString();
  if (format == QLatin1String("comma")) QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
  else if (format != QLatin1String("system")) QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
}

// Qt reads its scale when the application object is made; a variable that the user has set counts more.
void use_scale() {
  const double percent = setting(QStringLiteral("look/scale")).toDouble();
  if (percent != 100 && qEnvironmentVariableIsEmpty("QT_SCALE_FACTOR")) qputenv("QT_SCALE_FACTOR", QByteArray::number(percent / 100));
}

// What the command line does not say, the settings do.
WindowOptions window_options(const QCommandLineParser& parser) {
  WindowOptions options;
  const QString store = setting(QStringLiteral("files/store")).toString(), agent = setting(QStringLiteral("files/agent")).toString();
  options.store = parser.isSet(QStringLiteral("store")) ? parser.value(QStringLiteral("store")).toStdString()
                  : store.isEmpty()                     ? default_store_path().string()
                                                        : store.toStdString();
  options.agent_program = agent.isEmpty() ? agent_program() : agent.toStdString();
  options.quick_sweep = [agent = options.agent_program](const auto& progress, std::stop_token stop) {
    return quick_sweep(agent, progress, stop);
  };
  return options;
}

int run_window(int argc, char** argv) {
  QCoreApplication::setOrganizationName(QStringLiteral("Tokenmark"));
  QCoreApplication::setApplicationName(QStringLiteral("Tokenmark"));
  const QString broken_settings = set_broken_settings_aside();
  take_over_old_settings();
  use_scale();
  QApplication application(argc, argv);
  use_number_format();
  use_language(setting(QStringLiteral("look/language")).toString());
  const std::string_view release = version();
  QCoreApplication::setApplicationVersion(QString::fromUtf8(release.data(), static_cast<qsizetype>(release.size())));
  QGuiApplication::setDesktopFileName(QStringLiteral("tokenmark"));
  QCommandLineParser parser;
  parser.setApplicationDescription(QCoreApplication::translate("Program", "A workbench for LLM inference benchmarks."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addOption({QStringLiteral("store"), QCoreApplication::translate("Program", "Keep runs in FILE."), QStringLiteral("FILE")});
  parser.addOption({QStringLiteral("render"), QCoreApplication::translate("Program", "Draw CHART.json into a file (-o) without a window."),
                    QStringLiteral("CHART.json")});
  parser.addPositionalArgument(QStringLiteral("files"), QCoreApplication::translate("Program", "Sweeps (YAML) to edit, charts (*.chart.json) to show, results to import."),
                               QStringLiteral("[FILE…]"));
  parser.process(application);
  WindowOptions options = window_options(parser);
  if (!broken_settings.isEmpty()) options.notes << broken_settings;
  MainWindow window(std::move(options));
  window.show();
  QStringList files;
  for (const QString& file : parser.positionalArguments()) files << QFileInfo(file).absoluteFilePath();
  if (!files.isEmpty()) window.openFiles(files);
  const int code = QApplication::exec();
  UserSettings::flush();
  return code;
}

}  // namespace

int run_program(int argc, char** argv) {
  if (wants_render(argc, argv)) return run_render(argc, argv);
  const bool only_asks = argc == 2 && (std::string_view(argv[1]) == "--version" || std::string_view(argv[1]) == "--help");
  if (no_display() && only_asks) setenv("QT_QPA_PLATFORM", "offscreen", 1);
  if (no_display() && !only_asks) {
    std::fputs("tokenmark: there is no display: use tokenmark-cli, or set DISPLAY.\n", stderr);
    return 1;
  }
  return run_window(argc, argv);
}

}  // namespace tokenmark
