#include "app/charts/series_style.h"

#include <QStringList>

namespace tokenmark {

int SeriesStyles::indexOf(const QString& name) {
  const auto found = index_.constFind(name);
  if (found != index_.cend()) return *found;
  const int next = static_cast<int>(index_.size());
  index_.insert(name, next);
  return next;
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

}  // namespace tokenmark
