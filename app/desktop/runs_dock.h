// Left: the history. Search and filters, groups, sort by any column, choose one run to inspect it or several to chart
// only those; star, tag, delete them.
#pragma once

#include <QDockWidget>
#include <QStringListModel>
#include <QTimer>

#include "app/charts/theme.h"
#include "app/desktop/runs_model.h"

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QMenu;
class QTableView;
class QToolButton;

namespace tokenmark {

class RunsFilterMenu;

class RunsDock : public QDockWidget {
  Q_OBJECT
 public:
  explicit RunsDock(QWidget* parent = nullptr);

  void setRuns(const RunsPtr& runs);       // keeps what is chosen
  void showValues(const FieldValues& values);
  void setTheme(const Theme& theme);
  void select(const std::vector<RunId>& ids);
  std::vector<RunId> selected() const;     // each once, in the list's order
  RunRows selectedRuns() const;
  void setBaseline(const QString& series, RunId run);   // is marked and named; empty and 0: none
  void focusSearch();
  void setSearch(const QString& text);
  QString search() const;
  QByteArray columnsState() const;
  void restoreColumns(const QByteArray& state);
  int groupedBy() const { return static_cast<int>(group_by_); }
  void groupBy(int key);                   // RunKey; unknown ones: not grouped
  // Star, tag, delete …: for menus; they act on the chosen runs.
  const QList<QAction*>& editActions() const { return edit_actions_; }
  QStringListModel* knownTags() { return &known_tags_; }

 signals:
  void queryChanged(const tokenmark::RunsQuery& query);
  void selectionChanged();
  void menuOpening(QMenu* menu, const std::vector<tokenmark::RunId>& runs);  // of the chosen runs: others put their actions first
  void valuesWanted(tokenmark::RunKey key);
  void starWanted(const tokenmark::RunRows& runs, bool starred);
  void tagWanted(const tokenmark::RunRows& runs, const QString& tag, bool on);
  void removalWanted(const tokenmark::RunRows& runs);
  void bundleWanted(const tokenmark::RunRows& runs);

 private:
  void setupSearch(QHBoxLayout& row);      // runs_dock_setup.cpp
  void setupTable();
  void setupHeader();
  void setupGroups(QHBoxLayout& row);
  void setupEdits();
  QAction* addEdit(const QString& text, const char* name, const QKeySequence& keys);
  void showColumnsMenu(const QPoint& position);
  void showRunsMenu(const QPoint& position);
  void addTagsMenu(QMenu& menu);
  void askForTag();
  void askAgain();
  void updateCount();
  std::vector<std::uint32_t> chosenRows() const;   // into the snapshot's rows, ascending
  void onClick(const QModelIndex& index);
  bool eventFilter(QObject* object, QEvent* event) override;   // Left, Right, Space on a group's head
  RunsQuery query() const;

  RunsModel* model_;
  QLineEdit* search_;
  RunsFilterMenu* filters_;
  QToolButton* groups_;
  QTableView* table_;
  QLabel* count_;
  QAction *star_, *tag_, *delete_, *bundle_;
  QList<QAction*> edit_actions_;
  QStringListModel known_tags_;
  QTimer typing_;
  RunKey group_by_ = RunKey::word;
  QString baseline_;                       // in words
  bool restoring_ = false;
};

}  // namespace tokenmark
