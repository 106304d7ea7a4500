// The workbench: runs on the left, charts in the middle, inspector on the right, jobs below. The window's thread only
// draws: the store, the charts' figures, sweeps and files are other threads' work.
#pragma once

#include <QMainWindow>
#include <memory>

#include "app/desktop/job_queue.h"
#include "app/desktop/look.h"
#include "app/desktop/model_files.h"
#include "app/desktop/store_link.h"
#include "app/desktop/sweep_job.h"
#include "app/desktop/tasks.h"
#include "core/economics/own_prices.h"

class QActionGroup;
class QLabel;
class QMenu;
class QUndoStack;

namespace tokenmark {

class ChartPage;
struct ChartDefinition;
struct ChartKind;
class CommandPalette;
class ComparePage;
class ConnectDialog;
class DeletedRuns;
class FailedPoints;
class FirstRunBanner;
class FrontierPage;
class HelpWindow;
class InspectorDock;
class JobsDock;
class MessageBar;
class ReportDialog;
class RunEdits;
class RunLogs;
struct PaletteLine;
class PriceQuestion;
class RecentFiles;
class NodesPage;
class RunsDock;
class SettingsPage;
class Shortcuts;
class SplitTabs;
class SweepEditor;
class UserPrices;
class UnfinishedSweeps;

struct WindowOptions {
  std::filesystem::path store;
  std::string agent_program;      // tokenmark-cli
  SweepMaker quick_sweep;         // what "Measure this machine" runs
  ModelPlaces models = places_of_this_user();
  std::filesystem::path prices = own_prices_path();
  QStringList notes;              // to be said when the window opens
};

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(WindowOptions options);
  ~MainWindow() override;

