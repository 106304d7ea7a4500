// Reports, reproduction and what can be done with a run from its menu.
#include <QAction>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QStatusBar>
#include <QUrl>
#include <nlohmann/json.hpp>

#include "app/charts/text.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/report_dialog.h"
#include "app/desktop/reproduce_dialog.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/widgets.h"
#include "core/report/chart.h"
#include "core/report/logged_run.h"
#include "core/report/run_difference.h"
#include "core/sweep/reproduce_run.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostBesides = 12;   // runs side by side in the inspector
constexpr std::size_t kCopiedAtOnce = 100;

// Names and values with tabs between, as a spreadsheet takes them.
QString figures_of(const std::vector<RunRow>& rows) {
  QString words;
  for (const RunRow& row : rows) {
    words += (row.id > 0 ? MainWindow::tr("Run %1").arg(row.id) : MainWindow::tr("Sample")) + '\t' + QString::fromStdString(row.series) + '\n';
    for (const AxisMeaning& axis : axis_meanings())
      if (const auto value = figure_of(row, axis.figure))
        words += QStringLiteral("%1\t%2\n").arg(QString::fromUtf8(axis.label.data(), static_cast<qsizetype>(axis.label.size())), figure_text(*value, axis.figure));
  }
  return words;
}

// Samples need no store; without one there is nothing but them.
std::unique_ptr<Store> store_for(const std::filesystem::path& file) {
  auto opened = Store::open(file);
  return opened ? *std::move(opened) : nullptr;
}

}  // namespace

void MainWindow::setupRunMenus() {
  connect(runs_dock_, &RunsDock::menuOpening, this, [this](QMenu* menu, const std::vector<RunId>& runs) {
    fillRunMenu(*menu, runs);
    menu->addAction(retry_failed_);
  });
  connect(inspector_, &InspectorDock::reproduceWanted, this, &MainWindow::reproduce);
  connect(inspector_, &InspectorDock::timelineWanted, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("timelinePage")); });
  connect(inspector_, &InspectorDock::distributionsWanted, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("distributionsPage")); });
  connect(inspector_, &InspectorDock::compareWanted, this, [this](const std::vector<RunId>& runs) {
    compareRuns(runs.size() > 1 ? runs_dock_->selected() : runs);   // it shows the first of many
  });
  connect(inspector_, &InspectorDock::pinWanted, this, &MainWindow::pinRun);
}

void MainWindow::fillRunMenu(QMenu& menu, std::vector<RunId> runs) {
  if (runs.empty()) return;
  const auto add = [&](const QString& words, const char* name) {
    QAction* action = menu.addAction(words);
    action->setObjectName(QString::fromLatin1(name));
    return action;
  };
  connect(add(tr("&Inspect"), "inspectRuns"), &QAction::triggered, this, [this, runs] {
    inspector_->show();
    inspector_->raise();
    runs_dock_->select(runs);
  });
  const RunId baseline = compare_page_ ? compare_page_->baselineRun() : 0;
  const bool is_baseline = runs.size() == 1 && runs.front() == baseline;
  QAction* compare =
      add(baseline == 0 && runs.size() > 1 ? tr("Co&mpare them") : tr("Co&mpare with baseline"), "compareRuns");
  compare->setEnabled(runs.size() > 1 || (baseline != 0 && !is_baseline));
  connect(compare, &QAction::triggered, this, [this, runs] { compareRuns(runs); });
  QAction* pin = add(is_baseline ? tr("No longer the &baseline") : tr("Pin as &baseline"), "pinRun");
  connect(pin, &QAction::triggered, this, [this, run = is_baseline ? 0 : runs.front()] { pinRun(run); });
  connect(add(tr("Re&produce …"), "reproduceRun"), &QAction::triggered, this, [this, run = runs.front()] { reproduce(run); });
  connect(add(tr("&Copy values"), "copyFigures"), &QAction::triggered, this, [this, runs] { copyFigures(runs); });
  connect(add(tr("Rep&ort of them …"), "reportRuns"), &QAction::triggered, this, [this, runs] {
    runs_dock_->select(runs);
    openReport();
  });
}

