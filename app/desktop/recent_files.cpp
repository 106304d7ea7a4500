#include "app/desktop/recent_files.h"

#include <QFileInfo>
#include <QMenu>

#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr int kMost = 12;
constexpr auto kLately = "recent/files";
constexpr auto kPinned = "recent/pinned";

QAction* add_entry(QMenu& menu, const QString& path, const QString& text) {
  QString shown = text;
  QAction* action = menu.addAction(shown.replace('&', QStringLiteral("&&")));
  action->setObjectName(QStringLiteral("recentFile"));
  action->setProperty("passing", true);
  action->setToolTip(path);
  action->setStatusTip(path);
  action->setData(path);
  return action;
}

}  // namespace

RecentFiles::RecentFiles(QMenu& file_menu, QObject* parent) : QObject(parent), menu_(file_menu.addMenu(tr("&Recent files"))) {
  menu_->setObjectName(QStringLiteral("recentMenu"));
  menu_->setToolTipsVisible(true);
  pins_ = new QMenu(tr("&Pinned"), menu_);
  pins_->setObjectName(QStringLiteral("pinnedMenu"));
  fill();
}

QStringList RecentFiles::pinned() const { return UserSettings().value(kPinned).toStringList(); }

QStringList recent_files() {
  QStringList all = UserSettings().value(kPinned).toStringList();
  for (const QString& path : UserSettings().value(kLately).toStringList())
    if (!all.contains(path)) all << path;
  return all;
}

void RecentFiles::add(const QString& path) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  UserSettings settings;
  QStringList lately = settings.value(kLately).toStringList();
  lately.removeAll(absolute);
  lately.prepend(absolute);
  settings.setValue(kLately, lately.mid(0, kMost));
  fill();
}

void RecentFiles::setPinned(const QString& path, bool pin) {
  UserSettings settings;
  QStringList pins = pinned();
  pins.removeAll(path);
  if (pin) pins << path;
  settings.setValue(kPinned, pins);
  fill();
}

void RecentFiles::clear() {
  UserSettings().remove(kLately);
  fill();
}

void RecentFiles::fill() {
  menu_->clear();
  pins_->clear();
  const QStringList pins = pinned(), all = files();
  for (const QString& path : all) {
    const QString name = QFileInfo(path).fileName();
    QAction* open = add_entry(*menu_, path, pins.contains(path) ? QStringLiteral("★ ") + name : name);
    connect(open, &QAction::triggered, this, [this, path] { emit chosen(path); }, Qt::QueuedConnection);   // it fills the menu anew
    QAction* pin = add_entry(*pins_, path, name);
    pin->setCheckable(true);
    pin->setChecked(pins.contains(path));
    connect(pin, &QAction::triggered, this, [this, path](bool on) { setPinned(path, on); }, Qt::QueuedConnection);
  }
  menu_->menuAction()->setEnabled(!all.isEmpty());
  if (all.isEmpty()) return;
  menu_->addSeparator();
  menu_->addMenu(pins_);
  QAction* forget = menu_->addAction(tr("&Forget recent files"));
  forget->setObjectName(QStringLiteral("forgetRecent"));
  forget->setProperty("passing", true);
  connect(forget, &QAction::triggered, this, &RecentFiles::clear, Qt::QueuedConnection);
}

}  // namespace tokenmark
