// What the palette offers: every action, page, choice of the page in front, setting, price set, recent file, chapter of
// the guide and, once something is typed, runs.
#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QTabWidget>

#include "app/desktop/command_palette.h"
#include "app/desktop/help_text.h"
#include "app/desktop/main_window.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/recent_files.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/settings_page.h"
#include "app/desktop/window_actions.h"
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

QList<PaletteLine> page_lines(QTabWidget& tabs) {
  QList<PaletteLine> lines;
  for (int i = 0; i < tabs.count(); ++i) {
    QWidget* page = tabs.widget(i);
    lines << PaletteLine{QStringLiteral("page/") + page->objectName(), MainWindow::tr("Open %1").arg(action_text(QAction(tabs.tabText(i)))),
                         MainWindow::tr("page"), {}, {}, [&tabs, page] { tabs.setCurrentWidget(page); }};
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

bool has_all(const RunRow& run, const QStringList& words) {
  const QString all = text(fmt::format("{} {} {} {} {} {} {}", run.id, run.model, run.precision, run.device, run.hardware, run.framework, run.node));
  return std::all_of(words.begin(), words.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

}  // namespace

void MainWindow::setupPalette() {
  palette_ = new CommandPalette(this);
  QMenu* edit = menuBar()->findChild<QMenu*>(QStringLiteral("editMenu"));
  QAction* open = addAction(edit, tr("&Palette …"), "palette", QKeySequence(tr("Ctrl+K")), tr("Find and run anything by a few letters"));
  connect(open, &QAction::triggered, palette_, &CommandPalette::open);
  palette_->addSource([this](const QString&) { return action_lines(*this); });
  palette_->addSource([this](const QString&) { return page_lines(*tabs_); });
  palette_->addSource([this](const QString&) { return choice_lines(tabs_->currentWidget()); });
  palette_->addSource([this](const QString&) {
    QList<PaletteLine> lines;
    for (const QString& path : recent_->files())
      lines << PaletteLine{QStringLiteral("file/") + path, tr("Open file %1").arg(QFileInfo(path).fileName()), path, {}, {}, [this, path] { openFiles({path}); }};
    for (QAction* layout : findChildren<QAction*>(QStringLiteral("layout")))
      lines << PaletteLine{QStringLiteral("layout/") + layout->text(), tr("Layout %1").arg(action_text(*layout)), tr("View"), {}, {}, [layout] { layout->trigger(); }};
    return lines;
  });
  palette_->addSource([this](const QString&) {
    QList<PaletteLine> lines;
    for (const Setting& entry : all_settings())
      lines << PaletteLine{QStringLiteral("setting/") + QString::fromLatin1(entry.key), tr("Setting: %1").arg(settings_text(entry.title)), settings_text(entry.group), {}, {},
                           [this, title = settings_text(entry.title)] {
                             tabs_->setCurrentWidget(settings_page_);
                             settings_page_->search(title);
                           }};
    for (const PriceSet& set : price_sets())
      lines << PaletteLine{QStringLiteral("prices/") + text(set.name), tr("Price set %1").arg(text(dated_name(set.name, set.date))), text(set.source), {}, {},
                           [this, name = text(set.name)] {
                             tabs_->setCurrentWidget(prices_page_);
                             prices_page_->choose(name);
                           }};
    return lines;
  });
  palette_->addSource([this, chapters = help_chapters()](const QString&) {
    QList<PaletteLine> lines;
    for (const HelpChapter& chapter : chapters)
      lines << PaletteLine{QStringLiteral("help/") + chapter.key, tr("Guide: %1").arg(chapter.title), tr("Help"), {}, {}, [this, key = chapter.key] { openHelp(key); }};
    return lines;
  });
  palette_->addSource([this](const QString& typed) {
    QList<PaletteLine> lines;
    if (typed.size() < 2) return lines;
    lines << PaletteLine{QStringLiteral("runs/search"), tr("Search the runs for %1").arg(typed), tr("list of runs"), {}, {}, [this, typed] {
                           runs_dock_->focusSearch();
                           runs_dock_->findChild<QLineEdit*>()->setText(typed);
                         }};
    const QStringList words = typed.split(' ', Qt::SkipEmptyParts);
    for (std::size_t i = 0; i < std::min(runs_->rows.size(), kRunsLookedAt) && lines.size() <= kMostRuns; ++i) {
      const RunRow& run = runs_->rows[i];
      if (!has_all(run, words)) continue;
      const QString name = text(fmt::format("{} {} {}, concurrency {}", run.model, run.precision, run.hardware.empty() ? run.device : run.hardware, run.concurrency));
      lines << PaletteLine{QStringLiteral("run/%1").arg(run.id), tr("Run %1: %2").arg(run.id).arg(name), text(run.framework), {}, {}, [this, id = run.id] { runs_dock_->select({id}); }};
    }
    return lines;
  });
}

}  // namespace tokenmark