// Imported runs, samples and unfinished ones have no log: nothing is said of that. The events themselves are not kept: who
// goes through the list wants their sentences alone.
void MainWindow::readLog(const RunRow& row) {
  if (row.state != RunState::done || is_sample(row) || inspector_->hasLog(row.id)) return;
  tasks_.start(QStringLiteral("run log"),
               [row, file = options_.store](std::stop_token) -> Result<std::vector<RunLogLine>> {
                 TOKENMARK_TRY(const auto store, Store::open(file));
                 TOKENMARK_TRY(const LoggedRun run, logged_run(*store, row));
                 return run_log(*run.log);
               },
               [this, run = row.id](Result<std::vector<RunLogLine>> log) {
                 if (log) inspector_->showLog(run, *std::move(log));
               });
}

void MainWindow::openReport() {
  if (!report_) {
    const auto folder = std::filesystem::path(options_.agent_program).parent_path();
    report_ = new ReportDialog(tasks_, options_.store, QString::fromStdString((folder / "tokenmark").string()), this);
    connect(report_, &ReportDialog::failed, this, [this](const QString& text) { messages_->say(Severity::error, text, QStringLiteral("report")); });
    connect(report_, &ReportDialog::written, this, [this](const QString& path) {
      messages_->clear(QStringLiteral("report"));
      if (!report_link_) {
        report_link_ = new QLabel(this);
        report_link_->setObjectName(QStringLiteral("reportLink"));
        report_link_->setAccessibleName(tr("The report that was written last"));
        report_link_->setOpenExternalLinks(true);
        statusBar()->addWidget(report_link_);
      }
      report_link_->setText(tr("Report: %1").arg(QStringLiteral("<a href=\"%1\">%2</a>").arg(QString::fromLatin1(QUrl::fromLocalFile(path).toEncoded()),
                                                                                            QFileInfo(path).fileName().toHtmlEscaped())));
      report_link_->setToolTip(path);
      report_link_->show();
    });
  }
  report_->setOpenCharts([this] { return openCharts(); });
  report_->setRuns(runs_, runs_dock_->selected());
  bring_to_front(*report_);
}

void MainWindow::reproduce(RunId run) {
  const std::vector<RunRow> rows = rows_of(*runs_, {run}, 1);
  if (rows.empty()) return;
  tasks_.start(QStringLiteral("reproduce"),
               [row = rows.front(), file = options_.store](std::stop_token) {
                 const auto store = row.id > 0 ? store_for(file) : nullptr;
                 return reproduce_run(store.get(), row);
               },
               [this, row = rows.front()](const Result<Reproduction>& made) {
                 if (!made) return messages_->say(Severity::error, QString::fromStdString(made.error().message));
                 auto* dialog = new ReproduceDialog(row, *made, this);
                 connect(dialog, &ReproduceDialog::editWanted, this, [this](const QString& yaml) {
                   openEditor();
                   editor_->setYaml(yaml);
                 });
                 dialog->show();
               });
}

void MainWindow::copyFigures(const std::vector<RunId>& runs) {
  if (runs.size() <= kCopiedAtOnce) return QGuiApplication::clipboard()->setText(figures_of(rows_of(*runs_, runs, runs.size())));
  tasks_.start(QStringLiteral("copy figures"), [all = runs_, runs](std::stop_token) { return figures_of(rows_of(*all, runs, runs.size())); },
               [](const QString& words) { QGuiApplication::clipboard()->setText(words); });
}

void MainWindow::showDifference(const std::vector<RunId>& runs) {
  if (runs.size() < 2) {
    tasks_.cancel(QStringLiteral("difference"));
    return inspector_->clear();
  }
  const std::size_t all = runs.size();
  const std::vector<RunRow> rows = rows_of(*runs_, runs, kMostBesides);
  tasks_.start(QStringLiteral("difference"),
               [rows, file = options_.store](std::stop_token) {
                 const auto store = store_for(file);
                 return run_difference(store.get(), rows);
               },
               [this, all](const Result<RunDifference>& difference) {
                 if (!difference) return messages_->say(Severity::error, QString::fromStdString(difference.error().message));
                 if (runs_dock_->selected().size() > 1) inspector_->showDifference(*difference, all);
               });
}

}  // namespace tokenmark
