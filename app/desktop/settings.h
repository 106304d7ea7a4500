// Every setting of the window in one table: key, kind, what is allowed, what holds where nothing was chosen. They are kept
// in the user's settings file (UserSettings) with a version; keys that this version does not know stay in it.
// A file that cannot be read is set aside, never overwritten. The window's thread, or before there is one.
#pragma once

#include <QList>
#include <QString>
#include <QVariant>

namespace tokenmark {

enum class SettingKind { choice, number, flag, text, file, folders };

struct SettingChoice {
  QVariant value;
  const char* text;              // untranslated, context "Settings"
};

struct Setting {
  const char* key;
  const char* group;             // heading on the page; texts are untranslated, context "Settings"
  const char* title;
  const char* tip;
  SettingKind kind = SettingKind::choice;
  QVariant fallback;
  QList<SettingChoice> choices = {};
  double lowest = 0, highest = 0, step = 1;
  const char* unit = "";
  bool at_start = false;         // takes effect when the program is started again
};

const QList<Setting>& all_settings();
const Setting* find_setting(const QString& key);   // null: no such setting

// What is stored, where it is of the right kind and allowed; else the fallback.
QVariant setting(const QString& key);
void set_setting(const QString& key, const QVariant& value);
void reset_settings();           // all of the table; layouts, recent files and shortcuts stay

QString settings_text(const char* text);           // translated

// To call once before anything is read: what earlier versions kept under other keys.
void take_over_old_settings();

// To call before that. A broken file is renamed to "….damaged" (-2, -3 …); the answer says what was
// wrong and where it is now, empty: nothing was.
QString set_broken_settings_aside();

}  // namespace tokenmark
