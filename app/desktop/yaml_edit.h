// A plain text editor with line numbers, of which some can be marked as wrong.
#pragma once

#include <QPlainTextEdit>
#include <QSet>

#include "app/charts/theme.h"

namespace tokenmark {

class YamlEdit : public QPlainTextEdit {
  Q_OBJECT
 public:
  explicit YamlEdit(QWidget* parent = nullptr);
  void markLines(const QSet<int>& lines);   // from 1
  const QSet<int>& markedLines() const { return marked_; }
  void goToLine(int line);
  void replaceText(const QString& text);    // in one step of the history; what is the same stays in its place
  void setTheme(const Theme& theme);
  void paintNumbers(QPaintEvent* event);
  int numbersWidth() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void updateMargins();
  QWidget* numbers_;
  QSet<int> marked_;
  Theme theme_;
};

}  // namespace tokenmark
