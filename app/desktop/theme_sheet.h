// The style sheet, part by part. Qt polishes every widget anew when the application's sheet changes, also those on pages that
// nobody sees: a tenth of a second for a window of a thousand widgets. So the sheet is put on the parts of the window (panels,
// bars, pages) and on other windows when they are seen, and a change reaches what is hidden when it is shown again.
// The window's thread.
#pragma once

#include <QObject>
#include <QString>

class QWidget;

namespace tokenmark {

// A widget that only holds parts: it has no sheet itself, each of its children has (unless it holds parts too).
void hold_parts(QWidget& holder);
// Puts the sheet on a part that has no children yet: they are made with it. A sheet that comes later changes the style of
// every one of them, and each combo box makes its list for that.
void dress(QWidget& part);

class ThemeSheet : public QObject {
 public:
  static ThemeSheet& instance();   // the application's; made with it
  void set(const QString& sheet);
  void bringUpToDate(QWidget& part);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  explicit ThemeSheet(QObject* application);

  QString sheet_;
  int changes_ = 0;
};

}  // namespace tokenmark
