// Names and values, and tables below them, as text that wraps anywhere and can be selected: long paths and sentences stay
// readable in a narrow pane. Values are plain text.
#pragma once

#include <QTextBrowser>

namespace tokenmark {

class FactsView : public QTextBrowser {
  Q_OBJECT
 public:
  struct Table {
    QString title;
    QStringList columns;         // the first is left-aligned, the others right
    QList<QStringList> rows;
    bool sentences = false;      // all left-aligned, none but the first kept in one line
  };

  FactsView(QWidget* parent, const char* name, const QString& accessible);

  void showFacts(QList<std::pair<QString, QString>> facts, QList<Table> tables = {});
  QString value(const QString& name) const;  // empty: there is none

 protected:
  void changeEvent(QEvent* event) override;  // another theme: other colours

 private:
  void fill();

  QList<std::pair<QString, QString>> facts_;
  QList<Table> tables_;
};

}  // namespace tokenmark
