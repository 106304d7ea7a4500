// The user guide, opened at what is in front.
#include <QApplication>
#include <QDockWidget>

#include "app/desktop/help_window.h"
#include "app/desktop/main_window.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/window_actions.h"

namespace tokenmark {

// The chapter of the panel or dialog that has the keyboard, else of the page.
void MainWindow::openHelp(const QString& chapter) {
  QString wanted = chapter;
  for (const QWidget* at = QApplication::focusWidget(); at != nullptr && wanted.isEmpty() && at != this; at = at->parentWidget())
    if (qobject_cast<const QDockWidget*>(at) || at->isWindow()) wanted = help_chapter_of(at->objectName());
  if (wanted.isEmpty()) wanted = help_chapter_of(tabs_->currentWidget()->objectName());
  if (!help_) help_ = new HelpWindow(*shortcuts_, this);
  help_->open(wanted);
}

}  // namespace tokenmark
