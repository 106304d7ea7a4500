// Right: all that is known about one run: configuration, figures with their definitions, environment, self-check.
#pragma once

#include <QDockWidget>
#include <QSet>

#include "app/charts/theme.h"
#include "app/desktop/store_link.h"

class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace tokenmark {

class RunNotes;

class InspectorDock : public QDockWidget {
  Q_OBJECT
 public:
  explicit InspectorDock(QWidget* parent = nullptr);
  void clear();
  void showRun(const DetailPtr& detail);
  void setTheme(const Theme& theme);
  RunNotes* notes() { return notes_; }

 private:
  QTreeWidgetItem* section(const QString& title);
  void addFact(QTreeWidgetItem* section, const QString& name, const QString& value, const QString& tip = {});
  void addConfiguration(const RunDetail& detail);
  void addFigures(const Figures& figures);
  void addHeadlines(const RunRow& row);
  void addQuality(const RunRow& row);
  void addSelfCheck(const Figures& figures);
  void addJson(const QString& title, const QString& json);
  void fill();

  DetailPtr detail_;
  Theme theme_;
  QLabel *title_, *facts_;
  RunNotes* notes_;
  QTreeWidget* tree_;
  QSet<QString> folded_;   // sections that the user has closed
};

}  // namespace tokenmark
