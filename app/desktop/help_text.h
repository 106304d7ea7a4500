// The user guide's chapters, from resources/help, in the window's language where help/LANGUAGE has them: Markdown with places
// that the program fills from what it uses itself: {{axes}}, {{figures}}, {{shortcuts}}, {{prices}}. The window's thread.
#pragma once

#include <QList>
#include <QString>

namespace tokenmark {

struct HelpChapter {
  QString key;                   // "frontier"
  QString title;                 // its first line
  QString text;                  // Markdown
};

// In the order of the guide; places other than {{shortcuts}} are filled.
QList<HelpChapter> help_chapters();
// The chapter of a page or dialog by its object name ("frontierPage"); the first chapter where none is.
QString help_chapter_of(const QString& object_name);
// The part of a chapter around the first of the words, for a list of what was found; empty: not all of them occur.
QString help_excerpt(const HelpChapter& chapter, const QStringList& words);

}  // namespace tokenmark
