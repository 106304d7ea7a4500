// The user guide in a window of its own: chapters at the left, found by typing; links between them; back and forward.
// The window's thread.
#pragma once

#include <QWidget>

#include "app/desktop/help_text.h"

class QLineEdit;
class QListWidget;
class QTextBrowser;
class QToolButton;

namespace tokenmark {

class Shortcuts;

class HelpWindow : public QWidget {
  Q_OBJECT
 public:
  HelpWindow(const Shortcuts& shortcuts, QWidget* window);
  void open(const QString& chapter);
  void refresh();                        // after a change of theme
  const QList<HelpChapter>& chapters() const { return chapters_; }

 private:
  void setupSide();
  void follow(const QUrl& link);
  void showChapter(const QString& key);
  void search();
  QString filled(const HelpChapter& chapter) const;

  const Shortcuts& shortcuts_;
  QList<HelpChapter> chapters_;
  QLineEdit* search_;
  QListWidget* list_;
  QTextBrowser* page_;
  QToolButton *back_, *forward_;
  QString shown_;
  QStringList before_, after_;           // chapters that Back and Forward go to
};

}  // namespace tokenmark
