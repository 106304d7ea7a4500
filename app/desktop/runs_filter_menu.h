// The menu beside the search box: which values each field has, and how often, to choose from. What is chosen is written
// into the search's text, where it can be read and changed by hand.
#pragma once

#include <QHash>
#include <QMenu>

#include "app/desktop/store_link.h"

namespace tokenmark {

class RunsFilterMenu : public QMenu {
  Q_OBJECT
 public:
  explicit RunsFilterMenu(QWidget* parent);

  void setText(const QString& text) { text_ = text; }   // of the search, before the menu opens
  void showValues(const FieldValues& values);

 signals:
  void valuesWanted(tokenmark::RunKey key);
  void textChosen(const QString& text);

 private:
  void addField(RunKey key);
  void addDates();
  void addStarred();
  void choose(RunKey key, const std::string& value, bool chosen);
  QString without(RunKey key) const;

  QString text_;
  QHash<int, QMenu*> fields_;      // by RunKey
};

}  // namespace tokenmark
