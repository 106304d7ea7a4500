// A tab of the centre that shows one kind of chart: choosers above it, title, chart, notes, export. What is chosen is one
// ChartDefinition: kept in settings and files, and every change of it can be undone. What is drawn and chosen is up to the
// derived page. The window's thread; figures are computed in others.
#pragma once

#include <QWidget>
#include <utility>

#include "app/charts/export.h"
#include "app/charts/plot_view.h"
#include "app/desktop/chart_document.h"
#include "app/desktop/store_link.h"

class QAction;
class QComboBox;
class QLabel;
class QMenu;
class QToolBar;
class QUndoStack;
class QVBoxLayout;

namespace tokenmark {

class Tasks;
class UserSettings;

class ChartPage : public QWidget, public ChartDocument {
  Q_OBJECT
 public:
  virtual void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen);
  void setTheme(const Theme& theme);
  void save(UserSettings& settings) const;
  void restore(const UserSettings& settings);

  std::string chartKind() const override { return prefix_.toStdString(); }
  ChartDefinition definition(bool with_runs = false) const override;   // chart_page_state.cpp
  void apply(const ChartDefinition& definition);                // not undone by itself
  void change(const ChartDefinition& definition) override;
  // Those that are shown, and these: dropped there. A chart of all runs shows these alone. One step of undo.
  void addRuns(const std::vector<RunId>& runs);

  virtual void pricesChanged() {}          // the price sets are others now: choosers and figures follow
  // Hardware that the chart leaves out because no price set has it.
  const QStringList& unpriced() const { return unpriced_; }

  const QString& settingsGroup() const { return prefix_; }

  const QList<QAction*>& viewActions() const { return view_actions_; }
  const QList<QAction*>& exportActions() const { return export_actions_; }
  // Actions of pages that are not current are neither seen nor reached by their shortcuts, which pages share.
  void setCurrent(bool current);

 signals:
  void exported(const QString& path);
  void failed(const QString& message);
  void menuOpening(QMenu* menu, const std::vector<tokenmark::RunId>& runs);  // of a point, perhaps none: others put their actions first
  void unpricedChanged();
  void seen();                             // an undo has changed it: it should be looked at
  void runsDropped(const std::vector<tokenmark::RunId>& runs);

 protected:
  // `plot`: becomes the page's. `prefix`: its kind of chart; goes before the names of the page's objects; also the name of
  // exported files. `label`: for people.
  ChartPage(Tasks& tasks, QUndoStack& undo, PlotView* plot, const QString& prefix, const QString& label, QWidget* parent);

  // The chart as it is seen, for export.
  virtual Drawing drawing(const PictureOptions& options) const = 0;
  // All data as CSV, made in another thread; null: as the drawing has it.
  virtual std::function<QByteArray()> allData() const { return {}; }

  // What the page's own choosers say; the rest of a definition is the same on all pages.
  virtual void read(ChartDefinition& definition) const = 0;
  virtual void put(const ChartDefinition& definition) = 0;
  virtual void refresh() = 0;              // choosers follow, the chart is made anew
  virtual void pinSeries(const QString& series);   // as the baseline, wanted by the legend's menu; empty: none
  void noteChange();                       // something was chosen: a step of undo
  void settle();                           // what is chosen now came from elsewhere: no step
  bool applying() const { return applying_; }
  template <class F>
  void quietly(F make_changes) {           // that are no choice of a person
    const bool before = std::exchange(applying_, true);
    make_changes();
    applying_ = before;
  }
  // After the chart on the plot has become another: it is looked at as was wanted.
  void chartShown();
  const RunsPtr& runs() const { return runs_; }
  const std::vector<RunId>& chosen() const { return chosen_; }   // in the list
  // As chosen, with the list's runs where two or more are chosen there and the page has none of its own.
  ChartDefinition asked() const;
  bool isRestricted() const;
  ChartDefinition& restricted() { return restricted_; }          // title, filter, runs and samples of an opened file
  const ChartDefinition& restricted() const { return restricted_; }
  void setKnownBaseline(const QString& series) { known_.baseline = series.toStdString(); }
  void showLegendMenu(const QString& series, const QPoint& at);

  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

  QToolBar* addBar(const QString& title, const QString& name);   // above the chart
  void addViewButtons(QToolBar& bar);                            // at its right end, after the way back to all runs
  QComboBox* addChooser(QToolBar& bar, const QString& label, const QString& name, const QString& tip);
  QAction* addAction(const QString& text, const QString& name, const QString& icon, const QKeySequence& keys);
  QAction* lineAction() const { return line_; }
  void addViewAction(QAction* action) { view_actions_ << action; }
  void showWords(const QString& title, const QString& subtitle, const QStringList& notes);
  void setUnpriced(const std::vector<std::string>& hardware);
  QString named(const QString& name) const;                      // with the prefix
  Tasks& tasks() { return tasks_; }

 private:
  void keepStep(const QString& what, const ChartDefinition& before, const ChartDefinition& now);
  void setupActions();
  void setupLineActions();
  void setupExportActions();
  void setupBody();
  void setupChanges();
  void showChartMenu(const QPoint& at);
  QWidget* setupExport(QWidget* parent);
  void askForFile(ExportFormat format, DataPart part);           // chart_export.cpp
  void writeFile(const QString& path, ExportFormat format, DataPart part);
  PictureOptions exportOptions() const;
  void copyPicture();
  void copyData();

  Tasks& tasks_;
  QUndoStack& undo_;
  PlotView* plot_;
  QString prefix_, label_;
  QVBoxLayout* layout_;
  QLabel *title_, *subtitle_, *notes_;
  QAction *back_, *forward_, *fit_, *line_, *all_runs_;
  QMenu* export_menu_;
  QString export_folder_;        // of the last export
  int bars_ = 0;
  QList<QAction*> view_actions_, export_actions_;
  QStringList unpriced_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  ChartDefinition restricted_;
  ChartDefinition known_;                  // as the last step of undo left it
  std::optional<ViewRange> wanted_view_;   // for the chart that is being computed
  std::optional<QPoint> menu_at_;          // where the menu is that is open
  bool applying_ = false;
};

// The entry with that key, where there is one.
void choose(QComboBox& box, const QVariant& key);

}  // namespace tokenmark
