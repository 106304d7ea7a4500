// Words of core/, which are English, in the window's language: names and definitions of figures, notes of charts, reasons.
// app/desktop/core_words.h says how they are found; without a translation, as on the command line, they stay as they are.
// Any thread.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <string>
#include <string_view>

namespace tokenmark {

inline QString core_text(std::string_view english) { return QCoreApplication::translate("core", std::string(english).c_str()); }

}  // namespace tokenmark
