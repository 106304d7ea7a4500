#include "app/desktop/help_text.h"

#include <QMap>
#include <QStringList>
#include <algorithm>
#include <utility>

#include "app/charts/core_text.h"
#include "app/desktop/figure_texts.h"
#include "app/desktop/translation.h"
#include "core/report/chart.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

// Words of the program inside Markdown.
QString escaped(QString words) {
  for (const char* sign : {"\\", "*", "_", "<", "|", "`", "["}) words.replace(QString::fromLatin1(sign), QStringLiteral("\\") + QString::fromLatin1(sign));
  return words.replace('\n', ' ');
}

QString entry(const QString& name, const QString& definition) {
  return QStringLiteral("- **%1**: %2\n").arg(escaped(name), escaped(definition));
}

QString axes() {
  QString list;
  for (const AxisMeaning& axis : axis_meanings())
    list += entry(axis.unit.empty() ? core_text(axis.label) : QStringLiteral("%1 (%2)").arg(core_text(axis.label), core_text(axis.unit)),
                  core_text(axis.definition));
  return list;
}

QString figures() {
  QString list;
  for (const FigureText& figure : figure_definitions())
    if (!figure.definition.isEmpty()) list += entry(figure.name, figure.definition);
  return list;
}

QString prices() {
  QString list;
  for (const std::string& tier : price_tiers()) list += entry(text(tier), core_text(price_tier_meaning(tier)));
  return list;
}

// The chapter in the window's language, else in English.
QString chapter_text(std::string_view path) {
  const std::string name(path.substr(path.rfind('/') + 1));
  const std::string_view translated = resource("help/" + window_language().toStdString() + '/' + name);
  return text(translated.empty() ? resource(path) : translated);
}

}  // namespace

QList<HelpChapter> help_chapters() {
  QList<HelpChapter> chapters;
  for (const std::string_view path : resource_paths("help/")) {
    if (!path.ends_with(".md") || std::count(path.begin(), path.end(), '/') > 1) continue;   // help/de/… are translations
    HelpChapter chapter;
    chapter.text = chapter_text(path);
    for (const auto& [place, list] : std::initializer_list<std::pair<const char*, QString (*)()>>{{"{{axes}}", axes}, {"{{figures}}", figures}, {"{{prices}}", prices}})
      if (const QString here = QString::fromLatin1(place); chapter.text.contains(here)) chapter.text.replace(here, list());
    const QString name = text(path).section('/', -1).chopped(3);   // "20-frontier"
    chapter.key = name.section('-', 1);
    chapter.title = chapter.text.section('\n', 0, 0).mid(2);
    chapters << chapter;
  }
  return chapters;
}

QString help_chapter_of(const QString& object_name) {
  static const QMap<QString, QString> chapters = {
      {"frontierPage", "frontier"}, {"latencyPage", "frontier"}, {"costPage", "prices"}, {"powerPage", "prices"}, {"loadPage", "servers"},
      {"qualityPage", "comparing"}, {"comparePage", "comparing"}, {"distributionsPage", "comparing"}, {"timelinePage", "comparing"},
      {"trendPage", "comparing"}, {"modelsPage", "models"}, {"devicesPage", "devices"}, {"nodesPage", "nodes"}, {"pricesPage", "prices"},
      {"settingsPage", "settings"}, {"sweepEditor", "sweeps"}, {"quantiseDialog", "models"}, {"runsDock", "runs"}, {"inspectorDock", "figures"},
      {"jobsDock", "sweeps"}, {"connectDialog", "servers"},
      {"reportDialog", "reports"}, {"reproduceDialog", "reports"}, {"deletedRuns", "runs"}};
  return chapters.value(object_name, QStringLiteral("first-run"));
}

QString help_excerpt(const HelpChapter& chapter, const QStringList& words) {
  for (const QString& word : words)
    if (!chapter.text.contains(word, Qt::CaseInsensitive)) return {};
  const auto at = words.isEmpty() ? 0 : chapter.text.indexOf(words.first(), 0, Qt::CaseInsensitive);
  const auto from = std::max<qsizetype>(0, at - 40);
  QString excerpt = chapter.text.mid(from, 120).simplified();
  excerpt.remove('*').remove('#').remove('`');
  return (from > 0 ? QStringLiteral("… ") : QString()) + excerpt.trimmed() + QStringLiteral(" …");
}

}  // namespace tokenmark
