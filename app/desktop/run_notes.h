// A run's star, tags and note, at the top of the inspector. What is typed is handed over when the field is left, or with
// Ctrl+Enter. Hidden where there is no run of the store. The window's thread.
#pragma once

#include <QWidget>

#include "app/desktop/store_link.h"

class QLineEdit;
class QPlainTextEdit;
class QStringListModel;
class QToolButton;

namespace tokenmark {

class RunNotes : public QWidget {
  Q_OBJECT
 public:
  explicit RunNotes(QWidget* parent = nullptr);
  void setKnownTags(QStringListModel* tags);   // to complete with
  void showRun(const RunRow& row);             // what is being typed stays
  void clear();

 signals:
  void marksWanted(const tokenmark::RunRow& before, const tokenmark::RunMarks& after, const QString& change);

 private:
  bool eventFilter(QObject* object, QEvent* event) override;
  void commitTags();
  void commitNote();
  void commit(const RunMarks& after, const QString& change);
  void fitNote();

  RunRow row_;
  QToolButton* star_;
  QLineEdit* tags_;
  QPlainTextEdit* note_;
};

// "a, b c,a" as {"a", "b c"}.
std::vector<std::string> tags_from(const QString& text);

}  // namespace tokenmark
