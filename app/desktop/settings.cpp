#include "app/desktop/settings.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cmath>

#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr int kVersion = 1;
constexpr auto kVersionKey = "version";
constexpr qint64 kMostBytes = 16 << 20;


bool is_allowed(const Setting& setting, const QVariant& value) {
  switch (setting.kind) {
    case SettingKind::choice:
      for (const SettingChoice& choice : setting.choices)
        if (choice.value.toString() == value.toString()) return true;
      return false;
    case SettingKind::number: {
      bool number = false;
      const double v = value.toDouble(&number);
      return number && std::isfinite(v) && v >= setting.lowest && v <= setting.highest;
    }
    case SettingKind::flag: return value.toString() == QLatin1String("true") || value.toString() == QLatin1String("false");
    case SettingKind::text:
    case SettingKind::file: return value.canConvert<QString>() && value.toString().size() < 4096;
    case SettingKind::folders: return value.canConvert<QStringList>();
  }
  return false;
}

// What is wrong with the bytes of a settings file; empty: nothing. QSettings itself reads anything and says little.
QString what_is_wrong(const QByteArray& bytes) {
  if (bytes.isEmpty()) return {};
  if (bytes.contains('\0')) return QCoreApplication::translate("Settings", "it holds bytes that are no text");
  if (!bytes.endsWith('\n')) return QCoreApplication::translate("Settings", "it ends in the middle of a line");
  const QList<QByteArray> lines = bytes.split('\n');
  for (int i = 0; i < lines.size(); ++i) {
    const QByteArray line = lines[i].trimmed();
    if (line.isEmpty() || line.startsWith(';') || line.contains('=')) continue;
    if (line.startsWith('[') && line.endsWith(']')) continue;
    return QCoreApplication::translate("Settings", "line %1 is neither a heading nor a setting: %2").arg(i + 1).arg(QString::fromUtf8(line.left(40)));
  }
  return {};
}

QString what_is_wrong_with_file(const QString& path) {
  const QFileInfo info(path);
  if (!info.exists()) return {};
  QFile file(path);
  if (!info.isFile() || !file.open(QIODevice::ReadOnly)) return QCoreApplication::translate("Settings", "it cannot be read");
  if (file.size() > kMostBytes) return QCoreApplication::translate("Settings", "it has %1 bytes").arg(file.size());
  return what_is_wrong(file.readAll());
}

}  // namespace

