// Menus and shortcuts of the main window.
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QUndoStack>

#include "app/desktop/inspector_dock.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "base/version.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

}  // namespace

QAction* MainWindow::addAction(QMenu* menu, const QString& text, const char* name, const QKeySequence& keys,
                               const QString& tip) {
  QAction* action = menu->addAction(text);
  action->setObjectName(QString::fromLatin1(name));
  action->setShortcut(keys);
  action->setStatusTip(tip);
  action->setToolTip(tip);
  return action;
}

void MainWindow::setupActions() {
  setupFileMenu();
  setupEditMenu();
  setupRunMenu();
  setupViewMenu();
  setupHelpMenu();
}

void MainWindow::setupFileMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  menu->setObjectName(QStringLiteral("fileMenu"));
  QAction* results = addAction(menu, tr("&Import results …"), "importResults", QKeySequence(tr("Ctrl+I")),
                              tr("Results of InferenceX, vLLM, SGLang, GuideLLM, AIPerf, MLPerf and the check of a GPU into the store"));
  connect(results, &QAction::triggered, this, &MainWindow::chooseResults);
  QAction* folder =
      addAction(menu, tr("Import a &folder …"), "importFolder", {},
                tr("All results in a folder and the folders in it; logs and submissions of MLPerf are folders"));
  connect(folder, &QAction::triggered, this, &MainWindow::chooseResultFolder);
  QAction* bundle = addAction(menu, tr("&Open bundle …"), "openBundle", {},
                              tr("Runs that were saved as a bundle, here or elsewhere, into the store"));
  connect(bundle, &QAction::triggered, this, &MainWindow::chooseBundle);
  for (QAction* action : runs_dock_->editActions())
    if (action->objectName() == QLatin1String("bundleRuns")) menu->addAction(action);
  setAcceptDrops(true);
  setupChartActions(*menu);
  recent_ = new RecentFiles(*menu, this);
  connect(recent_, &RecentFiles::chosen, this, [this](const QString& path) { openFiles({path}); });
  export_place_ = addAction(menu, tr("&Report …"), "report", QKeySequence(tr("Ctrl+R")), tr("A report of runs as one HTML file or as PDF"));
  connect(export_place_, &QAction::triggered, this, &MainWindow::openReport);
  menu->addSeparator();
  QAction* quit = addAction(menu, tr("&Quit"), "quit", QKeySequence::Quit, tr("Close Tokenmark"));
  connect(quit, &QAction::triggered, this, &QWidget::close);
}

void MainWindow::setupEditMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Edit"));
  menu->setObjectName(QStringLiteral("editMenu"));
  const auto add = [&](QAction* action, const char* name, const QKeySequence& keys, const QString& tip) {
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(keys);
    action->setStatusTip(tip);
    menu->addAction(action);
  };
  add(undo_->createUndoAction(this, tr("&Undo")), "undo", QKeySequence::Undo, tr("Take the last change back"));
  add(undo_->createRedoAction(this, tr("&Redo")), "redo", QKeySequence::Redo, tr("Make the change again that was taken back"));
  menu->addSeparator();
  menu->addActions(runs_dock_->editActions());
  QAction* deleted = addAction(menu, tr("&Recently deleted …"), "deletedRuns", {}, tr("Runs that were deleted and can be brought back"));
  connect(deleted, &QAction::triggered, this, &MainWindow::openDeletedRuns);
}

void MainWindow::setupRunMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Measure"));
  menu->setObjectName(QStringLiteral("measureMenu"));
  measure_ = addAction(menu, tr("&Measure this machine"), "measure", QKeySequence(tr("Ctrl+M")),
                       tr("Run the built-in one-minute sweep of the embedded engine"));
  measure_->setIcon(themed_icon(QStringLiteral("play")));
  connect(measure_, &QAction::triggered, this, &MainWindow::measureThisMachine);
  QAction* sweep = addAction(menu, tr("&New sweep …"), "newSweep", QKeySequence::New,
                             tr("Write a sweep for the embedded engine or a server, and start it"));
  sweep->setIcon(themed_icon(QStringLiteral("sweep")));
  connect(sweep, &QAction::triggered, this, &MainWindow::openEditor);
  QAction* server = addAction(menu, tr("Connect to a &server …"), "connectServer", QKeySequence(tr("Ctrl+Shift+N")),
                              tr("Ask a server for its models, try one request, and set up a sweep of it"));
  server->setIcon(themed_icon(QStringLiteral("connect")));
  connect(server, &QAction::triggered, this, &MainWindow::openConnect);
  retry_failed_ = addAction(menu, tr("&Retry failed points"), "retryFailed", QKeySequence(tr("Ctrl+Shift+F")),
                            tr("Measure the failed points of the chosen runs' sweeps again, and only those"));
  retry_failed_->setIcon(themed_icon(QStringLiteral("retry")));
  retry_failed_->setEnabled(false);
  connect(retry_failed_, &QAction::triggered, this, &MainWindow::retryFailed);
  menu->addSeparator();
  cancel_all_ = addAction(menu, tr("&Cancel all jobs"), "cancelAll", QKeySequence(tr("Ctrl+.")),
                          tr("Stop what is running; what is finished is kept"));
  cancel_all_->setIcon(themed_icon(QStringLiteral("cancel")));
  cancel_all_->setEnabled(false);
  connect(cancel_all_, &QAction::triggered, &jobs_, &JobQueue::cancelAll);
}

