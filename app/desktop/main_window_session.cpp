// What was open when the window was closed: the tab, the charts' choices, the search, the chosen runs, the sweep in the editor,
// the jobs that were over.
#include <algorithm>

#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/past_jobs.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostChosen = 1000;   // more than that was "all", and is not worth keeping

}  // namespace

// Tabs are kept by their names: other versions have other tabs. Pages that were not made keep what they were given last.
void MainWindow::saveSession() const {
  UserSettings settings;
  tabs_->save(settings);
  if (compare_page_) {
    settings.beginGroup(QStringLiteral("compare"));
    compare_page_->save(settings);
    settings.endGroup();
  }
  settings.setValue("session/search", runs_dock_->search());
  if (editor_) settings.setValue("session/sweep", editor_->yaml());
  if (!keep_past_jobs(jobs_.jobs(), options_.store)) qWarning("The jobs' logs could not be kept beside the store.");
  QStringList runs;
  if (const std::vector<RunId> chosen = runs_dock_->selected(); chosen.size() <= kMostChosen)
    for (const RunId id : chosen) runs << QString::number(id);
  settings.setValue("session/runs", runs);
  for (const ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->save(settings);
    settings.endGroup();
  }
}

void MainWindow::restoreSession() {
  if (!setting(QStringLiteral("session/restore")).toBool()) return;
  const UserSettings settings;
  tabs_->restore(settings);
  runs_dock_->setSearch(settings.value("session/search").toString());
  for (Job* job : past_jobs(options_.store)) jobs_.add(job);
  for (const QString& id : settings.value("session/runs").toStringList()) chosen_before_.push_back(id.toLongLong());
}

void MainWindow::restorePage(ChartPage& page) const {
  if (!setting(QStringLiteral("session/restore")).toBool()) return;
  UserSettings settings;
  settings.beginGroup(page.settingsGroup());
  page.restore(settings);
}

void MainWindow::restoreCompare() {
  if (!setting(QStringLiteral("session/restore")).toBool()) return;
  UserSettings settings;
  settings.beginGroup(QStringLiteral("compare"));
  compare_page_->restore(settings);
  showBaseline();
}

// Once, with the first answer of the store; runs that are gone are left out.
void MainWindow::restoreSelection() {
  if (chosen_before_.empty()) return;
  const std::vector<RunId> chosen = std::exchange(chosen_before_, {});
  if (runs_dock_->selected().empty()) runs_dock_->select(chosen);
}

}  // namespace tokenmark
