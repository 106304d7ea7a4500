// All series, or the chosen runs, against a pinned baseline, as a table: with the change, its interval and what it is worth;
// noise is grey. Series are compared where they are equal in interactivity, latency or cost; runs as they are, with the
// differences of their configuration and environment below. Computed in another thread when the page is seen. What is chosen
// can be undone.
#pragma once

#include <QWidget>
#include <filesystem>
#include <optional>

#include "app/charts/theme.h"
#include "app/desktop/chart_document.h"
#include "app/desktop/store_link.h"
#include "core/report/comparison_table.h"
#include "core/report/run_difference.h"

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QToolBar;
class QTreeWidget;
class QUndoStack;

namespace tokenmark {

class Tasks;
class UserSettings;

class ComparePage : public QWidget, public ChartDocument {
  Q_OBJECT
 public:
  // `store`: where the logs of runs are read from.
  ComparePage(Tasks& tasks, QUndoStack& undo, std::filesystem::path store = {}, QWidget* parent = nullptr);

  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen);   // two or more chosen: only those
  void setTheme(const Theme& theme);
  void pricesChanged();
  void pinBaseline(const QString& series, RunId run = 0);   // no step of undo: it is the same on all pages
  bool compareRuns();                           // as one chooses "Runs"; false: there are fewer than two
  std::string chartKind() const override { return std::string(chart_kind::kCompare); }
  ChartDefinition definition(bool with_runs = false) const override;   // compare_page_document.cpp
  void change(const ChartDefinition& definition) override;             // its runs until others are chosen in the list
  void addRuns(const std::vector<RunId>& runs);                        // dropped here: compared with those that are shown
  void save(UserSettings& settings) const;
  void restore(const UserSettings& settings);
  QString baseline() const { return QString::fromStdString(known_.query.baseline); }   // empty: the first series
  RunId baselineRun() const { return known_.run; }                                     // 0: none
  bool ofRuns() const { return known_.of_runs && canCompareRuns(); }                   // what is seen
  const ComparisonTable& table() const { return table_; }

 signals:
  void baselinePinned(const QString& series, tokenmark::RunId run);   // wanted
  void failed(const QString& message);
  void written(const QString& path);
  void seen();
  void runsDropped(const std::vector<tokenmark::RunId>& runs);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct Asked {
    bool of_runs = false;          // wanted; series are shown while there are fewer than two runs
    ComparisonQuery query;
    RunId run = 0;                 // the baseline among runs
    std::string filter;            // of an opened file: instead of what the list shows
    std::vector<RunId> runs;
    bool samples = true;
    bool operator==(const Asked&) const = default;
  };
  struct Made;
  void setupBar();
  void setupKinds(QToolBar& bar);
  void setupPlace(QToolBar& bar);
  void setupPrices(QToolBar& bar);
  void setupFilters(QToolBar& bar);
  void setupList();
  QComboBox* addChooser(QToolBar& bar, const QString& label, const char* name, const QString& tip);
  Asked asked() const;             // compare_page_state.cpp
  bool canCompareRuns() const;
  std::vector<RunId> comparedRuns() const;
  void apply(const Asked& asked);
  bool isRestricted() const;       // to the runs of an opened file, or dropped here
  void showAllRuns();
  void step(const QString& what, const Asked& now);   // applies it, as one of undo
  void keepStep(const QString& what, const Asked& before, const Asked& now);   // of what is applied already
  void changed();
  void updateKinds();
  void compute();
  void computeRuns();
  void showMade(Made made);
  void fillBaselines();
  void fillList();                 // compare_page_table.cpp
  void fillDifferences();
  void showMenu(const QPoint& at);
  void showDifferencesMenu(const QPoint& at);
  void copy(const std::string& text);
  void exportCsv();

  Tasks& tasks_;
  QUndoStack& undo_;
  std::filesystem::path store_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  ComparisonTable table_;
  RunDifference difference_;
  Asked known_;
  Theme theme_;
  QComboBox *equal_, *baseline_, *prices_, *tier_;
  QLineEdit* at_;
  QAction *of_series_, *of_runs_, *only_significant_, *all_runs_;
  QList<QAction*> of_series_only_;   // what says where series are equal
  QLabel *title_, *notes_;
  QTreeWidget *list_, *differences_;
  bool applying_ = false, due_ = true;
};

}  // namespace tokenmark
