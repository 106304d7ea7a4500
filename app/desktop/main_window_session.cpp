// What was open when the window was closed: the tab, the charts' choices, the chosen runs.
#include <QSettings>
#include <QTabWidget>
#include <algorithm>

#include "app/desktop/chart_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings.h"

namespace tokenmark {
namespace {

constexpr qsizetype kMostChosen = 1000;   // more than that was "all", and is not worth keeping

}  // namespace

// The tab is kept by its name: other versions have other tabs.
void MainWindow::saveSession() const {
  QSettings settings;
  settings.setValue("window/page", tabs_->currentWidget()->objectName());
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
  const QString page = settings.value("window/page").toString();
  for (int i = 0; i < tabs_->count(); ++i)
    if (tabs_->widget(i)->objectName() == page) tabs_->setCurrentIndex(i);
  for (const QString& id : settings.value("session/runs").toStringList()) chosen_before_.push_back(id.toLongLong());
}

// Once, with the first answer of the store; runs that are gone are left out.
void MainWindow::restoreSelection() {
  if (chosen_before_.empty() || !runs_->query.search.isEmpty()) return;
  const std::vector<RunId> chosen = std::exchange(chosen_before_, {});
  if (runs_dock_->selected().empty()) runs_dock_->select(chosen);
}

}  // namespace tokenmark
