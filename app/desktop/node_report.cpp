#include "app/desktop/node_report.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QTreeWidget>

#include "app/charts/core_text.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/write_file.h"
#include "base/result.h"
#include "base/version.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

QString tr(const char* text) { return QCoreApplication::translate("NodeReport", text); }

const Json& member(const Json& object, const char* key) {
  static const Json none;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : none;
}

QString words(const Json& value) {
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  if (value.is_number_integer()) return QString::number(value.get<qint64>());
  if (value.is_number()) return QString::number(value.get<double>(), 'g', 4);
  return {};
}

QString step_name(const QString& name) {
  static const std::pair<const char*, const char*> kNames[] = {
      {"name", QT_TRANSLATE_NOOP("NodeReport", "Name")},         {"port", QT_TRANSLATE_NOOP("NodeReport", "Port")},
      {"host key", QT_TRANSLATE_NOOP("NodeReport", "Host key")}, {"login", QT_TRANSLATE_NOOP("NodeReport", "Login")},
      {"program", QT_TRANSLATE_NOOP("NodeReport", "Program")},   {"agent", QT_TRANSLATE_NOOP("NodeReport", "Agent")},
      {"devices", QT_TRANSLATE_NOOP("NodeReport", "Devices")},   {"running", QT_TRANSLATE_NOOP("NodeReport", "Running")}};
  for (const auto& [key, shown] : kNames)
    if (name == QLatin1String(key)) return tr(shown);
  return name;
}

QString step_state(const QString& state) {
  if (state == QLatin1String("ok")) return QStringLiteral("✓ ") + tr("good");
  if (state == QLatin1String("failed")) return QStringLiteral("✗ ") + tr("failed");
  return state == QLatin1String("skipped") ? tr("left out") : QStringLiteral("! ") + tr("note");
}

constexpr qint64 kMostBytes = 8 << 20;

QString tested_text(const Json& report) {
  const Json& at = member(report, "tested_unix_s");
  if (!at.is_number_integer()) return {};
  return ' ' +
         tr("Tested %1.").arg(QLocale().toString(QDateTime::fromSecsSinceEpoch(at.get<qint64>()), QLocale::ShortFormat));
}

}  // namespace

NodeReports read_node_reports(const std::filesystem::path& path) {
  NodeReports reports;
  QFile file(QString::fromStdString(path.string()));
  if (!file.open(QIODevice::ReadOnly) || file.size() > kMostBytes) return reports;
  const QByteArray bytes = file.readAll();
  const Json all = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!all.is_object()) return reports;
  for (const auto& [name, report] : all.items())
    if (report.is_object()) reports[QString::fromStdString(name)] = report;
  return reports;
}

bool write_node_reports(const std::filesystem::path& path, const NodeReports& reports) {
  Json all = Json::object();
  for (auto report = reports.cbegin(); report != reports.cend(); ++report) all[report.key().toStdString()] = report.value();
  const std::string text = all.dump(1, ' ', false, Json::error_handler_t::replace);
  const QString name = QString::fromStdString(path.string());
  return QDir().mkpath(QFileInfo(name).absolutePath()) && write_file(name, text);
}

bool node_usable(const Json& report) {
  const Json& usable = member(report, "usable");
  return usable.is_boolean() && usable.get<bool>();
}

bool of_other_version(const Json& report) {
  const Json& there = member(report, "version");
  const std::string ours = fmt::format("tokenmark {} ", version());
  return there.is_string() && !there.get_ref<const std::string&>().empty() &&
         !there.get_ref<const std::string&>().starts_with(ours);
}

void fill_steps(QTreeWidget& list, const Json& report) {
  list.clear();
  const Json& steps = member(report, "steps");
  for (const Json& step : steps.is_array() ? steps : Json::array()) {
    auto* item = new QTreeWidgetItem(&list, {step_name(words(member(step, "name"))), step_state(words(member(step, "state"))), core_text(words(member(step, "text")).toStdString())});
    item->setToolTip(2, item->text(2));
    for (const int column : {0, 1, 2}) item->setTextAlignment(column, Qt::AlignTop | Qt::AlignLeft);
  }
}

QString node_note(const Json& report, bool testing, const QString& job) {
  if (testing) return tr("Testing: name, port, host key, login, program, agent, devices …");
  if (!job.isEmpty()) return tr("This window measures “%1” there now.").arg(job);
  if (!report.is_object()) return tr("Not tested yet.");
  if (node_usable(report) && of_other_version(report))
    return tr("It can be measured on; the program there is another version than this one.") + tested_text(report);
  if (node_usable(report)) return tr("It can be measured on.") + tested_text(report);
  const Json& steps = member(report, "steps");
  return tr("It cannot be measured on: %1")
             .arg(steps.is_array() && !steps.empty() ? core_text(words(member(steps.back(), "text")).toStdString()) : QString()) +
         tested_text(report);
}

QList<std::pair<QString, QString>> node_facts(const Json& report) {
  QList<std::pair<QString, QString>> facts;
  const auto add = [&](const QString& name, const QString& value) {
    if (!value.isEmpty()) facts.push_back({name, value});
  };
  add(tr("program"), words(member(report, "version")));
  const Json& environment = member(report, "environment");
  for (const auto& [key, value] : (environment.is_object() ? environment : Json::object()).items()) add(QString::fromStdString(key), words(value));
  const Json& load = member(member(report, "running"), "load_average");
  if (load.is_array() && load.size() == 3) add(tr("load over 1, 5, 15 min"), QStringLiteral("%1, %2, %3").arg(words(load[0]), words(load[1]), words(load[2])));
  return facts;
}

QList<FactsView::Table> node_tables(const Json& report) {
  QList<FactsView::Table> tables;
  const Json& devices = member(member(report, "devices"), "devices");
  FactsView::Table found{tr("Devices"), {tr("device"), tr("name"), tr("state")}, {}, true};
  for (const Json& device : devices.is_array() ? devices : Json::array()) {
    const Json& there = member(device, "available");
    const bool ready = there.is_boolean() && there.get<bool>();
    found.rows.push_back({words(member(device, "id")), words(member(device, "name")), ready ? tr("ready") : core_text(words(member(device, "why")).toStdString())});
  }
  if (!found.rows.isEmpty()) tables << found;
  const Json& running = member(member(report, "running"), "running");
  FactsView::Table programs{tr("Programs of Tokenmark there"), {tr("process"), tr("does"), tr("since")}, {}, true};
  for (const Json& one : running.is_array() ? running : Json::array()) {
    const Json& since = member(one, "since_s");
    programs.rows.push_back({words(member(one, "pid")), words(member(one, "program")) + ' ' + words(member(one, "verb")),
                             since.is_number() ? duration_text(since.get<double>()) : QString()});
  }
  if (!programs.rows.isEmpty()) tables << programs;
  return tables;
}

}  // namespace tokenmark
