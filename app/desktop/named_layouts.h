// Arrangements of the window's panels under names: saved, chosen and deleted in a submenu of View, kept in the settings.
// The window's thread.
#pragma once

#include <QObject>
#include <QStringList>
#include <functional>

class QAction;
class QMenu;
class QWidget;

namespace tokenmark {

class NamedLayouts : public QObject {
  Q_OBJECT
 public:
  // `state` gives the window's arrangement, `restore` brings one back (false: it is of another version).
  NamedLayouts(QMenu& view_menu, QWidget* window, std::function<QByteArray()> state, std::function<bool(const QByteArray&)> restore);
  QStringList names() const;
  void save(const QString& name);        // one of that name is replaced
  void choose(const QString& name);
  void remove(const QString& name);

 signals:
  void failed(const QString& message);

 private:
  void askForName();
  void fill();

  QWidget* window_;
  std::function<QByteArray()> state_;
  std::function<bool(const QByteArray&)> restore_;
  QMenu *menu_, *delete_;
  QAction* save_;
};

}  // namespace tokenmark
