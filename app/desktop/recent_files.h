// Files opened lately and files pinned, as a submenu of File. Kept in the settings; files that are gone stay until they
// are asked for. The window's thread.
#pragma once

#include <QObject>
#include <QStringList>

class QMenu;

namespace tokenmark {

QStringList recent_files();              // pinned ones first, then the latest

class RecentFiles : public QObject {
  Q_OBJECT
 public:
  RecentFiles(QMenu& file_menu, QObject* parent);
  void add(const QString& path);
  void setPinned(const QString& path, bool pinned);
  void clear();                          // pinned ones stay
  QStringList files() const { return recent_files(); }
  QStringList pinned() const;

 signals:
  void chosen(const QString& path);

 private:
  void fill();

  QMenu *menu_, *pins_;
};

}  // namespace tokenmark
