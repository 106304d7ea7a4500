// The tabs of the centre, on one side or on two: a tab can be moved to the other side, to see two charts at once. One side is
// active, the one that was last used; its current tab is the current one. Indices count the left side's tabs first.
#pragma once

#include <QSplitter>
#include <QVariantMap>

class QMenu;
class QSettings;
class QTabWidget;

namespace tokenmark {

class SplitTabs : public QSplitter {
  Q_OBJECT
 public:
  explicit SplitTabs(QWidget* parent);

  int addTab(QWidget* page, const QString& title);      // on the left
  int count() const;
  QWidget* widget(int index) const;
  QWidget* currentWidget() const;
  int currentIndex() const;
  void setCurrentIndex(int index);
  void setCurrentWidget(QWidget* page);
  QString titleOf(QWidget* page) const;
  bool isSplit() const;
  void moveToOtherSide(QWidget* page);                  // never the last one of the left side
  void joinSides();

  // Order, sides, widths and current tabs, by the pages' object names.
  QVariantMap arrangement() const;
  void arrange(const QVariantMap& arrangement);
  void save(QSettings& settings) const;
  void restore(const QSettings& settings);

 public slots:
  void moveCurrent();
  void next();
  void previous();

 signals:
  void currentChanged();

 private:
  QTabWidget* makeSide(const QString& name, const QString& accessible);
  QTabWidget* sideOf(const QWidget* page) const;
  void onMenu(QTabWidget* side, const QPoint& at);
  void fillList(QMenu& menu);
  void activate(QTabWidget* side);
  void step(int direction);

  QTabWidget *left_, *right_;
  QTabWidget* active_;
};

}  // namespace tokenmark
