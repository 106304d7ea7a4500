#include "app/desktop/window_actions.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <QSet>
#include <QWidget>

#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr auto kGroup = "shortcuts/";

bool is_listed(const QAction& action) {
  return !action.isSeparator() && action.menu() == nullptr && !action.objectName().isEmpty() && !action.text().isEmpty() &&
         !action.objectName().startsWith(QLatin1String("qt_")) && !action.objectName().startsWith(QLatin1Char('_')) &&
         !action.property("passing").toBool();   // entries of lists that come and go: recent files, layouts
}

void collect(const QMenu& menu, QList<QAction*>& found, QSet<QAction*>& seen) {
  for (QAction* action : menu.actions()) {
    if (action->menu() != nullptr) collect(*action->menu(), found, seen);
    else if (is_listed(*action) && !seen.contains(action)) {
      seen.insert(action);
      found << action;
    }
  }
}

// A shortcut in the tip follows the keys.
void set_keys(QAction& action, const QKeySequence& keys) {
  const QString old = QStringLiteral(" (%1)").arg(action.shortcut().toString(QKeySequence::NativeText));
  QString tip = action.toolTip();
  const bool in_tip = !action.shortcut().isEmpty() && tip.endsWith(old);
  action.setShortcut(keys);
  if (!in_tip) return;
  tip.chop(old.size());
  action.setToolTip(keys.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keys.toString(QKeySequence::NativeText)));
}

}  // namespace

QList<QAction*> named_actions(const QWidget& window) {
  QList<QAction*> found;
  QSet<QAction*> seen;
  if (const auto* bar = window.findChild<QMenuBar*>({}, Qt::FindDirectChildrenOnly))
    for (const QAction* top : bar->actions())
      if (top->menu() != nullptr) collect(*top->menu(), found, seen);
  for (QAction* action : window.findChildren<QAction*>()) {
    if (!is_listed(*action) || seen.contains(action) || action->parent() == nullptr) continue;
    if (action->parent()->inherits("QLineEdit") || action->parent()->inherits("QDockWidget")) continue;   // Qt's own
    seen.insert(action);
    found << action;
  }
  return found;
}

QString action_text(const QAction& action) {
  QString text = action.text();
  return text.replace(QStringLiteral("&&"), QStringLiteral("\x01")).remove('&').replace(QChar(1), '&').remove(QStringLiteral(" …"));
}

QString common_name(const QAction& action) {
  const QString common = action.property("common").toString();
  return common.isEmpty() ? action.objectName() : common;
}

QString menu_path(const QAction& action) {
  for (const QObject* object : action.associatedObjects()) {
    const auto* menu = qobject_cast<const QMenu*>(object);
    if (menu == nullptr || menu->title().isEmpty()) continue;
    const QString title = action_text(*menu->menuAction());
    const QString above = menu_path(*menu->menuAction());
    return above.isEmpty() ? title : QStringLiteral("%1 › %2").arg(above, title);
  }
  return {};
}

void Shortcuts::apply(QAction& action, const UserSettings& settings) {
  const QString name = common_name(action);
  const QVariant kept = settings.value(kGroup + name);
  const QKeySequence keys = kept.isValid() ? QKeySequence(kept.toString(), QKeySequence::PortableText) : usual_.value(name);
  if (keys != action.shortcut()) set_keys(action, keys);
}

void Shortcuts::adopt(const QWidget& part) {
  const UserSettings settings;
  for (QAction* action : named_actions(part)) {
    const QString name = common_name(*action);
    if (!usual_.contains(name)) usual_.insert(name, action->shortcut());
    apply(*action, settings);
  }
}

QList<ShortcutEntry> Shortcuts::entries() const {
  QList<ShortcutEntry> entries;
  QSet<QString> seen;
  for (const QAction* action : named_actions(window_)) {
    const QString name = common_name(*action);
    if (seen.contains(name)) continue;
    seen.insert(name);
    entries << ShortcutEntry{name, action_text(*action), menu_path(*action), usual_.value(name), action->shortcut()};
  }
  return entries;
}

QStringList conflicts(const QList<ShortcutEntry>& entries, const QString& name, const QKeySequence& keys) {
  QStringList others;
  if (keys.isEmpty()) return others;
  for (const ShortcutEntry& entry : entries)
    if (entry.name != name && !entry.keys.isEmpty() &&   // one may also be the beginning of the other
        (entry.keys.matches(keys) != QKeySequence::NoMatch || keys.matches(entry.keys) != QKeySequence::NoMatch))
      others << entry.text;
  return others;
}

void Shortcuts::set(const QString& name, const QKeySequence& keys) {
  UserSettings settings;
  if (keys == usual_.value(name)) settings.remove(kGroup + name);
  else settings.setValue(kGroup + name, keys.toString(QKeySequence::PortableText));
  for (QAction* action : named_actions(window_))
    if (common_name(*action) == name) apply(*action, settings);
}

void Shortcuts::resetAll() {
  UserSettings settings;
  settings.remove(QStringLiteral("shortcuts"));
  for (QAction* action : named_actions(window_)) apply(*action, settings);
}

}  // namespace tokenmark
