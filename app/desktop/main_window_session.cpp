// What was open when the window was closed: the tab, the charts' choices, the search, the chosen runs, the sweep in the editor,
// the jobs that were over.
#include <QSettings>
#include <algorithm>

#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/past_jobs.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"

namespace tokenmark {
namespace {

constexpr qsizetype kMostChosen = 1000;   // more than that was "all", and is not worth keeping

}  // namespace

// Tabs are kept by their names: other versions have other tabs.
void MainWindow::saveSession() const {
  QSettings settings;
  tabs_->save(settings);
  settings.beginGroup(QStringLiteral("compare"));
  compare_page_->save(settings);
  settings.endGroup();
  settings.setValue("session/search", runs_dock_->search());
  if (editor_) settings.setValue("session/sweep", editor_->yaml());
  if (!keep_past_jobs(jobs_.jobs(), options_.store)) qWarning("The jobs' logs could not be kept beside the store.");
  QStringList runs;
  for (const RunId id : runs_dock_->selected()) runs << QString::number(id);
  settings.setValue("session/runs", runs.size() <= kMostChosen ? runs : QStringList());
  for (const ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->save(settings);
    settings.endGroup();
  }
}

void MainWindow::restoreSession() {
  if (!setting(QStringLiteral("session/restore")).toBool()) return;
  QSettings settings;
  for (ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->restore(settings);
    settings.endGroup();
  }
  settings.beginGroup(QStringLiteral("compare"));
  compare_page_->restore(settings);
  showBaseline();
  settings.endGroup();
  tabs_->restore(settings);
  runs_dock_->setSearch(settings.value("session/search").toString());
  for (Job* job : past_jobs(options_.store)) jobs_.add(job);
  for (const QString& id : settings.value("session/runs").toStringList()) chosen_before_.push_back(id.toLongLong());
}

// Once, with the first answer of the store; runs that are gone are left out.
void MainWindow::restoreSelection() {
  if (chosen_before_.empty()) return;
  const std::vector<RunId> chosen = std::exchange(chosen_before_, {});
  if (runs_dock_->selected().empty()) runs_dock_->select(chosen);
}

}  // namespace tokenmark