void MainWindow::setupViewMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&View"));
  menu->setObjectName(QStringLiteral("viewMenu"));
  view_place_ = menu->addSeparator();
  setupTabActions(*menu);
  QAction* models = addAction(menu, tr("&Models"), "showModels", QKeySequence(tr("Ctrl+Shift+M")),
                              tr("The models on this machine: facts, fit, quantise"));
  connect(models, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("modelsPage")); });
  QAction* devices = addAction(menu, tr("&Devices"), "showDevices", QKeySequence(tr("Ctrl+Shift+D")),
                               tr("The devices of this machine: what they can do, why one cannot be used, what they reach"));
  connect(devices, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("devicesPage")); });
  QAction* prices = addAction(menu, tr("&Prices and power"), "showPrices", QKeySequence(tr("Ctrl+Shift+P")),
                              tr("The price sets: what an hour and a kilowatt of a device cost"));
  connect(prices, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("pricesPage")); });
  QAction* settings = addAction(menu, tr("&Settings"), "showSettings", QKeySequence(tr("Ctrl+,")), tr("Look, files, exports, shortcuts"));
  connect(settings, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("settingsPage")); });
  QAction* nodes = addAction(menu, tr("&Nodes"), "showNodes", QKeySequence(tr("Ctrl+Shift+G")),
                             tr("The machines that can be measured on: whether they can, and what runs there"));
  connect(nodes, &QAction::triggered, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("nodesPage")); });
  QAction* find = addAction(menu, tr("&Find runs"), "findRuns", QKeySequence::Find, tr("Search the list of runs"));
  connect(find, &QAction::triggered, runs_dock_, &RunsDock::focusSearch);
  samples_ = addAction(menu, tr("Sample &results"), "showSamples", {}, tr("Show published results beside your own"));
  samples_->setCheckable(true);
  samples_->setChecked(true);
  connect(samples_, &QAction::toggled, this, [this](bool shown) {
    query_.samples = shown;
    store_->setQuery(query_);
  });
  menu->addSeparator();
  int number = 1;
  for (QDockWidget* dock : {static_cast<QDockWidget*>(runs_dock_), static_cast<QDockWidget*>(inspector_),
                            static_cast<QDockWidget*>(jobs_dock_)}) {
    QAction* toggle = dock->toggleViewAction();
    toggle->setObjectName(QStringLiteral("show") + dock->objectName());
    toggle->setShortcut(QKeySequence(QStringLiteral("Alt+%1").arg(number++)));
    menu->addAction(toggle);
  }
  QAction* reset = addAction(menu, tr("Reset &layout"), "resetLayout", QKeySequence(tr("Ctrl+Shift+R")),
                             tr("Put every panel back in its place"));
  connect(reset, &QAction::triggered, this, &MainWindow::resetLayout);
  setupLayouts(*menu);
  menu->addSeparator();
  QMenu* themes = menu->addMenu(tr("&Theme"));
  themes->setObjectName(QStringLiteral("themeMenu"));
  themes_ = new QActionGroup(this);
  const std::pair<QString, const char*> choices[] = {
      {tr("&System"), "themeSystem"}, {tr("&Light"), "themeLight"}, {tr("&Dark"), "themeDark"}};
  for (int i = 0; i < 3; ++i) {
    QAction* action = addAction(themes, choices[i].first, choices[i].second, {}, tr("Colours of window and charts"));
    action->setCheckable(true);
    action->setChecked(i == static_cast<int>(theme_choice_));
    themes_->addAction(action);
    connect(action, &QAction::triggered, this, [this, i] { setThemeChoice(static_cast<ThemeChoice>(i)); });
  }
}

void MainWindow::setupHelpMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Help"));
  menu->setObjectName(QStringLiteral("helpMenu"));
  QAction* guide = addAction(menu, tr("&User guide"), "help", QKeySequence::HelpContents, tr("What is in front of you, explained"));
  guide->setShortcutContext(Qt::ApplicationShortcut);   // in the editor and other windows too
  connect(guide, &QAction::triggered, this, [this] { openHelp(); });
  QAction* shortcuts = addAction(menu, tr("&Shortcuts"), "helpShortcuts", {}, tr("All shortcuts in the guide"));
  connect(shortcuts, &QAction::triggered, this, [this] { openHelp(QStringLiteral("shortcuts")); });
  QAction* about = addAction(menu, tr("&About Tokenmark"), "about", {}, tr("Version, licence, libraries"));
  connect(about, &QAction::triggered, this, &MainWindow::showAbout);
}

void MainWindow::showAbout() {
  auto* box = new QMessageBox(this);
  box->setObjectName(QStringLiteral("aboutBox"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setWindowTitle(tr("About Tokenmark"));
  box->setIconPixmap(program_icon().pixmap(64, 64));
  box->setText(tr("<h3>Tokenmark %1</h3><p>A workbench for LLM inference benchmarks.</p>"
                  "<p>Commit %2, %3, Qt %4</p><p>GPL-3.0-or-later. Charts are drawn with QCustomPlot.</p>")
                   .arg(text(version()), text(commit()), text(build_description()), QString::fromLatin1(qVersion())));
  box->open();
}

}  // namespace tokenmark
