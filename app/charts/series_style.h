// Colour and shape of each series, and which are hidden: by name, so that a series keeps its look while others come
// and go, and a picture looks like the screen it was taken from. Plain value.
#pragma once

#include <QMap>
#include <QSet>
#include <QString>
#include <QStringList>

namespace tokenmark {

class SeriesStyles {
 public:
  // A small number that picks colour and shape; the first free one for a new name.
  int indexOf(const QString& name);
  // Frees the numbers of all others.
  void keepOnly(const QStringList& names);

 private:
  QMap<QString, int> index_;
};

// What the legend's clicks do: a click hides or shows one, a double-click shows it alone, a second one all again.
class SeriesVisibility {
 public:
  bool hidden(const QString& name) const { return hidden_.contains(name); }
  void toggle(const QString& name);
  void solo(const QString& name, const QStringList& all);
  void showAll() { hidden_.clear(); }
  void hideOnly(const QStringList& names) { hidden_ = QSet<QString>(names.begin(), names.end()); }
  QStringList hiddenNames() const;   // in alphabetical order

 private:
  QSet<QString> hidden_;
};

}  // namespace tokenmark
