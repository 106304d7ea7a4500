// core's English in another language, from resources/translations/core_LANGUAGE.ts, a file that is kept by hand. Its sources
// are core's own literals; what fmt fills in stands as `{}` whatever its format ("{} of {} requests failed"). A text is looked
// up as a whole first, then against those patterns, the longest first. What stood at a `{}` is looked up in turn, also with a
// capital letter, as labels have it, and goes into the translation's places in their order, or by number (`{1}`). What is not
// known stays English.
// Installed by use_language; core_text (app/charts/core_text.h) asks it. Any thread: what was asked once is kept.
#pragma once

#include <QHash>
#include <QMutex>
#include <QStringList>
#include <QTranslator>
#include <optional>
#include <string_view>
#include <vector>

#include "app/charts/core_text.h"

namespace tokenmark {

class CoreWords : public QTranslator {
  Q_OBJECT

 public:
  CoreWords(std::string_view ts, QObject* parent);   // the bytes of the file

  bool isEmpty() const override { return exact_.isEmpty(); }
  // The text itself where it is not known, so that no other translator is asked; nothing for other contexts than "core".
  QString translate(const char* context, const char* source, const char* disambiguation, int n) const override;

 private:
  struct Pattern {
    QStringList literals;                            // before, between and behind the places
    QString translation;
    qsizetype length = 0;                            // of the literals
    bool vague = false;                              // "{} at {}" fits many sentences: only where its first place is known
  };

  void add(const QString& source, const QString& translation);
  std::optional<QString> whole(const QString& text, int depth) const;
  QString inWords(const QString& text, int depth) const;

  QHash<QString, QString> exact_;
  std::vector<Pattern> patterns_;
  mutable QMutex mutex_;                             // of what follows
  mutable QHash<QByteArray, QString> kept_;
};

}  // namespace tokenmark
