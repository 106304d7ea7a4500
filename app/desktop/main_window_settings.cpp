// The main window's theme and layout, and how they survive a restart.
#include <QAction>
#include <QActionGroup>
#include <QGuiApplication>
#include <QScreen>
#include <QSettings>

#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"

namespace tokenmark {
namespace {

constexpr int kLayoutVersion = 1;

}  // namespace

void MainWindow::setThemeChoice(ThemeChoice choice) {
  theme_choice_ = choice;
  themes_->actions().at(static_cast<int>(choice))->setChecked(true);
  applyTheme();
}

void MainWindow::applyTheme() {
  const bool dark = theme_choice_ == ThemeChoice::dark || (theme_choice_ == ThemeChoice::system && scheme_->dark());
  theme_ = theme(dark);
  apply_theme(theme_);
  for (ChartPage* page : chart_pages_) page->setTheme(theme_);
  compare_page_->setTheme(theme_);
  runs_dock_->setTheme(theme_);
  inspector_->setTheme(theme_);
  if (editor_) editor_->setTheme(theme_);
}

void MainWindow::keepFirstLayout() { first_layout_ = saveState(kLayoutVersion); }

void MainWindow::resetLayout() {
  restoreState(first_layout_, kLayoutVersion);
  arrangeDocks();
}

void MainWindow::restoreSettings() {
  QSettings settings;
  setThemeChoice(static_cast<ThemeChoice>(std::clamp(settings.value("theme", 0).toInt(), 0, 2)));
  if (!restoreGeometry(settings.value("window/geometry").toByteArray())) {
    const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
    resize(QSize(1500, 940).boundedTo(screen.size() * 0.94));
  }
  restoreState(settings.value("window/layout").toByteArray(), kLayoutVersion);
  if (settings.contains("runs/columns")) runs_dock_->restoreColumns(settings.value("runs/columns").toByteArray());
  samples_->setChecked(settings.value("runs/samples", true).toBool());
  for (ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->restore(settings);
    settings.endGroup();
  }
  settings.beginGroup(QStringLiteral("compare"));
  compare_page_->restore(settings);
  settings.endGroup();
  tabs_->restore(settings);
}

void MainWindow::saveSettings() const {
  QSettings settings;
  settings.setValue("theme", static_cast<int>(theme_choice_));
  settings.setValue("window/geometry", saveGeometry());
  settings.setValue("window/layout", saveState(kLayoutVersion));
  settings.setValue("runs/columns", runs_dock_->columnsState());
  settings.setValue("runs/samples", samples_->isChecked());
  tabs_->save(settings);
  settings.beginGroup(QStringLiteral("compare"));
  compare_page_->save(settings);
  settings.endGroup();
  for (const ChartPage* page : chart_pages_) {
    settings.beginGroup(page->settingsGroup());
    page->save(settings);
    settings.endGroup();
  }
}

}  // namespace tokenmark
