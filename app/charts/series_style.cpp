#include "app/charts/series_style.h"

#include <QStringList>

namespace tokenmark {

int SeriesStyles::indexOf(const QString& name) {
  const auto found = index_.constFind(name);
  if (found != index_.cend()) return *found;
  const QList<int> taken = index_.values();
  int next = 0;
  while (taken.contains(next)) ++next;
  index_.insert(name, next);
  return next;
}

void SeriesStyles::keepOnly(const QStringList& names) {
  for (const QString& name : index_.keys())
    if (!names.contains(name)) index_.remove(name);
}

void SeriesVisibility::toggle(const QString& name) {
  if (!hidden_.remove(name)) hidden_.insert(name);
}

void SeriesVisibility::solo(const QString& name, const QStringList& all) {
  QSet<QString> others(all.begin(), all.end());
  others.remove(name);
  if (hidden_ == others)
    hidden_.clear();
  else
    hidden_ = others;
}

QStringList SeriesVisibility::hiddenNames() const {
  QStringList names(hidden_.begin(), hidden_.end());
  names.sort();
  return names;
}

}  // namespace tokenmark
