// All series against a pinned baseline, as a table: where they are equal in interactivity, latency or cost, with the change,
// its interval and what it is worth; noise is grey. Computed from the runs in another thread when the page is seen. What is
// chosen can be undone.
#pragma once

#include <QWidget>
#include <optional>

#include "app/charts/theme.h"
#include "app/desktop/store_link.h"
#include "core/report/comparison_table.h"

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QSettings;
class QToolBar;
class QTreeWidget;
class QUndoStack;

namespace tokenmark {

class Tasks;

class ComparePage : public QWidget {
  Q_OBJECT
 public:
  ComparePage(Tasks& tasks, QUndoStack& undo, QWidget* parent = nullptr);

  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen);   // two or more chosen: only those
  void setTheme(const Theme& theme);
  void pricesChanged();
  void pinBaseline(const QString& series);      // no step of undo: it is the same on all pages
  void save(QSettings& settings) const;
  void restore(const QSettings& settings);
  QString baseline() const { return QString::fromStdString(known_.baseline); }   // empty: the first series
  const ComparisonTable& table() const { return table_; }

 signals:
  void baselinePinned(const QString& series);   // wanted
  void failed(const QString& message);
  void written(const QString& path);
  void seen();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void setupBar();
  void setupList();
  QComboBox* addChooser(QToolBar& bar, const QString& label, const char* name, const QString& tip);
  ComparisonQuery query() const;
  void apply(const ComparisonQuery& query);
  void changed();
  void compute();
  void showTable(Result<ComparisonTable> table);
  void fillList();
  void showMenu(const QPoint& at);
  void copy(const std::string& text);
  void exportCsv();

  Tasks& tasks_;
  QUndoStack& undo_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  ComparisonTable table_;
  ComparisonQuery known_;
  Theme theme_;
  QComboBox *equal_, *baseline_, *prices_, *tier_;
  QLineEdit* at_;
  QAction* only_significant_;
  QLabel *title_, *notes_;
  QTreeWidget* list_;
  bool applying_ = false, due_ = true;
};

}  // namespace tokenmark