  void measureThisMachine();
  void startSweep(const Sweep& sweep, bool resume);
  void continueSweep(const Sweep& sweep, const RunnerOptions& runner);  // unfinished or failed points
  void importResults(const QStringList& paths, const QStringList& facts);  // other tools' files; facts: "gpus=8"
  void openFiles(const QStringList& paths);         // sweeps go to the editor, charts onto their tabs, results into the store
  void openChart(const QString& path);              // main_window_charts.cpp
  void saveChart(const QString& path);              // the current one
  void setThemeChoice(ThemeChoice choice);
  void resetLayout();
  void openHelp(const QString& chapter = {});   // empty: of what is in front
  JobQueue& jobs() { return jobs_; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;   // main_window_import.cpp
  void dropEvent(QDropEvent* event) override;

 private:
  void setupCentre();
  void setupPages();             // main_window_pages.cpp
  void addPage(const char* name, const QString& title, QWidget* (MainWindow::*make)(QWidget* parent));
  QWidget* makeModels(QWidget* parent);
  QWidget* makeDevices(QWidget* parent);
  QWidget* makeNodes(QWidget* parent);
  QWidget* makePrices(QWidget* parent);
  QWidget* makeSettings(QWidget* parent);
  void makeNextPage();           // one of those that nobody has opened yet; then the others
  QWidget* openPage(const char* name);
  template <class Page>
  Page& openPage(const char* name) { return *static_cast<Page*>(openPage(name)); }
  void setupCharts();            // main_window_charts.cpp
  QWidget* makeFrontier(const ChartKind& kind, QWidget* parent);
  QWidget* makeCompare(QWidget* parent);
  QWidget* makeDistributions(QWidget* parent);
  QWidget* makeTimeline(QWidget* parent);
  QWidget* makeTrend(QWidget* parent);
  QWidget* adoptChart(ChartPage* page);
  void setupChartActions(QMenu& menu);
  void setupTabActions(QMenu& menu);
  void pinBaseline(const QString& series, RunId run = 0);
  void pinRun(RunId run);              // 0: no longer
  void showBaseline();
  void pinChosenRun();
  void compareRuns(const std::vector<RunId>& runs);
  std::vector<ChartDefinition> openCharts() const;   // as they are seen
  void askForChart();
  void askForChartFile();
  void showDefinition(const ChartDefinition& definition);   // on its tab, as one step of undo
  std::string currentChart() const;
  void setupDocks();
  void setupStatusBar();
  void setupActions();           // main_window_actions.cpp
  void setupFileMenu();
  void setupEditMenu();
  void setupViewMenu();
  void setupRunMenu();
  void setupHelpMenu();
  QAction* addAction(QMenu* menu, const QString& text, const char* name, const QKeySequence& keys, const QString& tip);
  void connectStore();
  void onTab();
  void connectParts();
  void connectRunEdits();        // main_window_runs.cpp
  void arrangeDocks();
  void setupPrices();            // main_window_prices.cpp
  void askForPrices();
  void sayPriceProblem(const QString& text);
  void setupPalette();           // main_window_palette.cpp
  QList<PaletteLine> searchLines(const QString& typed);
  void setupLayouts(QMenu& menu);   // main_window_settings.cpp
  void onSetting(const QString& key);
  void saveSession() const;      // main_window_session.cpp
  void restoreSession();
  void restorePage(ChartPage& page) const;
  void restoreCompare();
  void restoreSelection();
  void keepFirstLayout();        // main_window_settings.cpp
  QByteArray layoutState() const;                 // docks and tabs
  bool restoreLayout(const QByteArray& state);    // false: of another version
  void restoreSettings();
  void saveSettings() const;
  void chooseTheme();
  void applyTheme();

  void sayError(const QString& text);
  void sayWritten(const QString& path);
  void addJob(Job* job);
  void showRuns(const RunsPtr& runs);
  void onFirstRuns();
  void showChosen();
  void updateBanner();
  void onSelection();
  void onJobs();                 // main_window_sweeps.cpp
  void addSweepJob(const QString& title, SweepMaker maker, const RunnerOptions& runner,
                   const std::optional<Sweep>& known = std::nullopt);
  void setupSweeps();
  void retryFailed();
  void openConnect();
  void openEditor();
  void sweepDevice(const QString& device);
  void sweepNode(const QString& node);
  void measureModel(const QString& model, const QString& name);
  void chooseResults();          // main_window_import.cpp
  void chooseResultFolder();
  void askForFacts(const QStringList& paths);
  void setupRunMenus();          // main_window_report.cpp
  void fillRunMenu(QMenu& menu, std::vector<RunId> runs);
  void readLog(const RunRow& row);
  void openReport();
  void reproduce(RunId run);
  void copyFigures(const std::vector<RunId>& runs);
  void showDifference(const std::vector<RunId>& runs);
  void saveBundle(const RunRows& runs);   // main_window_runs.cpp
  void chooseBundle();
  void openBundle(const QString& path);
  void showBundleChart(const OpenedBundle& bundle);
  void openDeletedRuns();
  void askBeforeClosing();
  void showAbout();

  // In this order: tasks end before the jobs they report to are gone.
  WindowOptions options_;
  JobQueue jobs_;
  Tasks tasks_;
  QUndoStack* undo_ = nullptr;      // of everything that can be undone: charts, tags, deletions
  StoreLink* store_ = nullptr;
  SystemScheme* scheme_ = nullptr;
  Theme theme_;
  ThemeChoice theme_choice_ = ThemeChoice::system;

  MessageBar* messages_ = nullptr;
  FirstRunBanner* banner_ = nullptr;
  SplitTabs* tabs_ = nullptr;
  // Pages that are made already (split_tabs.h).
  QList<ChartPage*> chart_pages_;
  QList<FrontierPage*> frontier_pages_;   // of them: frontier, latency, cost, power, load, quality
  ComparePage* compare_page_ = nullptr;
  std::shared_ptr<RunLogs> logs_;         // shared by the pages that draw runs' event logs, and their tasks
  NodesPage* nodes_page_ = nullptr;
  SettingsPage* settings_page_ = nullptr;
  RunsDock* runs_dock_ = nullptr;
  RunEdits* edits_ = nullptr;
  InspectorDock* inspector_ = nullptr;
  JobsDock* jobs_dock_ = nullptr;
  SweepEditor* editor_ = nullptr;
  ReportDialog* report_ = nullptr;
  DeletedRuns* deleted_runs_ = nullptr;
  QLabel* report_link_ = nullptr;   // the last report that was written
  ConnectDialog* connect_ = nullptr;
  UnfinishedSweeps* unfinished_ = nullptr;
  FailedPoints* failed_points_ = nullptr;
  QLabel *store_label_ = nullptr, *jobs_label_ = nullptr;
  QAction* save_chart_ = nullptr;
  QAction *export_place_ = nullptr, *view_place_ = nullptr;   // the charts' actions stand before them in their menus
  QAction *measure_ = nullptr, *cancel_all_ = nullptr, *retry_failed_ = nullptr, *samples_ = nullptr;
  QActionGroup* themes_ = nullptr;

  std::unique_ptr<Shortcuts> shortcuts_;
  UserPrices* user_prices_ = nullptr;
  PriceQuestion* price_question_ = nullptr;
  CommandPalette* palette_ = nullptr;
  RecentFiles* recent_ = nullptr;
  HelpWindow* help_ = nullptr;   // made when it is first opened
  std::vector<RunId> chosen_before_;   // of the last session, until the store has answered

  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  RunsQuery query_;
  bool loaded_ = false;          // the store has answered once
  bool begun_ = false;           // … with all runs
  QByteArray first_layout_;      // as layoutState
  bool closing_ = false;         // asked and agreed: closes when the jobs have stopped
};

}  // namespace tokenmark
