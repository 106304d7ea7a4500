// What the palette offers: every action, page, choice of the page in front, setting, price set, recent file, chapter of
// the guide and, once something is typed, runs.
#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QToolButton>

#include "app/desktop/command_palette.h"
#include "app/desktop/help_text.h"
#include "app/desktop/inspector_dock.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/main_window.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings_page.h"
#include "app/desktop/window_actions.h"
#include "app/desktop/split_tabs.h"
#include "core/economics/economics.h"

namespace tokenmark {
namespace {

constexpr int kMostChoices = 40;              // a box with more is a list to look through, not a choice
constexpr std::size_t kRunsLookedAt = 20000;
constexpr int kMostRuns = 8;

QString text(const std::string& s) { return QString::fromStdString(s); }

QList<PaletteLine> action_lines(const QWidget& window) {
  QList<PaletteLine> lines;
  for (QAction* action : named_actions(window)) {
    if (!action->isVisible() || action->objectName() == QLatin1String("palette")) continue;
    QString name = action_text(*action);
    if (action->isCheckable()) name = action->isChecked() ? MainWindow::tr("%1 (on)").arg(name) : MainWindow::tr("%1 (off)").arg(name);
    lines << PaletteLine{QStringLiteral("action/") + common_name(*action), name, menu_path(*action), action->shortcut(),
                         action->isEnabled() ? QString() : MainWindow::tr("not possible now"), [action] { action->trigger(); }};
  }
  return lines;
}

QList<PaletteLine> page_lines(SplitTabs& tabs) {
  QList<PaletteLine> lines;
  for (int i = 0; i < tabs.count(); ++i) {
    QWidget* page = tabs.widget(i);
    const QString name = page->objectName();
    lines << PaletteLine{QStringLiteral("page/") + name, MainWindow::tr("Open %1").arg(action_text(QAction(tabs.titleOf(page)))),
                         MainWindow::tr("page"), {}, {}, [&tabs, name] { tabs.setCurrentPage(name); }};
  }
  return lines;
}

// Every entry of the choosers that are seen: "Figure of the vertical axis: Cost per million total tokens".
QList<PaletteLine> choice_lines(const QWidget* page) {
  QList<PaletteLine> lines;
  if (page == nullptr || page->objectName() == QLatin1String("settingsPage")) return lines;   // settings have lines of their own
  for (QComboBox* box : page->findChildren<QComboBox*>()) {
    if (!box->isVisible() || box->count() > kMostChoices || box->isEditable()) continue;
    for (int i = 0; i < box->count(); ++i)
      lines << PaletteLine{QStringLiteral("choice/%1/%2").arg(box->objectName(), box->itemText(i)),
                           QStringLiteral("%1: %2").arg(box->accessibleName(), box->itemText(i)),
                           i == box->currentIndex() ? MainWindow::tr("chosen") : QString(), {},
                           box->isEnabled() ? QString() : MainWindow::tr("does not count for this chart"), [box, i] {
                             box->setCurrentIndex(i);
                             emit box->activated(i);
                           }};
  }
  return lines;
}

// Every button that is seen in a page or panel: "Test connection", "Pause when this point is done".
QList<PaletteLine> button_lines(const QWidget* part, const QString& where) {
  QList<PaletteLine> lines;
  if (part == nullptr || part->objectName() == QLatin1String("settingsPage")) return lines;
  for (QAbstractButton* button : part->findChildren<QAbstractButton*>()) {
    const auto* tool = qobject_cast<QToolButton*>(button);
    if (!button->isVisible() || button->objectName().isEmpty() || button->objectName().startsWith(QLatin1String("qt_"))) continue;
    if (tool != nullptr && (tool->defaultAction() != nullptr || tool->menu() != nullptr)) continue;   // found as actions
    const QString name = button->text().isEmpty() ? button->accessibleName() : button->text().remove('&').remove(QStringLiteral(" …"));
    lines << PaletteLine{QStringLiteral("button/") + button->objectName(), name, where, button->shortcut(),
                         button->isEnabled() ? QString() : MainWindow::tr("not possible now"), [button = QPointer(button)] {
                           if (button) button->click();
                         }};
  }
  return lines;
}

bool has_all(const RunRow& run, const QStringList& words) {
  const QString all = text(fmt::format("{} {} {} {} {} {} {}", run.id, run.model, run.precision, run.device, run.hardware, run.framework, run.node));
  return std::all_of(words.begin(), words.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

using Open = std::function<void(const QString&)>;   // what a line does with its name

QList<PaletteLine> file_lines(const RecentFiles& recent, const Open& open) {
  QList<PaletteLine> lines;
  for (const QString& path : recent.files())
    lines << PaletteLine{QStringLiteral("file/") + path, MainWindow::tr("Open file %1").arg(QFileInfo(path).fileName()), path, {}, {}, [open, path] { open(path); }};
  return lines;
}

QList<PaletteLine> layout_lines(const QWidget& window) {
  QList<PaletteLine> lines;
  for (QAction* layout : window.findChildren<QAction*>(QStringLiteral("layout")))
    lines << PaletteLine{QStringLiteral("layout/") + layout->text(), MainWindow::tr("Layout %1").arg(action_text(*layout)), MainWindow::tr("View"), {}, {},
                         [layout] { layout->trigger(); }};
  return lines;
}

QList<PaletteLine> setting_lines(const Open& open) {
  QList<PaletteLine> lines;
  for (const Setting& entry : all_settings()) {
    const QString title = settings_text(entry.title);
    lines << PaletteLine{QStringLiteral("setting/") + QString::fromLatin1(entry.key), MainWindow::tr("Setting: %1").arg(title), settings_text(entry.group), {}, {},
                         [open, title] { open(title); }};
  }
  return lines;
}

QList<PaletteLine> price_lines(const Open& open) {
  QList<PaletteLine> lines;
  for (const PriceSet& set : price_sets())
    lines << PaletteLine{QStringLiteral("prices/") + text(set.name), MainWindow::tr("Price set %1").arg(text(dated_name(set.name, set.date))), text(set.source), {}, {},
                         [open, name = text(set.name)] { open(name); }};
  return lines;
}

QList<PaletteLine> guide_lines(const QList<HelpChapter>& chapters, const Open& open) {
  QList<PaletteLine> lines;
  for (const HelpChapter& chapter : chapters)
    lines << PaletteLine{QStringLiteral("help/") + chapter.key, MainWindow::tr("Guide: %1").arg(chapter.title), MainWindow::tr("Help"), {}, {},
                         [open, key = chapter.key] { open(key); }};
  return lines;
}

QList<PaletteLine> run_lines(const RunsSnapshot& runs, const QString& typed, const std::function<void(RunId)>& open) {
  QList<PaletteLine> lines;
  const QStringList words = typed.split(' ', Qt::SkipEmptyParts);
  for (std::size_t i = 0; i < std::min(runs.rows.size(), kRunsLookedAt) && lines.size() < kMostRuns; ++i) {
    const RunRow& run = runs.rows[i];
    if (!has_all(run, words)) continue;
    const QString name = text(fmt::format("{} {} {}", run.model, run.precision, run.hardware.empty() ? run.device : run.hardware));
    lines << PaletteLine{QStringLiteral("run/%1").arg(run.id), MainWindow::tr("Run %1: %2").arg(run.id).arg(name),
                         MainWindow::tr("concurrency %1").arg(run.concurrency), {}, {}, [open, id = run.id] { open(id); }, -12};
  }
  return lines;
}

}  // namespace

void MainWindow::setupPalette() {
  palette_ = new CommandPalette(this);
  QMenu* edit = menuBar()->findChild<QMenu*>(QStringLiteral("editMenu"));
  QAction* open = addAction(edit, tr("&Palette …"), "palette", QKeySequence(tr("Ctrl+K")), tr("Find and run anything by a few letters"));
  open->setShortcutContext(Qt::ApplicationShortcut);   // in the editor and other windows too
  connect(open, &QAction::triggered, palette_, &CommandPalette::open);
  palette_->addSource([this](const QString&) { return action_lines(*this) + layout_lines(*this); });
  palette_->addSource([this](const QString&) {
    QList<PaletteLine> lines = page_lines(*tabs_) + choice_lines(tabs_->currentWidget());
    lines += button_lines(tabs_->currentWidget(), tabs_->titleOf(tabs_->currentWidget()));
    for (const QDockWidget* dock : {static_cast<QDockWidget*>(inspector_), static_cast<QDockWidget*>(jobs_dock_)}) lines += button_lines(dock->widget(), dock->windowTitle());
    return lines;
  });
  palette_->addSource([this](const QString&) { return file_lines(*recent_, [this](const QString& path) { openFiles({path}); }); });
  palette_->addSource([this](const QString&) {
    return setting_lines([this](const QString& title) { openPage<SettingsPage>("settingsPage").search(title); });
  });
  palette_->addSource([this](const QString&) {
    return price_lines([this](const QString& name) { openPage<PricesPage>("pricesPage").choose(name); });
  });
  palette_->addSource([this, chapters = QList<HelpChapter>()](const QString&) mutable {
    if (chapters.isEmpty()) chapters = help_chapters();
    return guide_lines(chapters, [this](const QString& key) { openHelp(key); });
  });
  palette_->addSource([this](const QString& typed) { return typed.size() < 2 ? QList<PaletteLine>() : searchLines(typed); });
}

QList<PaletteLine> MainWindow::searchLines(const QString& typed) {
  QList<PaletteLine> lines = run_lines(*runs_, typed, [this](RunId id) { runs_dock_->select({id}); });
  lines << PaletteLine{QStringLiteral("runs/search"), tr("Search the runs for %1").arg(typed), tr("list of runs"), {}, {}, [this, typed] {
                         runs_dock_->focusSearch();
                         runs_dock_->findChild<QLineEdit*>()->setText(typed);
                       }, -1000};
  return lines;
}

}  // namespace tokenmark
