// The user's settings file (QSettings), held in memory. What is changed is written by a thread of its own: a write is done
// when the disk has confirmed it, and a busy disk would keep the window waiting for a tenth of a second and more.
// Any thread; an object is used by one, like QSettings with a group of its own, and all see the same values.
#pragma once

#include <QString>
#include <QVariant>

namespace tokenmark {

class UserSettings {
 public:
  QVariant value(const QString& key, const QVariant& fallback = {}) const;
  bool contains(const QString& key) const;
  void setValue(const QString& key, const QVariant& value);
  void remove(const QString& key);   // and what is under it
  void clear();
  void beginGroup(const QString& group);
  void endGroup();

  static QString fileName();
  static void flush();               // returns when all that was changed is in the file
  static void reload();              // for a file that something else has changed

 private:
  QString group_;                    // "" or with a slash at its end
};

}  // namespace tokenmark
