// Centre: the frontier chart with its choosers. The chart is computed from the runs in another thread and drawn here.
#pragma once

#include <QWidget>

#include "app/charts/frontier_plot.h"
#include "app/desktop/store_link.h"

class QAction;
class QComboBox;
class QLabel;
class QMenu;
class QSettings;
class QToolBar;

namespace tokenmark {

class Tasks;

class ChartPage : public QWidget {
  Q_OBJECT
 public:
  ChartPage(Tasks& tasks, QWidget* parent = nullptr);

  // Two or more chosen runs: only those; else all, with a ring around the chosen one.
  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen);
  void setTheme(const Theme& theme);
  void save(QSettings& settings) const;
  void restore(const QSettings& settings);

  FrontierPlot& plot() { return *plot_; }
  const QList<QAction*>& viewActions() const { return view_actions_; }
  const QList<QAction*>& exportActions() const { return export_actions_; }

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);
  void exported(const QString& path);
  void failed(const QString& message);

 private:
  void setupActions();
  QToolBar* setupAxesBar();      // what is drawn
  QToolBar* setupViewBar();      // how it is looked at
  QWidget* setupExport(QWidget* parent);
  QComboBox* addChooser(QToolBar& bar, const QString& label, const QString& name, const QString& tip);
  void fillChoosers();
  QAction* addAction(const QString& text, const QString& name, const QString& icon, const QKeySequence& keys);
  FrontierQuery query() const;
  void compute();
  void showChart(Result<Chart> chart);
  void updateChoosers();
  void askForFile(ExportFormat format);
  void writeFile(const QString& path, ExportFormat format);
  void copyPicture();
  void copyData();

  Tasks& tasks_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  FrontierPlot* plot_;
  QLabel *title_, *subtitle_, *notes_;
  QComboBox *x_, *y_, *prices_, *tier_;
  QAction *log_x_, *log_y_, *only_optimal_, *back_, *forward_, *fit_, *zoom_in_, *zoom_out_, *show_all_;
  QMenu* export_menu_;
  QString export_folder_;        // of the last export
  QList<QAction*> view_actions_, export_actions_;
};

}  // namespace tokenmark