const QList<Setting>& all_settings() {
  using K = SettingKind;
  static const QList<Setting> settings = {
      {"theme", QT_TRANSLATE_NOOP("Settings", "Look"), QT_TRANSLATE_NOOP("Settings", "Theme"), QT_TRANSLATE_NOOP("Settings", "Colours of window and charts"), K::choice, 0,
       {{0, QT_TRANSLATE_NOOP("Settings", "As the desktop has it")}, {1, QT_TRANSLATE_NOOP("Settings", "Light")}, {2, QT_TRANSLATE_NOOP("Settings", "Dark")}}},
      {"look/scale", QT_TRANSLATE_NOOP("Settings", "Look"), QT_TRANSLATE_NOOP("Settings", "Size of texts and controls"), QT_TRANSLATE_NOOP("Settings", "A share of what the desktop asks for"), K::number, 100, {}, 60, 250, 5,
       " %", true},
      {"look/language", QT_TRANSLATE_NOOP("Settings", "Look"), QT_TRANSLATE_NOOP("Settings", "Language"), QT_TRANSLATE_NOOP("Settings", "Language of the window; reports and exported files stay English"), K::choice, "",
       {{"", QT_TRANSLATE_NOOP("Settings", "As the desktop has it")}, {"en", "English"}, {"de", "Deutsch"}}, 0, 0, 1, "", true},
      {"look/numbers", QT_TRANSLATE_NOOP("Settings", "Look"), QT_TRANSLATE_NOOP("Settings", "Numbers"), QT_TRANSLATE_NOOP("Settings", "How numbers are written in the window; exported files are the same everywhere"), K::choice, "point",
       {{"point", "1,234.5"}, {"comma", "1.234,5"}, {"system", QT_TRANSLATE_NOOP("Settings", "As the desktop has it")}}, 0, 0, 1, "", true},
      {"files/store", QT_TRANSLATE_NOOP("Settings", "Files"), QT_TRANSLATE_NOOP("Settings", "Store of runs"), QT_TRANSLATE_NOOP("Settings", "The file that keeps every run; empty: the usual place"), K::file, "", {}, 0, 0, 1, "", true},
      {"files/models", QT_TRANSLATE_NOOP("Settings", "Files"), QT_TRANSLATE_NOOP("Settings", "Folders of models"), QT_TRANSLATE_NOOP("Settings", "Looked through beside those of Hugging Face, llama.cpp, Ollama and LM Studio; one a line"),
       K::folders, QStringList(), {}, 0, 0, 1, ""},
      {"files/agent", QT_TRANSLATE_NOOP("Settings", "Files"), QT_TRANSLATE_NOOP("Settings", "Measuring program"), QT_TRANSLATE_NOOP("Settings", "tokenmark-cli as measurements are started with; empty: the one beside this program"), K::file, "",
       {}, 0, 0, 1, "", true},
      {"export/size", QT_TRANSLATE_NOOP("Settings", "Export"), QT_TRANSLATE_NOOP("Settings", "Size of pictures"), QT_TRANSLATE_NOOP("Settings", "In points of 1/96 inch"), K::choice, "1200x750",
       {{"1200x750", QT_TRANSLATE_NOOP("Settings", "Usual, 1200 × 750")}, {"window", QT_TRANSLATE_NOOP("Settings", "As seen in the window")},
        {"1600x900", QT_TRANSLATE_NOOP("Settings", "Presentation, 1600 × 900")}, {"1920x1080", QT_TRANSLATE_NOOP("Settings", "Screen, 1920 × 1080")},
        {"794x497", QT_TRANSLATE_NOOP("Settings", "Width of A4 paper, 794 × 497")}, {"643x402", QT_TRANSLATE_NOOP("Settings", "A4 within margins, 643 × 402")}}},
      {"export/scale", QT_TRANSLATE_NOOP("Settings", "Export"), QT_TRANSLATE_NOOP("Settings", "Sharpness of PNG pictures"), QT_TRANSLATE_NOOP("Settings", "Pixels a point"), K::number, 2.0, {}, 1, 4, 0.5, "×"},
      {"export/dark", QT_TRANSLATE_NOOP("Settings", "Export"), QT_TRANSLATE_NOOP("Settings", "Export in dark colours"), QT_TRANSLATE_NOOP("Settings", "Else pictures are light, whatever the window is"), K::flag, false},
      {"session/restore", QT_TRANSLATE_NOOP("Settings", "Start"), QT_TRANSLATE_NOOP("Settings", "Begin where I stopped"), QT_TRANSLATE_NOOP("Settings", "The tab, the charts' choices and the chosen runs of the last time"), K::flag, true},
  };
  return settings;
}


const Setting* find_setting(const QString& key) {
  for (const Setting& entry : all_settings())
    if (key == QLatin1String(entry.key)) return &entry;
  return nullptr;
}

QVariant setting(const QString& key) {
  const Setting* known = find_setting(key);
  if (known == nullptr) return {};
  const QVariant stored = UserSettings().value(key);
  if (!stored.isValid() || !is_allowed(*known, stored)) return known->fallback;
  QVariant value = stored;
  value.convert(known->fallback.metaType());   // the file holds texts
  return value;
}

void set_setting(const QString& key, const QVariant& value) {
  const Setting* known = find_setting(key);
  if (known == nullptr || !is_allowed(*known, value)) return;
  UserSettings settings;
  settings.setValue(kVersionKey, kVersion);
  if (value == known->fallback) settings.remove(key);
  else settings.setValue(key, value);
}

void reset_settings() {
  UserSettings settings;
  for (const Setting& entry : all_settings()) settings.remove(QString::fromLatin1(entry.key));
}

void take_over_old_settings() {
  constexpr auto kOldFolders = "models/folders";
  UserSettings settings;
  const QStringList old = settings.value(kOldFolders).toStringList();
  if (old.isEmpty()) return;
  const QString key = QStringLiteral("files/models");
  QStringList folders = setting(key).toStringList() + old;
  folders.removeDuplicates();
  set_setting(key, folders);
  settings.remove(kOldFolders);
}

QString settings_text(const char* text) { return *text ? QCoreApplication::translate("Settings", text) : QString(); }

QString set_broken_settings_aside() {
  UserSettings::flush();
  const QString path = UserSettings::fileName();
  const QString wrong = what_is_wrong_with_file(path);
  if (wrong.isEmpty()) return {};
  QString aside = path + QStringLiteral(".damaged");
  for (int number = 2; QFileInfo::exists(aside); ++number) aside = QStringLiteral("%1.damaged-%2").arg(path).arg(number);
  if (!QDir().rename(path, aside))
    return QCoreApplication::translate("Settings", "The settings in %1 are not used: %2. The file could not be set aside.").arg(path, wrong);
  UserSettings::reload();
  return QCoreApplication::translate("Settings", "The settings in %1 are not used: %2. The file is kept as %3.").arg(path, wrong, aside);
}

}  // namespace tokenmark
