// The window's language: translations are carried inside the program (resources/translations), English is the source.
// To call once, after the application object is made and before any text is. The window's thread.
#pragma once

#include <QString>
#include <QStringList>

namespace tokenmark {

QStringList shipped_languages();                 // "de"; empty where the program was built without Qt's translation tools
// `chosen`: a language of the settings, empty: the desktop's. What is not shipped stays English. The language now spoken.
QString use_language(const QString& chosen);
QString window_language();                       // as use_language said; "en" before

}  // namespace tokenmark
