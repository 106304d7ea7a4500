// The main window's theme and layout, and how they survive a restart.
#include <QAction>
#include <QActionGroup>
#include <QDataStream>
#include <QGuiApplication>
#include <QIODevice>
#include <QScreen>

#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/help_window.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/named_layouts.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr int kLayoutVersion = 1;
constexpr quint32 kLayoutMark = 0x746d6c01;   // what a layout with tabs begins with

}  // namespace

void MainWindow::setThemeChoice(ThemeChoice choice) {
  theme_choice_ = choice;
  themes_->actions().at(static_cast<int>(choice))->setChecked(true);
  set_setting(QStringLiteral("theme"), static_cast<int>(choice));
  applyTheme();
}

void MainWindow::chooseTheme() {
  theme_choice_ = static_cast<ThemeChoice>(setting(QStringLiteral("theme")).toInt());
  theme_ = theme(theme_choice_ == ThemeChoice::dark);   // the desktop's own is asked for later
  apply_theme(theme_);
}

void MainWindow::applyTheme() {
  const bool dark = theme_choice_ == ThemeChoice::dark || (theme_choice_ == ThemeChoice::system && scheme_->dark());
  theme_ = theme(dark);
  apply_theme(theme_);
  for (ChartPage* page : chart_pages_) page->setTheme(theme_);
  if (compare_page_) compare_page_->setTheme(theme_);
  runs_dock_->setTheme(theme_);
  inspector_->setTheme(theme_);
  if (editor_) editor_->setTheme(theme_);
  if (help_) help_->refresh();
}

// Docks, and after them the tabs; layouts of older versions end after the docks and leave the tabs as they are.
QByteArray MainWindow::layoutState() const {
  QByteArray state;
  QDataStream stream(&state, QIODevice::WriteOnly);
  stream.setVersion(QDataStream::Qt_6_0);
  stream << quint32(kLayoutMark) << saveState(kLayoutVersion) << tabs_->arrangement();
  return state;
}

bool MainWindow::restoreLayout(const QByteArray& state) {
  QDataStream stream(state);
  stream.setVersion(QDataStream::Qt_6_0);
  quint32 mark = 0;
  QByteArray docks;
  QVariantMap tabs;
  stream >> mark;
  if (mark != kLayoutMark) return restoreState(state, kLayoutVersion);
  stream >> docks >> tabs;
  if (stream.status() != QDataStream::Ok || !restoreState(docks, kLayoutVersion)) return false;
  tabs_->arrange(tabs);
  return true;
}

void MainWindow::keepFirstLayout() { first_layout_ = layoutState(); }

void MainWindow::resetLayout() {
  QWidget* const current = tabs_->currentWidget();
  restoreLayout(first_layout_);
  tabs_->setCurrentWidget(current);   // what is looked at stays
  arrangeDocks();
}

void MainWindow::setupLayouts(QMenu& menu) {
  auto* layouts = new NamedLayouts(menu, this, [this] { return layoutState(); },
                                   [this](const QByteArray& state) { return restoreLayout(state); });
  layouts->setObjectName(QStringLiteral("layouts"));
  connect(layouts, &NamedLayouts::failed, this, [this](const QString& text) { messages_->say(Severity::warning, text); });
}

void MainWindow::onSetting(const QString& key) {
  if (key == QLatin1String("theme")) setThemeChoice(static_cast<ThemeChoice>(setting(key).toInt()));
}

void MainWindow::restoreSettings() {
  UserSettings settings;
  if (!restoreGeometry(settings.value("window/geometry").toByteArray())) {
    const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
    resize(QSize(1500, 940).boundedTo(screen.size() * 0.94));
  }
  restoreState(settings.value("window/layout").toByteArray(), kLayoutVersion);
  if (settings.contains("runs/list")) runs_dock_->restoreColumns(settings.value("runs/list").toByteArray());
  runs_dock_->groupBy(settings.value("runs/group").toInt());
  samples_->setChecked(settings.value("runs/samples", true).toBool());
  restoreSession();
}

void MainWindow::saveSettings() const {
  UserSettings settings;
  set_setting(QStringLiteral("theme"), static_cast<int>(theme_choice_));
  settings.setValue("window/geometry", saveGeometry());
  settings.setValue("window/layout", saveState(kLayoutVersion));
  settings.setValue("runs/list", runs_dock_->columnsState());
  settings.setValue("runs/group", runs_dock_->groupedBy());
  settings.setValue("runs/samples", samples_->isChecked());
  saveSession();
}

}  // namespace tokenmark
