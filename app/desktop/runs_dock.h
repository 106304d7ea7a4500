// Left: the history. Search, sort by any column, choose one run to inspect it or several to chart only those.
#pragma once

#include <QDockWidget>
#include <QTimer>

#include "app/charts/theme.h"
#include "app/desktop/runs_model.h"

class QLabel;
class QLineEdit;
class QTableView;

namespace tokenmark {

class RunsDock : public QDockWidget {
  Q_OBJECT
 public:
  explicit RunsDock(QWidget* parent = nullptr);

  void setRuns(const RunsPtr& runs);       // keeps what is chosen
  void setTheme(const Theme& theme);
  void select(const std::vector<RunId>& ids);
  std::vector<RunId> selected() const;
  void focusSearch();
  QByteArray columnsState() const;
  void restoreColumns(const QByteArray& state);

 signals:
  void queryChanged(const tokenmark::RunsQuery& query);
  void selectionChanged();

 private:
  void setupTable();
  void askAgain();
  void updateCount();

  RunsModel* model_;
  QLineEdit* search_;
  QTableView* table_;
  QLabel* count_;
  QTimer typing_;
  bool restoring_ = false;
};

}  // namespace tokenmark
