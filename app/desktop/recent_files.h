// Files opened lately and files pinned, as a submenu of File. Kept in the settings; files that are gone stay until they
// are asked for. The window's thread.
#pragma once

#include <QObject>
#include <QStringList>

class QMenu;

namespace tokenmark {

class RecentFiles : public QObject {
  Q_OBJECT
 public:
  RecentFiles(QMenu& file_menu, QObject* parent);
  void add(const QString& path);
  void setPinned(const QString& path, bool pinned);
  void clear();                          // pinned ones stay
  QStringList files() const;             // pinned ones first, then the latest
  QStringList pinned() const;

 signals:
  void chosen(const QString& path);

 private:
  void fill();

  QMenu *menu_, *pins_;
};

}  // namespace tokenmark
