// A tab of the centre that shows one kind of chart: choosers above it, title, chart, notes, export. What is drawn and
// chosen is up to the derived page. The window's thread; figures are computed in others.
#pragma once

#include <QWidget>

#include "app/charts/export.h"
#include "app/charts/plot_view.h"
#include "app/desktop/store_link.h"

class QAction;
class QComboBox;
class QLabel;
class QMenu;
class QSettings;
class QToolBar;
class QVBoxLayout;

namespace tokenmark {

class Tasks;

class ChartPage : public QWidget {
  Q_OBJECT
 public:
  virtual void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) = 0;
  void setTheme(const Theme& theme);
  virtual void save(QSettings& settings) const;
  virtual void restore(const QSettings& settings);

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
  void unpricedChanged();

 protected:
  // `plot`: becomes the page's. `prefix`: goes before the names of the page's objects; also the name of exported files.
  ChartPage(Tasks& tasks, PlotView* plot, const QString& prefix, QWidget* parent);

  // The chart as it is seen, for export.
  virtual Drawing drawing(const PictureOptions& options) const = 0;

  QToolBar* addBar(const QString& title, const QString& name);   // above the chart
  void addViewButtons(QToolBar& bar);                            // at its right end
  QComboBox* addChooser(QToolBar& bar, const QString& label, const QString& name, const QString& tip);
  QAction* addAction(const QString& text, const QString& name, const QString& icon, const QKeySequence& keys);
  void addViewAction(QAction* action) { view_actions_ << action; }
  void showWords(const QString& title, const QString& subtitle, const QStringList& notes);
  void setUnpriced(const std::vector<std::string>& hardware);
  QString named(const QString& name) const;                      // with the prefix
  Tasks& tasks() { return tasks_; }

 private:
  void setupActions();
  void setupExportActions();
  void setupBody();
  QWidget* setupExport(QWidget* parent);
  void askForFile(ExportFormat format);                          // chart_export.cpp
  void writeFile(const QString& path, ExportFormat format);
  PictureOptions exportOptions() const;
  void copyPicture();
  void copyData();

  Tasks& tasks_;
  PlotView* plot_;
  QString prefix_;
  QVBoxLayout* layout_;
  QLabel *title_, *subtitle_, *notes_;
  QAction *back_, *forward_, *fit_;
  QMenu* export_menu_;
  QString export_folder_;        // of the last export
  int bars_ = 0;
  QList<QAction*> view_actions_, export_actions_;
  QStringList unpriced_;
};

// The entry with that key, where there is one.
void choose(QComboBox& box, const QVariant& key);

}  // namespace tokenmark
