// Every action of the window, by name: for the palette and the shortcuts editor. Chart pages have the same actions under
// names with the page's prefix; the shortcut belongs to what they have in common (property "common"). Window's thread.
#pragma once

#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QString>

class QAction;
class QWidget;

namespace tokenmark {

class UserSettings;

// Actions with a text and an object name below `window`, in the order of the menus first; submenus and separators not.
QList<QAction*> named_actions(const QWidget& window);
QString action_text(const QAction& action);          // without '&' and '…'
QString common_name(const QAction& action);          // what its shortcut is kept under
QString menu_path(const QAction& action);            // "File", "View › Theme"; empty: in no menu

struct ShortcutEntry {
  QString name, text, path;
  QKeySequence usual, keys;                          // as built, as it is
};

// Texts of other actions of the list that have these keys.
QStringList conflicts(const QList<ShortcutEntry>& entries, const QString& name, const QKeySequence& keys);

// The window's shortcuts: as built, changed by the user, kept in the settings.
class Shortcuts {
 public:
  explicit Shortcuts(QWidget& window) : window_(window) {}
  // Remembers what was built and puts the user's in place: of the whole window, or of a part that was made later.
  void adopt() { adopt(window_); }
  void adopt(const QWidget& part);
  QList<ShortcutEntry> entries() const;
  void set(const QString& name, const QKeySequence& keys);
  void resetAll();

 private:
  void apply(QAction& action, const UserSettings& settings);

  QWidget& window_;
  QHash<QString, QKeySequence> usual_;
};

}  // namespace tokenmark
