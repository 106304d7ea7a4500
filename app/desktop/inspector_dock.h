// Right: all that is known about one run: figures with their definitions, configuration, environment, self-check, log; of
// several, what differs. Any row, value or all of it can be copied.
#pragma once

#include <QDockWidget>
#include <QSet>

#include "app/charts/theme.h"
#include "app/desktop/store_link.h"
#include "core/report/run_difference.h"
#include "core/report/run_log.h"

class QLabel;
class QLayout;
class QPlainTextEdit;
class QPushButton;
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
  void showLog(RunId run, std::vector<RunLogLine> log);   // of the run that is shown; of others it is dropped
  bool hasLog(RunId run) const { return detail_ && detail_->row.id == run && !log_.empty(); }
  // Several runs side by side (inspector_difference.cpp). `all`: chosen ones, of which these are the first.
  void showDifference(const RunDifference& difference, std::size_t all);
  void setTheme(const Theme& theme);
  void setBaseline(RunId run);            // 0: none
  RunNotes* notes() { return notes_; }

 signals:
  void reproduceWanted(tokenmark::RunId run);
  void timelineWanted();
  void distributionsWanted();
  void compareWanted(const std::vector<tokenmark::RunId>& runs);   // with the baseline
  void pinWanted(tokenmark::RunId run);                            // 0: no longer

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;   // Ctrl+C copies

 private:
  QTreeWidgetItem* section(const QString& title);
  void addFact(QTreeWidgetItem* section, const QString& name, const QString& value, const QString& tip = {});
  void addConfiguration(const RunDetail& detail);
  void addFigures(const Figures& figures);
  void addHeadlines(const RunRow& row);
  void addQuality(const RunRow& row);
  void addSelfCheck(const Figures& figures);
  void addSources(const RunDetail& detail);
  void addJson(const QString& title, const QString& json);
  void addLog();
  QLayout* setupButtons(QWidget* body);
  void updateButtons();
  void fill();
  void fillDifference();
  void twoColumns();
  void setupCopy();                       // inspector_copy.cpp
  void showMenu(const QPoint& at);
  void copyValue();
  void copyRow();
  void copyAll();

  DetailPtr detail_;
  std::vector<RunLogLine> log_;               // of detail_, once it has been read
  std::optional<RunDifference> difference_;   // instead of one run
  std::size_t chosen_ = 0;                    // runs, when several are shown
  Theme theme_;
  QLabel *title_, *facts_;
  RunNotes* notes_;
  QTreeWidget* tree_;
  QPushButton *reproduce_, *timeline_, *distributions_, *compare_, *pin_;
  RunId baseline_ = 0;
  QPlainTextEdit* error_;                     // of a failed run, in full
  QSet<QString> folded_;   // sections that the user has closed
};

}  // namespace tokenmark
